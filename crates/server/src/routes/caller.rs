//! Who calls, and about which pin.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use http::{StatusCode, request::Parts};
use uuid::Uuid;
use w3pin_core::Credentials;

use crate::{app::App, envelope::Refusal, error::StoreError, records::Account};

/// The account whose keys a request carries. Taking it comes before anything else of the request.
pub(super) struct Caller(pub(super) Uuid);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        Credentials::from_headers(&parts.headers)
            .and_then(|credentials| Account::find(&app.accounts, &credentials))
            .map(Self)
            .ok_or_else(|| {
                let message = "invalid api key or secret key: send pinning_api_key and \
                               pinning_secret_key; some proxies drop headers with underscores";
                Refusal::new(StatusCode::UNAUTHORIZED, message)
            })
    }
}

/// The id in a request's path. What can't be an id here is one that isn't known.
pub(super) struct PinPath(pub(super) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for PinPath {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.ok()
            .and_then(|Path(id)| id.parse().ok())
            .map(Self)
            .ok_or_else(|| StoreError::NotFound.into())
    }
}
