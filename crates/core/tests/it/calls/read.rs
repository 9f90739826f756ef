//! Tests of read-only requests: retries, delays and redirects.

use std::time::Duration;

use serde_json::json;
use w3pin_core::{ErrorKind, ListOptions, Pin, Result, RetryPolicy, Sent};

use crate::{
    RAW_CID,
    script::{
        Reply, SECOND, Script, answer, attempts, broken, data, failed, lost, page, refused,
        session, shown,
    },
};

fn get(script: &mut Script) -> Result<Pin> {
    script.drive(session().get_pin("1".parse().unwrap()))
}

fn the_pin() -> Reply {
    data(shown("1", RAW_CID, json!({})))
}

#[test]
fn a_read_is_sent_again_where_that_can_help() {
    for failure in [
        broken(Sent::Nothing),
        broken(Sent::Part),
        lost(),
        failed(ErrorKind::Timeout),
        answer(408, ""),
        answer(425, ""),
        answer(429, ""),
        answer(500, ""),
        answer(502, "<html>"),
        answer(503, ""),
        answer(504, ""),
        answer(599, ""),
        answer(200, ""),
        answer(200, r#"{"data":{"id":"1","#),
        answer(200, "not gzip").header("content-encoding", "gzip"),
    ] {
        let mut script = Script::new([failure, the_pin()]);
        get(&mut script).unwrap();
        let numbers: Vec<u32> = script.sent.iter().map(|it| it.attempt).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(script.requests(), ["GET /1", "GET /1"]);
    }
}

#[test]
fn a_read_is_not_sent_again_where_that_cannot_help() {
    for failure in [
        answer(400, ""),
        answer(401, ""),
        answer(402, ""),
        answer(403, ""),
        answer(404, ""),
        answer(409, ""),
        answer(413, ""),
        answer(501, ""),
        answer(505, ""),
        answer(507, ""),
        answer(200, "<html>"),
        answer(200, r#"{"status":"success"}"#),
        refused(200, "something else"),
        failed(ErrorKind::LocalIo),
        failed(ErrorKind::InvalidInput),
    ] {
        let error = get(&mut Script::new([failure])).unwrap_err();
        assert!(!error.is_retryable(), "{error}");
    }
}

#[test]
fn no_waits_are_longer_than_their_double_and_all_lengths_occur() {
    let policy = RetryPolicy::default()
        .attempts(6)
        .max_delay(3 * SECOND)
        .budget(Duration::MAX);
    let session = session().retry(policy).unwrap();
    let mut waits = vec![Vec::new(); 5];
    for seed in 0..400 {
        let mut script = Script::new([]).then_always(lost());
        script.entropy = seed << 32;
        script.drive(session.check_credentials()).unwrap_err();
        for (wait, &slept) in waits.iter_mut().zip(&script.slept) {
            wait.push(slept);
        }
    }
    let longest = [SECOND / 2, SECOND, 2 * SECOND, 3 * SECOND, 3 * SECOND];
    for (mut wait, longest) in waits.into_iter().zip(longest) {
        wait.sort();
        let quarter = |nth: usize| wait[wait.len() * nth / 4];
        assert!(wait.iter().all(|wait| *wait < longest));
        for (nth, share) in [(1, 0.25), (2, 0.5), (3, 0.75)] {
            let off = quarter(nth).as_secs_f64() / longest.as_secs_f64() - share;
            assert!(off.abs() < 0.1, "{longest:?} {nth}: {off}");
        }
    }
}

#[test]
fn attempts_are_bounded_and_the_last_error_is_told() {
    for most in [1, 2, 5] {
        let mut script = Script::new([]).then_always(refused(503, "busy"));
        let call = attempts(most).get_pin("1".parse().unwrap());
        let error = script.drive(call).unwrap_err();
        assert_eq!(error.service_message(), Some("busy"));
        assert_eq!(script.sent.len(), most as usize);
    }
    let none = RetryPolicy::default().attempts(0);
    let error = session().retry(none).unwrap_err();
    assert_eq!(error.field(), Some("attempts"));
}

#[test]
fn no_attempt_starts_after_the_budget() {
    let policy = RetryPolicy::default().attempts(100).budget(10 * SECOND);
    let session = session().retry(policy).unwrap().call_timeout(None);
    let mut script = Script::new([]).then_always(lost().takes(3 * SECOND));
    script
        .drive(session.get_pin("1".parse().unwrap()))
        .unwrap_err();
    assert!((2..=4).contains(&script.sent.len()), "{:?}", script.slept);
    let last_ended = script.now;
    assert!(last_ended <= 13 * SECOND, "{last_ended:?}");
}

#[test]
fn the_wait_that_the_service_asks_for_is_kept_or_the_call_given_up() {
    let asking = |wait: &str| refused(429, "slow down").header("retry-after", wait);
    let mut script = Script::new([asking("9"), the_pin()]);
    get(&mut script).unwrap();
    assert_eq!(script.slept, [9 * SECOND]);

    let mut script = Script::new([asking("Mon, 06 May 2024 12:00:40 GMT"), the_pin()]);
    get(&mut script).unwrap();
    assert_eq!(
        script.slept,
        [40 * SECOND],
        "measured from the response's own date"
    );

    for (wait, told) in [
        ("3600", "try again in 1 hour"),
        ("90000", "try again in 2 days"),
        ("18446744073709551615", "try again in 213503982334602 days"),
        (
            "99999999999999999999999",
            "try again in 213503982334602 days",
        ),
    ] {
        let mut script = Script::new([asking(wait)]);
        let error = get(&mut script).unwrap_err();
        assert!(error.reason().contains(told), "{error}");
        assert!(error.is_retryable() && script.slept.is_empty());
        let seconds = wait.parse().unwrap_or(u64::MAX);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
    }

    let mut script = Script::new([asking("nonsense"), asking("-5"), the_pin()]);
    get(&mut script).unwrap();
    assert!(script.slept.iter().all(|slept| *slept <= SECOND));
}

#[test]
fn a_stale_connection_is_replaced_at_once_and_does_not_count() {
    for sent in [Sent::Nothing, Sent::Part, Sent::Everything] {
        let mut script = Script::new([broken(sent).reused(), the_pin()]);
        script
            .drive(attempts(1).get_pin("1".parse().unwrap()))
            .unwrap();
        let sent = &script.sent;
        assert_eq!([sent[0].attempt, sent[1].attempt], [1, 1]);
        assert_eq!(
            [sent[0].fresh_connection, sent[1].fresh_connection],
            [false, true]
        );
        assert!(script.slept.is_empty());
    }
}

#[test]
fn only_a_broken_connection_that_was_used_before_is_stale() {
    for failure in [
        lost(),
        failed(ErrorKind::Timeout).reused(),
        failed(ErrorKind::Decode).reused(),
        answer(503, "").reused(),
    ] {
        let mut script = Script::new([failure]);
        script
            .drive(attempts(1).get_pin("1".parse().unwrap()))
            .unwrap_err();
    }
}

#[test]
fn a_driver_that_never_opens_a_fresh_connection_is_given_up() {
    let mut script = Script::new([]).then_always(lost().reused());
    script
        .drive(attempts(2).get_pin("1".parse().unwrap()))
        .unwrap_err();
    assert_eq!(script.sent.len(), 5);
}

fn redirect(to: &str) -> Reply {
    answer(307, "").header("location", to)
}

#[test]
fn a_redirect_within_the_origin_is_followed_with_the_keys() {
    for (to, path) in [
        ("/api/pinning/1/", "GET /1/"),
        ("1/", "GET /1/"),
        ("http://127.0.0.1:7/api/pinning/2?x=1#part", "GET /2?x=1"),
        ("//127.0.0.1:7/api/pinning/3", "GET /3"),
    ] {
        let mut script = Script::new([redirect(to), the_pin()]);
        get(&mut script).unwrap();
        assert_eq!(script.requests(), ["GET /1", path]);
        let headers = script.sent[1].request.headers();
        assert_eq!(headers["pinning_secret_key"], "THE-SECRET-KEY");
        assert!(headers["pinning_secret_key"].is_sensitive());
        assert_eq!(script.sent[1].attempt, 1);
    }
}

#[test]
fn a_redirect_elsewhere_is_told_and_not_followed() {
    for to in [
        "https://127.0.0.1:7/api/pinning/1",
        "http://127.0.0.1:8/api/pinning/1",
        "http://127.0.0.2:7/api/pinning/1",
        "http://localhost:7/api/pinning/1",
        "//example.com/1",
        "http://127.0.0.1:7@example.com/1",
        "http://user@127.0.0.1:7/1",
        "ftp://127.0.0.1:7/1",
        "http://[::1",
    ] {
        let error = get(&mut Script::new([redirect(to)])).unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(307)));
        assert!(error.reason().contains("set the endpoint"), "{error}");
    }
}

#[test]
fn redirects_that_go_round_in_circles_end() {
    let mut script = Script::new([]).then_always(redirect("/api/pinning/1"));
    get(&mut script).unwrap_err();
    assert_eq!(script.sent.len(), 6);
}

#[test]
fn a_page_and_the_words_of_a_check_are_read() {
    let mut script = Script::new([page(&[shown("1", RAW_CID, json!({}))])]);
    let page = script
        .drive(session().list_pins(ListOptions::new()))
        .unwrap();
    assert_eq!((page.pins.len(), page.totals.files), (1, Some(1)));
    let mut script = Script::new([answer(200, r#"{"message":"Congratulations!"}"#)]);
    let words = script.drive(session().check_credentials()).unwrap();
    assert_eq!(words, "Congratulations!");
}

#[test]
fn a_compressed_or_marked_response_is_read() {
    let body = |reply: &Reply| reply.body();
    let marked = [&b"\xef\xbb\xbf"[..], &body(&the_pin())].concat();
    let gzipped = |bytes: &[u8]| {
        let mut encoder = flate2::GzBuilder::new().read(bytes, flate2::Compression::fast());
        let mut gzipped = Vec::new();
        std::io::Read::read_to_end(&mut encoder, &mut gzipped).unwrap();
        gzipped
    };
    for reply in [
        answer(200, marked.clone()),
        answer(200, gzipped(&body(&the_pin()))).header("content-encoding", "gzip"),
        answer(200, gzipped(&marked)).header("content-encoding", "X-GZIP"),
        answer(200, body(&the_pin())).header("content-encoding", "identity"),
    ] {
        assert_eq!(get(&mut Script::new([reply])).unwrap().id.as_str(), "1");
    }
    let bomb = gzipped(&vec![b' '; 2 << 20]);
    let error = Script::new([])
        .then_always(answer(200, bomb).header("content-encoding", "gzip"))
        .drive(attempts(1).get_pin("1".parse().unwrap()))
        .unwrap_err();
    assert!(
        error.reason().contains("more than 1048576 bytes"),
        "{error}"
    );
    let brotli = answer(200, "\x0b\x02").header("content-encoding", "br");
    let error = get(&mut Script::new([brotli])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.reason().contains("\"br\""), "{error}");
}

#[test]
fn the_status_tells_the_kind_even_where_the_body_cannot_be_read() {
    for encoding in ["br", "gzip"] {
        let unreadable = answer(401, "?").header("content-encoding", encoding);
        let error = get(&mut Script::new([unreadable])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        let empty = answer(404, "").header("content-encoding", encoding);
        let error = get(&mut Script::new([empty])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    let busy = answer(503, "?").header("content-encoding", "br");
    get(&mut Script::new([busy, the_pin()])).unwrap();
}

#[test]
fn a_driver_that_reports_nothing_gets_another_attempt_and_no_panic() {
    let mut call = attempts(2).get_pin("1".parse().unwrap());
    let (mut now, mut sent) = (Duration::ZERO, 0);
    let error = loop {
        match call.next(now, 3) {
            w3pin_core::Step::Send(_) => sent += 1,
            w3pin_core::Step::Sleep(delay) => now += delay,
            w3pin_core::Step::Done(result) => break result.unwrap_err(),
            step => panic!("{step:?}"),
        }
        assert!(sent < 9);
    };
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(sent, 2);
}

#[test]
fn what_is_reported_without_being_asked_for_is_ignored() {
    let mut call = session().get_pin("1".parse().unwrap());
    call.responded(
        http::Response::new("{}".into()),
        w3pin_core::Delivery::complete(),
    );
    call.computed(Ok(Vec::new()));
    Script::new([the_pin()]).drive(call).unwrap();
}
