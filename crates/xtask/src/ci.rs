//! `cargo xtask ci`

use crate::{
    Result, boundaries,
    built::WORKSPACE,
    docs, readme,
    run::{has, run as shell},
    skipped, test, versions,
};

/// All that CI checks, the quickest first.
pub(crate) fn run() -> Result {
    shell("cargo fmt --all --check")?;
    boundaries::run()?;
    versions::run()?;
    docs::check_links()?;
    if has("cargo deny --version") {
        // The advisories are fetched from outside the registry, so they are checked by hand.
        shell("cargo deny --workspace check licenses bans sources")?;
    } else {
        eprintln!("cargo-deny isn't installed: licences aren't checked");
    }
    shell(&format!(
        "cargo clippy {WORKSPACE} --all-targets -- -D warnings"
    ))?;
    test::run()?;
    shell(&format!("cargo doc {WORKSPACE} --no-deps"))?;
    readme::run()?;
    skipped::tell();
    Ok(())
}
