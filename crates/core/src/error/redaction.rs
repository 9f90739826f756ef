//! Redacts keys that a service echoes.

use std::borrow::Cow;

use super::Error;
use crate::Credentials;

impl Error {
    /// Replaces keys in text from outside, since a service or proxy may echo a request.
    pub(crate) fn redacted(mut self, credentials: &Credentials) -> Self {
        let inner = &mut self.0;
        // Static text can't contain keys.
        if let Cow::Owned(reason) = &mut inner.reason {
            *reason = credentials.redact(reason).into_owned();
        }
        let foreign = [&mut inner.service_message, &mut inner.body_excerpt];
        for text in foreign.into_iter().flatten() {
            *text = credentials.redact_excerpt(text);
        }
        self
    }
}
