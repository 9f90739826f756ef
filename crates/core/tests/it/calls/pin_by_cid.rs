//! Tests of pinning content that is already on IPFS.

use std::time::Duration;

use serde_json::{Value, json};
use w3pin_core::{Call, Cid, ErrorKind, Pin, PinByCidOptions, RequestBody, RetryPolicy, Sent};

use crate::{
    OTHER_RAW_CID, RAW_CID, V0_CID,
    script::{
        MINUTE, Reply, SECOND, Script, answer, attempts, broken, data, failed, lost, page, refused,
        session, shown,
    },
};

fn call(cid: &str) -> Call<Pin> {
    call_with(cid, PinByCidOptions::new())
}

fn call_with(cid: &str, options: PinByCidOptions) -> Call<Pin> {
    session().pin_by_cid(cid.parse().unwrap(), options)
}

fn by_cid(id: &str, cid: &str, fields: Value) -> Value {
    let mut pin = shown(
        id,
        cid,
        json!({ "status": "RETRIEVAL", "is_pin_by_hash": true }),
    );
    for (name, value) in fields.as_object().unwrap() {
        pin[name] = value.clone();
    }
    pin
}

fn made() -> Reply {
    data(by_cid("made", RAW_CID, json!({})))
}

fn conflict() -> Reply {
    refused(409, "pin with that hash already exists")
}

fn v1_of(text: &str, codec: u64) -> String {
    let cid: Cid = text.parse().unwrap();
    cid::Cid::new_v1(codec, *cid.as_cid().hash()).to_string()
}

#[test]
fn it_is_sent_as_it_was_given_and_without_a_mark() {
    let mut script = Script::new([data(by_cid("1", V0_CID, json!({})))]);
    let pin = script.drive(call(V0_CID)).unwrap();
    assert_eq!(script.requests(), ["POST /pinByHash"]);
    assert_eq!(pin.cid.as_str(), V0_CID);
    let RequestBody::Json(json) = script.sent[0].request.body() else {
        panic!("not JSON")
    };
    assert_eq!(*json, format!(r#"{{"hash_to_pin":"{V0_CID}"}}"#));
}

#[test]
fn the_service_may_write_the_cid_in_its_own_form_but_not_take_another() {
    let same = v1_of(V0_CID, 0x70);
    Script::new([data(by_cid("1", &same, json!({})))])
        .drive(call(V0_CID))
        .unwrap();
    for other in [RAW_CID, &v1_of(V0_CID, 0x55)] {
        let error = Script::new([data(by_cid("1", other, json!({})))])
            .drive(call(V0_CID))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CidMismatch);
        assert_eq!(error.expected_cid(), Some(&V0_CID.parse().unwrap()));
        assert_eq!(error.returned_cid(), Some(&other.parse().unwrap()));
    }
}

#[test]
fn a_lost_response_is_looked_for_by_the_cid() {
    for loss in [
        lost(),
        failed(ErrorKind::Timeout),
        answer(500, ""),
        answer(200, "<html>"),
    ] {
        let found = page(&[
            by_cid("0", OTHER_RAW_CID, json!({})),
            by_cid("1", RAW_CID, json!({})),
        ]);
        let mut script = Script::new([loss, found]);
        let pin = script.drive(call(RAW_CID)).unwrap();
        assert_eq!((pin.id.as_str(), pin.already_pinned), ("1", false));
        assert_eq!(
            script.requests(),
            ["POST /pinByHash", "GET /pins/?offset=0"]
        );
    }
    for failure in [broken(Sent::Nothing), broken(Sent::Part), answer(429, "")] {
        let mut script = Script::new([failure, made()]);
        script.drive(call(RAW_CID)).unwrap();
        assert_eq!(script.count("POST"), 2);
    }
}

#[test]
fn another_codec_an_older_an_ended_or_an_uploaded_pin_is_another() {
    for (cid, fields) in [
        (v1_of(RAW_CID, 0x70), json!({})),
        (
            RAW_CID.to_owned(),
            json!({ "date_pinned": "2024-05-06T11:50:00Z" }),
        ),
        (
            RAW_CID.to_owned(),
            json!({ "date_unpinned": "2024-05-06T11:59:30Z" }),
        ),
        (
            RAW_CID.to_owned(),
            json!({ "metadata": { "keyvalues": { "w3pin.attempt": "0a" } } }),
        ),
    ] {
        let shown = [by_cid("x", &cid, fields.clone())];
        let mut script = Script::new([lost(), made()]).lists(move |_| page(&shown));
        assert_eq!(
            script.drive(call(RAW_CID)).unwrap().id.as_str(),
            "made",
            "{fields}"
        );
    }
}

#[test]
fn it_is_sent_again_once_the_pin_must_have_shown() {
    let mut script = Script::new([lost(), made()]).lists(|_| page(&[]));
    script.drive(call(RAW_CID)).unwrap();
    assert!(script.now >= 30 * SECOND);
    let options = PinByCidOptions::new().timeout(20 * SECOND);
    let mut script = Script::new([lost()]).lists(|_| page(&[]));
    let error = script.drive(call_with(RAW_CID, options)).unwrap_err();
    assert!(error.is_outcome_unknown());
    assert!(script.now <= 20 * SECOND);
}

#[test]
fn a_stale_connection_is_replaced_even_where_there_is_one_attempt() {
    let call = attempts(1).pin_by_cid(RAW_CID.parse().unwrap(), PinByCidOptions::new());
    let mut script = Script::new([lost().reused(), made()]).lists(|_| page(&[]));
    script.drive(call).unwrap();
    assert!(script.now < 6 * SECOND);
}

#[test]
fn a_conflict_gives_the_pin_that_is_there_already() {
    for fields in [
        json!({}),
        json!({ "pinned": true, "status": "DONE", "is_pin_by_hash": false }),
    ] {
        let there = page(&[by_cid("there", RAW_CID, fields)]);
        let pin = Script::new([conflict(), there])
            .drive(call(RAW_CID))
            .unwrap();
        assert_eq!((pin.id.as_str(), pin.already_pinned), ("there", true));
    }
    let error = Script::new([conflict(), page(&[])])
        .drive(call(RAW_CID))
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::AlreadyPinned, Some(409))
    );
    let dead = page(&[by_cid("x", RAW_CID, json!({ "status": "FAILED" }))]);
    Script::new([conflict(), dead])
        .drive(call(RAW_CID))
        .unwrap_err();
}

#[test]
fn the_service_says_in_several_ways_that_it_has_the_pin() {
    for reply in [
        refused(409, "already exists"),
        refused(409, "File Already Exists!"),
        refused(400, "pin with that hash already exists"),
        refused(500, "Pin with that hash ALREADY EXISTS"),
    ] {
        let there = page(&[by_cid("there", RAW_CID, json!({}))]);
        assert!(
            Script::new([reply, there])
                .drive(call(RAW_CID))
                .unwrap()
                .already_pinned
        );
    }
    for reply in [
        refused(409, "try later"),
        answer(409, ""),
        refused(400, "name already exists"),
    ] {
        let error = Script::new([reply]).drive(call(RAW_CID)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api);
    }
}

#[test]
fn a_pin_that_is_there_is_not_asked_for_again() {
    let skip = || PinByCidOptions::new().skip_if_pinned(true);
    let there = page(&[by_cid("there", RAW_CID, json!({}))]);
    let mut script = Script::new([there]);
    let pin = script.drive(call_with(RAW_CID, skip())).unwrap();
    assert_eq!((pin.id.as_str(), pin.already_pinned), ("there", true));
    assert_eq!(script.requests(), ["GET /pins/?offset=0"]);
    let dead = page(&[by_cid(
        "x",
        RAW_CID,
        json!({ "date_unpinned": "2024-05-06T11:00:00Z" }),
    )]);
    let pin = Script::new([dead, made()])
        .drive(call_with(RAW_CID, skip()))
        .unwrap();
    assert_eq!((pin.id.as_str(), pin.already_pinned), ("made", false));
    let error = Script::new([answer(401, "")])
        .drive(call_with(RAW_CID, skip()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_sent() {
    let name = PinByCidOptions::new().name("");
    assert_eq!(
        Script::new([])
            .drive(call_with(RAW_CID, name))
            .unwrap_err()
            .field(),
        Some("name")
    );
    let key = PinByCidOptions::new().keyvalue("", "x");
    let error = Script::new([]).drive(call_with(RAW_CID, key)).unwrap_err();
    assert_eq!(error.field(), Some("keyvalues"));
    let none = PinByCidOptions::new().retry(RetryPolicy::default().attempts(0));
    let error = Script::new([]).drive(call_with(RAW_CID, none)).unwrap_err();
    assert_eq!(error.field(), Some("attempts"));
}

#[test]
fn its_own_policy_counts() {
    let options = PinByCidOptions::new()
        .retry(RetryPolicy::default().attempts(2))
        .timeout(10 * MINUTE);
    let mut script = Script::new([]).then_always(answer(429, ""));
    script.drive(call_with(RAW_CID, options)).unwrap_err();
    assert_eq!(script.sent.len(), 2);
    assert!(script.now <= Duration::from_millis(500));
}
