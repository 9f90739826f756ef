//! The operations of the API, one in each file: building a request and parsing its response.

use std::{borrow::Cow, time::Duration};

use http::{HeaderValue, Method, Request, Response, Uri, header};

use super::{encoding, envelope, psa};
use crate::{Api, Credentials, Endpoint, Pin, RequestBody, Result};

mod check_credentials;
mod get_pin;
mod list_pins;
mod pin_by_cid;
mod takes_cars;
mod unpin;
mod upload;

pub use self::{
    check_credentials::CheckCredentials,
    get_pin::GetPin,
    list_pins::ListPins,
    pin_by_cid::PinByCid,
    takes_cars::{TakesCars, UPLOADS},
    unpin::Unpin,
    upload::Upload,
};

/// What repeating a request means, in the terms of [RFC 9110, section
/// 9.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2). It decides how the request may be
/// retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Semantics {
    /// It only reads.
    Safe,
    /// Repeating it has no further effect.
    Idempotent,
    /// It creates something each time.
    Creating,
}

/// An operation of the API, as a value. This trait is sealed.
///
/// [`prepare`](Self::prepare) returns the request, and [`parse`](Self::parse) parses the response.
/// Differences of the Pinning Service API are in [`ask`](Self::ask) and [`answer`](Self::answer).
/// Only the provided methods add credentials and classify refusals, so no operation can get that
/// wrong.
pub trait Operation: sealed::Operation {
    /// The name of the operation in logs and traces.
    const NAME: &'static str;
    /// What repeating it means.
    const SEMANTICS: Semantics;
    /// The HTTP method.
    const METHOD: Method;
    /// The type of the request body.
    type Body: Into<RequestBody>;
    /// The result of a success.
    type Output;

    /// Returns the URL.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the arguments don't form a URL.
    fn uri(&self, endpoint: &Endpoint) -> Result<Uri>;

    /// Returns the request body.
    fn body(&self) -> Self::Body;

    /// Parses a successful response.
    ///
    /// # Errors
    /// The errors of [`parse`](Self::parse).
    fn output(&self, response: Response<&[u8]>) -> Result<Self::Output>;

    /// Returns the path below the endpoint and the body for the Pinning Service API. The method is the same.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), naming `api` where that API has no such operation, or else
    /// the unsupported argument.
    fn ask(&self) -> Result<(String, RequestBody)> {
        Err(psa::ask::nothing(Self::NAME))
    }

    /// Parses a successful response of the Pinning Service API.
    ///
    /// # Errors
    /// The errors of [`parse`](Self::parse).
    fn answer(&self, _response: Response<&[u8]>) -> Result<Self::Output> {
        Err(psa::ask::nothing(Self::NAME))
    }

    /// Redacts the keys in texts of the output that may be shown, since a service may echo a
    /// request.
    fn redact(_output: &mut Self::Output, _credentials: &Credentials) {}

    /// Returns the most bytes of a successful response.
    fn response_limit(&self) -> usize {
        RESPONSE_LIMIT
    }

    /// Returns how much longer than usual the response may take once the whole request is sent,
    /// because the service must process it.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    /// Returns the request, with the credentials in headers that are marked sensitive.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the arguments can't be sent.
    fn prepare(
        &self,
        endpoint: &Endpoint,
        credentials: &Credentials,
    ) -> Result<Request<RequestBody>> {
        let api = endpoint.api();
        let (uri, body) = match api {
            Api::W3ipfs => (self.uri(endpoint)?, self.body().into()),
            Api::PinningService => {
                let (path, body) = self.ask()?;
                (endpoint.join(&path)?, body)
            }
        };
        let mut request = Request::new(());
        *request.method_mut() = Self::METHOD;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        body.describe(headers);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        credentials.add_to(api, headers)?;
        Ok(request.map(|()| body))
    }

    /// Parses the response of a service with this API.
    ///
    /// # Errors
    /// The service's refusal with its [`ErrorKind`](crate::ErrorKind), or
    /// [`Decode`](crate::ErrorKind::Decode) for a response that isn't as documented.
    fn parse(&self, api: Api, response: Response<&[u8]>) -> Result<Self::Output> {
        let limit = self.response_limit();
        let parse = || {
            let (parts, body) = readable(response, limit)?.into_parts();
            let response = Response::from_parts(parts, &body[..]);
            match api {
                Api::W3ipfs => self.output(response),
                Api::PinningService => self.answer(response),
            }
        };
        parse().map_err(|error| match api {
            Api::W3ipfs => error,
            Api::PinningService => psa::answer::worded(error),
        })
    }
}

/// The default limit of a response in bytes.
const RESPONSE_LIMIT: usize = 1024 * 1024;

/// Returns a response that isn't a refusal, with its body as text.
fn readable(response: Response<&[u8]>, limit: usize) -> Result<Response<Cow<'_, [u8]>>> {
    let (parts, body) = response.into_parts();
    let body = match encoding::text(parts.status, &parts.headers, body, limit) {
        // A refusal counts, even if its text can't be read.
        Err(_) if !parts.status.is_success() => Cow::default(),
        body => body?,
    };
    envelope::check(parts.status, &parts.headers, &body)?;
    Ok(Response::from_parts(parts, body))
}

/// Seals [`Operation`].
mod sealed {
    pub trait Operation {}

    impl Operation for super::CheckCredentials {}
    impl Operation for super::GetPin {}
    impl Operation for super::ListPins {}
    impl Operation for super::PinByCid {}
    impl Operation for super::TakesCars {}
    impl Operation for super::Unpin {}
    impl Operation for super::Upload {}
}

/// Parses the pin in the response to a request that was sent by others.
pub(crate) fn pin(response: Response<&[u8]>) -> Result<Pin> {
    let (parts, body) = readable(response, RESPONSE_LIMIT)?.into_parts();
    data(Response::from_parts(parts, &body))
}

/// Parses the `data` of a response.
fn data<'a, T: serde::Deserialize<'a>>(response: Response<&'a [u8]>) -> Result<T> {
    envelope::data(response.status(), response.headers(), response.body())
}
