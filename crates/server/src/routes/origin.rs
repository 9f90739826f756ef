//! Protects against requests that other pages make browsers send.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};

use crate::{envelope::Refusal, excerpt::Excerpt, host_name::HostName};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request for another host, which may be due to DNS rebinding, or one that doesn't name
/// its host (RFC 9112, section 3.2).
pub(super) fn refuse_unknown_host(request: &Request, known: &[HostName]) -> Option<Refusal> {
    let least = usize::from(request.version() >= Version::HTTP_11);
    let count = request.headers().get_all(header::HOST).iter().count();
    if !(least..=1).contains(&count) {
        let message = "a request must have exactly one Host header";
        return Some(Refusal::bad_request(message));
    }
    let in_target = request.uri().authority().map(|host| host.as_str());
    let in_header = host(request.headers());
    let mut hosts = in_target.into_iter().chain(in_header);
    let unknown = hosts.find(|host| !HostName::allow(known, host))?;
    let message = format!(
        "unknown host {}; start the server with --host to serve it",
        Excerpt::of(unknown)
    );
    Some(Refusal::new(StatusCode::MISDIRECTED_REQUEST, message))
}

fn host(headers: &HeaderMap) -> Option<&str> {
    // What isn't text isn't a host name either.
    let host = headers.get(header::HOST)?;
    Some(host.to_str().unwrap_or_default())
}

/// Restricts the API to pages of its own origin, which excludes pinned pages.
pub(super) async fn own_alone(request: Request, next: Next) -> Response {
    let mut response = if is_of_another(request.headers()) {
        let message = "web pages of other origins may not call the API";
        Refusal::new(StatusCode::FORBIDDEN, message).into_response()
    } else {
        next.run(request).await
    };
    let policy = HeaderValue::from_static("same-origin");
    response.headers_mut().insert(RESOURCE_POLICY, policy);
    response
}

/// Returns whether the browser says that the request comes from a page of another origin.
fn is_of_another(headers: &HeaderMap) -> bool {
    let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    if matches!(site, Some(b"cross-site" | b"same-site")) {
        return true;
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return false;
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok());
    let origin = origin.as_ref().and_then(Uri::authority);
    origin.map(|authority| authority.as_str()) != host(headers)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::is_of_another;

    #[test]
    fn browsers_tell_whose_page_calls() {
        let cases: [(&[(&str, &str)], bool); 8] = [
            (&[], false),
            (&[("origin", "http://127.0.0.1:4880")], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "null")], true),
            (&[("origin", "http://127.0.0.1:4881")], true),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("origin", "")], true),
        ];
        for (sent, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert("host", "127.0.0.1:4880".parse().unwrap());
            for (name, value) in sent {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(is_of_another(&headers), expected, "{sent:?}");
        }
    }
}
