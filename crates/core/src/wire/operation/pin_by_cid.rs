//! `POST /pinByHash`

use http::{Method, Response, Uri};
use serde::Serialize;

use super::{
    Operation, Semantics,
    psa::{answer, ask},
};
use crate::{Cid, Credentials, Endpoint, Json, Metadata, Pin, RequestBody, Result};

/// Pins content that is already on IPFS, by its CID.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PinByCid {
    /// The root of the content.
    pub cid: Cid,
    /// The metadata of the pin.
    pub metadata: Metadata,
}

impl PinByCid {
    /// Pins this root.
    #[must_use]
    pub fn new(cid: Cid) -> Self {
        Self {
            cid,
            metadata: Metadata::new(),
        }
    }

    /// Sets the metadata of the pin.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name or a key is empty.
    pub fn metadata(mut self, metadata: Metadata) -> Result<Self> {
        metadata.check_own()?;
        self.metadata = metadata;
        Ok(self)
    }
}

impl Operation for PinByCid {
    const NAME: &'static str = "pin_by_cid";
    const SEMANTICS: Semantics = Semantics::Creating;
    const METHOD: Method = Method::POST;
    type Body = Json;
    type Output = Pin;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        endpoint.join("/pinByHash")
    }

    fn body(&self) -> Json {
        #[derive(Serialize)]
        struct Body<'a> {
            hash_to_pin: &'a Cid,
            #[serde(skip_serializing_if = "Metadata::is_empty")]
            metadata: &'a Metadata,
        }
        let body = Body {
            hash_to_pin: &self.cid,
            metadata: &self.metadata,
        };
        Json(serde_json::json!(body).to_string().into())
    }

    fn output(&self, response: Response<&[u8]>) -> Result<Pin> {
        super::data(response)
    }

    fn ask(&self) -> Result<(String, RequestBody)> {
        ask::pin_by_cid(&self.cid, &self.metadata)
    }

    fn answer(&self, response: Response<&[u8]>) -> Result<Pin> {
        answer::pin(&response)
    }

    fn redact(pin: &mut Pin, credentials: &Credentials) {
        pin.redact(credentials);
    }
}
