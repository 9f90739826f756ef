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

/// One raw block of a gateway, as the Trustless Gateway specification has it.
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

    /// The block that is asked for.
    #[must_use]
    pub fn cid(&self) -> &Cid {
        &self.cid
    }

    /// The request, with no credentials in it.
    ///
    /// # Errors
    /// If gateway and CID make no URL.
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
                    "the gateway's block for {} is larger than a block may be",
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
