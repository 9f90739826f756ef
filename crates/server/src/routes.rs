//! The routes and their common parts.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post},
};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{app::App, envelope::Refusal, limits::Limits};

mod caller;
mod credentials;
mod gateway;
mod get_pin;
mod health;
mod list_pins;
mod metadata;
mod origin;
mod page;
mod pin_by_cid;
mod pin_view;
mod psa;
mod unpin;
mod upload;

/// What a listener serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// The API and the gateway, whose pages are isolated from the API.
    Both,
    /// Only the API.
    Api,
    /// Only the gateway.
    Gateway,
}

/// Returns the routes of a listener. Paths are served with and without a trailing slash, without
/// redirects.
pub(crate) fn router(app: &Arc<App>, served: Served) -> Router {
    let mut router = Router::new();
    if served != Served::Gateway {
        let api = api().merge(psa::router());
        router = router.merge(api.layer(middleware::from_fn(origin::own_alone)));
    }
    if served != Served::Api {
        router = router.merge(gateway::router(served == Served::Both));
    }
    router
        .fallback(|| async { Refusal::not_found("no such route") })
        .method_not_allowed_fallback(|| async {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed")
        })
        .layer(middleware::from_fn_with_state(Arc::clone(app), each))
        // Bodies are limited where they are read.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::clone(app))
}

fn api() -> Router<Arc<App>> {
    let routes: [(&str, MethodRouter<Arc<App>>); 6] = [
        ("/api/pinning", post(upload::upload)),
        ("/api/pinning/pinByHash", post(pin_by_cid::pin_by_cid)),
        ("/api/pinning/pins", get(list_pins::list_pins)),
        ("/api/pinning/unpin/{pin_id}", delete(unpin::unpin)),
        ("/api/pinning/{pin_id}", get(get_pin::get_pin)),
        ("/api/apiKeys/testAuthentication", get(credentials::check)),
    ];
    let mut router = Router::new()
        .route("/openapi.json", get(openapi))
        .route("/health", get(health::health));
    for (path, methods) in routes {
        router = router
            .route(path, methods.clone())
            .route(&format!("{path}/"), methods);
    }
    router
}

/// Common processing of every request: limits on the head, a tracing span, known hosts only, and no
/// content sniffing.
async fn each(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    use tracing::Instrument;

    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        status = tracing::field::Empty,
    );
    let is_of_psa = psa::is_of(request.uri().path());
    let refusal = refuse_long_head(&request, &app.limits);
    let refusal = refusal.or_else(|| origin::refuse_unknown_host(&request, &app.hosts));
    let mut response = match refusal {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).instrument(span.clone()).await,
    };
    if is_of_psa {
        response = psa::failure(response);
    }
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
