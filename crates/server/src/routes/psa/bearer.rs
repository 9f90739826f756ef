use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use w3pin_core::Credentials;

use crate::{
    app::App,
    envelope::Refusal,
    routes::caller::{Caller, authenticate},
};

/// The account whose access token a request has: its two keys, separated by a colon.
pub(super) struct Bearer(pub(super) Caller);

impl FromRequestParts<Arc<App>> for Bearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let otherwise = "the access token is missing or invalid: send Authorization: Bearer \
                         API_KEY:SECRET_KEY";
        let credentials = credentials(&parts.headers);
        authenticate(parts, app, credentials, otherwise)
            .await
            .map(Self)
    }
}

fn credentials(headers: &HeaderMap) -> Option<Credentials> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (api_key, secret_key) = token.trim().split_once(':')?;
    Credentials::new(api_key, secret_key).ok()
}
