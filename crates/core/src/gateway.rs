//! Raw blocks from a gateway.

use std::{fmt, str::FromStr};

use http::{Request, Response, header};
use url::Url;

use crate::{
    Cid, Endpoint, Error, ErrorKind, Insecure, Result,
    endpoint::{base_url, uri},
    envelope,
};

/// Serves raw blocks to anyone and nothing else, so it can't be mistaken for a source of trust.
const PUBLIC: &str = "https://trustless-gateway.link";

/// The largest block that IPFS nodes exchange.
const BLOCK_LIMIT: usize = 2 * 1024 * 1024;

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

/// `GET <gateway>/ipfs/<cid>?format=raw`: one block, as the Trustless Gateway specification has it.
#[derive(Clone, Debug)]
pub struct FetchBlock {
    cid: Cid,
}

impl FetchBlock {
    /// Asks for the block that this CID names.
    #[must_use]
    pub fn new(cid: Cid) -> Self {
        Self { cid }
    }

    /// The request, with no credentials in it.
    ///
    /// # Errors
    /// Where gateway and CID make no URL.
    pub fn prepare(&self, gateway: &Gateway) -> Result<Request<()>> {
        let mut request = Request::new(());
        *request.uri_mut() = uri(format!("{gateway}/ipfs/{}?format=raw", self.cid.as_cid()))?;
        request.headers_mut().insert(
            header::ACCEPT,
            http::HeaderValue::from_static("application/vnd.ipld.raw"),
        );
        Ok(request)
    }

    /// The block's bytes. They aren't checked against the CID: whoever uses them must.
    ///
    /// # Errors
    /// The refusal of the gateway, or [`Decode`](ErrorKind::Decode) for what can't be a block.
    pub fn parse<'a>(&self, response: &Response<&'a [u8]>) -> Result<&'a [u8]> {
        let block = *response.body();
        envelope::check(response.status(), response.headers(), block)?;
        if block.len() > BLOCK_LIMIT {
            return Err(Error::new(
                ErrorKind::Decode,
                format!(
                    "the gateway's block for {} is larger than blocks can be",
                    self.cid
                ),
            ));
        }
        Ok(block)
    }

    /// The most bytes that an answer needs to be read for.
    #[must_use]
    pub const fn limit(&self) -> usize {
        BLOCK_LIMIT + 1
    }
}
