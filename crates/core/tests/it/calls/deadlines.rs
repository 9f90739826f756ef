//! Tests of time limits.

use std::time::Duration;

use serde_json::json;
use w3pin_core::{
    Call, Delivery, Error, ErrorKind, Pin, RetryPolicy, Sent, Step, UploadOptions, Verification,
    Verify,
};

use crate::{
    RAW_CID, V0_CID,
    script::{
        CONTENT_CID, MINUTE, SECOND, Script, answer, broken, data, file, lost, page, refused,
        session, shown,
    },
};

fn upload(timeout: Duration, change: impl FnOnce(&mut UploadOptions)) -> Call<Pin> {
    let mut options = UploadOptions::default();
    options.timeout = Some(timeout);
    change(&mut options);
    session().upload(file(), true, options, [7; 16])
}

fn check(error: &Error, unknown: bool) {
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(error.is_outcome_unknown(), unknown, "{error}");
}

#[test]
fn a_read_ends_in_time_while_it_waits_for_its_response() {
    let session = session().call_timeout(Some(5 * SECOND));
    let mut script = Script::new([lost().takes(MINUTE)]);
    let error = script
        .drive(session.get_pin("1".parse().unwrap()))
        .unwrap_err();
    check(&error, false);
    assert!(error.reason().contains("timeout of 5 s"), "{error}");
    assert_eq!(script.now, 5 * SECOND);
}

#[test]
fn a_wait_that_would_end_too_late_is_not_begun() {
    let session = session().call_timeout(Some(5 * SECOND));
    let asking = refused(429, "slow down").header("retry-after", "6");
    let mut script = Script::new([asking]);
    let error = script
        .drive(session.get_pin("1".parse().unwrap()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(script.now, Duration::ZERO);
}

#[test]
fn a_timeout_of_nothing_sends_nothing() {
    let session = session().call_timeout(Some(Duration::ZERO));
    check(
        &Script::new([])
            .drive(session.get_pin("1".parse().unwrap()))
            .unwrap_err(),
        false,
    );
    check(
        &Script::new([])
            .drive(upload(Duration::ZERO, |_| {}))
            .unwrap_err(),
        false,
    );
}

#[test]
fn a_timeout_beyond_any_clock_is_none() {
    let session = session().call_timeout(Some(Duration::MAX));
    let mut call = session.get_pin("1".parse().unwrap());
    assert!(matches!(call.next(SECOND, 0), Step::Send(_)));
    assert_eq!(call.deadline(), None);
}

#[test]
fn the_deadline_counts_from_the_first_step_or_from_when_the_driver_says() {
    let mut call = upload(10 * SECOND, |_| {});
    assert_eq!(call.deadline(), None);
    assert!(matches!(call.next(3 * SECOND, 0), Step::Send(_)));
    assert_eq!(call.deadline(), Some(13 * SECOND));
    let mut call = upload(10 * SECOND, |_| {}).began(SECOND);
    assert!(matches!(call.next(3 * SECOND, 0), Step::Send(_)));
    assert_eq!(call.deadline(), Some(11 * SECOND));
}

#[test]
fn a_driver_that_asks_early_is_told_the_rest_of_the_wait() {
    let mut call = session().get_pin("1".parse().unwrap());
    assert!(matches!(call.next(Duration::ZERO, 1), Step::Send(_)));
    call.failed(
        Error::new(ErrorKind::Transport, "down"),
        Delivery::complete(),
    );
    let Step::Sleep(delay) = call.next(Duration::ZERO, 1) else {
        panic!("it backs off")
    };
    let Step::Sleep(rest) = call.next(delay / 4, 99) else {
        panic!("it still waits")
    };
    assert_eq!(rest, delay - delay / 4);
    // A clock that goes backwards is a fault of the driver, but harmless.
    assert!(matches!(call.next(Duration::ZERO, 5), Step::Sleep(_)));
    assert!(matches!(call.next(delay, 5), Step::Send(_)));
}

#[test]
fn an_upload_that_was_sent_whole_may_have_been_pinned() {
    for (reply, unknown) in [
        (lost().takes(MINUTE), true),
        (broken(Sent::Part).takes(MINUTE), false),
        (broken(Sent::Nothing).takes(MINUTE), false),
    ] {
        let error = Script::new([reply])
            .drive(upload(SECOND, |_| {}))
            .unwrap_err();
        check(&error, unknown);
    }
}

#[test]
fn an_upload_whose_pin_is_looked_for_may_have_been_pinned() {
    // While reading the list.
    let mut script = Script::new([lost(), page(&[]).takes(MINUTE)]);
    check(
        &script.drive(upload(10 * SECOND, |_| {})).unwrap_err(),
        true,
    );
    // Before the pin must be listed.
    let mut script = Script::new([lost(), page(&[]), page(&[]), page(&[])]);
    let error = script.drive(upload(3 * SECOND, |_| {})).unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert!(script.now < 3 * SECOND);
}

#[test]
fn an_upload_that_waits_to_be_sent_again_was_not_pinned() {
    let refusal = refused(503, "busy").sent(Sent::Part);
    let mut script = Script::new([refusal, broken(Sent::Nothing).takes(MINUTE)]);
    check(
        &script.drive(upload(2 * SECOND, |_| {})).unwrap_err(),
        false,
    );
}

#[test]
fn a_search_before_the_upload_leaves_no_doubt() {
    let timeout = 2 * SECOND;
    let skip = |options: &mut UploadOptions| options.skip_if_pinned = true;
    let mut script = Script::new([page(&[]).takes(MINUTE)]);
    check(&script.drive(upload(timeout, skip)).unwrap_err(), false);
    // The deadline passes with the last page, before anything is sent.
    let mut script = Script::new([page(&[]).takes(timeout)]);
    check(&script.drive(upload(timeout, skip)).unwrap_err(), false);
}

#[test]
fn a_response_counts_though_the_time_is_up() {
    let made = data(shown("1", CONTENT_CID, json!({}))).takes(SECOND);
    let pinned = Script::new([made]).drive(upload(SECOND, |_| {})).unwrap();
    assert_eq!(pinned.verification.as_str(), "verified");
    let refusal = answer(404, "").takes(SECOND);
    let session = session().call_timeout(Some(SECOND));
    let error = Script::new([refusal])
        .drive(session.get_pin("1".parse().unwrap()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

/// Drives an upload to the additional read for its proof, which takes too long.
fn judged_too_late(verify: Verify) -> w3pin_core::Result<Pin> {
    let mut call = upload(10 * SECOND, |options| options.verify = verify);
    assert!(matches!(call.next(Duration::ZERO, 0), Step::Send(_)));
    let computed = w3pin_core::Computed {
        profile: w3pin_unixfs::Profile::default(),
        cid: CONTENT_CID.parse().unwrap(),
    };
    call.computed(Ok(vec![computed]));
    let made = json!({ "data": shown("1", V0_CID, json!({})), "status": "success" });
    let response = http::Response::new(made.to_string().into());
    call.responded(response, Delivery::complete());
    assert!(matches!(call.next(SECOND, 0), Step::Read(_)));
    match call.next(10 * SECOND, 0) {
        Step::Done(result) => result,
        step => panic!("{step:?}"),
    }
}

#[test]
fn a_pin_that_was_made_is_not_lost_for_want_of_time_to_prove_it() {
    let pinned = judged_too_late(Verify::Report).unwrap();
    assert!(matches!(pinned.verification, Verification::Unproved { .. }));
    let error = judged_too_late(Verify::Require).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CidMismatch);
    assert_eq!(error.returned_cid(), Some(&V0_CID.parse().unwrap()));
}

#[test]
fn a_pin_by_cid_has_the_time_of_a_call() {
    let session = session().call_timeout(Some(2 * SECOND));
    let call = |options| session.pin_by_cid(RAW_CID.parse().unwrap(), options);
    let options = w3pin_core::PinByCidOptions::new();
    let mut script = Script::new([lost().takes(MINUTE)]);
    check(&script.drive(call(options.clone())).unwrap_err(), true);
    assert_eq!(script.now, 2 * SECOND);
    let mut script = Script::new([lost().takes(MINUTE)]);
    script.drive(call(options.timeout(SECOND))).unwrap_err();
    assert_eq!(script.now, SECOND);
}

#[test]
fn the_time_limit_ends_a_listing_page_by_page() {
    let session = session().call_timeout(Some(2 * SECOND));
    let full: Vec<_> = (0..100)
        .map(|id| shown(&format!("{id}"), RAW_CID, json!({})))
        .collect();
    let first = data(json!({ "totals": { "files": 150 }, "pins": full })).takes(SECOND);
    let rest: Vec<_> = (99..150)
        .map(|id| shown(&format!("{id}"), RAW_CID, json!({})))
        .collect();
    let second = data(json!({ "totals": { "files": 150 }, "pins": rest })).takes(SECOND);
    let mut script = Script::new([first.clone(), second]);
    let (_, pages) = script
        .collect(session.pins(w3pin_core::ListOptions::new()))
        .unwrap();
    assert_eq!(pages.len(), 2, "each has its own two seconds");
    let mut script = Script::new([first, lost().takes(MINUTE)]);
    check(
        &script
            .collect(session.pins(w3pin_core::ListOptions::new()))
            .unwrap_err(),
        false,
    );
}

#[test]
fn no_time_or_number_overflows() {
    let policy = RetryPolicy::default()
        .attempts(u32::MAX)
        .base_delay(Duration::MAX)
        .max_delay(Duration::MAX)
        .budget(Duration::MAX);
    let session = session()
        .retry(policy)
        .unwrap()
        .call_timeout(Some(Duration::MAX));
    for now in [Duration::ZERO, Duration::MAX - SECOND, Duration::MAX] {
        let mut call = session.unpin("1".parse().unwrap());
        assert!(matches!(call.next(now, u64::MAX), Step::Send(_)));
        let delivery = Delivery {
            sending: Duration::MAX,
            ..Delivery::complete()
        };
        call.failed(Error::new(ErrorKind::Transport, "down"), delivery);
        assert!(matches!(
            call.next(now, u64::MAX),
            Step::Sleep(_) | Step::Send(_)
        ));
    }
}
