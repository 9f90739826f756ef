//! The keys or token that every call sends.

use std::{borrow::Cow, fmt};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{Api, Error, Result};

/// The headers for the keys, as documented by the API. Some proxies, such as nginx by default, drop
/// headers with underscores.
const API_KEY: HeaderName = HeaderName::from_static("pinning_api_key");
const SECRET_KEY: HeaderName = HeaderName::from_static("pinning_secret_key");

/// The lengths that the service's own tools expect. Keys of other lengths may be valid too.
const USUAL_LENGTHS: (usize, usize) = (24, 44);

/// The credentials of an account: an API key and a secret key, or the access token of a Pinning Service API. None
/// of them is ever printed.
///
/// ```
/// use w3pin_core::Credentials;
///
/// let credentials = Credentials::new("my key", "my secret");
/// assert!(credentials.is_err(), "a key can't contain spaces");
/// assert_eq!(
///     format!("{:?}", Credentials::new("KEY", "SECRET")?),
///     "Credentials { api_key: [redacted], secret_key: [redacted] }",
/// );
/// assert_eq!(format!("{:?}", Credentials::bearer("TOKEN")?), "Credentials { token: [redacted] }");
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Secrets);

#[derive(Clone, PartialEq, Eq)]
enum Secrets {
    /// The API key and the secret key.
    Keys([HeaderValue; 2]),
    Token([HeaderValue; 1]),
}

impl Credentials {
    /// Creates credentials from both keys as shown by the service.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a key is empty or contains anything but
    /// visible ASCII characters, such as a line break or a space that was copied along.
    pub fn new(api_key: &str, secret_key: &str) -> Result<Self> {
        let keys = [
            secret("api_key", "key", api_key)?,
            secret("secret_key", "key", secret_key)?,
        ];
        Ok(Self(Secrets::Keys(keys)))
    }

    /// Creates credentials from the access token of a Pinning Service API, without the word `Bearer`.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new), for the token.
    pub fn bearer(token: &str) -> Result<Self> {
        Ok(Self(Secrets::Token([secret("token", "token", token)?])))
    }

    /// Returns the API key, for a server that checks it; empty for a token. Don't print it.
    #[must_use]
    pub fn api_key(&self) -> &[u8] {
        match &self.0 {
            Secrets::Keys([api_key, _]) => api_key.as_bytes(),
            Secrets::Token(_) => &[],
        }
    }

    /// Returns the secret key, for a server that checks it; empty for a token. Don't print it.
    #[must_use]
    pub fn secret_key(&self) -> &[u8] {
        match &self.0 {
            Secrets::Keys([_, secret_key]) => secret_key.as_bytes(),
            Secrets::Token(_) => &[],
        }
    }

    /// Returns the access token, unless there are keys. Don't print it.
    #[must_use]
    pub fn token(&self) -> Option<&[u8]> {
        match &self.0 {
            Secrets::Keys(_) => None,
            Secrets::Token([token]) => Some(token.as_bytes()),
        }
    }

    /// Returns the keys of a request, if it has both and they are valid.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &HeaderName| headers.get(name)?.to_str().ok();
        Self::new(text(&API_KEY)?, text(&SECRET_KEY)?).ok()
    }

    /// Returns a warning if a key doesn't have the usual length.
    #[must_use]
    pub fn unusual(&self) -> Option<String> {
        let Secrets::Keys([api_key, secret_key]) = &self.0 else {
            return None;
        };
        let lengths = (api_key.len(), secret_key.len());
        (lengths != USUAL_LENGTHS).then(|| {
            format!(
                "the keys have {} and {} characters, but the service's usually have {} and {}",
                lengths.0, lengths.1, USUAL_LENGTHS.0, USUAL_LENGTHS.1
            )
        })
    }

    /// Replaces the keys or the token in `text` with `[redacted]`, for text that a service may have
    /// echoed.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for key in self.secrets().iter().rev() {
            if let Ok(key) = key.to_str()
                && text.contains(key)
            {
                text = text.replace(key, "[redacted]").into();
            }
        }
        text
    }

    /// Like [`redact`](Self::redact), for a truncated text, which may end within a key.
    pub(crate) fn redact_excerpt(&self, text: &str) -> String {
        /// Shorter prefixes of a key reveal nothing.
        const TELLING: usize = 4;
        let mut text = self.redact(text).into_owned();
        for key in self.secrets().iter().rev() {
            let key = key.to_str().unwrap_or_default();
            let cut = (TELLING..key.len())
                .rev()
                .find(|&length| text.ends_with(&key[..length]));
            if let Some(length) = cut {
                text.truncate(text.len() - length);
                text.push_str("[redacted]");
            }
        }
        text
    }

    /// Adds them to the headers of a request.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the API doesn't accept them.
    pub(crate) fn add_to(&self, api: Api, headers: &mut HeaderMap) -> Result<()> {
        self.require(api)?;
        match &self.0 {
            Secrets::Keys([api_key, secret_key]) => {
                headers.insert(API_KEY, api_key.clone());
                headers.insert(SECRET_KEY, secret_key.clone());
            }
            Secrets::Token([token]) => {
                let bearer = [b"Bearer ", token.as_bytes()].concat();
                let mut bearer = HeaderValue::from_bytes(&bearer).map_err(|_| {
                    Error::invalid_input(
                        "token",
                        "the token contains characters that a header can't contain",
                    )
                })?;
                bearer.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, bearer);
            }
        }
        Ok(())
    }

    /// Rejects credentials that an API doesn't accept.
    pub(crate) fn require(&self, api: Api) -> Result<()> {
        match (api, &self.0) {
            (Api::W3ipfs, Secrets::Keys(_)) | (Api::PinningService, Secrets::Token(_)) => Ok(()),
            (Api::W3ipfs, Secrets::Token(_)) => Err(Error::invalid_input(
                "token",
                "a token works only with the Pinning Service API; set api to pinning-service, or pass an \
                 API key and a secret key",
            )),
            (Api::PinningService, Secrets::Keys(_)) => Err(Error::invalid_input(
                "api_key",
                "the Pinning Service API doesn't take keys; pass the access token as token",
            )),
        }
    }

    fn secrets(&self) -> &[HeaderValue] {
        match &self.0 {
            Secrets::Keys(keys) => keys,
            Secrets::Token(token) => token,
        }
    }
}

/// Returns a key or a token as a header value.
fn secret(field: &'static str, noun: &str, text: &str) -> Result<HeaderValue> {
    let refuse = |reason: &str| Err(Error::invalid_input(field, format!("the {noun} {reason}")));
    if text.is_empty() {
        return refuse("is empty");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse(&format!(
            "contains a space, a line break or another character that isn't valid in a {noun}"
        ));
    }
    match HeaderValue::from_str(text) {
        Ok(mut value) => {
            value.set_sensitive(true);
            Ok(value)
        }
        Err(_) => refuse("contains characters that a header can't contain"),
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Secrets::Keys(_) => "Credentials { api_key: [redacted], secret_key: [redacted] }",
            Secrets::Token(_) => "Credentials { token: [redacted] }",
        })
    }
}
