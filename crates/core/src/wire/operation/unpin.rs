//! `DELETE /unpin/:pinId`

use http::{Method, Response, Uri};

use super::{Operation, Semantics, psa::ask};
use crate::{Endpoint, NoBody, Pin, PinId, RequestBody, Result};

/// Removes a pin. The API's documentation doesn't say whether the response is the pin before or
/// after; that of the Pinning Service API is empty.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unpin {
    /// The pin's id.
    pub id: PinId,
}

impl Unpin {
    /// Removes this pin.
    #[must_use]
    pub fn new(id: PinId) -> Self {
        Self { id }
    }
}

impl Operation for Unpin {
    const NAME: &'static str = "unpin";
    const SEMANTICS: Semantics = Semantics::Idempotent;
    const METHOD: Method = Method::DELETE;
    type Body = NoBody;
    type Output = Option<Pin>;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        endpoint.join(&format!("/unpin/{}", self.id.as_segment()))
    }

    fn body(&self) -> NoBody {
        NoBody
    }

    fn output(&self, response: Response<&[u8]>) -> Result<Option<Pin>> {
        super::data(response).map(Some)
    }

    fn ask(&self) -> Result<(String, RequestBody)> {
        Ok(ask::pin(&self.id))
    }

    fn answer(&self, _: Response<&[u8]>) -> Result<Option<Pin>> {
        Ok(None)
    }
}
