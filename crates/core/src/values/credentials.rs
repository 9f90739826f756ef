//! The pair of keys that every call carries.

use std::{borrow::Cow, fmt};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Error, Result};

/// Names of the headers that carry the keys (the API page). Some proxies drop headers with
/// underscores, nginx by default.
const API_KEY: HeaderName = HeaderName::from_static("pinning_api_key");
const SECRET_KEY: HeaderName = HeaderName::from_static("pinning_secret_key");

/// The lengths that the service's own tools expect. Others may be good all the same.
const USUAL_LENGTHS: (usize, usize) = (24, 44);

/// The API key and the secret key of an account. Neither is ever printed.
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
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    api_key: HeaderValue,
    secret_key: HeaderValue,
}

impl Credentials {
    /// Takes both keys as the service shows them.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where a key is empty or holds anything but
    /// visible ASCII characters: mostly a line break or a space that came along when it was copied.
    pub fn new(api_key: &str, secret_key: &str) -> Result<Self> {
        Ok(Self {
            api_key: key("api_key", api_key)?,
            secret_key: key("secret_key", secret_key)?,
        })
    }

    /// The API key, for a server that checks it. Don't print it.
    #[must_use]
    pub fn api_key(&self) -> &[u8] {
        self.api_key.as_bytes()
    }

    /// The secret key, for a server that checks it. Don't print it.
    #[must_use]
    pub fn secret_key(&self) -> &[u8] {
        self.secret_key.as_bytes()
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
        let lengths = (self.api_key.len(), self.secret_key.len());
        (lengths != USUAL_LENGTHS).then(|| {
            format!(
                "the keys have {} and {} characters, where the service's usually have {} and {}",
                lengths.0, lengths.1, USUAL_LENGTHS.0, USUAL_LENGTHS.1
            )
        })
    }

    /// `text` with `[redacted]` in place of either key, for text that a service may have echoed.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for key in [&self.secret_key, &self.api_key] {
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
        for key in [&self.secret_key, &self.api_key] {
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

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(API_KEY, self.api_key.clone());
        headers.insert(SECRET_KEY, self.secret_key.clone());
    }
}

fn key(field: &'static str, text: &str) -> Result<HeaderValue> {
    let refuse = |reason| Err(Error::invalid_input(field, reason));
    if text.is_empty() {
        return refuse("the key is empty");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse("the key holds a space, a line break or another character no key has");
    }
    match HeaderValue::from_str(text) {
        Ok(mut value) => {
            value.set_sensitive(true);
            Ok(value)
        }
        Err(_) => refuse("the key can't be sent in a header"),
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials { api_key: [redacted], secret_key: [redacted] }")
    }
}
