//! Which proxy requests go through.

use std::fmt;

use url::Url;
use w3pin_core::{Error, Result};

const FIELD: &str = "proxy";

/// The proxy of a client.
pub(crate) enum Proxy {
    /// The one that the environment names, if it does.
    Environment,
    /// None.
    Never,
    /// This one, which may hold a password.
    Url(Url),
}

impl Proxy {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        // The text isn't repeated: it may hold a password.
        let refuse = || {
            Error::invalid_input(
                FIELD,
                "the proxy isn't a URL such as http://host:3128 or socks5h://host:1080",
            )
        };
        let url = Url::parse(text).map_err(|_| refuse())?;
        let known = matches!(
            url.scheme(),
            "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
        );
        if !known || !url.has_host() {
            return Err(refuse());
        }
        Ok(Self::Url(url))
    }

    pub(crate) fn proxy(&self) -> Result<Option<reqwest::Proxy>> {
        match self {
            Self::Environment | Self::Never => Ok(None),
            Self::Url(url) => match reqwest::Proxy::all(url.as_str()) {
                Ok(proxy) => Ok(Some(proxy)),
                Err(_) => Err(Error::invalid_input(FIELD, "the proxy can't be used")),
            },
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::Never => "Never",
            Self::Url(_) => "Url([redacted])",
        })
    }
}
