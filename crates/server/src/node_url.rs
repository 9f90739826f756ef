use std::{fmt, str::FromStr};

use data_encoding::BASE64;
use http::{HeaderValue, Uri, uri::Authority};
use percent_encoding::percent_decode_str;
use thiserror::Error;

/// The URL of a node's API: `http://[USER:PASSWORD@]HOST[:PORT]`.
///
/// User and password are sent as Basic authentication and never shown. They are only accepted for this machine,
/// since plain HTTP doesn't protect them: use a tunnel or a local proxy to reach a node on another machine.
///
/// ```
/// use w3pin_server::NodeUrl;
///
/// let url: NodeUrl = "http://me:secret@127.0.0.1:5001".parse()?;
/// assert_eq!(url.to_string(), "http://127.0.0.1:5001");
/// # Ok::<(), w3pin_server::NodeUrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NodeUrl {
    host: Authority,
    authorization: Option<HeaderValue>,
}

/// An error from parsing a node's URL.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NodeUrlError {
    /// The URL isn't of this form.
    #[error("invalid URL of a node: use http://HOST:PORT, without a path")]
    Form,
    /// User and password would be sent unencrypted to another machine.
    #[error("user and password would be sent to {0} over plain HTTP; use a tunnel")]
    Password(String),
}

impl NodeUrl {
    /// Returns the URI of a request to the node.
    pub(crate) fn join(&self, path_and_query: &str) -> Result<Uri, http::Error> {
        Uri::builder()
            .scheme("http")
            .authority(self.host.clone())
            .path_and_query(path_and_query)
            .build()
    }

    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

impl FromStr for NodeUrl {
    type Err = NodeUrlError;

    fn from_str(text: &str) -> Result<Self, NodeUrlError> {
        let uri: Uri = text.parse().map_err(|_| NodeUrlError::Form)?;
        let only_origin = matches!(uri.path(), "" | "/") && uri.query().is_none();
        let Some(authority) = uri.authority() else {
            return Err(NodeUrlError::Form);
        };
        if uri.scheme_str() != Some("http") || !only_origin {
            return Err(NodeUrlError::Form);
        }
        let (user, host) = match authority.as_str().rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority.as_str()),
        };
        if user.is_some() && !is_loopback(authority.host()) {
            return Err(NodeUrlError::Password(host.to_owned()));
        }
        let authorization = user.map(|user| {
            let user: Vec<u8> = percent_decode_str(user).collect();
            let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64.encode(&user)))
                .map_err(|_| NodeUrlError::Form)?;
            value.set_sensitive(true);
            Ok(value)
        });
        Ok(Self {
            host: host.parse().map_err(|_| NodeUrlError::Form)?,
            authorization: authorization.transpose()?,
        })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for NodeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.host)
    }
}

impl fmt::Debug for NodeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeUrl({self})")
    }
}
