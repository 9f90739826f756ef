//! Where content is read back from.

use std::{fmt, str::FromStr};

use url::Url;

use crate::{Endpoint, Error, Insecure, Result, values::endpoint::base_url};

/// Serves raw blocks to anyone and nothing else, so it can't be mistaken for a source of trust.
const PUBLIC: &str = "https://trustless-gateway.link";

/// An HTTP gateway that serves `/ipfs/<cid>`. It gets no credentials and isn't trusted.
#[derive(Clone, PartialEq, Eq)]
pub struct Gateway {
    base: Url,
}

impl Gateway {
    /// The gateway to ask where the caller names none: an endpoint on this machine serves its own
    /// content, and for any other there is a public one.
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

    /// Reads a list of URLs, as an argument of this name.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), with the name and the place of the first that can't be
    /// used, as `gateways[1]`.
    pub fn list(name: &str, urls: &[impl AsRef<str>]) -> Result<Vec<Self>> {
        let urls = urls.iter().enumerate();
        let gateways = urls.map(|(index, url)| {
            let named = |error: Error| error.with_field(format!("{name}[{index}]"));
            url.as_ref().parse().map_err(named)
        });
        gateways.collect()
    }

    /// The host and port, by which several gateways of one host are known.
    pub(crate) fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        let port = self.base.port_or_known_default().unwrap_or_default();
        format!("{host}:{port}")
    }
}

impl FromStr for Gateway {
    type Err = Error;

    /// Takes the URL in front of `/ipfs/<cid>`, as `https://host`.
    fn from_str(text: &str) -> Result<Self> {
        // Nothing secret goes there and every block is checked, so plain http is no danger.
        let mut base = base_url("gateway", text, Insecure::Allow)?;
        // From what was parsed, since that is rid of blanks at the end; repeatedly, so that what is
        // printed means the same.
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
