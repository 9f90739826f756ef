//! The calls of the API: one file each, a request built and its answer parsed.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header};

use crate::{Credentials, Endpoint, Multipart, Result, envelope};

mod check_credentials;
mod get_pin;
mod list_pins;
mod pin_by_cid;
mod unpin;
mod upload;

pub use self::{
    check_credentials::CheckCredentials,
    get_pin::GetPin,
    list_pins::{ListPins, PinnedFilter, SortBy, SortOrder},
    pin_by_cid::PinByCid,
    unpin::Unpin,
    upload::Upload,
};

/// What sending a call twice would do, which decides how it may be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it only reads.
    Read,
    /// It may make a second pin.
    Pin,
    /// It undoes a pin, and finds none the second time.
    Unpin,
}

/// A call of the API, as a value.
///
/// [`prepare`](Self::prepare) gives the request, [`parse`](Self::parse) understands the answer. The
/// provided methods are the only place where credentials are added and refusals are told apart, so no
/// call can get them wrong.
pub trait Operation {
    /// The call's name in logs and traces.
    const NAME: &'static str;
    /// What sending it twice would do.
    const EFFECT: Effect;
    /// Its method.
    const METHOD: Method;
    /// What a success answers.
    type Output;

    /// Its address.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where no address can be made of the arguments.
    fn uri(&self, endpoint: &Endpoint) -> Result<Uri>;

    /// Its body.
    fn body(&self) -> RequestBody {
        RequestBody::Empty
    }

    /// The answer of a success.
    ///
    /// # Errors
    /// See [`parse`](Self::parse).
    fn output(&self, response: Response<&[u8]>) -> Result<Self::Output>;

    /// The request, with the credentials in headers that are marked sensitive.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where the arguments can't be sent.
    fn prepare(
        &self,
        endpoint: &Endpoint,
        credentials: &Credentials,
    ) -> Result<Request<RequestBody>> {
        let body = self.body();
        let mut request = Request::new(());
        *request.method_mut() = Self::METHOD;
        *request.uri_mut() = self.uri(endpoint)?;
        body.describe(request.headers_mut());
        request
            .headers_mut()
            .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        credentials.add_to(request.headers_mut());
        Ok(request.map(|()| body))
    }

    /// What the service answered.
    ///
    /// # Errors
    /// The service's refusal by its [`ErrorKind`](crate::ErrorKind), or
    /// [`Decode`](crate::ErrorKind::Decode) for an answer that isn't as documented.
    fn parse(&self, response: Response<&[u8]>) -> Result<Self::Output> {
        envelope::check(response.status(), response.headers(), response.body())?;
        self.output(response)
    }
}

/// What a request carries.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RequestBody {
    /// Nothing.
    Empty,
    /// A JSON document.
    Json(Bytes),
    /// Files, to be read from the caller's sources.
    Multipart(Multipart),
}

impl RequestBody {
    /// Its length in bytes; `None` where it is only known at the end, so that it must be sent chunked.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Json(json) => Some(json.len() as u64),
            Self::Multipart(plan) => plan.content_length(),
        }
    }

    fn describe(&self, headers: &mut HeaderMap) {
        let content_type = match self {
            Self::Empty => return,
            Self::Json(_) => HeaderValue::from_static("application/json"),
            Self::Multipart(plan) => plan.content_type(),
        };
        headers.insert(header::CONTENT_TYPE, content_type);
        if let Some(length) = self.content_length() {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
    }
}

/// The `data` of an answer.
fn data<T: for<'de> serde::Deserialize<'de>>(response: Response<&[u8]>) -> Result<T> {
    envelope::data(response.status(), response.headers(), response.body())
}
