//! Tests of listing the account's pins once for a batch of calls.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use w3pin_core::{
    Call, Cid, Delivery, ErrorKind, ExistingPins, PinByCidOptions, Step, UploadOptions,
};

use crate::{
    OTHER_RAW_CID, RAW_CID, V0_CID,
    script::{CONTENT_CID, Script, data, file, page, refused, session, shown},
};

fn existing(replies: impl IntoIterator<Item = crate::script::Reply>) -> ExistingPins {
    Script::new(replies)
        .drive(session().existing_pins(usize::MAX))
        .unwrap()
}

fn find<'a>(pins: &'a ExistingPins, cid: &str) -> Option<&'a str> {
    let cid: Cid = cid.parse().unwrap();
    pins.find(&[cid]).map(|pin| pin.id.as_str())
}

#[test]
fn one_listing_serves_many_calls() {
    let first: Vec<_> = (0..100)
        .map(|id| shown(&id.to_string(), OTHER_RAW_CID, json!({})))
        .collect();
    let pins = existing([
        data(json!({ "totals": { "files": 101 }, "pins": first })),
        data(
            json!({ "totals": { "files": 101 }, "pins": [first[99], shown("x", RAW_CID, json!({}))] }),
        ),
    ]);
    assert_eq!(find(&pins, RAW_CID), Some("x"));
    assert_eq!(find(&pins, OTHER_RAW_CID), Some("0"), "the newest");
    assert_eq!(find(&pins, V0_CID), None);
}

#[test]
fn content_is_known_by_codec_and_digest() {
    let v0: Cid = V0_CID.parse().unwrap();
    let digest = *v0.as_cid().hash();
    let pins = existing([page(&[shown("1", V0_CID, json!({}))])]);
    let v1: Cid = cid::Cid::new_v1(0x70, digest).into();
    assert_eq!(find(&pins, v1.as_str()), Some("1"));
    let raw: Cid = cid::Cid::new_v1(0x55, digest).into();
    assert_eq!(find(&pins, raw.as_str()), None);
}

#[test]
fn only_live_pins_count_and_those_with_content_come_first() {
    let dead = [
        shown("1", RAW_CID, json!({ "status": "FAILED" })),
        shown(
            "2",
            RAW_CID,
            json!({ "date_unpinned": "2024-05-06T12:00:00Z" }),
        ),
        shown("3", RAW_CID, json!({ "status": "DONE" })),
    ];
    assert_eq!(find(&existing([page(&dead)]), RAW_CID), None);
    let waiting = shown(
        "4",
        RAW_CID,
        json!({ "status": "RETRIEVAL", "is_pin_by_hash": true }),
    );
    let there = shown("5", RAW_CID, json!({ "status": "DONE", "pinned": true }));
    for order in [[&waiting, &there], [&there, &waiting]] {
        let pins = existing([page(&order.map(Clone::clone))]);
        assert_eq!(find(&pins, RAW_CID), Some("5"));
    }
}

fn of(id: &str, fields: serde_json::Value) -> Arc<ExistingPins> {
    Arc::new(existing([page(&[shown(id, CONTENT_CID, fields)])]))
}

#[test]
fn a_call_of_a_batch_asks_for_no_list() {
    let there = of("there", json!({ "status": "DONE", "pinned": true }));
    let mut options = UploadOptions::default();
    options.skip_if_pinned = true;
    options.existing = Some(Arc::clone(&there));
    let mut script = Script::new([]);
    let found = script
        .drive(session().upload(file(), true, options, [7; 16]))
        .unwrap();
    assert_eq!((found.id.as_str(), found.already_pinned), ("there", true));
    assert_eq!(found.verification.as_str(), "verified");

    let mut options = PinByCidOptions::new().skip_if_pinned(true);
    options.existing = Some(there);
    let found = Script::new([]).drive(session().pin_by_cid(CONTENT_CID.parse().unwrap(), options));
    assert!(found.unwrap().already_pinned);
}

#[test]
fn a_pin_that_waits_for_content_is_no_reason_not_to_send_it() {
    let waiting = of(
        "waits",
        json!({ "status": "RETRIEVAL", "is_pin_by_hash": true }),
    );
    let mut options = UploadOptions::default();
    options.skip_if_pinned = true;
    options.existing = Some(Arc::clone(&waiting));
    let mut script = Script::new([data(shown("made", CONTENT_CID, json!({})))]);
    let made = script
        .drive(session().upload(file(), true, options, [7; 16]))
        .unwrap();
    assert_eq!((made.id.as_str(), made.already_pinned), ("made", false));

    // A response that asks not to retry it, however, is final.
    let mut options = PinByCidOptions::new().skip_if_pinned(true);
    options.existing = Some(waiting);
    let found = Script::new([]).drive(session().pin_by_cid(CONTENT_CID.parse().unwrap(), options));
    assert_eq!(found.unwrap().id.as_str(), "waits");
}

/// A raw CID for each number, in base 16, which is fast to write and read.
fn numbered(number: u64) -> String {
    format!("f01551220{number:064x}")
}

/// Drives a call against a service with an endless list; returns its result and the number of pages read.
fn endless<T>(mut call: Call<T>, page: u64) -> (w3pin_core::Result<T>, u64) {
    let mut pages = 0;
    loop {
        match call.next(Duration::ZERO, 0) {
            Step::Send(transmission) if transmission.request.method() == "GET" => {
                let pin = |number: u64| {
                    let cid = numbered(number);
                    format!(r#"{{"id":"{number}","cid":"{cid}","pinned":true}}"#)
                };
                let first = pages * (page - 1);
                let pins: Vec<_> = (first..first + page).map(pin).collect();
                let body = format!(
                    r#"{{"data":{{"totals":{{"files":9999999999}},"pins":[{}]}},"status":"success"}}"#,
                    pins.join(",")
                );
                pages += 1;
                call.responded(http::Response::new(body.into()), Delivery::complete());
            }
            Step::Send(_) => {
                refused(409, "pin with that hash already exists").report(&mut call);
            }
            Step::Done(result) => return (result, pages),
            _ => panic!("only requests are needed"),
        }
    }
}

#[test]
fn a_list_that_never_ends_is_given_up() {
    let (pins, pages) = endless(session().existing_pins(usize::MAX), 1_000);
    let most = ExistingPins::MOST as u64;
    assert!((most / 1_000..=most / 990).contains(&pages));
    let pins = pins.unwrap();
    assert!(find(&pins, &numbered(most - 1)).is_some());
    assert!(find(&pins, &numbered(most)).is_none());

    let call = session().pin_by_cid(RAW_CID.parse().unwrap(), PinByCidOptions::new());
    let (result, pages) = endless(call, 2);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::AlreadyPinned);
    assert_eq!(pages, 10_000);
}
