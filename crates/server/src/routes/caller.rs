//! Identifies the caller and the pin of a request.

use std::{sync::Arc, time::Duration};

use axum::extract::{FromRequestParts, Path};
use http::{StatusCode, request::Parts};
use uuid::Uuid;
use w3pin_core::Credentials;

use crate::{
    app::App,
    connections::Peer,
    envelope::Refusal,
    error::StoreError,
    party::{Network, Party},
};

/// How long a client that guesses keys waits for the response that it must wait.
const HOLD: Duration = Duration::from_secs(1);

/// The account whose keys a request has. It is extracted before anything else.
#[derive(Clone, Copy)]
pub(super) struct Caller {
    pub(super) account: Uuid,
    network: Network,
}

impl Caller {
    pub(super) fn party(&self) -> Party {
        Party {
            account: Some(self.account),
            network: self.network,
        }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let credentials = Credentials::from_headers(&parts.headers);
        let otherwise = "invalid api key or secret key: send pinning_api_key and pinning_secret_key; \
                         some proxies drop headers with underscores";
        authenticate(parts, app, credentials, otherwise).await
    }
}

/// Returns the account with these keys.
pub(super) async fn authenticate(
    parts: &Parts,
    app: &App,
    credentials: Option<Credentials>,
    otherwise: &'static str,
) -> Result<Caller, Refusal> {
    let network = Peer::network_of(&parts.extensions);
    let checked = credentials.map_or(Ok(None), |keys| app.authenticate(network, &keys));
    Peer::note_account(&parts.extensions, checked.unwrap_or_default());
    match checked {
        Ok(Some(account)) => Ok(Caller { account, network }),
        Ok(None) => Err(Refusal::new(StatusCode::UNAUTHORIZED, otherwise)),
        Err(wait) => {
            // Otherwise sending these responses would take resources from legitimate clients.
            tokio::time::sleep(wait.min(HOLD)).await;
            let message = "too many wrong keys came from this address";
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, message);
            Err(refusal.retry_after(wait))
        }
    }
}

/// The pin ID in a request's path. An invalid one is treated as unknown.
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
