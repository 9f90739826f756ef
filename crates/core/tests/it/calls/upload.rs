//! Tests of uploads: what is sent, what is proved, and what the account already has.

use std::time::Duration;

use serde_json::{Value, json};
use w3pin_core::{
    Call, ErrorKind, FilePart, Metadata, Pin, RequestBody, RetryPolicy, Sent, Transmission,
    UploadOptions, Verification, Verify,
};
use w3pin_unixfs::Profile;

use crate::{
    RAW_CID, V0_CID,
    script::{
        CONTENT_CID, CONTENT_CID_V0, MINUTE, Reply, SECOND, Script, answer, broken, data, failed,
        file, lost, page, refused, session, shown,
    },
};

fn upload(change: impl FnOnce(&mut UploadOptions)) -> Call<Pin> {
    let mut options = UploadOptions::default();
    change(&mut options);
    session().upload(file(), true, options, [7; 16])
}

fn skipping() -> Call<Pin> {
    upload(|options| options.skip_if_pinned = true)
}

fn made(cid: &str) -> Reply {
    data(shown("made", cid, json!({})))
}

fn there(fields: Value) -> Value {
    let mut pin = shown(
        "there",
        CONTENT_CID,
        json!({ "pinned": true, "status": "DONE" }),
    );
    for (name, value) in fields.as_object().unwrap() {
        pin[name] = value.clone();
    }
    pin
}

fn metadata(transmission: &Transmission) -> Value {
    let RequestBody::Multipart(plan) = transmission.request.body() else {
        panic!("content")
    };
    serde_json::from_str(plan.metadata().unwrap()).unwrap()
}

#[test]
fn it_is_sent_once_with_a_mark_beside_the_caller_s_metadata() {
    let mut script = Script::new([made(CONTENT_CID)]);
    let call = upload(|options| options.metadata = Metadata::new().name("n").keyvalue("k", "v"));
    let pin = script.drive(call).unwrap();
    assert_eq!(script.requests(), ["POST /"]);
    let sent = &script.sent[0];
    assert_eq!(
        (sent.operation, sent.attempt, sent.pause),
        ("upload", 1, Duration::ZERO)
    );
    assert_eq!(sent.profiles, [Profile::default()]);
    assert_eq!(
        metadata(sent),
        json!({ "name": "n", "keyvalues": { "k": "v", "w3pin.attempt": "07".repeat(16) } })
    );
    assert_eq!(
        pin.verification,
        Verification::Verified {
            profile: Some(Profile::default())
        }
    );
    assert!(script.read.is_empty(), "it is read once");
}

#[test]
fn every_attempt_sends_the_same() {
    let mut script = Script::new([answer(429, ""), broken(Sent::Part), made(CONTENT_CID)]);
    script.drive(upload(|_| {})).unwrap();
    let body =
        |sent: &Transmission| format!("{:?} {:?}", sent.request.headers(), sent.request.body());
    assert_eq!(body(&script.sent[0]), body(&script.sent[2]));
    let attempts: Vec<_> = script.sent.iter().map(|it| it.attempt).collect();
    assert_eq!(attempts, [1, 2, 3]);
}

#[test]
fn an_attempt_waits_for_a_refusal_where_the_one_before_broke_in_its_body() {
    let mut script = Script::new([
        broken(Sent::Part),
        failed(ErrorKind::Timeout).sent(Sent::Part),
        made(CONTENT_CID),
    ]);
    script.drive(upload(|_| {})).unwrap();
    let pauses: Vec<_> = script.sent.iter().map(|it| it.pause).collect();
    assert_eq!(pauses, [Duration::ZERO, SECOND, Duration::ZERO]);
}

#[test]
fn time_spent_on_sending_is_not_taken_from_the_budget() {
    let slow = |reply: Reply| reply.takes(30 * MINUTE).sending(30 * MINUTE);
    let mut script = Script::new([slow(broken(Sent::Part)), slow(made(CONTENT_CID))]);
    script.drive(upload(|_| {})).unwrap();
    let waiting = broken(Sent::Part).takes(30 * MINUTE).sending(MINUTE);
    Script::new([waiting]).drive(upload(|_| {})).unwrap_err();
}

#[test]
fn an_early_refusal_counts_and_an_early_success_does_not() {
    let refusal = refused(413, "too large").sent(Sent::Part);
    let error = Script::new([refusal]).drive(upload(|_| {})).unwrap_err();
    assert_eq!(error.status(), Some(413));
    for sent in [Sent::Nothing, Sent::Part] {
        let error = Script::new([made(CONTENT_CID).sent(sent)])
            .drive(upload(|_| {}))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(
            error.reason().contains("before the upload was complete"),
            "{error}"
        );
        assert!(error.is_outcome_unknown(), "it says that there is a pin");
    }
}

#[test]
fn content_that_turns_out_to_be_unreadable_is_the_reason() {
    let broke = broken(Sent::Part).unreadable();
    let error = Script::new([broke]).drive(upload(|_| {})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo);
    assert!(!error.is_outcome_unknown());
    for open in [lost().unreadable(), made(CONTENT_CID).unreadable()] {
        let error = Script::new([open]).drive(upload(|_| {})).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo);
        assert!(error.is_outcome_unknown(), "{error}");
    }
}

#[test]
fn other_profiles_are_tried_where_the_expected_one_proves_nothing() {
    let mut script = Script::new([made(CONTENT_CID_V0)]);
    let pin = script.drive(upload(|_| {})).unwrap();
    assert_eq!(pin.verification.profile(), Some(&Profile::unixfs_v0_2015()));
    let tried: Vec<_> = Profile::known()
        .into_iter()
        .filter(|it| *it != Profile::default())
        .collect();
    assert_eq!(script.read, [tried]);

    let expected = |options: &mut UploadOptions| options.profile = Profile::unixfs_v0_2015();
    let mut script = Script::new([made(CONTENT_CID_V0)]);
    script.drive(upload(expected)).unwrap();
    assert!(script.read.is_empty());
}

#[test]
fn what_is_proved_is_reported_or_required() {
    for (cid, word) in [(V0_CID, "unproved"), (RAW_CID, "mismatch")] {
        let pin = Script::new([made(cid)]).drive(upload(|_| {})).unwrap();
        assert_eq!(pin.verification.as_str(), word);
        let require = |options: &mut UploadOptions| options.verify = Verify::Require;
        let error = Script::new([made(cid)]).drive(upload(require)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CidMismatch);
        assert_eq!(error.expected_cid(), Some(&CONTENT_CID.parse().unwrap()));
        assert_eq!(error.returned_cid(), Some(&cid.parse().unwrap()));
    }
    let off = |options: &mut UploadOptions| options.verify = Verify::Off;
    let mut script = Script::new([made(RAW_CID)]);
    let pin = script.drive(upload(off)).unwrap();
    assert_eq!(pin.verification, Verification::Unchecked);
    assert!(script.sent[0].profiles.is_empty() && script.read.is_empty());
}

#[test]
fn a_raw_pin_of_the_digest_is_not_the_content() {
    let v0: w3pin_core::Cid = CONTENT_CID_V0.parse().unwrap();
    let raw = cid::Cid::new_v1(0x55, *v0.as_cid().hash()).to_string();
    let pin = Script::new([made(&raw)]).drive(upload(|_| {})).unwrap();
    assert_ne!(pin.verification.as_str(), "verified");
}

#[test]
fn a_required_proof_that_nobody_computed_is_missing() {
    for repeatable in [true, false] {
        let mut options = UploadOptions::default();
        options.verify = Verify::Require;
        let mut call = session().upload(file(), repeatable, options, [7; 16]);
        let mut reads = 0;
        let result = loop {
            match call.next(Duration::ZERO, 0) {
                w3pin_core::Step::Send(_) => made(CONTENT_CID).report(&mut call),
                // A driver that can't read the content again, and one that doesn't report its roots.
                w3pin_core::Step::Read(_) => reads += 1,
                w3pin_core::Step::Done(result) => break result,
                step => panic!("{step:?}"),
            }
        };
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CidMismatch);
        assert_eq!(error.returned_cid(), Some(&CONTENT_CID.parse().unwrap()));
        assert_eq!(reads, usize::from(repeatable));
    }
}

#[test]
fn content_that_is_there_is_not_sent() {
    let mut script = Script::new([page(&[there(json!({}))])]);
    let pin = script.drive(skipping()).unwrap();
    assert_eq!((pin.id.as_str(), pin.already_pinned), ("there", true));
    assert_eq!(pin.verification.as_str(), "verified");
    assert_eq!(script.requests(), ["GET /pins/?offset=0"]);
    assert_eq!(script.read.len(), 1);
    for fields in [
        json!({ "status": "PENDING", "pinned": false }),
        json!({ "cid": CONTENT_CID_V0 }),
        json!({ "is_pin_by_hash": true }),
    ] {
        Script::new([page(&[there(fields)])])
            .drive(skipping())
            .unwrap();
    }
}

#[test]
fn a_record_that_has_no_content_is_not_taken_for_it() {
    let v0: w3pin_core::Cid = CONTENT_CID_V0.parse().unwrap();
    let raw = cid::Cid::new_v1(0x55, *v0.as_cid().hash()).to_string();
    for fields in [
        json!({ "status": "RETRIEVAL", "pinned": false, "is_pin_by_hash": true }),
        json!({ "status": "RETRIEVAL", "pinned": false }),
        json!({ "status": "PENDING", "pinned": false, "is_pin_by_hash": true }),
        json!({ "status": "FAILED", "pinned": false }),
        json!({ "date_unpinned": "2024-05-06T11:00:00Z" }),
        json!({ "cid": RAW_CID }),
        json!({ "cid": raw }),
    ] {
        let mut script = Script::new([page(&[there(fields.clone())]), made(CONTENT_CID)]);
        let pin = script.drive(skipping()).unwrap();
        assert_eq!(
            (pin.id.as_str(), pin.already_pinned),
            ("made", false),
            "{fields}"
        );
    }
}

#[test]
fn the_search_before_an_upload_is_bounded() {
    let full = |page: usize| {
        let pins: Vec<_> = (0..100)
            .map(|id| shown(&format!("{}", page * 99 + id), RAW_CID, json!({})))
            .collect();
        data(json!({ "totals": { "files": 100_000 }, "pins": pins }))
    };
    let replies = (0..10).map(full).chain([made(CONTENT_CID)]);
    let mut script = Script::new(replies);
    script.drive(skipping()).unwrap();
    assert_eq!(script.count("GET"), 10);
}

#[test]
fn a_key_value_that_is_the_cid_is_asked_for_first() {
    let call = || {
        upload(|options| {
            options.skip_if_pinned = true;
            options.metadata = Metadata::new()
                .keyvalue("a", "x")
                .keyvalue("root", CONTENT_CID);
        })
    };
    let mut script = Script::new([page(&[there(json!({}))])]);
    script.drive(call()).unwrap();
    let query = script.sent[0].request.uri().query().unwrap();
    assert!(
        query.contains(&format!("%22root%22%3A%22{CONTENT_CID}%22")),
        "{query}"
    );
    // A service may ignore the filter, so its results prove nothing.
    let mut script = Script::new([
        page(&[there(json!({ "cid": RAW_CID }))]),
        page(&[]),
        made(CONTENT_CID),
    ]);
    script.drive(call()).unwrap();
}

#[test]
fn a_stream_cannot_be_looked_for_before_it_is_read() {
    let mut options = UploadOptions::default();
    options.skip_if_pinned = true;
    let call = session().upload(file(), false, options, [7; 16]);
    let error = Script::new([]).drive(call).unwrap_err();
    assert_eq!(error.field(), Some("skip_if_pinned"));
}

#[test]
fn content_that_cannot_be_read_is_told_before_anything_is_sent() {
    let error = Script::new([])
        .content_is_gone()
        .drive(skipping())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo);
}

fn conflict() -> Reply {
    refused(409, "pin with that hash already exists")
}

#[test]
fn a_conflict_gives_the_pin_that_is_there_wherever_it_is() {
    let old = there(json!({ "date_pinned": "2020-01-01T00:00:00Z" }));
    let mut script = Script::new([conflict(), page(&[old])]);
    let pin = script.drive(upload(|_| {})).unwrap();
    assert_eq!((pin.id.as_str(), pin.already_pinned), ("there", true));
    assert_eq!(pin.verification.as_str(), "verified");

    // Behind 20 pages of others.
    let full = |page: usize| {
        let pins: Vec<_> = (0..100)
            .map(|id| shown(&format!("{}", page * 99 + id), RAW_CID, json!({})))
            .collect();
        data(json!({ "totals": { "files": 100_000 }, "pins": pins }))
    };
    let last = data(
        json!({ "totals": { "files": 100_000 }, "pins": [shown("1980", RAW_CID, json!({})), there(json!({}))] }),
    );
    let replies = [conflict()]
        .into_iter()
        .chain((0..20).map(full))
        .chain([last]);
    let pin = Script::new(replies).drive(upload(|_| {})).unwrap();
    assert_eq!(pin.id.as_str(), "there");
}

#[test]
fn a_conflict_with_a_pin_that_waits_says_what_to_do() {
    let waiting = there(json!({ "status": "RETRIEVAL", "pinned": false, "is_pin_by_hash": true }));
    let error = Script::new([conflict(), page(&[waiting])])
        .drive(upload(|_| {}))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyPinned);
    assert!(
        error.reason().contains("unpin there and upload again"),
        "{error}"
    );
}

#[test]
fn a_conflict_with_nothing_is_the_refusal_itself() {
    let error = Script::new([conflict(), page(&[])])
        .drive(upload(|_| {}))
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::AlreadyPinned, Some(409))
    );
    assert!(!error.is_outcome_unknown());
}

#[test]
fn a_stream_s_conflict_is_resolved_by_what_was_computed_while_it_was_sent() {
    let call = |verify| {
        let mut options = UploadOptions::default();
        options.verify = verify;
        session().upload(file(), false, options, [7; 16])
    };
    let mut script = Script::new([conflict(), page(&[there(json!({}))])]);
    script.drive(call(Verify::Report)).unwrap();
    let error = Script::new([conflict()])
        .drive(call(Verify::Off))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyPinned);
}

#[test]
fn what_cannot_be_sent_is_refused_before_anything_is() {
    let refused = |parts: Vec<FilePart>, options: UploadOptions| {
        let call = session().upload(parts, true, options, [7; 16]);
        let error = Script::new([]).drive(call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        error
    };
    let part = |name: &str| FilePart::new(name, Some(1)).unwrap();
    refused(vec![], UploadOptions::default());
    refused(vec![part("a"), part("b")], UploadOptions::default());
    refused(vec![part("a/x"), part("b/x")], UploadOptions::default());
    let twice = refused(
        vec![part("a/x"), part("a/y"), part("a/x")],
        UploadOptions::default(),
    );
    assert!(twice.reason().contains("\"a/x\""), "{twice}");
    let both = refused(
        vec![part("a/x"), part("a/x!"), part("a/x/y")],
        UploadOptions::default(),
    );
    assert!(both.reason().contains("\"a/x\""), "{both}");
    let mut options = UploadOptions::default();
    options.metadata = Metadata::new().name("");
    assert_eq!(refused(file(), options).field(), Some("name"));
    let mut options = UploadOptions::default();
    options.retry = Some(RetryPolicy::default().attempts(0));
    assert_eq!(refused(file(), options).field(), Some("attempts"));
}
