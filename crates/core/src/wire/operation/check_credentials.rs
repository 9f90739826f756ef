//! `GET <api root>/apiKeys/testAuthentication`

use std::num::NonZeroU32;

use http::{Method, Response, Uri};

use super::{
    Operation, Semantics,
    psa::{answer, ask},
};
use crate::{Credentials, Endpoint, ListOptions, NoBody, RequestBody, Result};

/// Checks that the service accepts the credentials. Returns the service's message.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CheckCredentials;

impl CheckCredentials {
    /// Creates the operation.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Operation for CheckCredentials {
    const NAME: &'static str = "check_credentials";
    const SEMANTICS: Semantics = Semantics::Safe;
    const METHOD: Method = Method::GET;
    type Body = NoBody;
    type Output = String;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        endpoint.join_root("/apiKeys/testAuthentication")
    }

    fn body(&self) -> NoBody {
        NoBody
    }

    fn output(&self, response: Response<&[u8]>) -> Result<String> {
        super::envelope::accepted(response.status(), response.headers(), response.body())
    }

    /// The API has no such check, so a page with one pin is requested.
    fn ask(&self) -> Result<(String, RequestBody)> {
        ask::list(&ListOptions::new().page_of(NonZeroU32::MIN))
    }

    fn answer(&self, response: Response<&[u8]>) -> Result<String> {
        answer::page(&response).map(|_| String::new())
    }

    fn redact(words: &mut String, credentials: &Credentials) {
        *words = credentials.redact(words).into_owned();
    }
}
