//! Files that tasks keep in the user's cache folder, since they take long to create.

use std::{env, path::PathBuf};

use crate::{
    Result,
    run::{has, run as shell},
};

/// Returns the cache's folder of this name.
pub(crate) fn folder(name: &str) -> Result<PathBuf> {
    env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .map(|cache| cache.join("w3pin").join(name))
        .ok_or_else(|| format!("there is no home folder to keep {name} in"))
}

/// Returns a program from the package registry, built on first use.
pub(crate) fn installed(package: &str, version: &str, program: &str) -> Result<PathBuf> {
    let folder = folder(&format!("{package}-{version}"))?;
    let program = folder.join("bin").join(program);
    if !has(&format!("{} --version", program.display())) {
        shell(&format!(
            "cargo install --quiet --locked {package} --version {version} --root {}",
            folder.display()
        ))?;
    }
    Ok(program)
}
