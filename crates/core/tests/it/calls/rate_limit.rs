//! Tests of the request rate of a session's calls.

use std::time::Duration;

use serde_json::json;
use w3pin_core::{RateLimit, Session, Step};

use crate::{
    RAW_CID,
    script::{MINUTE, SECOND, Script, data, session, shown},
};

/// When a call that starts now would send its request.
fn turn(session: &Session, now: Duration) -> Duration {
    let mut call = session.get_pin("1".parse().unwrap());
    match call.next(now, 0) {
        Step::Send(_) => now,
        Step::Sleep(delay) => now + delay,
        step => panic!("{step:?}"),
    }
}

#[test]
fn no_minute_sees_more_than_its_number_of_requests() {
    for limit in [1, 2, 6, 7, 180, 100_000] {
        let session = session().rate_limit(RateLimit::PerMinute(limit.try_into().unwrap()));
        let turns: Vec<_> = (0..(3 * limit).min(2_000))
            .map(|_| turn(&session, Duration::ZERO))
            .collect();
        assert!(turns.is_sorted());
        for (first, &from) in turns.iter().enumerate() {
            let within = turns[first..].iter().take_while(|at| **at < from + MINUTE);
            assert!(within.count() <= limit as usize, "{limit}");
        }
    }
}

#[test]
fn clones_share_their_number_and_the_burst_comes_back_with_time() {
    let session = session().rate_limit(RateLimit::default());
    let burst = (0..60).filter(|_| turn(&session.clone(), Duration::ZERO).is_zero());
    assert_eq!(burst.count(), 30);
    let later = 600 * SECOND;
    let burst = (0..60).filter(|_| turn(&session, later) == later);
    assert_eq!(burst.count(), 30);
}

#[test]
fn a_session_of_this_machine_never_waits() {
    let session = session();
    assert!((0..10_000).all(|_| turn(&session, Duration::ZERO).is_zero()));
}

#[test]
fn every_request_of_a_call_waits_for_its_turn() {
    let session = session().rate_limit(RateLimit::PerMinute(6.try_into().unwrap()));
    let to_itself = crate::script::answer(302, "").header("location", "/api/pinning/1");
    let mut script = Script::new([
        to_itself.clone(),
        to_itself,
        data(shown("1", RAW_CID, json!({}))),
    ]);
    script.drive(session.get_pin("1".parse().unwrap())).unwrap();
    assert_eq!(script.slept, [12 * SECOND, 12 * SECOND]);
}

#[test]
fn a_call_that_cannot_have_its_turn_in_time_ends_in_time() {
    let session = session()
        .rate_limit(RateLimit::PerMinute(1.try_into().unwrap()))
        .call_timeout(Some(10 * SECOND));
    turn(&session, Duration::ZERO);
    let mut script = Script::new([]);
    script
        .drive(session.get_pin("1".parse().unwrap()))
        .unwrap_err();
    assert_eq!(script.now, 10 * SECOND);
}
