//! The environment and the config file.

use std::fs;

use w3pin_core::{Error, Origin, ResolvedSettings, Result, Settings};

mod file;

pub use self::file::ConfigFile;

/// A client's settings: what the program says, then the environment, then the config file, which is the
/// usual one unless the program chooses another. The usual one is only read where keys or endpoint are
/// still open.
pub(crate) fn resolve(program: Settings, file: Option<ConfigFile>) -> Result<ResolvedSettings> {
    let environment = Settings::from_variables(|name| std::env::var(name).ok())?;
    let incomplete = environment.is_incomplete(&program);
    let mut sources = vec![
        (Origin::Program, program),
        (Origin::Environment, environment),
    ];
    let usual = || incomplete.then(ConfigFile::locate).flatten();
    if let Some(file) = file.or_else(usual) {
        let origin = Origin::File(file.path().display().to_string());
        sources.push((origin, file.read()?));
    }
    Settings::resolve(&sources)
}

/// The PEM of the root certificates at a path.
pub(crate) fn root_certificates(path: &str) -> Result<Vec<u8>> {
    fs::read(path).map_err(|cause| {
        Error::local_io(path, "the root certificates can't be read", cause)
            .with_field("root_certificates")
    })
}
