use http::Method;
use w3pin_core::{
    CheckCredentials, Credentials, Endpoint, ErrorKind, GetPin, ListOptions, ListPins, Metadata,
    Operation, PinByCid, PinnedFilter, RequestBody, SortBy, SortOrder, Unpin,
};

use crate::V0_CID;

fn prepare(operation: &impl Operation) -> http::Request<RequestBody> {
    let credentials = Credentials::new("KEY", "SECRET").unwrap();
    let endpoint = "https://example.com/api/pinning".parse().unwrap();
    operation.prepare(&endpoint, &credentials).unwrap()
}

#[test]
fn every_call_carries_both_keys_marked_sensitive() {
    let request = prepare(&ListPins::new(ListOptions::new()));
    for (name, value) in [("pinning_api_key", "KEY"), ("pinning_secret_key", "SECRET")] {
        assert_eq!(request.headers()[name], value);
        assert!(request.headers()[name].is_sensitive());
    }
    assert!(!format!("{request:?}").contains("SECRET"));
}

#[test]
fn paths_are_exactly_the_documented_ones() {
    let id = || "3c3fec2a-ca65".parse().unwrap();
    let get = prepare(&GetPin::new(id()));
    assert_eq!(
        (get.method(), get.uri().path()),
        (&Method::GET, "/api/pinning/3c3fec2a-ca65")
    );
    let unpin = prepare(&Unpin::new(id()));
    assert_eq!(
        (unpin.method(), unpin.uri().path()),
        (&Method::DELETE, "/api/pinning/unpin/3c3fec2a-ca65")
    );
    let list = prepare(&ListPins::new(ListOptions::new()));
    assert_eq!(
        (list.method(), list.uri().path()),
        (&Method::GET, "/api/pinning/pins/")
    );
    let check = prepare(&CheckCredentials::new());
    assert_eq!(
        (check.method(), check.uri().path()),
        (&Method::GET, "/api/apiKeys/testAuthentication")
    );
}

#[test]
fn an_id_stays_one_segment_whatever_is_in_it() {
    let get = prepare(&GetPin::new("../a b/%2e?c#d\u{e9}".parse().unwrap()));
    assert_eq!(
        get.uri().path(),
        "/api/pinning/..%2Fa%20b%2F%252e%3Fc%23d%C3%A9"
    );
    assert_eq!(get.uri().query(), None);
}

#[test]
fn a_listing_says_all_that_it_asks() {
    let options = ListOptions::new()
        .offset(20)
        .limit(5)
        .unwrap()
        .pinned(PinnedFilter::Unpinned)
        .sort(SortBy::Size, SortOrder::Ascending)
        .keyvalue("project", "a & b");
    let list = ListPins::new(options);
    assert_eq!(
        prepare(&list).uri().query().unwrap(),
        "offset=20&limit=5&pinned=false&sortBy=size&sortOrder=ASC\
         &metadata=%7B%22project%22%3A%22a+%26+b%22%7D"
    );
    assert_eq!(
        ListOptions::new().limit(0).unwrap_err().field(),
        Some("limit")
    );
}

#[test]
fn words_of_settings_are_parsed_or_refused() {
    assert_eq!("name".parse::<SortBy>().unwrap(), SortBy::Name);
    assert_eq!("desc".parse::<SortOrder>().unwrap(), SortOrder::Descending);
    assert_eq!(
        "pinned".parse::<PinnedFilter>().unwrap(),
        PinnedFilter::Pinned
    );
    let error = "cid".parse::<SortBy>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"cid\" isn't one of created_at, size, name"
    );
    assert_eq!(error.field(), Some("sort_by"));
}

#[test]
fn a_cid_is_pinned_as_it_was_given_with_its_metadata() {
    let call = PinByCid::new(V0_CID.parse().unwrap());
    let RequestBody::Json(json) = prepare(&call).into_body() else {
        panic!("not JSON")
    };
    assert_eq!(json, format!(r#"{{"hash_to_pin":"{V0_CID}"}}"#));

    let call = call
        .metadata(Metadata::new().name("n").keyvalue("k", "v"))
        .unwrap();
    let request = prepare(&call);
    assert_eq!(request.uri().path(), "/api/pinning/pinByHash");
    assert_eq!(request.headers()["content-type"], "application/json");
    let RequestBody::Json(json) = request.into_body() else {
        panic!("not JSON")
    };
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"hash_to_pin": V0_CID, "metadata": {"name": "n", "keyvalues": {"k": "v"}}})
    );
}

#[test]
fn metadata_that_cannot_be_meant_is_refused() {
    let call = || PinByCid::new(V0_CID.parse().unwrap());
    let error = call().metadata(Metadata::new().name("")).unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (ErrorKind::InvalidInput, Some("name"))
    );
    let error = call()
        .metadata(Metadata::new().keyvalue("", "v"))
        .unwrap_err();
    assert_eq!(error.field(), Some("keyvalues"));
}

#[test]
fn the_check_of_credentials_stands_beside_the_pinning_api() {
    let endpoint: Endpoint = "http://127.0.0.1:1/s/7/api/pinning".parse().unwrap();
    let uri = CheckCredentials::new().uri(&endpoint).unwrap();
    assert_eq!(uri.path(), "/s/7/api/apiKeys/testAuthentication");
}
