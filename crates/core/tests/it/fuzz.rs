//! Tests that arbitrary input from services, proxies and callers never causes a panic.

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use proptest::prelude::*;
use w3pin_core::{
    Api, Cid, Credentials, Endpoint, FilePart, Gateway, GetPin, Insecure, ListOptions, ListPins,
    Operation, PinId,
};

use crate::RAW_CID;

/// JSON that resembles the API's, to reach deep into the parser.
fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|flag| flag.to_string()),
        any::<f64>().prop_map(|number| serde_json::json!(number).to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        Just(format!("\"{RAW_CID}\"")),
        Just("\"success\"".to_owned()),
        "[a-zA-Z0-9:.-]{0,30}".prop_map(|text| serde_json::json!(text).to_string()),
        any::<String>().prop_map(|text| serde_json::json!(text).to_string()),
    ];
    let key = prop::sample::select(vec![
        "data",
        "status",
        "message",
        "error",
        "pins",
        "totals",
        "files",
        "size",
        "id",
        "cid",
        "metadata",
        "name",
        "keyvalues",
        "type",
        "pinned",
        "date_pinned",
        "date_unpinned",
        "user_id",
        "sub_hash_status",
        "count",
        "results",
        "requestid",
        "pin",
        "created",
        "meta",
        "info",
        "status_details",
        "reason",
        "details",
        "x",
    ]);
    scalar.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|entries| {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", entries.join(","))
            }),
        ]
    })
}

fn parse(status: u16, headers: HeaderMap, body: &[u8]) {
    let response = || {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        *response.headers_mut() = headers.clone();
        response
    };
    for api in Api::ALL {
        let get = GetPin::new("1".parse().unwrap()).parse(*api, response());
        let list = ListPins::new(ListOptions::new()).parse(*api, response());
        for error in get.err().into_iter().chain(list.err()) {
            assert!(!error.reason().is_empty());
            assert!(
                error
                    .body_excerpt()
                    .is_none_or(|excerpt| excerpt.len() <= 3 * 1024)
            );
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer(status in 100_u16..1000, body: Vec<u8>) {
        parse(status, HeaderMap::new(), &body);
    }

    #[test]
    fn any_json_is_an_answer(status in 100_u16..1000, body in json()) {
        parse(status, HeaderMap::new(), body.as_bytes());
    }

    #[test]
    fn any_pin_like_json_is_an_answer(pin in json(), cut in 0_usize..200) {
        let body = format!(r#"{{"data":{pin},"status":"success"}}"#);
        parse(200, HeaderMap::new(), body.as_bytes());
        let results = format!(r#"{{"count":7,"results":[{pin},null,{pin}]}}"#);
        parse(200, HeaderMap::new(), results.as_bytes());
        parse(200, HeaderMap::new(), &body.as_bytes()[..cut.min(body.len())]);
    }

    #[test]
    fn any_header_is_an_answer(retry_after: Vec<u8>, location: Vec<u8>) {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::RETRY_AFTER, retry_after), (header::LOCATION, location)] {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.insert(name, value);
            }
        }
        parse(429, headers.clone(), b"");
        parse(302, headers, b"");
    }

    #[test]
    fn any_text_is_parsed_or_refused(text: String) {
        let _ = text.parse::<Cid>();
        let _ = text.parse::<Gateway>();
        let _ = Credentials::new(&text, &text);
        let _ = FilePart::new(&text, Some(1));
        if let Ok(endpoint) = Endpoint::new(&text, Insecure::Allow) {
            ListPins::new(ListOptions::new()).uri(&endpoint).unwrap();
        }
    }

    #[test]
    fn an_id_never_leaves_its_segment(text: String) {
        if let Ok(id) = text.parse::<PinId>() {
            let uri = GetPin::new(id).uri(&Endpoint::default()).unwrap();
            prop_assert_eq!(uri.query(), None);
            prop_assert_eq!(uri.path().matches('/').count(), 3);
        }
    }

    #[test]
    fn a_url_near_to_one_is_parsed_or_refused(
        text in "(https?|ftp)?:?/{0,3}[a-z.@:0-9\\[\\]%-]{0,20}(/[a-z%.~ ]{0,8}){0,4}[?#]?[a-z]{0,3}"
    ) {
        if let Ok(endpoint) = Endpoint::new(&text, Insecure::Allow) {
            let again: Endpoint = Endpoint::new(&endpoint.to_string(), Insecure::Allow).unwrap();
            prop_assert_eq!(endpoint, again);
        }
    }
}
