//! Tests of unpinning, which is idempotent.

use std::time::Duration;

use serde_json::json;
use w3pin_core::{ErrorKind, Sent};

use crate::{
    RAW_CID,
    script::{
        Reply, Script, answer, attempts, broken, data, failed, lost, refused, session, shown,
    },
};

fn unpin(replies: impl IntoIterator<Item = Reply>) -> w3pin_core::Result<()> {
    Script::new(replies).drive(session().unpin("1".parse().unwrap()))
}

fn gone() -> Reply {
    refused(404, "record not found")
}

fn done() -> Reply {
    data(shown("1", RAW_CID, json!({})))
}

#[test]
fn a_pin_is_unpinned() {
    let mut script = Script::new([done()]);
    script
        .drive(session().unpin("a/b".parse().unwrap()))
        .unwrap();
    assert_eq!(script.requests(), ["DELETE /unpin/a%2Fb"]);
}

#[test]
fn a_pin_that_was_never_there_is_not_found() {
    assert_eq!(unpin([gone()]).unwrap_err().kind(), ErrorKind::NotFound);
    for nothing_done in [
        refused(429, "slow down"),
        answer(408, ""),
        broken(Sent::Nothing),
        broken(Sent::Part),
    ] {
        let error = unpin([nothing_done, gone()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

#[test]
fn a_pin_that_is_gone_after_a_lost_response_was_unpinned() {
    for lost in [
        lost(),
        lost().reused(),
        failed(ErrorKind::Timeout),
        answer(500, ""),
        answer(502, "<html>"),
        answer(200, "<html>"),
        answer(200, ""),
    ] {
        unpin([lost.clone(), gone()]).unwrap();
        unpin([lost.clone(), done()]).unwrap();
        // The result of an attempt in between doesn't change that of the first.
        unpin([lost, refused(429, "slow down"), gone()]).unwrap();
    }
}

#[test]
fn a_pin_that_is_too_young_stays_and_the_caller_is_told_when() {
    let message = "pin cannot be deleted because it was created less than 5 minutes ago";
    for status in [400, 403, 409] {
        let error = unpin([refused(status, message)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
        assert!(error.is_retryable());
        assert!(error.reason().contains("5 minutes"), "{error}");
    }
}

#[test]
fn refusals_end_it() {
    for (status, kind) in [
        (400, ErrorKind::Api),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::PermissionDenied),
    ] {
        assert_eq!(unpin([answer(status, "")]).unwrap_err().kind(), kind);
    }
}

#[test]
fn attempts_are_bounded() {
    let mut script = Script::new([]).then_always(answer(200, "<html>"));
    let error = script
        .drive(attempts(3).unpin("1".parse().unwrap()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(script.sent.len(), 3);
}
