//! The config file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use w3pin_core::{Error, Result};

use super::Settings;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    api_key: Option<String>,
    secret_key: Option<String>,
    endpoint: Option<String>,
    profile: Option<String>,
    gateway: Option<String>,
    #[serde(default)]
    insecure_http: bool,
}

/// Where it is.
pub(super) fn path() -> Option<PathBuf> {
    if let Some(path) = named() {
        return Some(path);
    }
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("w3pin").join("config.toml"))
}

/// The file that the environment names.
fn named() -> Option<PathBuf> {
    std::env::var_os("W3PIN_CONFIG")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

/// What is in it; nothing where there is no file in the usual place.
pub(super) fn read(path: &Path) -> Result<Settings> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            return if named().is_some() {
                Err(unusable(
                    path,
                    "the config file that W3PIN_CONFIG names isn't there",
                    cause,
                ))
            } else {
                Ok(Settings::default())
            };
        }
        Err(cause) => return Err(unusable(path, "the config file can't be read", cause)),
    };
    let file: File = toml::from_str(&text).map_err(|cause| {
        // The parser's own text shows lines of the file, and a key may be in one.
        let line = cause
            .span()
            .map_or(1, |span| text[..span.start].lines().count().max(1));
        Error::invalid_input(
            "config",
            format!(
                "line {line} of the config file can't be used: {}",
                cause.message()
            ),
        )
        .with_path(path.display().to_string())
    })?;
    if file.api_key.is_some() || file.secret_key.is_some() {
        refuse_if_shared(path)?;
    }
    Ok(Settings {
        api_key: file.api_key,
        secret_key: file.secret_key,
        endpoint: file.endpoint,
        profile: file.profile,
        gateway: file.gateway,
        insecure_http: file.insecure_http,
    })
}

/// Replaces it as a whole, so that no reader ever sees a part of it.
pub(super) fn write(path: &Path, settings: &Settings) -> Result<()> {
    let settings = settings.clone();
    let file = File {
        api_key: settings.api_key,
        secret_key: settings.secret_key,
        endpoint: settings.endpoint,
        profile: settings.profile,
        gateway: settings.gateway,
        insecure_http: settings.insecure_http,
    };
    let text = toml::to_string(&file)
        .map_err(|_| Error::invalid_input("config", "these settings can't be written as TOML"))?;
    write_private(path, &text)
        .map_err(|cause| unusable(path, "the config file can't be written", cause))
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension(format!("toml.{}", std::process::id()));
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&fresh).and_then(|mut file| {
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&fresh, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    replaced
}

#[cfg(unix)]
fn refuse_if_shared(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(path)
        .map_err(|cause| unusable(path, "the config file can't be read", cause))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Error::invalid_input(
        "config",
        format!("the config file holds keys and others can read it; run chmod 600 '{shown}'"),
    )
    .with_path(shown.to_string()))
}

#[cfg(not(unix))]
fn refuse_if_shared(_: &Path) -> Result<()> {
    Ok(())
}

fn unusable(path: &Path, reason: &'static str, cause: io::Error) -> Error {
    Error::local_io(path.display().to_string(), reason, cause)
}
