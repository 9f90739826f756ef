//! `GET /:pinId`

use http::{Method, Response, Uri};

use super::{
    Operation, Semantics,
    psa::{answer, ask},
};
use crate::{Credentials, Endpoint, NoBody, Pin, PinId, RequestBody, Result};

/// Retrieves a pin by its id.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GetPin {
    /// The pin's id.
    pub id: PinId,
}

impl GetPin {
    /// Retrieves this pin.
    #[must_use]
    pub fn new(id: PinId) -> Self {
        Self { id }
    }
}

impl Operation for GetPin {
    const NAME: &'static str = "get_pin";
    const SEMANTICS: Semantics = Semantics::Safe;
    const METHOD: Method = Method::GET;
    type Body = NoBody;
    type Output = Pin;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        endpoint.join(&format!("/{}", self.id.as_segment()))
    }

    fn body(&self) -> NoBody {
        NoBody
    }

    fn output(&self, response: Response<&[u8]>) -> Result<Pin> {
        super::data(response)
    }

    fn ask(&self) -> Result<(String, RequestBody)> {
        Ok(ask::pin(&self.id))
    }

    fn answer(&self, response: Response<&[u8]>) -> Result<Pin> {
        answer::pin(&response)
    }

    fn redact(pin: &mut Pin, credentials: &Credentials) {
        pin.redact(credentials);
    }
}
