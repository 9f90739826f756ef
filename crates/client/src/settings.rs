//! Settings from outside the program: the environment and a config file.

use std::{fmt, path::PathBuf};

use w3pin_core::{Credentials, Endpoint, Error, Gateway, Insecure, Result};
use w3pin_unixfs::Profile;

use crate::{Client, ClientBuilder};

mod file;

/// Credentials, endpoint and what belongs to them, from where a person keeps them.
///
/// A value that the program sets comes first, then the environment (`W3PIN_API_KEY`,
/// `W3PIN_SECRET_KEY`, `W3PIN_ENDPOINT`), then the config file: the one that `W3PIN_CONFIG` names, or
/// `w3pin/config.toml` in the user's config folder.
///
/// ```no_run
/// # fn main() -> w3pin::Result<()> {
/// use w3pin::Settings;
///
/// let client = Settings::load()?.endpoint("aiozpin").builder()?.build()?;
/// # Ok(())
/// # }
/// ```
///
/// The config file is TOML, and everything in it may be left out:
///
/// ```toml
/// api_key = "…"
/// secret_key = "…"
/// endpoint = "aiozpin"               # or a URL
/// profile = "kubo-cidv1-legacy"      # how the service lays files out
/// gateway = "https://ipfs.io"        # where to fetch blocks for a proof
/// insecure_http = false              # true sends the keys in the clear
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Settings {
    api_key: Option<String>,
    secret_key: Option<String>,
    endpoint: Option<String>,
    profile: Option<String>,
    gateway: Option<String>,
    insecure_http: bool,
}

impl Settings {
    /// Reads the environment and the config file.
    ///
    /// # Errors
    /// [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) where the config file isn't what it
    /// should be, or holds keys and others can read it, and
    /// [`LocalIo`](w3pin_core::ErrorKind::LocalIo) where it can't be read.
    pub fn load() -> Result<Self> {
        let file = match file::path() {
            Some(path) => file::read(&path)?,
            None => Self::default(),
        };
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Ok(Self {
            api_key: variable("W3PIN_API_KEY").or(file.api_key),
            secret_key: variable("W3PIN_SECRET_KEY").or(file.secret_key),
            endpoint: variable("W3PIN_ENDPOINT").or(file.endpoint),
            ..file
        })
    }

    /// Sets the API key.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets the secret key.
    pub fn secret_key(mut self, key: impl Into<String>) -> Self {
        self.secret_key = Some(key.into());
        self
    }

    /// Sets the endpoint: a URL, or the name of a [`Preset`](w3pin_core::Preset).
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Allows plain http to other machines.
    pub fn insecure_http(mut self, allow: bool) -> Self {
        self.insecure_http = allow;
        self
    }

    /// The endpoint that is set, or the default.
    ///
    /// # Errors
    /// Where it is none.
    pub fn to_endpoint(&self) -> Result<Endpoint> {
        let insecure = if self.insecure_http {
            Insecure::Allow
        } else {
            Insecure::Refuse
        };
        match &self.endpoint {
            Some(endpoint) => Endpoint::new(endpoint, insecure),
            None => Ok(Endpoint::default()),
        }
    }

    /// The gateway that is set, if one is.
    ///
    /// # Errors
    /// Where it is none.
    pub fn to_gateway(&self) -> Result<Option<Gateway>> {
        self.gateway.as_deref().map(str::parse).transpose()
    }

    /// The profile that is set, or the default.
    ///
    /// # Errors
    /// Where it is none.
    pub fn to_profile(&self) -> Result<Profile> {
        match &self.profile {
            Some(profile) => profile
                .parse()
                .map_err(|cause| Error::invalid_input("profile", format!("{cause}"))),
            None => Ok(Profile::default()),
        }
    }

    /// The keys.
    ///
    /// # Errors
    /// [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) where one is missing or can't be a key.
    pub fn to_credentials(&self) -> Result<Credentials> {
        match (&self.api_key, &self.secret_key) {
            (Some(api_key), Some(secret_key)) => Credentials::new(api_key, secret_key),
            (None, None) => Err(Error::invalid_input(
                "credentials",
                "there are no credentials; set W3PIN_API_KEY and W3PIN_SECRET_KEY to the keys of \
                 your account",
            )),
            (Some(_), None) => Err(Error::invalid_input(
                "credentials",
                "the secret key is missing; set W3PIN_SECRET_KEY",
            )),
            (None, Some(_)) => Err(Error::invalid_input(
                "credentials",
                "the API key is missing; set W3PIN_API_KEY",
            )),
        }
    }

    /// Begins to make a client with these settings.
    ///
    /// # Errors
    /// Where one of them can't be used, or a key is missing.
    pub fn builder(&self) -> Result<ClientBuilder> {
        Ok(Client::builder()
            .credentials(self.to_credentials()?)
            .endpoint(self.to_endpoint()?)
            .profile(self.to_profile()?))
    }

    /// Writes keys and endpoint to the config file, which nobody else can read; what else is in it
    /// stays. Gives its path.
    ///
    /// # Errors
    /// [`LocalIo`](w3pin_core::ErrorKind::LocalIo) where it can't be written.
    pub fn save(&self) -> Result<PathBuf> {
        let path = file::path().ok_or_else(|| {
            Error::invalid_input(
                "config",
                "there is no home folder; set W3PIN_CONFIG to a path",
            )
        })?;
        let kept = if path.exists() {
            file::read(&path)?
        } else {
            Self::default()
        };
        let saved = Self {
            api_key: self.api_key.clone(),
            secret_key: self.secret_key.clone(),
            endpoint: self.endpoint.clone(),
            ..kept
        };
        file::write(&path, &saved)?;
        Ok(path)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("endpoint", &self.endpoint)
            .field("profile", &self.profile)
            .field("gateway", &self.gateway)
            .field("insecure_http", &self.insecure_http)
            .finish_non_exhaustive()
    }
}
