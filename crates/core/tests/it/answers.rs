use std::time::Duration;

use time::macros::datetime;
use w3pin_core::{
    Api, CheckCredentials, ErrorKind, ListOptions, ListPins, Operation, PinByCid, PinStatus,
    Verification,
};

use crate::{RAW_CID, V0_CID, answer, get, pin, refusal};

const ZERO_UUID: &str = "00000000-0000-0000-0000-000000000000";

#[test]
fn an_upload_s_answer_is_understood() {
    let pin = get(
        201,
        &format!(
            r#"{{"data":{{"id":"e5c4","file_record_id":"{ZERO_UUID}","root_hash":"1220ab",
            "cid":"{RAW_CID}","user_id":"u-1","date_pinned":"2024-05-06T07:08:09.123456789Z",
            "date_unpinned":"0001-01-01T00:00:00Z","pinned":false,"is_pin_by_hash":false,
            "sub_hash_status":"DONE","is_dir":false,
            "metadata":{{"name":"cat.png","type":"image/png","keyvalues":{{"k":"v","n":7,"x":null}}}},
            "status":"PENDING","unheard_of":[1,{{}}]}},"status":"success"}}"#
        ),
    )
    .unwrap();
    assert_eq!(pin.id.as_str(), "e5c4");
    assert_eq!(pin.cid.as_str(), RAW_CID);
    assert_eq!(pin.file_record_id, None);
    assert_eq!(pin.size, None);
    assert_eq!(
        pin.date_pinned,
        Some(datetime!(2024-05-06 07:08:09.123456789 UTC))
    );
    assert_eq!(pin.date_unpinned, None);
    assert_eq!(pin.sub_hash_status, Some(PinStatus::Done));
    assert_eq!(pin.status, PinStatus::Pending);
    assert_eq!(pin.name.as_deref(), Some("cat.png"));
    assert_eq!(pin.file_type.as_deref(), Some("image/png"));
    let keyvalues: Vec<_> = pin
        .keyvalues
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(keyvalues, [("k", "v"), ("n", "7")]);
    assert_eq!(pin.verification, Verification::Unchecked);
    assert!(pin.is_live() && !pin.pinned && !pin.already_pinned);
}

#[test]
fn absent_null_zero_and_odd_values_are_none() {
    for fields in [
        "",
        r#""size":null,"metadata":null,"date_pinned":null,"user_id":"","status":null"#,
        r#""size":"x","metadata":{},"date_pinned":"yesterday","user_id":{},"pinned":null"#,
        r#""size":[],"metadata":{"name":"","keyvalues":null},"date_pinned":7,"root_hash":"""#,
    ] {
        let pin = pin(fields);
        assert_eq!(
            (pin.size, pin.name, pin.date_pinned),
            (None, None, None),
            "{fields}"
        );
        assert_eq!(
            (pin.user_id, pin.root_hash, pin.pinned),
            (None, None, false)
        );
        assert!(pin.keyvalues.is_empty());
        assert_eq!(pin.status.as_str(), "");
    }
}

#[test]
fn sizes_are_exact() {
    assert_eq!(
        pin(r#""size":18014398509481985"#).size,
        Some(18_014_398_509_481_985)
    );
    assert_eq!(pin(r#""size":"42""#).size, Some(42));
    assert_eq!(pin(r#""size":42.0"#).size, Some(42));
    assert_eq!(pin(r#""size":-1"#).size, None);
}

#[test]
fn unknown_statuses_are_kept_as_they_came() {
    let pin = pin(r#""status":"Half-Way""#);
    assert_eq!(pin.status, PinStatus::Other("Half-Way".into()));
    assert_eq!(pin.status.to_string(), "Half-Way");
    assert!(!pin.status.is_failure());
    assert!(PinStatus::from("PIN_FAILED".to_owned()).is_failure());
}

#[test]
fn a_pin_is_live_until_it_failed_or_was_unpinned() {
    for (fields, live) in [
        (r#""pinned":true,"status":"DONE""#, true),
        (r#""pinned":false,"status":"PENDING""#, true),
        (r#""pinned":false,"status":"RETRIEVAL""#, true),
        (r#""pinned":false,"status":"DONE""#, false),
        (
            r#""pinned":true,"status":"DONE","date_unpinned":"2024-01-01T00:00:00Z""#,
            false,
        ),
        (r#""pinned":false,"status":"FAILED""#, false),
    ] {
        assert_eq!(pin(fields).is_live(), live, "{fields}");
    }
}

#[test]
fn a_list_may_be_null_and_hold_nulls() {
    let parse =
        |body: &str| ListPins::new(ListOptions::new()).parse(Api::W3ipfs, answer(200, body));
    let page = parse(r#"{"data":{"totals":{"files":3,"size":9},"pins":null},"status":"success"}"#);
    assert!(page.unwrap().pins.is_empty());
    let body = format!(
        r#"{{"data":{{"totals":null,"pins":[null,{{"id":"1","cid":"{RAW_CID}"}},null]}},"status":"success"}}"#
    );
    let page = parse(&body).unwrap();
    assert_eq!(page.pins.len(), 1);
    assert_eq!(page.totals.files, None);
}

#[test]
fn a_cid_v0_comes_back_as_it_was_given() {
    let body = format!(
        r#"{{"data":{{"id":"1","cid":"{V0_CID}","status":"RETRIEVAL","is_pin_by_hash":true}},"status":"success"}}"#
    );
    let pin = PinByCid::new(V0_CID.parse().unwrap())
        .parse(Api::W3ipfs, answer(200, &body))
        .unwrap();
    assert_eq!(pin.cid.as_str(), V0_CID);
    assert!(pin.is_pin_by_hash && pin.sub_hash_status.is_none());
}

#[test]
fn messages_tell_the_kind_whatever_the_status() {
    use ErrorKind::{
        AlreadyPinned, Api, Authentication, InsufficientFunds, InvalidInput, NotFound,
    };
    for (message, kind) in [
        ("Pin with that hash ALREADY EXISTS", AlreadyPinned),
        ("user not enough balance", InsufficientFunds),
        ("invalid cid: too weird", InvalidInput),
        ("cid too short", InvalidInput),
        ("selected encoding not supported", InvalidInput),
        ("record not found", NotFound),
        ("cannot pin empty file", InvalidInput),
        ("empty buffer", InvalidInput),
        ("failed to get uploaded files", InvalidInput),
        ("token is expired", Authentication),
        ("you are not logged in", Authentication),
        (
            "token contains an invalid number of segments",
            Authentication,
        ),
        ("something else", Api),
    ] {
        for status in [400, 500, 200] {
            let body = format!(r#"{{"status":"fail","message":"{message}"}}"#);
            let error = refusal(status, &body);
            assert_eq!(error.kind(), kind, "{status} {message}");
            assert_eq!(error.service_message(), Some(message));
            assert_eq!(error.status(), Some(status));
        }
    }
}

#[test]
fn statuses_tell_the_kind_where_no_message_does() {
    use ErrorKind::{
        Api, Authentication, InsufficientFunds, NotFound, PermissionDenied, RateLimited,
    };
    for (status, kind, retryable) in [
        (400, Api, false),
        (401, Authentication, false),
        (402, InsufficientFunds, false),
        (403, PermissionDenied, false),
        (404, NotFound, false),
        (408, Api, true),
        (409, Api, false),
        (413, Api, false),
        (429, RateLimited, true),
        (500, Api, true),
        (501, Api, false),
        (503, Api, true),
        (302, Api, false),
    ] {
        for body in [
            "",
            "<html><b>nginx</b></html>",
            "{\"message\":\"\"}",
            "null",
            "[]",
        ] {
            let error = refusal(status, body);
            assert_eq!(
                (error.kind(), error.is_retryable()),
                (kind, retryable),
                "{status} {body}"
            );
        }
    }
}

#[test]
fn an_answer_from_a_proxy_is_kept_in_part() {
    let html = format!("<html>\n{}</html>", "x".repeat(5000));
    let error = refusal(502, &html);
    let excerpt = error.body_excerpt().unwrap();
    assert!(excerpt.starts_with("<html> xxx") && excerpt.len() <= 1024);
    assert!(!error.to_string().contains("xxx"));
    assert_eq!(refusal(500, r#"{"message":"m"}"#).body_excerpt(), None);
}

#[test]
fn what_is_too_young_to_unpin_may_be_unpinned_later() {
    let error = refusal(
        400,
        r#"{"message":"pin cannot be deleted because it was created less than 5 minutes ago"}"#,
    );
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(error.is_retryable());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
}

#[test]
fn the_wait_that_the_service_asks_for_is_seconds_or_a_date() {
    let wait = |retry_after: &str, date: Option<&str>| {
        let mut response = answer(429, "");
        response
            .headers_mut()
            .insert("retry-after", retry_after.parse().unwrap());
        if let Some(date) = date {
            response.headers_mut().insert("date", date.parse().unwrap());
        }
        ListPins::new(ListOptions::new())
            .parse(Api::W3ipfs, response)
            .unwrap_err()
            .retry_after()
    };
    assert_eq!(wait("7", None), Some(Duration::from_secs(7)));
    let now = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(
        wait("Sun, 06 Nov 1994 08:50:07 GMT", Some(now)),
        Some(Duration::from_secs(30))
    );
    assert_eq!(
        wait("Sun, 06 Nov 1994 08:00:00 GMT", Some(now)),
        Some(Duration::ZERO)
    );
    assert_eq!(wait("soon", Some(now)), None);
    assert_eq!(wait("-5", None), None);
}

#[test]
fn what_cannot_be_understood_says_so_with_an_excerpt() {
    for (body, part, retryable) in [
        ("", "empty", true),
        (r#"{"data":{"id":"1","#, "truncated", true),
        ("<html>welcome</html>", "isn't JSON", false),
        (r#"{"status":"success"}"#, "no data", false),
        (
            r#"{"data":{"id":"1"},"status":"success"}"#,
            "missing field `cid`",
            false,
        ),
        (
            r#"{"data":{"id":"..","cid":"x"},"status":"success"}"#,
            "can't be a pin's id",
            false,
        ),
        (r#"{"data":7,"status":"success"}"#, "invalid type", false),
    ] {
        let error = refusal(200, body);
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert!(error.reason().contains(part), "{body}: {error}");
        assert_eq!(error.is_retryable(), retryable, "{body}");
        assert_eq!(error.body_excerpt(), (!body.is_empty()).then_some(body));
    }
}

#[test]
fn a_redirect_names_the_new_place_without_its_query() {
    let mut response = answer(301, "");
    response
        .headers_mut()
        .insert("location", "https://b.example/x?token=1".parse().unwrap());
    let error = ListPins::new(ListOptions::new())
        .parse(Api::W3ipfs, response)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(error.reason().contains("https://b.example/x,"), "{error}");
    assert!(!error.to_string().contains("token"));
}

#[test]
fn the_check_of_credentials_needs_no_data() {
    let check = |status, body| CheckCredentials::new().parse(Api::W3ipfs, answer(status, body));
    assert_eq!(
        check(200, r#"{"message":"Congratulations!"}"#).unwrap(),
        "Congratulations!"
    );
    assert_eq!(check(200, "").unwrap(), "");
    assert_eq!(check(200, "<html>").unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(
        check(401, "").unwrap_err().kind(),
        ErrorKind::Authentication
    );
    let error = check(
        200,
        r#"{"status":"fail","message":"you are not logged in"}"#,
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
}
