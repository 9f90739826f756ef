//! Reads the environment and the config file.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use w3pin_core::{Error, Origin, ResolvedSettings, Result, Settings};

mod file;

pub use self::file::ConfigFile;

/// Returns a client's settings: the program's own, then the environment's, then those in the config
/// file, which is the default one unless the program sets another. The default one is only read if
/// keys or endpoint are still unset.
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

/// Reads the PEM file of root certificates.
pub(crate) fn root_certificates(path: &str) -> Result<Vec<u8>> {
    read(Path::new(path)).map_err(|cause| {
        Error::local_io(path, "the root certificates can't be read", cause)
            .with_field("root_certificates")
    })
}

/// Bundles of root certificates are far smaller, and devices such as `/dev/zero` never end.
const LARGEST: u64 = 16 << 20;

/// Reads a settings file.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut content)?;
    if content.len() as u64 > LARGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(content)
}
