//! The keys or the token that every call carries.

use std::{borrow::Cow, fmt};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{Api, Error, Result};

/// Names of the headers that carry the keys (the API page). Some proxies drop headers with
/// underscores, nginx by default.
const API_KEY: HeaderName = HeaderName::from_static("pinning_api_key");
const SECRET_KEY: HeaderName = HeaderName::from_static("pinning_secret_key");

/// The lengths that the service's own tools expect. Others may be good all the same.
const USUAL_LENGTHS: (usize, usize) = (24, 44);

/// What an account is known by: an API key and a secret key, or the access token of a Pinning Service API. None
/// of them is ever printed.
///
/// ```
/// use w3pin_core::Credentials;
///
/// let credentials = Credentials::new("my key", "my secret");
/// assert!(credentials.is_err(), "a key can't hold spaces");
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
    /// Takes both keys as the service shows them.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a key is empty or holds anything but
    /// visible ASCII characters: mostly a line break or a space that came along when it was copied.
    pub fn new(api_key: &str, secret_key: &str) -> Result<Self> {
        let keys = [
            secret("api_key", "key", api_key)?,
            secret("secret_key", "key", secret_key)?,
        ];
        Ok(Self(Secrets::Keys(keys)))
    }

    /// Takes the access token of a Pinning Service API, without the word `Bearer`.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new), for the token.
    pub fn bearer(token: &str) -> Result<Self> {
        Ok(Self(Secrets::Token([secret("token", "token", token)?])))
    }

    /// The API key, for a server that checks it; empty where there is a token. Don't print it.
    #[must_use]
    pub fn api_key(&self) -> &[u8] {
        match &self.0 {
            Secrets::Keys([api_key, _]) => api_key.as_bytes(),
            Secrets::Token(_) => &[],
        }
    }

    /// The secret key, for a server that checks it; empty where there is a token. Don't print it.
    #[must_use]
    pub fn secret_key(&self) -> &[u8] {
        match &self.0 {
            Secrets::Keys([_, secret_key]) => secret_key.as_bytes(),
            Secrets::Token(_) => &[],
        }
    }

    /// The access token, unless there are keys. Don't print it.
    #[must_use]
    pub fn token(&self) -> Option<&[u8]> {
        match &self.0 {
            Secrets::Keys(_) => None,
            Secrets::Token([token]) => Some(token.as_bytes()),
        }
    }

    /// The keys that a request carries, if it has both and they can be keys at all.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &HeaderName| headers.get(name)?.to_str().ok();
        Self::new(text(&API_KEY)?, text(&SECRET_KEY)?).ok()
    }

    /// A warning where a key hasn't the length that the service's keys usually have.
    #[must_use]
    pub fn unusual(&self) -> Option<String> {
        let Secrets::Keys([api_key, secret_key]) = &self.0 else {
            return None;
        };
        let lengths = (api_key.len(), secret_key.len());
        (lengths != USUAL_LENGTHS).then(|| {
            format!(
                "the keys have {} and {} characters, where the service's usually have {} and {}",
                lengths.0, lengths.1, USUAL_LENGTHS.0, USUAL_LENGTHS.1
            )
        })
    }

    /// `text` with `[redacted]` in place of a key or the token, for text that a service may have echoed.
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

    /// As [`redact`](Self::redact), for the beginning of a text, which may end within a key.
    pub(crate) fn redact_excerpt(&self, text: &str) -> String {
        /// What is left of a key tells nothing.
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

    /// Puts them into the headers that the API has for them.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the API takes others.
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
                    Error::invalid_input("token", "the token can't be sent in a header")
                })?;
                bearer.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, bearer);
            }
        }
        Ok(())
    }

    /// Refuses credentials that an API doesn't take.
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

/// A key or a token, as its header carries it.
fn secret(field: &'static str, noun: &str, text: &str) -> Result<HeaderValue> {
    let refuse = |reason: &str| Err(Error::invalid_input(field, format!("the {noun} {reason}")));
    if text.is_empty() {
        return refuse("is empty");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse(&format!(
            "holds a space, a line break or another character no {noun} has"
        ));
    }
    match HeaderValue::from_str(text) {
        Ok(mut value) => {
            value.set_sensitive(true);
            Ok(value)
        }
        Err(_) => refuse("can't be sent in a header"),
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
