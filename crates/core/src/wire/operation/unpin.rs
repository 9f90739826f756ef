//! `DELETE /unpin/:pinId`

use http::{Method, Response, Uri};

use super::{Operation, Semantics};
use crate::{Endpoint, NoBody, Pin, PinId, Result};

/// Removes a pin. It answers the pin as it was or is; which of both isn't documented.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unpin {
    /// The pin's id.
    pub id: PinId,
}

impl Unpin {
    /// Unpins this pin.
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
    type Output = Pin;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        endpoint.join(&format!("/unpin/{}", self.id.as_segment()))
    }

    fn body(&self) -> NoBody {
        NoBody
    }

    fn output(&self, response: Response<&[u8]>) -> Result<Pin> {
        super::data(response)
    }
}
