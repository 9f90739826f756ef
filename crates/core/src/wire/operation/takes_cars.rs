//! `GET <api root>/apiKeys/testAuthentication`, for a header of the response

use http::{HeaderName, Method, Response, Uri};

use super::{CheckCredentials, Operation, Semantics};
use crate::{Endpoint, NoBody, Result};

/// The header in which a service lists the kinds of uploads that it accepts besides files.
pub const UPLOADS: HeaderName = HeaderName::from_static("w3pin-uploads");

/// Checks whether the service accepts CARs as uploads, which it says in the header `w3pin-uploads`
/// of its response to the credential check. Other services respond without that header.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TakesCars;

impl TakesCars {
    /// Creates the operation.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Operation for TakesCars {
    const NAME: &'static str = "takes_cars";
    const SEMANTICS: Semantics = Semantics::Safe;
    const METHOD: Method = Method::GET;
    type Body = NoBody;
    type Output = bool;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        CheckCredentials::new().uri(endpoint)
    }

    fn body(&self) -> NoBody {
        NoBody
    }

    fn output(&self, response: Response<&[u8]>) -> Result<bool> {
        let kinds = response.headers().get_all(UPLOADS).iter();
        let kinds = kinds.filter_map(|kinds| kinds.to_str().ok());
        let takes_cars = kinds
            .flat_map(|kinds| kinds.split(','))
            .any(|kind| kind.trim().eq_ignore_ascii_case("car"));
        super::envelope::accepted(response.status(), response.headers(), response.body())?;
        Ok(takes_cars)
    }
}
