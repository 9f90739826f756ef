//! The endpoint of a service.

use std::{fmt, str::FromStr};

use http::Uri;
use url::{Host, Url};

use crate::{Api, Error, RateLimit, Result};

/// A named host of the service, which has moved more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Preset {
    /// The host in the API's documentation; the default.
    Attoaioz,
    /// The host of 2023 and 2024.
    W3ipfsStorage,
    /// The host of 2024.
    W3ipfs,
    /// The host since the product was renamed to AIOZ Pin.
    AiozPin,
}

impl Preset {
    /// All presets, the default first.
    pub const ALL: [Self; 4] = [
        Self::Attoaioz,
        Self::W3ipfsStorage,
        Self::W3ipfs,
        Self::AiozPin,
    ];

    /// Returns the name used in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attoaioz => "attoaioz",
            Self::W3ipfsStorage => "w3ipfs-storage",
            Self::W3ipfs => "w3ipfs",
            Self::AiozPin => "aiozpin",
        }
    }

    /// Returns the base URL of its pinning API.
    #[must_use]
    pub const fn url(self) -> &'static str {
        match self {
            Self::Attoaioz => "https://api-ipfs.attoaioz.cyou/api/pinning",
            Self::W3ipfsStorage => "https://api.w3ipfs.storage/api/pinning",
            Self::W3ipfs => "https://api.w3ipfs.aioz.network/api/pinning",
            Self::AiozPin => "https://api.aiozpin.network/api/pinning",
        }
    }
}

/// Whether credentials may be sent over plain HTTP to a host other than this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Insecure {
    /// They may not.
    #[default]
    Refuse,
    /// They may; only for a trusted network.
    Allow,
}

/// The base URL of a pinning API: HTTPS, or HTTP only for this machine unless insecure HTTP is allowed.
///
/// ```
/// use w3pin_core::Endpoint;
///
/// let endpoint: Endpoint = "aiozpin".parse()?;
/// assert_eq!(endpoint.to_string(), "https://api.aiozpin.network/api/pinning");
/// let local: Endpoint = "http://127.0.0.1:8080/api/pinning/".parse()?;
/// assert!(local.is_loopback());
/// assert!("http://example.com/api/pinning".parse::<Endpoint>().is_err());
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    api: Api,
    base: Url,
}

impl Endpoint {
    /// Parses the name of a [`Preset`], or the base URL of the API, which usually ends in
    /// `/api/pinning`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it is neither, has a user name, query
    /// or fragment, or would send credentials unencrypted and `insecure` doesn't allow that.
    pub fn new(text: &str, insecure: Insecure) -> Result<Self> {
        if let Some(preset) = Preset::ALL.into_iter().find(|preset| preset.name() == text) {
            return Self::new(preset.url(), insecure);
        }
        Ok(Self {
            api: Api::W3ipfs,
            base: base_url("endpoint", text, insecure)?,
        })
    }

    /// Parses the URL of an IPFS Pinning Service API, without `/pins`.
    ///
    /// ```
    /// use w3pin_core::{Api, Endpoint, Insecure};
    ///
    /// let endpoint = Endpoint::pinning_service("https://api.pinata.cloud/psa", Insecure::Refuse)?;
    /// assert_eq!(endpoint.api(), Api::PinningService);
    /// # Ok::<(), w3pin_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`new`](Self::new); there are no presets for this API.
    pub fn pinning_service(text: &str, insecure: Insecure) -> Result<Self> {
        Ok(Self {
            api: Api::PinningService,
            base: base_url("endpoint", text, insecure)?,
        })
    }

    /// Returns the API of the service.
    #[must_use]
    pub fn api(&self) -> Api {
        self.api
    }

    /// Returns whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.base)
    }

    /// Returns whether keys are sent to another machine over plain HTTP.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.base.scheme() == "http" && !self.is_loopback()
    }

    /// Returns the default rate limit: the public service's own, or none for this machine.
    #[must_use]
    pub fn default_rate_limit(&self) -> RateLimit {
        if self.is_loopback() {
            RateLimit::Unlimited
        } else {
            RateLimit::default()
        }
    }

    /// Returns scheme, host and port, such as `https://host` or `http://127.0.0.1:8080`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Returns whether a URL has this origin.
    pub(crate) fn has_origin(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Returns the URL of a call; `path` and query must be encoded.
    pub(crate) fn join(&self, path: &str) -> Result<Uri> {
        uri(format!(
            "{}{path}",
            self.base.as_str().trim_end_matches('/')
        ))
    }

    /// Returns the URL of a call next to the pinning API, below the API's root.
    pub(crate) fn join_root(&self, path: &str) -> Result<Uri> {
        let base = self.base.as_str().trim_end_matches('/');
        uri(format!(
            "{}{path}",
            base.strip_suffix("/pinning").unwrap_or(base)
        ))
    }
}

pub(crate) fn base_url(field: &'static str, text: &str, insecure: Insecure) -> Result<Url> {
    let refuse = |reason: String| Err(Error::invalid_input(field, reason));
    let Ok(mut url) = Url::parse(text) else {
        // The text before an @ may be a password.
        let shown = match text.rsplit_once('@') {
            Some((_, host)) => format!("[redacted]@{host}"),
            None => text.to_owned(),
        };
        return refuse(format!(
            "{shown:?} isn't a URL; give one such as https://host/path"
        ));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("the URL must not hold a user name or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse(format!(
            "the URL can't have a query or a fragment; end it after {}",
            url.path()
        ));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) || insecure == Insecure::Allow => {}
        "http" => {
            return refuse(format!(
                "{text} is plain HTTP, which others on the network can read; use HTTPS, or allow \
                 insecure HTTP"
            ));
        }
        scheme => {
            return refuse(format!(
                "the URL's scheme is {scheme}, which is neither https nor http"
            ));
        }
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

pub(crate) fn uri(text: String) -> Result<Uri> {
    text.parse()
        .map_err(|_| Error::invalid_input("endpoint", format!("{text:?} can't be requested")))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // Many systems look up names below `localhost` with DNS, so they can be anywhere.
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        match Preset::Attoaioz.url().parse() {
            Ok(endpoint) => endpoint,
            Err(_) => unreachable!("the presets are valid, as a test checks"),
        }
    }
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::new(text, Insecure::Refuse)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}
