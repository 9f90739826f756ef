//! Tests of waiting until content is pinned.

use std::time::Duration;

use serde_json::{Value, json};
use w3pin_core::{ErrorKind, Pin, Result, RetryPolicy, WaitPolicy};

use crate::{
    RAW_CID,
    script::{MINUTE, Reply, SECOND, Script, answer, data, lost, session, shown},
};

fn look(fields: Value) -> Reply {
    data(shown("1", RAW_CID, fields))
}

fn waits() -> Reply {
    look(json!({ "status": "RETRIEVAL" }))
}

fn wait(script: &mut Script, policy: WaitPolicy) -> Result<Pin> {
    script.drive(session().wait_until_pinned("1".parse().unwrap(), policy))
}

#[test]
fn it_ends_when_the_pin_is_done() {
    for done in [
        look(json!({ "pinned": true })),
        look(json!({ "status": "DONE" })),
        look(json!({ "pinned": true, "status": "Half-Way" })),
    ] {
        let mut script = Script::new([waits(), look(json!({})), done]);
        wait(&mut script, WaitPolicy::default()).unwrap();
        assert_eq!(script.slept, [SECOND, SECOND * 3 / 2]);
        assert_eq!(script.requests(), ["GET /1"; 3]);
    }
}

#[test]
fn it_ends_when_the_pin_cannot_be_done_any_more() {
    for (over, part) in [
        (look(json!({ "status": "FAILED" })), "gave up"),
        (look(json!({ "status": "pin_error" })), "gave up"),
        (
            look(json!({ "date_unpinned": "2024-05-06T12:00:00Z" })),
            "was unpinned",
        ),
        (
            look(json!({ "status": "DONE", "date_unpinned": "2024-05-06T12:00:00Z" })),
            "was unpinned",
        ),
    ] {
        let error = wait(&mut Script::new([over]), WaitPolicy::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api);
        assert!(error.reason().contains(part), "{error}");
        assert!(!error.is_retryable());
    }
}

#[test]
fn waits_grow_by_half_up_to_the_longest_and_the_last_look_is_at_the_deadline() {
    let mut script = Script::new([]).then_always(waits());
    let error = wait(&mut script, WaitPolicy::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.reason().contains("still RETRIEVAL after 600 s"),
        "{error}"
    );
    assert!(error.is_retryable(), "it may be pinned later");
    for (index, pair) in script.slept.windows(2).enumerate().take(8) {
        assert_eq!(
            pair[1].as_secs_f64(),
            pair[0].as_secs_f64() * 1.5,
            "{index}"
        );
    }
    assert_eq!(script.slept.iter().max(), Some(&(30 * SECOND)));
    assert_eq!(script.now, 600 * SECOND);
}

#[test]
fn a_deadline_of_nothing_looks_once() {
    let policy = WaitPolicy::default().deadline(Duration::ZERO);
    let mut script = Script::new([look(json!({ "pinned": true }))]);
    wait(&mut script, policy.clone()).unwrap();
    let error = wait(&mut Script::new([waits()]), policy).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
fn no_delay_makes_it_spin() {
    let policy = WaitPolicy::default().deadline(SECOND);
    for policy in [
        policy.clone().first_delay(Duration::ZERO),
        policy.clone().max_delay(Duration::ZERO),
        policy
            .first_delay(Duration::from_nanos(1))
            .max_delay(Duration::from_nanos(1)),
    ] {
        let mut script = Script::new([]).then_always(waits());
        wait(&mut script, policy).unwrap_err();
        assert!(script.sent.len() <= 1_001, "{}", script.sent.len());
        assert_eq!(script.now, SECOND);
    }
}

#[test]
fn delays_beyond_any_clock_end_at_the_deadline() {
    let policy = WaitPolicy::default()
        .deadline(MINUTE)
        .first_delay(Duration::MAX)
        .max_delay(Duration::MAX);
    let mut script = Script::new([]).then_always(waits());
    wait(&mut script, policy.clone()).unwrap_err();
    assert_eq!(script.slept, [MINUTE]);
    let forever = policy.deadline(Duration::MAX);
    let mut script = Script::new([waits(), look(json!({ "pinned": true }))]);
    wait(&mut script, forever).unwrap();
}

#[test]
fn a_look_that_fails_for_a_moment_does_not_end_the_wait() {
    let mut script = Script::new([
        lost(),
        answer(503, ""),
        waits(),
        lost(),
        look(json!({ "pinned": true })),
    ]);
    wait(&mut script, WaitPolicy::default()).unwrap();
    let mut script = Script::new([waits(), answer(404, "")]);
    let error = wait(&mut script, WaitPolicy::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn each_look_has_the_time_of_a_call() {
    let session = session()
        .call_timeout(Some(2 * SECOND))
        .retry(RetryPolicy::never())
        .unwrap();
    let mut script = Script::new([waits(), lost().takes(MINUTE)]);
    let call = session.wait_until_pinned("1".parse().unwrap(), WaitPolicy::default());
    let error = script.drive(call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(script.now, 3 * SECOND);
}
