//! The operations of the API: one file each, a request built and its response parsed.

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

/// What it means to send a request twice, in the words of
/// [RFC 9110, section 9.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2). It decides how the
/// request may be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Semantics {
    /// It only reads.
    Safe,
    /// Twice has the effect of once.
    Idempotent,
    /// It creates something each time.
    Creating,
}

/// An operation of the API, as a value. This trait is sealed: the operations are those of this crate.
///
/// [`prepare`](Self::prepare) gives the request, [`parse`](Self::parse) understands the response. What differs in
/// the Pinning Service API is in [`ask`](Self::ask) and [`answer`](Self::answer). The provided methods are the only place where credentials are added and refusals are told apart, so no
/// operation can get them wrong.
pub trait Operation: sealed::Operation {
    /// The operation's name in logs and traces.
    const NAME: &'static str;
    /// What sending it twice means.
    const SEMANTICS: Semantics;
    /// Its method.
    const METHOD: Method;
    /// What its request carries.
    type Body: Into<RequestBody>;
    /// What a success gives.
    type Output;

    /// Its address.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the arguments make no address.
    fn uri(&self, endpoint: &Endpoint) -> Result<Uri>;

    /// Its body.
    fn body(&self) -> Self::Body;

    /// What a successful response holds.
    ///
    /// # Errors
    /// The errors of [`parse`](Self::parse).
    fn output(&self, response: Response<&[u8]>) -> Result<Self::Output>;

    /// Its path below the endpoint, and its body, in the Pinning Service API. The method is the same.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), naming `api` where that API has no such operation, or else
    /// the argument that it can't take.
    fn ask(&self) -> Result<(String, RequestBody)> {
        Err(psa::ask::nothing(Self::NAME))
    }

    /// What a successful response of the Pinning Service API holds.
    ///
    /// # Errors
    /// The errors of [`parse`](Self::parse).
    fn answer(&self, _response: Response<&[u8]>) -> Result<Self::Output> {
        Err(psa::ask::nothing(Self::NAME))
    }

    /// Replaces the keys in texts of the output that are meant to be shown, since a service may echo a
    /// request.
    fn redact(_output: &mut Self::Output, _credentials: &Credentials) {}

    /// The most bytes that a successful response may have.
    fn response_limit(&self) -> usize {
        RESPONSE_LIMIT
    }

    /// How much longer than usual the response may take once all of the request was sent, as the service has to
    /// work through what came.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    /// The request, with the credentials in headers that are marked sensitive.
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

    /// What a service of this API responded.
    ///
    /// # Errors
    /// The service's refusal by its [`ErrorKind`](crate::ErrorKind), or
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

/// The most bytes of a response, unless an operation says otherwise.
const RESPONSE_LIMIT: usize = 1024 * 1024;

/// A response that isn't a refusal, with its body as text.
fn readable(response: Response<&[u8]>, limit: usize) -> Result<Response<Cow<'_, [u8]>>> {
    let (parts, body) = response.into_parts();
    let body = match encoding::text(parts.status, &parts.headers, body, limit) {
        // A refusal counts, whether its text can be read or not.
        Err(_) if !parts.status.is_success() => Cow::default(),
        body => body?,
    };
    envelope::check(parts.status, &parts.headers, &body)?;
    Ok(Response::from_parts(parts, body))
}

/// Keeps others from implementing [`Operation`].
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

/// The pin in the response to a request that was sent elsewhere.
pub(crate) fn pin(response: Response<&[u8]>) -> Result<Pin> {
    let (parts, body) = readable(response, RESPONSE_LIMIT)?.into_parts();
    data(Response::from_parts(parts, &body))
}

/// The `data` of a response.
fn data<'a, T: serde::Deserialize<'a>>(response: Response<&'a [u8]>) -> Result<T> {
    envelope::data(response.status(), response.headers(), response.body())
}
