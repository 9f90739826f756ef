//! A gateway to read content back from.

use std::{fmt, str::FromStr};

use url::Url;

use crate::{Endpoint, Error, Insecure, Result, values::endpoint::base_url};

/// It serves raw blocks only, which clients must verify.
const PUBLIC: &str = "https://trustless-gateway.link";

/// An HTTP gateway that serves `/ipfs/<cid>`. It receives no credentials and isn't trusted.
#[derive(Clone, PartialEq, Eq)]
pub struct Gateway {
    base: Url,
}

impl Gateway {
    /// Returns the default gateway: an endpoint on this machine serves its own content, and for any
    /// other there is a public one.
    #[must_use]
    pub fn for_endpoint(endpoint: &Endpoint) -> Self {
        let origin = endpoint.origin();
        let text = if endpoint.is_loopback() {
            &origin
        } else {
            PUBLIC
        };
        match text.parse() {
            Ok(gateway) => gateway,
            Err(_) => unreachable!("the origin of an endpoint is a gateway's URL"),
        }
    }

    /// Parses a list of URLs, given as the argument `name`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), with the name and index of the first invalid one,
    /// such as `gateways[1]`.
    pub fn list(name: &str, urls: &[impl AsRef<str>]) -> Result<Vec<Self>> {
        let urls = urls.iter().enumerate();
        let gateways = urls.map(|(index, url)| {
            let named = |error: Error| error.with_field(format!("{name}[{index}]"));
            url.as_ref().parse().map_err(named)
        });
        gateways.collect()
    }

    /// Returns the host and port, which identify several gateways on the same host.
    pub(crate) fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        let port = self.base.port_or_known_default().unwrap_or_default();
        format!("{host}:{port}")
    }
}

impl FromStr for Gateway {
    type Err = Error;

    /// Parses the URL before `/ipfs/<cid>`, such as `https://host`.
    fn from_str(text: &str) -> Result<Self> {
        // No secrets are sent and every block is verified, so plain HTTP is acceptable.
        let mut base = base_url("gateway", text, Insecure::Allow)?;
        // Based on the parsed URL, which has no trailing blanks; repeated until the printed form
        // parses to the same gateway.
        let mut path = base.path().trim_end_matches('/');
        while let Some(shorter) = path.strip_suffix("/ipfs") {
            path = shorter.trim_end_matches('/');
        }
        let path = path.to_owned();
        base.set_path(&path);
        Ok(Self { base })
    }
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gateway({self})")
    }
}
