use std::time::Duration;

use time::macros::datetime;
use w3pin_core::{
    Cid, Effect, Error, ErrorKind, Failure, ListPins, Operation, Pacer, Pacing, Page, Pager,
    PinSearch, RetryDecision, RetryPolicy, Sent, WaitPolicy, WaitStep,
};

use crate::{OTHER_RAW_CID, RAW_CID, answer, pin, refusal};

const SECOND: Duration = Duration::from_secs(1);

fn failure(effect: Effect, sent: Sent) -> Failure {
    Failure {
        effect,
        sent,
        attempt: 1,
        elapsed: Duration::ZERO,
    }
}

fn decide(error: &Error, effect: Effect, sent: Sent) -> RetryDecision {
    RetryPolicy::default().decide(error, failure(effect, sent), 0)
}

#[test]
fn reads_are_retried_where_it_can_help() {
    for error in [
        Error::new(ErrorKind::Transport, "reset"),
        Error::new(ErrorKind::Timeout, "idle"),
        refusal(408, ""),
        refusal(429, ""),
        refusal(503, ""),
        refusal(200, ""),
    ] {
        let decision = decide(&error, Effect::Read, Sent::Everything);
        assert_eq!(decision, RetryDecision::Retry(Duration::ZERO), "{error}");
    }
    for error in [
        refusal(400, ""),
        refusal(401, ""),
        refusal(404, ""),
        refusal(200, "<html>"),
    ] {
        assert_eq!(
            decide(&error, Effect::Read, Sent::Everything),
            RetryDecision::GiveUp,
            "{error}"
        );
    }
}

#[test]
fn a_pin_is_looked_for_before_it_is_sent_again_if_the_answer_was_lost() {
    let reset = Error::new(ErrorKind::Transport, "reset");
    let wait = Duration::ZERO;
    for (sent, decision) in [
        (Sent::Nothing, RetryDecision::Retry(wait)),
        (Sent::Part, RetryDecision::Retry(wait)),
        (Sent::Everything, RetryDecision::Reconcile(SECOND / 4)),
    ] {
        assert_eq!(decide(&reset, Effect::Pin, sent), decision, "{sent:?}");
    }
    // A look that came at once would miss the pin that is being made.
    for lost in [refusal(500, ""), refusal(201, ""), refusal(201, "<html>")] {
        let decision = decide(&lost, Effect::Pin, Sent::Everything);
        assert_eq!(decision, RetryDecision::Reconcile(SECOND / 4), "{lost}");
    }
    let certain = decide(&refusal(429, ""), Effect::Pin, Sent::Everything);
    assert_eq!(
        certain,
        RetryDecision::Retry(wait),
        "a rate limit tells that nothing was done"
    );
    assert_eq!(
        decide(&refusal(400, ""), Effect::Pin, Sent::Everything),
        RetryDecision::GiveUp
    );
    let unpin = decide(&reset, Effect::Unpin, Sent::Everything);
    assert_eq!(
        unpin,
        RetryDecision::Retry(wait),
        "the second answer tells as much as a look"
    );
}

#[test]
fn waits_double_are_capped_and_jittered_over_their_whole_length() {
    let policy = RetryPolicy::default().attempts(20).max_delay(5 * SECOND);
    let error = Error::new(ErrorKind::Transport, "reset");
    let delay = |attempt, entropy| {
        let failure = Failure {
            attempt,
            ..failure(Effect::Read, Sent::Nothing)
        };
        match policy.decide(&error, failure, entropy) {
            RetryDecision::Retry(delay) => delay,
            other => panic!("{other:?}"),
        }
    };
    let nearly = |delay: Duration| delay + Duration::from_nanos(1);
    assert_eq!(nearly(delay(1, u64::MAX)), SECOND / 2);
    assert_eq!(nearly(delay(2, u64::MAX)), SECOND);
    assert_eq!(nearly(delay(3, u64::MAX)), 2 * SECOND);
    assert_eq!(nearly(delay(10, u64::MAX)), 5 * SECOND);
    assert_eq!(delay(1, 1 << 63), SECOND / 4);
    assert_eq!(delay(10, 0), Duration::ZERO);
}

#[test]
fn tries_and_time_are_bounded() {
    let error = Error::new(ErrorKind::Transport, "reset");
    let policy = RetryPolicy::default().attempts(3).budget(10 * SECOND);
    let at = |attempt, elapsed| Failure {
        attempt,
        elapsed,
        ..failure(Effect::Read, Sent::Nothing)
    };
    assert_ne!(
        policy.decide(&error, at(2, SECOND), 0),
        RetryDecision::GiveUp
    );
    assert_eq!(
        policy.decide(&error, at(3, SECOND), 0),
        RetryDecision::GiveUp
    );
    assert_eq!(
        policy.decide(&error, at(1, 11 * SECOND), 0),
        RetryDecision::GiveUp
    );
    assert_eq!(
        RetryPolicy::never().decide(&error, at(1, SECOND), 0),
        RetryDecision::GiveUp
    );
}

#[test]
fn a_wait_that_the_service_asks_for_is_kept_or_given_up() {
    let asked = |seconds: &str| {
        let mut response = answer(429, "");
        response
            .headers_mut()
            .insert("retry-after", seconds.parse().unwrap());
        let error = ListPins::new().parse(response).unwrap_err();
        decide(&error, Effect::Read, Sent::Everything)
    };
    assert_eq!(asked("9"), RetryDecision::Retry(9 * SECOND));
    assert_eq!(asked("3600"), RetryDecision::GiveUp);
}

fn page(ids: &[&str], total: Option<u64>) -> Page {
    let pins: Vec<_> = ids
        .iter()
        .map(|id| match *id {
            "null" => "null".to_owned(),
            id => format!(r#"{{"id":"{id}","cid":"{RAW_CID}"}}"#),
        })
        .collect();
    let totals = total.map_or("null".to_owned(), |total| format!(r#"{{"files":{total}}}"#));
    let body = format!(
        r#"{{"data":{{"totals":{totals},"pins":[{}]}},"status":"success"}}"#,
        pins.join(",")
    );
    ListPins::new().parse(answer(200, &body)).unwrap()
}

/// Offsets asked for and ids given out, with pages of three.
fn walk(pages: &[Page]) -> (Vec<u64>, Vec<String>) {
    let mut pager = Pager::new(ListPins::new().limit(3).unwrap());
    let (mut offsets, mut ids) = (Vec::new(), Vec::new());
    let mut pages = pages.iter();
    while let Some(list) = pager.next_page() {
        offsets.push(list.offset);
        let page = pages.next().expect("it asks for no page too many").clone();
        ids.extend(pager.accept(page).into_iter().map(|pin| pin.id.to_string()));
    }
    assert!(pages.next().is_none(), "it asks for every page");
    (offsets, ids)
}

#[test]
fn a_listing_ends_at_its_total() {
    let (offsets, ids) = walk(&[
        page(&["1", "2", "3"], Some(6)),
        page(&["4", "5", "6"], Some(6)),
    ]);
    assert_eq!((offsets, ids.len()), (vec![0, 3], 6));
}

#[test]
fn a_listing_ends_with_a_short_or_an_empty_page() {
    let (offsets, _) = walk(&[page(&["1", "2", "3"], None), page(&["4"], None)]);
    assert_eq!(offsets, [0, 3]);
    let (offsets, _) = walk(&[page(&["1", "2", "3"], Some(99)), page(&[], Some(99))]);
    assert_eq!(offsets, [0, 3]);
}

#[test]
fn a_service_with_a_smaller_bound_on_pages_loses_no_pin() {
    let (offsets, ids) = walk(&[page(&["1", "2"], Some(3)), page(&["3"], Some(3))]);
    assert_eq!((offsets, ids.len()), (vec![0, 2], 3));
}

#[test]
fn pins_that_moved_to_the_next_page_are_given_out_once() {
    let (_, ids) = walk(&[
        page(&["3", "2", "1"], None),
        page(&["1", "null", "0"], None),
        page(&["0"], None),
    ]);
    assert_eq!(ids, ["3", "2", "1", "0"]);
}

fn found(search: &mut PinSearch, body: &str) -> Option<String> {
    let list = search.next_page().expect("it goes on");
    let page = list.parse(answer(200, body)).unwrap();
    search.accept(page).map(|pin| pin.id.to_string())
}

fn listing(pins: &[(&str, &str, &str)]) -> String {
    let pins: Vec<_> = pins
        .iter()
        .map(|(id, cid, more)| format!(r#"{{"id":"{id}","cid":"{cid}","status":"PENDING"{more}}}"#))
        .collect();
    format!(
        r#"{{"data":{{"pins":[{}]}},"status":"success"}}"#,
        pins.join(",")
    )
}

#[test]
fn a_live_pin_of_the_content_is_found() {
    let cid: Cid = RAW_CID.parse().unwrap();
    let mut search = PinSearch::new(vec![cid.clone()]);
    let list = search.next_page().unwrap();
    assert_eq!((list.offset, list.limit.get()), (0, 100));
    let body = listing(&[
        ("1", OTHER_RAW_CID, ""),
        ("2", RAW_CID, r#","date_unpinned":"2024-01-01T00:00:00Z""#),
        ("3", RAW_CID, ""),
    ]);
    assert_eq!(found(&mut search, &body).as_deref(), Some("3"));
}

#[test]
fn a_lost_answer_is_looked_for_among_the_pins_made_since() {
    let cid: Cid = RAW_CID.parse().unwrap();
    let began = datetime!(2024-05-01 12:00 UTC);
    let mut search = PinSearch::new(vec![cid.clone()]).since(began);
    let before = listing(&[("1", RAW_CID, r#","date_pinned":"2024-05-01T11:00:00Z""#)]);
    assert_eq!(found(&mut search, &before), None);
    assert!(
        search.next_page().is_none(),
        "what is older is not looked at"
    );
    let mut search = PinSearch::new(vec![cid]).since(began);
    let after = listing(&[("2", RAW_CID, r#","date_pinned":"2024-05-01T11:59:30Z""#)]);
    assert_eq!(
        found(&mut search, &after).as_deref(),
        Some("2"),
        "clocks differ a little"
    );
}

#[test]
fn a_pair_that_carries_the_cid_is_asked_for_first() {
    let cid: Cid = RAW_CID.parse().unwrap();
    let keyvalues = [
        ("other".to_owned(), "x".to_owned()),
        ("root".to_owned(), RAW_CID.to_owned()),
    ]
    .into();
    let mut search = PinSearch::new(vec![cid]).keyvalues(&keyvalues);
    let filtered = search.next_page().unwrap();
    assert_eq!(
        filtered.keyvalues,
        [("root".to_owned(), RAW_CID.to_owned())].into()
    );
    assert_eq!(found(&mut search, &listing(&[])), None);
    assert!(search.next_page().unwrap().keyvalues.is_empty());
}

#[test]
fn a_search_is_bounded() {
    let mut search = PinSearch::new(vec![RAW_CID.parse().unwrap()]);
    for number in 0..10 {
        let ids: Vec<_> = (0..100).map(|i| format!("{number}-{i}")).collect();
        let pins: Vec<_> = ids
            .iter()
            .map(|id| (id.as_str(), OTHER_RAW_CID, ""))
            .collect();
        assert_eq!(found(&mut search, &listing(&pins)), None);
    }
    assert!(search.next_page().is_none());
}

#[test]
fn waiting_ends_when_the_pin_is_done_failed_or_late() {
    let policy = WaitPolicy::default().deadline(60 * SECOND);
    let step = |fields: &str, look, elapsed| policy.step(&pin(fields), look, elapsed);
    assert!(matches!(
        step(r#""pinned":true"#, 1, SECOND),
        WaitStep::Done
    ));
    assert!(matches!(
        step(r#""status":"DONE""#, 1, SECOND),
        WaitStep::Done
    ));
    let again = |look, elapsed| match step(r#""status":"RETRIEVAL""#, look, elapsed) {
        WaitStep::Again(delay) => delay,
        other => panic!("{other:?}"),
    };
    assert_eq!(again(1, SECOND), SECOND);
    assert_eq!(again(2, SECOND), SECOND * 3 / 2);
    assert_eq!(again(60, SECOND), 30 * SECOND);
    assert_eq!(
        again(60, 55 * SECOND),
        5 * SECOND,
        "the last look is at the deadline"
    );
    let WaitStep::Failed(late) = step(r#""status":"RETRIEVAL""#, 9, 60 * SECOND) else {
        panic!("the deadline passed")
    };
    assert_eq!(late.kind(), ErrorKind::Timeout);
    let WaitStep::Failed(failed) = step(r#""status":"FAILED""#, 1, SECOND) else {
        panic!("the service gave up")
    };
    assert_eq!(failed.kind(), ErrorKind::Api);
    let unpinned = step(r#""date_unpinned":"2024-01-01T00:00:00Z""#, 1, SECOND);
    assert!(matches!(unpinned, WaitStep::Failed(_)));
}

#[test]
fn no_minute_sees_more_than_its_number_of_requests() {
    for limit in [1, 6, 7, 180] {
        let mut pacer = Pacer::new(Pacing::PerMinute(limit.try_into().unwrap()));
        let sent: Vec<_> = (0..4 * limit)
            .map(|_| pacer.reserve(Duration::ZERO))
            .collect();
        let minute = 60 * SECOND;
        let most = sent.iter().map(|&from| {
            sent.iter()
                .filter(|&&at| at >= from && at < from + minute)
                .count()
        });
        assert!(most.max().unwrap() <= limit as usize, "{limit}");
    }
}

#[test]
fn an_idle_client_may_burst_again_and_an_unpaced_one_never_waits() {
    let mut pacer = Pacer::new(Pacing::default());
    for _ in 0..60 {
        pacer.reserve(Duration::ZERO);
    }
    assert!(!pacer.reserve(Duration::ZERO).is_zero());
    assert!((0..30).all(|_| pacer.reserve(600 * SECOND).is_zero()));
    assert!(!pacer.reserve(600 * SECOND).is_zero());
    let mut unpaced = Pacer::new(Pacing::Off);
    assert!((0..10_000).all(|_| unpaced.reserve(Duration::ZERO).is_zero()));
}
