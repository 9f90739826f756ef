//! Decides which redirects to follow.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::{HeaderValue, Response, StatusCode, Uri, header};
use url::{Host, Url};

use crate::Endpoint;

/// The most redirects of a request.
pub(crate) const MOST_REDIRECTS: u32 = 5;

/// Returns the target of a redirected `GET`.
pub(crate) fn location<T>(response: &Response<T>) -> Option<&HeaderValue> {
    matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
    .then(|| response.headers().get(header::LOCATION))
    .flatten()
}

/// Returns the target for a request with credentials: only within the endpoint's origin.
pub(crate) fn with_credentials(
    endpoint: &Endpoint,
    from: &Uri,
    location: &HeaderValue,
) -> Option<Uri> {
    let target = resolve(from, location)?;
    endpoint
        .has_origin(&target)
        .then(|| target.as_str().parse().ok())
        .flatten()
}

/// Returns the target for a request to a gateway, which contains no secrets: any host, except that
/// a host in the network can't redirect to this machine or private networks, where a request alone
/// can do harm.
pub(crate) fn without_credentials(from: &Uri, location: &HeaderValue) -> Option<Uri> {
    let target = resolve(from, location)?;
    let origin = Url::parse(&from.to_string()).ok()?;
    let inward = is_private(&target) && !is_private(&origin);
    let downgrade = origin.scheme() == "https" && target.scheme() != "https";
    (!inward && !downgrade)
        .then(|| target.as_str().parse().ok())
        .flatten()
}

fn resolve(from: &Uri, location: &HeaderValue) -> Option<Url> {
    let target = Url::parse(&from.to_string())
        .ok()?
        .join(location.to_str().ok()?)
        .ok()?;
    let bare = target.username().is_empty() && target.password().is_none();
    let http = matches!(target.scheme(), "http" | "https");
    (bare && http).then_some(target)
}

fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => is_private_v4(address),
        Some(Host::Ipv6(address)) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || embedded_v4(address).is_some_and(is_private_v4)
        }
        None => true,
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        // "This network" (RFC 791), and the shared address space of providers (RFC 6598).
        || first == 0
        || (first == 100 && second & 0b1100_0000 == 64)
}

/// Returns the IPv4 address in a mapped, compatible (RFC 4291) or translated (RFC 6052) address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
        }
        _ => None,
    }
}
