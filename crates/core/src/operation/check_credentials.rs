//! `GET <api root>/apiKeys/testAuthentication`

use http::{Method, Response, Uri};

use super::{Effect, Operation};
use crate::{Endpoint, Result, envelope};

/// Asks whether the service accepts the credentials. It answers the service's own words.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CheckCredentials;

impl CheckCredentials {
    /// Takes nothing but the credentials that every call carries.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Operation for CheckCredentials {
    const NAME: &'static str = "check_credentials";
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Output = String;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        endpoint.join_root("/apiKeys/testAuthentication")
    }

    fn output(&self, response: Response<&[u8]>) -> Result<String> {
        envelope::accepted(response.status(), response.headers(), response.body())
    }
}
