//! The config file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;
use toml_edit::DocumentMut;
use w3pin_core::{Api, Credentials, Endpoint, Error, Result, Settings};

/// The file with a user's keys or token, and other settings.
///
/// Its path is in `W3PIN_CONFIG`, or else `w3pin/config.toml` in the user's config folder. A client
/// reads it if neither the program nor the environment (`W3PIN_API_KEY`, `W3PIN_SECRET_KEY`, `W3PIN_TOKEN`,
/// `W3PIN_ENDPOINT`, and so on) sets both the keys or the token, and the endpoint, and always if the program
/// [sets it](crate::ClientBuilder::config_file). It is TOML, and everything in it is optional:
///
/// ```toml
/// api_key = "…"
/// secret_key = "…"
/// token = "…"                        # in place of the keys, for the API pinning-service
/// api = "w3ipfs"                     # or pinning-service
/// endpoint = "aiozpin"               # or a URL
/// profile = "kubo-cidv1-legacy"      # how the service imports files
/// gateways = ["https://ipfs.io"]     # to read content back from
/// insecure_http = false              # true allows sending keys unencrypted
/// proxy = "http://proxy:3128"
/// root_certificates = "ca.pem"       # trusted too
/// ```
#[derive(Clone, Debug)]
pub struct ConfigFile {
    path: PathBuf,
    /// Who specified the file, so that it must exist.
    named_by: Option<NamedBy>,
}

#[derive(Clone, Copy, Debug)]
enum NamedBy {
    Program,
    Environment,
}

impl ConfigFile {
    /// Returns the file at this path, which must exist when it is read.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            named_by: Some(NamedBy::Program),
        }
    }

    /// Returns the default file, whether it exists or not; `None` if there is no home folder.
    #[must_use]
    pub fn locate() -> Option<Self> {
        let named = std::env::var_os("W3PIN_CONFIG").filter(|path| !path.is_empty());
        if let Some(path) = named {
            return Some(Self {
                path: path.into(),
                named_by: Some(NamedBy::Environment),
            });
        }
        let folders = etcetera::choose_base_strategy().ok()?;
        Some(Self {
            path: folders.config_dir().join("w3pin").join("config.toml"),
            named_by: None,
        })
    }

    /// Returns the same file, which counts as empty if it doesn't exist yet.
    #[must_use]
    pub fn or_empty(self) -> Self {
        Self {
            named_by: None,
            ..self
        }
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the settings in it; there are none if the default file doesn't exist.
    ///
    /// On Windows the file's permissions aren't checked: a file in your profile is only accessible to you and
    /// administrators, unless you share it.
    ///
    /// # Errors
    /// [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) if it is invalid, or contains keys
    /// and others can read it, and [`LocalIo`](w3pin_core::ErrorKind::LocalIo) if it can't be read.
    pub fn read(&self) -> Result<Settings> {
        let path = &self.path;
        let text = match read_text(path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let reason = match self.named_by {
                    None => return Ok(Settings::default()),
                    Some(NamedBy::Environment) => {
                        "the config file that W3PIN_CONFIG names doesn't exist"
                    }
                    Some(NamedBy::Program) => "the config file doesn't exist",
                };
                return Err(unusable(path, reason, cause));
            }
            Err(cause) => return Err(unusable(path, "the config file can't be read", cause)),
        };
        let settings: Settings = toml::from_str(&text).map_err(|cause| {
            let start = cause.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            // The parser's own message shows values, which may be keys.
            let holds_key = text
                .lines()
                .nth(line - 1)
                .is_some_and(|line| line.contains("_key") || line.contains("token"));
            let reason = if holds_key {
                "a key or a token must be a string in quotes"
            } else {
                cause.message()
            };
            Error::invalid_input(
                "config",
                format!("line {line} of the config file is invalid: {reason}"),
            )
            .with_path(path.display().to_string())
        })?;
        let secrets = [&settings.api_key, &settings.secret_key, &settings.token];
        if secrets.into_iter().any(Option::is_some) {
            refuse_if_shared(path)?;
        }
        Ok(settings)
    }

    /// Saves keys or token, API and endpoint, readable only by the user. Everything else in the file is kept, including
    /// comments. If the path is a symbolic link, its target is written.
    ///
    /// # Errors
    /// [`LocalIo`](w3pin_core::ErrorKind::LocalIo) if it can't be written, and
    /// [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) if it isn't a file, such as
    /// `/dev/null`, or its content isn't TOML.
    pub fn save(&self, credentials: &Credentials, endpoint: &Endpoint) -> Result<()> {
        if fs::metadata(&self.path).is_ok_and(|metadata| !metadata.is_file()) {
            let reason = "keys can't be saved here, as this isn't a file";
            return Err(
                Error::invalid_input("config", reason).with_path(self.path.display().to_string())
            );
        }
        let text = match read_text(&self.path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => String::new(),
            Err(cause) => return Err(unusable(&self.path, "the config file can't be read", cause)),
        };
        let mut document: DocumentMut = text.parse().map_err(|_| {
            Error::invalid_input("config", "the config file isn't TOML; fix or remove it")
                .with_path(self.path.display().to_string())
        })?;
        let text = |secret: &[u8]| String::from_utf8_lossy(secret).into_owned();
        let token = credentials.token().map(text);
        let key = |key: &[u8]| token.is_none().then(|| text(key));
        let api = (endpoint.api() != Api::default()).then(|| endpoint.api().to_string());
        let values = [
            ("api_key", key(credentials.api_key())),
            ("secret_key", key(credentials.secret_key())),
            ("token", token.clone()),
            ("api", api),
            ("endpoint", Some(endpoint.to_string())),
        ];
        for (name, value) in values {
            match value {
                Some(value) => set(&mut document, name, value.into()),
                None => drop(document.remove(name)),
            }
        }
        if endpoint.is_insecure() {
            set(&mut document, "insecure_http", true.into());
        }
        write_private(&self.path, &document.to_string())
            .map_err(|cause| unusable(&self.path, "the config file can't be written", cause))
    }
}

fn read_text(path: &Path) -> io::Result<String> {
    let text = super::read(path)?;
    String::from_utf8(text)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it isn't UTF-8"))
}

/// Sets a value and keeps the comment next to it.
fn set(document: &mut DocumentMut, name: &str, mut value: toml_edit::Value) {
    match document.get_mut(name).and_then(|item| item.as_value_mut()) {
        Some(before) => {
            *value.decor_mut() = before.decor().clone();
            *before = value;
        }
        None => {
            document.insert(name, toml_edit::Item::Value(value));
        }
    }
}

/// Replaces a file atomically, so that readers never see a part of it.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let path = match (path.canonicalize(), fs::read_link(path)) {
        (Ok(real), _) => real,
        // The target of the link has yet to be created.
        (Err(_), Ok(target)) => path.parent().unwrap_or(path).join(target),
        (Err(cause), Err(_)) if cause.kind() == io::ErrorKind::NotFound => path.to_owned(),
        (Err(cause), Err(_)) => return Err(cause),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let random = getrandom::u64().map_err(io::Error::other)?;
    let fresh = path.with_extension(format!("toml.{random:016x}"));
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A file that can't be created anew belongs to someone else.
    let mut file = options.open(&fresh)?;
    let replaced = io::Write::write_all(&mut file, text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&fresh, &path));
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
        format!(
            "the config file contains keys and other users can read it; run chmod 600 '{shown}'"
        ),
    )
    .with_path(shown.to_string()))
}

/// On other systems a file has the permissions of its folder, which belongs to the user.
#[cfg(not(unix))]
fn refuse_if_shared(_: &Path) -> Result<()> {
    Ok(())
}

fn unusable(path: &Path, reason: &'static str, cause: io::Error) -> Error {
    Error::local_io(path.display().to_string(), reason, cause)
}
