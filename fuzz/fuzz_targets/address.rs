//! Endpoints, gateways, CIDs, ids and redirects: refused, or the same when printed and read again, and
//! credentials stay with their origin.
#![no_main]

use std::{fmt::Debug, fmt::Display, str::FromStr, time::Duration};

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::LOCATION};
use libfuzzer_sys::fuzz_target;
use w3pin_core::{
    Cid, Credentials, Delivery, Endpoint, FetchBlock, Gateway, GetPin, Insecure, ListOptions,
    ListPins, Operation, PinId, Session, Step,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    text: &'a str,
    from: &'a str,
    location: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let credentials = Credentials::new("KEY", "SECRET").expect("credentials");
    round_trip::<PinId>(input.text);
    round_trip::<Cid>(input.text);
    let gateway = round_trip::<Gateway>(input.text);
    if let (Some(gateway), Ok(cid)) = (gateway, input.from.parse::<Cid>()) {
        let _ = FetchBlock::new(cid).prepare(&gateway);
    }

    let default = Endpoint::default();
    if let Ok(id) = input.text.parse::<PinId>() {
        let request = GetPin::new(id)
            .prepare(&default, &credentials)
            .expect("an id is a segment");
        assert_eq!(
            request.uri().path().split('/').count(),
            4,
            "{}",
            request.uri()
        );
        assert_eq!(request.uri().query(), None);
    }

    let _ = round_trip::<Endpoint>(input.text);
    for insecure in [Insecure::Refuse, Insecure::Allow] {
        let Ok(endpoint) = Endpoint::new(input.text, insecure) else {
            continue;
        };
        if insecure == Insecure::Refuse {
            let origin = endpoint.origin();
            assert!(
                origin.starts_with("https://") || endpoint.is_loopback(),
                "{origin}"
            );
        }
        let _ = Gateway::for_endpoint(&endpoint);
        let list = ListOptions::new().keyvalue(input.from, input.text);
        let _ = ListPins::new(list).prepare(&endpoint, &credentials);
        follow(&endpoint, input.location);
    }
    follow(&default, input.location);
});

/// Redirects are followed within their origin, and keys go nowhere else.
fn follow(endpoint: &Endpoint, location: &[u8]) {
    let Ok(location) = HeaderValue::from_bytes(location) else {
        return;
    };
    let session = Session::new(
        endpoint.clone(),
        Credentials::new("key", "secret").expect("keys"),
    );
    let mut call = session.check_credentials();
    let mut now = Duration::ZERO;
    for _ in 0..100 {
        match call.next(now, 1) {
            Step::Send(transmission) => {
                let origin = endpoint.origin();
                let uri = transmission.request.uri().to_string();
                let rest = uri.strip_prefix(&origin).expect("the same origin");
                assert!(
                    rest.is_empty() || rest.starts_with(['/', '?']),
                    "{origin} {uri}"
                );
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
                response.headers_mut().insert(LOCATION, location.clone());
                call.responded(response, Delivery::complete());
            }
            Step::Sleep(delay) => now += delay,
            Step::Done(result) => {
                result.expect_err("there was never more than a redirect");
                return;
            }
            _ => unreachable!("a check only sends and waits"),
        }
    }
    panic!("a call ends");
}

fn round_trip<T: FromStr<Err = w3pin_core::Error> + Display + Debug + PartialEq>(
    text: &str,
) -> Option<T> {
    let value = text.parse::<T>().ok()?;
    let again = value.to_string().parse::<T>();
    assert_eq!(again.expect("what was printed parses"), value);
    Some(value)
}
