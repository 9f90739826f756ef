//! Packs the crates for crates.io.

use super::{
    Release,
    layout::{copy_into, files, remove},
};
use crate::{Result, built, run::run as shell, versions::VERSION};

const PUBLISHED: [&str; 8] = [
    "w3pin",
    "w3pin-car",
    "w3pin-cli",
    "w3pin-core",
    "w3pin-dag",
    "w3pin-server",
    "w3pin-sha256",
    "w3pin-unixfs",
];

/// Packs each crate, and builds it from the packed sources of itself and its dependencies.
pub(crate) fn pack(release: &mut Release) -> Result {
    let packages = built::folder().join("package");
    remove(&packages)?;
    let names: String = PUBLISHED.iter().map(|name| format!(" -p {name}")).collect();
    shell(&format!("cargo package --allow-dirty --quiet{names}"))?;
    let folder = release.layout.part("crates")?;
    let packed = files(&packages, ".crate");
    if packed.len() != PUBLISHED.len() {
        return Err(format!(
            "{} crates are packed instead of {}",
            packed.len(),
            PUBLISHED.len()
        ));
    }
    for name in PUBLISHED {
        let file = packages.join(format!("{name}-{VERSION}.crate"));
        let file = copy_into(&file, &folder)?;
        release
            .table
            .has(&file, 1, "built from the packed crates")?;
    }
    Ok(())
}
