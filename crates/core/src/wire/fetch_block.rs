//! `GET <gateway>/ipfs/<cid>?format=raw`

use std::borrow::Cow;

use http::{Request, Response, header};

use crate::{
    Cid, Error, ErrorKind, Gateway, Result,
    values::endpoint::uri,
    wire::{encoding, refusal},
};

/// The largest block that IPFS nodes exchange.
const BLOCK_LIMIT: usize = 2 * 1024 * 1024;

/// A request for a raw block from a gateway, according to the Trustless Gateway specification.
#[derive(Clone, Debug)]
pub struct FetchBlock {
    cid: Cid,
}

impl FetchBlock {
    /// Requests the block with this CID.
    #[must_use]
    pub fn new(cid: Cid) -> Self {
        Self { cid }
    }

    /// Returns the CID of the block.
    #[must_use]
    pub fn cid(&self) -> &Cid {
        &self.cid
    }

    /// Returns the request, which has no credentials.
    ///
    /// # Errors
    /// If gateway and CID don't form a URL.
    pub fn prepare(&self, gateway: &Gateway) -> Result<Request<()>> {
        let mut request = Request::new(());
        *request.uri_mut() = uri(format!("{gateway}/ipfs/{}?format=raw", self.cid.as_cid()))?;
        request.headers_mut().insert(
            header::ACCEPT,
            http::HeaderValue::from_static("application/vnd.ipld.raw"),
        );
        Ok(request)
    }

    /// Returns the block's bytes. They aren't verified against the CID: the caller must do that.
    ///
    /// # Errors
    /// The refusal of the gateway, or [`Decode`](ErrorKind::Decode) if the response can't be a block.
    pub fn parse<'a>(&self, response: &Response<&'a [u8]>) -> Result<Cow<'a, [u8]>> {
        let (status, headers) = (response.status(), response.headers());
        let block = match encoding::decoded(status, headers, response.body(), self.limit()) {
            Err(_) if !status.is_success() => Cow::default(),
            block => block?,
        };
        if !status.is_success() {
            return Err(refusal::from_gateway(status, headers, &block));
        }
        if block.len() > BLOCK_LIMIT {
            return Err(Error::new(
                ErrorKind::Decode,
                format!(
                    "the gateway's block for {} exceeds the maximum size of a block",
                    self.cid
                ),
            ));
        }
        Ok(block)
    }

    /// Returns the most bytes of a response to read.
    #[must_use]
    pub const fn limit(&self) -> usize {
        BLOCK_LIMIT + 1
    }
}
