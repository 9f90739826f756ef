//! `cargo xtask ci`

use crate::{
    Result, boundaries,
    built::WORKSPACE,
    docs, instructions, readme,
    run::{has, run as shell},
    skipped, test, versions,
};

/// Tools that check what no test does, how to query their versions, and how to run them. The public CI has
/// all of them.
const TOOLS: [(&str, &str, &str); 4] = [
    ("typos", "typos --version", "typos"),
    ("actionlint", "actionlint -version", "actionlint"),
    ("cargo-machete", "cargo machete --version", "cargo machete"),
    // The advisories are fetched from outside the registry, so they are checked manually.
    (
        "cargo-deny",
        "cargo deny --version",
        "cargo deny --workspace check licenses bans sources",
    ),
];

/// All tasks of CI, the fastest first.
pub(crate) fn run() -> Result {
    shell("cargo fmt --all --check")?;
    boundaries::run()?;
    versions::run()?;
    docs::check_links()?;
    for (tool, version, line) in TOOLS {
        if has(version) {
            shell(line)?;
        } else {
            eprintln!("{tool} isn't installed: what it checks isn't checked");
        }
    }
    shell(&format!(
        "cargo clippy {WORKSPACE} --all-targets -- -D warnings"
    ))?;
    test::run()?;
    instructions::run()?;
    shell(&format!("cargo doc {WORKSPACE} --no-deps"))?;
    readme::run()?;
    skipped::tell();
    Ok(())
}
