//! What browsers could be made to do by pages that aren't ours.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};

use crate::{envelope::Refusal, excerpt::Excerpt, host_name::HostName};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request that is meant for another host, whose name somebody let lead here, or that doesn't
/// say which host it is for (RFC 9112 3.2).
pub(super) fn refuse_unknown_host(request: &Request, known: &[HostName]) -> Option<Refusal> {
    let least = usize::from(request.version() >= Version::HTTP_11);
    let count = request.headers().get_all(header::HOST).iter().count();
    if !(least..=1).contains(&count) {
        let message = "a request has one Host header";
        return Some(Refusal::bad_request(message));
    }
    let in_target = request.uri().authority().map(|host| host.as_str());
    let in_header = host(request.headers());
    let mut hosts = in_target.into_iter().chain(in_header);
    let unknown = hosts.find(|host| !HostName::allow(known, host))?;
    let message = format!(
        "this server isn't known as {}; start it with --host if it should be",
        Excerpt::of(unknown)
    );
    Some(Refusal::new(StatusCode::MISDIRECTED_REQUEST, message))
}

fn host(headers: &HeaderMap) -> Option<&str> {
    // What isn't text is no name either.
    let host = headers.get(header::HOST)?;
    Some(host.to_str().unwrap_or_default())
}

/// Keeps the API from pages of other origins, pinned ones among them.
pub(super) async fn own_alone(request: Request, next: Next) -> Response {
    let mut response = if is_of_another(request.headers()) {
        let message = "pages of other origins may not call the API";
        Refusal::new(StatusCode::FORBIDDEN, message).into_response()
    } else {
        next.run(request).await
    };
    let policy = HeaderValue::from_static("same-origin");
    response.headers_mut().insert(RESOURCE_POLICY, policy);
    response
}

/// Whether a browser says that a page of another origin sends this.
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
