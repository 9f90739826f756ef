//! The routes, and what they share.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post},
};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use tokio::sync::Semaphore;
use uuid::Uuid;
use w3pin_core::Credentials;
use w3pin_unixfs::Profile;

use crate::{
    Limits,
    envelope::Refusal,
    record::Metadata,
    store::{Account, Store, StoreError},
};

mod credentials;
mod gateway;
mod get_pin;
mod list_pins;
mod pin_by_cid;
mod unpin;
mod upload;

/// What every request sees.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) store: Store,
    accounts: Vec<Account>,
    pub(crate) profile: Profile,
    pub(crate) limits: Limits,
    uploads: Semaphore,
}

impl App {
    pub(crate) fn new(
        store: Store,
        accounts: Vec<Account>,
        profile: Profile,
        limits: Limits,
    ) -> Self {
        let uploads = Semaphore::new(limits.uploads);
        Self {
            store,
            accounts,
            profile,
            limits,
            uploads,
        }
    }

    /// Refuses where the disk, `bytes` fuller, would be fuller than it may be.
    pub(crate) fn require_free_disk(&self, bytes: u64) -> Result<(), Refusal> {
        let needed = bytes.saturating_add(self.limits.free_disk_bytes);
        match self.store.engine.free_bytes() {
            Some(free) if free < needed => Err(StoreError::Full.into()),
            _ => Ok(()),
        }
    }
}

/// Asks the store, whose calls block, on a thread where that does no harm.
async fn ask<T: Send + 'static>(
    app: &Arc<App>,
    question: impl FnOnce(&App) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let app = Arc::clone(app);
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(|| question(&app)))
        .await
        .unwrap_or_else(|cause| Err(Refusal::internal(&cause)))
}

/// All routes. Both forms of a path are served, with and without the last slash, never a redirect
/// between them.
pub(crate) fn router(app: Arc<App>) -> Router {
    let routes: [(&str, MethodRouter<Arc<App>>); 6] = [
        ("/api/pinning", post(upload::upload)),
        ("/api/pinning/pinByHash", post(pin_by_cid::pin_by_cid)),
        ("/api/pinning/pins", get(list_pins::list_pins)),
        ("/api/pinning/unpin/{pin_id}", delete(unpin::unpin)),
        ("/api/pinning/{pin_id}", get(get_pin::get_pin)),
        ("/api/apiKeys/testAuthentication", get(credentials::check)),
    ];
    let mut router = Router::new()
        .route("/ipfs/{*path}", get(gateway::serve))
        .route("/openapi.json", get(openapi));
    for (path, methods) in routes {
        router = router
            .route(path, methods.clone())
            .route(&format!("{path}/"), methods);
    }
    router
        .fallback(|| async { Refusal::not_found("no such route") })
        .method_not_allowed_fallback(|| async {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed")
        })
        .layer(middleware::from_fn_with_state(Arc::clone(&app), each))
        // Bodies are bounded where they are read.
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

/// What holds for every request: bounded heads, a span, and no guessing of content types.
async fn each(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    use tracing::Instrument;

    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        status = tracing::field::Empty,
    );
    let refusal = refuse_long_head(&request, &app.limits);
    let mut response = match refusal {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).instrument(span.clone()).await,
    };
    span.record("status", response.status().as_u16());
    span.in_scope(|| tracing::debug!("answered"));
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

fn refuse_long_head(request: &Request, limits: &Limits) -> Option<Refusal> {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target > limits.target_bytes {
        return Some(Refusal::new(
            StatusCode::URI_TOO_LONG,
            "the request's path is too long",
        ));
    }
    let length = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    let bytes: usize = request.headers().iter().map(length).sum();
    (bytes > limits.header_bytes).then(|| {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        Refusal::new(status, "the request's headers are too long")
    })
}

async fn openapi() -> Response {
    let document = include_str!("../openapi.json");
    (
        [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )],
        document,
    )
        .into_response()
}

/// The account whose keys a request carries. Taking it comes before anything else of the request.
struct Caller(Uuid);

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
struct PinPath(Uuid);

impl<S: Send + Sync> FromRequestParts<S> for PinPath {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        use axum::extract::Path;

        let path = Path::<String>::from_request_parts(parts, state).await;
        path.ok()
            .and_then(|Path(id)| id.parse().ok())
            .map(Self)
            .ok_or_else(|| StoreError::NotFound.into())
    }
}

/// `{"name": …, "keyvalues": {…}}`, all of it optional.
pub(crate) fn parse_metadata(json: serde_json::Value) -> Result<Metadata, Refusal> {
    use serde_json::Value;

    let refuse = |reason: &'static str| Err(Refusal::bad_request(reason));
    let Value::Object(mut fields) = json else {
        return refuse("metadata must be an object with name and keyvalues");
    };
    let name = match fields.remove("name") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return refuse("the name in metadata must be a string"),
    };
    let keyvalues = match fields.remove("keyvalues") {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(Value::Object(pairs)) => pairs.into_iter().collect(),
        Some(_) => return refuse("the keyvalues in metadata must be an object"),
    };
    if keyvalues
        .values()
        .any(|value| matches!(value, Value::Array(_) | Value::Object(_)))
    {
        return refuse("the values in keyvalues must be strings, numbers or booleans");
    }
    Ok(Metadata {
        name,
        file_type: None,
        keyvalues,
    })
}

impl From<StoreError> for Refusal {
    fn from(cause: StoreError) -> Self {
        let status = match cause {
            StoreError::NotFound => StatusCode::NOT_FOUND,
            StoreError::AlreadyPinned => StatusCode::CONFLICT,
            StoreError::Full => StatusCode::INSUFFICIENT_STORAGE,
            StoreError::Node(ref cause) => {
                tracing::error!(%cause, "the node failed");
                cause.status()
            }
            cause => return Self::internal(&cause),
        };
        Self::new(status, cause.to_string())
    }
}
