//! `cargo xtask versions`

use std::fs;

use crate::{Result, run::root};

/// The version of the workspace and of all packages.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The files that repeat it, since their tools can't read it from Cargo, and how often.
const PLACES: [(&str, &str, usize); 7] = [
    // In the dependencies between crates.
    ("Cargo.toml", "version = \"{}\" }\n", 8),
    ("node/package.json", "\"version\": \"{}\"", 1),
    ("bindings/uniffi/kotlin/pom.xml", "<version>{}</version>", 1),
    (
        "bindings/uniffi/kotlin/library/pom.xml",
        "<version>{}</version>",
        1,
    ),
    (
        "bindings/uniffi/kotlin/android/pom.xml",
        "<version>{}</version>",
        1,
    ),
    ("examples/kotlin/pom.xml", "<version>{}</version>", 2),
    (
        "bindings/uniffi/kotlin/README.md",
        "<version>{}</version>",
        1,
    ),
];

/// Checks that all packages have the workspace's version.
pub(crate) fn run() -> Result {
    for (file, line, times) in PLACES {
        let text =
            fs::read_to_string(root().join(file)).map_err(|cause| format!("{file}: {cause}"))?;
        let line = line.replace("{}", VERSION);
        let found = text.matches(&line).count();
        if found != times {
            return Err(format!(
                "{file} has {line} {found} times instead of {times}"
            ));
        }
    }
    Ok(())
}
