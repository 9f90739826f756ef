//! `cargo xtask versions`

use std::fs;

use crate::{Result, run::root};

/// The version of the workspace, which all packages carry.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where it is written down again, since those tools can't read it from Cargo, and how often.
const PLACES: [(&str, &str, usize); 7] = [
    // Of the crates that others depend on.
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

/// All packages carry the workspace's version.
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
