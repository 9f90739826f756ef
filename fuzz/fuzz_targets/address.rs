//! Endpoints, gateways, CIDs, ids and redirects: refused, or the same when printed and read again, and
//! credentials stay with their origin.
#![no_main]

use std::{fmt::Debug, fmt::Display, str::FromStr};

use arbitrary::Arbitrary;
use http::{HeaderValue, Uri};
use libfuzzer_sys::fuzz_target;
use w3pin_core::{
    Cid, Credentials, Endpoint, FetchBlock, Gateway, GetPin, Insecure, ListPins, Operation, PinId,
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
        let _ = ListPins::new()
            .keyvalue(input.from, input.text)
            .prepare(&endpoint, &credentials);
        redirect(&endpoint, input.from, input.location);
    }
    redirect(&default, input.from, input.location);
});

fn redirect(endpoint: &Endpoint, from: &str, location: &[u8]) {
    let Ok(location) = HeaderValue::from_bytes(location) else {
        return;
    };
    let own = format!("{endpoint}/id").parse::<Uri>().ok();
    for from in from.parse::<Uri>().ok().into_iter().chain(own) {
        if let Some(target) = endpoint.same_origin_redirect(&from, &location) {
            let origin = endpoint.origin();
            let rest = target.to_string();
            let rest = rest.strip_prefix(&origin).expect("the same origin");
            assert!(
                rest.is_empty() || rest.starts_with(['/', '?']),
                "{origin} {target}"
            );
        }
    }
}

fn round_trip<T: FromStr<Err = w3pin_core::Error> + Display + Debug + PartialEq>(
    text: &str,
) -> Option<T> {
    let value = text.parse::<T>().ok()?;
    let again = value.to_string().parse::<T>();
    assert_eq!(again.expect("what was printed parses"), value);
    Some(value)
}
