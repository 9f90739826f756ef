//! Tests of uploads whose response is lost: the pin is searched until it must be listed, and sent again only
//! if it isn't.

use std::time::Duration;

use serde_json::{Value, json};
use w3pin_core::{Call, ErrorKind, Pin, RetryPolicy, Sent, UploadOptions, Verify};

use crate::{
    RAW_CID, V0_CID,
    script::{
        CONTENT_CID, CONTENT_CID_V0, MINUTE, Reply, SECOND, Script, answer, attempts, broken, data,
        failed, file, lost, page, refused, session, shown,
    },
};

/// The mark of these uploads.
const MARK: &str = "07070707070707070707070707070707";
const OTHER_MARK: &str = "08080808080808080808080808080808";

fn upload() -> Call<Pin> {
    upload_with(|_| {})
}

fn upload_with(change: impl FnOnce(&mut UploadOptions)) -> Call<Pin> {
    let mut options = UploadOptions::default();
    change(&mut options);
    session().upload(file(), true, options, [7; 16])
}

fn stream() -> Call<Pin> {
    session().upload(file(), false, UploadOptions::default(), [7; 16])
}

fn made() -> Reply {
    data(shown("made", CONTENT_CID, json!({})))
}

/// A pin with this mark.
fn marked(cid: &str, mark: &str) -> Value {
    let keyvalues = json!({ "w3pin.attempt": mark });
    shown(
        "found",
        cid,
        json!({ "metadata": { "name": "hello.txt", "keyvalues": keyvalues } }),
    )
}

/// A pin of a service that keeps no key-values.
fn bare(cid: &str) -> Value {
    shown("found", cid, json!({ "metadata": { "name": "hello.txt" } }))
}

/// The result of an upload whose response was lost, if the list contains only this.
fn outcome(call: Call<Pin>, pins: &[Value]) -> &'static str {
    let pins = pins.to_vec();
    let mut script = Script::new([lost()])
        .then_always(made())
        .lists(move |_| page(&pins));
    match script.drive(call) {
        Ok(pin) if pin.id.as_str() == "found" => "found",
        Ok(_) => "sent again",
        Err(error) if error.is_outcome_unknown() => "unknown",
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_pin_is_looked_for_where_the_service_may_have_made_it() {
    for loss in [
        lost(),
        failed(ErrorKind::Timeout),
        failed(ErrorKind::Decode),
        answer(500, ""),
        answer(502, "<html>"),
        answer(503, ""),
        answer(504, ""),
        answer(201, ""),
        answer(201, "<html>"),
        answer(201, r#"{"data":{"id":"1","#),
        answer(201, "?").header("content-encoding", "br"),
    ] {
        let mut script = Script::new([loss, page(&[marked(CONTENT_CID, MARK)])]);
        let pin = script.drive(upload()).unwrap();
        assert_eq!(script.requests(), ["POST /", "GET /pins/?offset=0"]);
        assert!(
            script.slept[0] >= SECOND / 4,
            "a look at once would come too early"
        );
        assert_eq!((pin.id.as_str(), pin.already_pinned), ("found", false));
        assert_eq!(pin.verification.as_str(), "verified");
        assert!(pin.keyvalues.is_empty(), "the mark is none of the caller's");
    }
}

#[test]
fn it_is_sent_again_at_once_where_the_service_cannot_have_made_it() {
    for failure in [
        broken(Sent::Nothing),
        broken(Sent::Part),
        failed(ErrorKind::Timeout).sent(Sent::Part),
        answer(408, ""),
        answer(429, ""),
        answer(503, "").sent(Sent::Part),
    ] {
        let mut script = Script::new([failure, made()]);
        script.drive(upload()).unwrap();
        assert_eq!(script.requests(), ["POST /", "POST /"]);
    }
}

#[test]
fn a_refusal_is_final_and_leaves_no_doubt() {
    for (status, kind) in [
        (400, ErrorKind::Api),
        (401, ErrorKind::Authentication),
        (402, ErrorKind::InsufficientFunds),
        (403, ErrorKind::PermissionDenied),
        (413, ErrorKind::Api),
        (422, ErrorKind::Api),
        (507, ErrorKind::Api),
    ] {
        for encoding in ["identity", "br"] {
            let refusal = answer(status, "?").header("content-encoding", encoding);
            let error = Script::new([refusal]).drive(upload()).unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(!error.is_outcome_unknown());
        }
    }
    let balance = refused(500, "user not enough balance");
    let error = Script::new([balance]).drive(upload()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InsufficientFunds);
}

#[test]
fn the_mark_tells_the_pin_whatever_else_it_shows() {
    for fields in [
        json!({}),
        json!({ "status": "FAILED" }),
        json!({ "date_unpinned": "2024-05-06T12:00:01Z" }),
        json!({ "date_pinned": "2001-01-01T00:00:00Z" }),
        json!({ "date_pinned": null }),
        json!({ "cid": V0_CID }),
    ] {
        let mut pin = marked(CONTENT_CID, MARK);
        for (name, value) in fields.as_object().unwrap() {
            pin[name] = value.clone();
        }
        assert_eq!(outcome(upload(), &[pin]), "found", "{fields}");
    }
    let others = marked(CONTENT_CID, OTHER_MARK);
    assert_eq!(
        outcome(upload(), &[others]),
        "sent again",
        "another upload made it"
    );
}

#[test]
fn where_no_mark_is_kept_the_content_tells_it() {
    assert_eq!(outcome(upload(), &[bare(CONTENT_CID)]), "found");
    assert_eq!(
        outcome(upload(), &[bare(CONTENT_CID_V0)]),
        "found",
        "under another profile"
    );
    // Content with the same digest isn't necessarily the same content.
    let raw: w3pin_core::Cid = CONTENT_CID_V0.parse().unwrap();
    let raw = cid::Cid::new_v1(0x55, *raw.as_cid().hash()).to_string();
    let mut other = bare(&raw);
    other["metadata"]["name"] = json!("other.txt");
    assert_eq!(outcome(upload(), &[other]), "sent again");
}

#[test]
fn a_pin_of_the_content_that_is_not_from_this_call_is_not_taken_for_it() {
    for fields in [
        json!({ "date_pinned": "2024-05-06T11:57:59Z" }),
        json!({ "date_unpinned": "2024-05-06T11:59:59Z" }),
    ] {
        let mut old = bare(CONTENT_CID);
        for (name, value) in fields.as_object().unwrap() {
            old[name] = value.clone();
        }
        assert_eq!(outcome(upload(), &[old]), "sent again", "{fields}");
    }
}

#[test]
fn the_service_s_clock_may_be_off_by_any_time() {
    // The clock of the service dates both pins and responses.
    for (date, pinned) in [
        ("Mon, 06 May 2024 12:03:00 GMT", "2024-05-06T12:02:30Z"),
        ("Mon, 06 May 2024 11:50:00 GMT", "2024-05-06T11:49:59Z"),
        ("Sat, 01 Jan 2000 00:00:00 GMT", "1999-12-31T23:59:30Z"),
        // Two clocks of the service may differ by two minutes.
        ("Mon, 06 May 2024 12:00:00 GMT", "2024-05-06T11:58:10Z"),
        ("Mon, 06 May 2024 12:00:00 GMT", "2024-05-06T12:30:00Z"),
    ] {
        let mut made = bare(CONTENT_CID);
        made["date_pinned"] = json!(pinned);
        let mut script = Script::new([lost(), page(&[made.clone()]).header("date", date)]);
        let pin = script.drive(upload()).unwrap();
        assert_eq!(pin.id.as_str(), "found", "{date} {pinned}");
        // Without a date, any pin of the content may be the one.
        let mut script = Script::new([lost(), page(&[made]).no_date()]);
        assert_eq!(script.drive(upload()).unwrap().id.as_str(), "found");
    }
}

#[test]
fn a_pin_that_failed_is_only_taken_for_the_one_made_where_its_date_tells() {
    let mut failed = bare(CONTENT_CID);
    failed["status"] = json!("FAILED");
    let mut script = Script::new([lost(), page(std::slice::from_ref(&failed))]);
    assert_eq!(script.drive(upload()).unwrap().id.as_str(), "found");
    let mut script = Script::new([lost(), page(&[failed]).no_date()]);
    assert!(script.drive(upload()).unwrap_err().is_outcome_unknown());
}

#[test]
fn time_that_the_call_took_before_counts() {
    // The upload took an hour, so a pin created forty minutes ago may be its result.
    let mut made = bare(CONTENT_CID);
    made["date_pinned"] = json!("2024-05-06T12:20:00Z");
    let slow = lost().takes(60 * MINUTE).sending(60 * MINUTE);
    let mut script = Script::new([slow, page(&[made])]);
    assert_eq!(script.drive(upload()).unwrap().id.as_str(), "found");
}

#[test]
fn a_new_pin_of_the_name_in_an_unknown_layout_leaves_the_outcome_open() {
    assert_eq!(outcome(upload(), &[bare(V0_CID)]), "unknown");
    let change = |fields: Value| {
        let mut pin = bare(V0_CID);
        for (name, value) in fields.as_object().unwrap() {
            pin[name] = value.clone();
        }
        pin
    };
    for (fields, why) in [
        (
            json!({ "metadata": { "name": "other.txt" } }),
            "another name",
        ),
        (json!({ "metadata": {} }), "no name"),
        (json!({ "is_pin_by_hash": true }), "not an upload"),
        (json!({ "date_pinned": "2024-05-06T11:00:00Z" }), "too old"),
        (
            json!({ "metadata": { "name": "hello.txt", "keyvalues": { "a": "b" } } }),
            "other key-values",
        ),
    ] {
        assert_eq!(outcome(upload(), &[change(fields)]), "sent again", "{why}");
    }
    assert_eq!(
        outcome(upload(), &[marked(V0_CID, OTHER_MARK)]),
        "sent again"
    );
}

#[test]
fn the_caller_s_key_values_and_name_tell_a_pin_too() {
    let call = || {
        upload_with(|options| {
            options.metadata = w3pin_core::Metadata::new().name("mine").keyvalue("a", "b");
        })
    };
    let made = |keyvalues: Value| {
        shown(
            "x",
            V0_CID,
            json!({ "metadata": { "name": "mine", "keyvalues": keyvalues } }),
        )
    };
    // A service that stores key-values may still drop those with a dot.
    assert_eq!(outcome(call(), &[made(json!({ "a": "b" }))]), "unknown");
    assert_eq!(outcome(call(), &[made(json!({}))]), "unknown");
    assert_eq!(outcome(call(), &[made(json!({ "a": "c" }))]), "sent again");
}

#[test]
fn an_upload_without_a_mark_is_told_by_its_content_and_key_values() {
    let call = || upload_with(|options| options.unmarked = true);
    let mut script = Script::new([lost(), page(&[bare(CONTENT_CID)])]);
    script.drive(call()).unwrap();
    let w3pin_core::RequestBody::Multipart(plan) = script.sent[0].request.body() else {
        panic!()
    };
    assert_eq!(plan.metadata(), None);
    assert_eq!(outcome(call(), &[bare(V0_CID)]), "unknown");
    assert_eq!(
        outcome(call(), &[marked(CONTENT_CID, OTHER_MARK)]),
        "sent again"
    );
}

#[test]
fn a_list_that_lags_is_looked_at_again() {
    for lag in [1, 5, 14, 20, 29] {
        let lists = move |now: Duration| {
            let shown = [marked(CONTENT_CID, MARK)];
            page(if now >= lag * SECOND { &shown } else { &[] })
        };
        for entropy in 0..20 {
            let mut script = Script::new([lost()]).lists(lists);
            script.entropy = entropy << 50;
            let pin = script.drive(upload()).unwrap();
            assert_eq!(pin.id.as_str(), "found", "{lag}");
            assert_eq!(script.count("POST"), 1);
        }
    }
}

#[test]
fn it_is_sent_again_once_the_pin_must_have_shown_with_the_same_mark() {
    for (base, longest) in [
        (SECOND / 2, 30 * SECOND),
        (SECOND, 7 * SECOND),
        (Duration::from_nanos(1), 10 * SECOND),
        (Duration::ZERO, 10 * SECOND),
    ] {
        let retry = RetryPolicy::default().base_delay(base).max_delay(longest);
        let call = upload_with(|options| options.retry = Some(retry));
        let mut script = Script::new([lost(), made()]).lists(|_| page(&[]));
        script.drive(call).unwrap();
        let again = script.sent.len() - 1;
        assert!(
            script.times[again] >= longest,
            "{base:?}: {:?}",
            script.times
        );
        assert!(script.times[again] <= longest * 3);
        assert!((2..=18).contains(&again), "{base:?}: {again}");
        let metadata = |index: usize| match script.sent[index].request.body() {
            w3pin_core::RequestBody::Multipart(plan) => plan.metadata().unwrap().to_owned(),
            body => panic!("{body:?}"),
        };
        assert!(metadata(0).contains(MARK));
        assert_eq!(metadata(0), metadata(again));
        assert_eq!(script.sent[again].attempt, 2);
    }
}

#[test]
fn a_stale_connection_is_replaced_after_a_shorter_look_and_does_not_count() {
    for most in [1, 5] {
        let upload = attempts(most).upload(file(), true, UploadOptions::default(), [7; 16]);
        let mut script = Script::new([lost().reused(), made()]).lists(|_| page(&[]));
        script.drive(upload).unwrap();
        let again = script.sent.len() - 1;
        assert!((2 * SECOND..6 * SECOND).contains(&script.times[again]));
        assert_eq!(script.sent[again].attempt, 1);
        assert!(script.sent[again].fresh_connection);

        let upload = attempts(most).upload(file(), true, UploadOptions::default(), [7; 16]);
        let shown = page(&[marked(CONTENT_CID, MARK)]);
        let mut script = Script::new([lost().reused(), shown]);
        assert_eq!(script.drive(upload).unwrap().id.as_str(), "found");

        let upload = attempts(most).upload(file(), true, UploadOptions::default(), [7; 16]);
        let mut script = Script::new([broken(Sent::Part).reused(), made()]);
        script.drive(upload).unwrap();
        assert_eq!(script.times[1], Duration::ZERO, "nothing to look for");
    }
}

#[test]
fn a_driver_whose_connections_are_always_stale_is_given_up() {
    let retry = RetryPolicy::default()
        .attempts(2)
        .base_delay(Duration::ZERO)
        .max_delay(Duration::ZERO);
    let call = upload_with(|options| options.retry = Some(retry));
    let mut script = Script::new([])
        .then_always(lost().reused())
        .lists(|_| page(&[]));
    assert!(script.drive(call).unwrap_err().is_outcome_unknown());
    assert_eq!(script.count("POST"), 5);
}

#[test]
fn what_stays_open_is_said_and_never_sent_again() {
    let last = upload_with(|options| options.retry = Some(RetryPolicy::never()));
    let error = Script::new([lost()]).drive(last).unwrap_err();
    assert!(error.is_outcome_unknown());
    assert!(
        error.reason().contains("look for it before you try again"),
        "{error}"
    );
    assert!(
        !error.is_retryable(),
        "a loop over what is retryable would pin it twice"
    );

    // The list can't be read.
    for refusal in [answer(401, ""), answer(200, "<html>")] {
        let mut script = Script::new([lost(), refusal]);
        let error = script.drive(upload()).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Transport,
            "what broke first is told"
        );
        assert!(error.is_outcome_unknown());
    }

    // The time budget ends before the pin must be listed.
    let retry = RetryPolicy::default().budget(20 * SECOND);
    let call = upload_with(|options| options.retry = Some(retry));
    let mut script = Script::new([lost()]).lists(|_| page(&[]));
    assert!(script.drive(call).unwrap_err().is_outcome_unknown());
    assert!(script.now <= 20 * SECOND);

    // The service requests a wait that is too long.
    let busy = refused(503, "busy").header("retry-after", "3600");
    let error = Script::new([busy]).drive(upload()).unwrap_err();
    assert!(error.is_outcome_unknown());
    assert_eq!(error.retry_after(), Some(60 * MINUTE));

    // The last attempt is lost, too.
    let two = upload_with(|options| options.retry = Some(RetryPolicy::default().attempts(2)));
    let mut script = Script::new([lost(), lost()]).lists(|_| page(&[]));
    assert!(script.drive(two).unwrap_err().is_outcome_unknown());
}

#[test]
fn a_stream_is_sent_once() {
    let mut script = Script::new([broken(Sent::Nothing), made()]);
    script.drive(stream()).unwrap();
    let mut script = Script::new([broken(Sent::Nothing).reused(), made()]);
    script.drive(stream()).unwrap();

    for cut in [
        broken(Sent::Part),
        broken(Sent::Part).reused(),
        answer(503, "").sent(Sent::Part),
    ] {
        let error = Script::new([cut]).drive(stream()).unwrap_err();
        assert!(!error.is_outcome_unknown(), "{error}");
    }
    let error = Script::new([answer(429, "")]).drive(stream()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);

    // Its pin is searched, with the CID computed while sending.
    assert_eq!(outcome(stream(), &[marked(V0_CID, MARK)]), "found");
    assert_eq!(outcome(stream(), &[bare(CONTENT_CID)]), "found");
    assert_eq!(outcome(stream(), &[]), "unknown");
}

#[test]
fn content_that_cannot_be_read_again_is_looked_for_by_its_mark() {
    let mut script = Script::new([lost(), page(&[marked(V0_CID, MARK)])]).content_is_gone();
    let pin = script.drive(upload()).unwrap();
    assert_eq!(pin.verification.as_str(), "unproved");
    let mut options = UploadOptions::default();
    options.verify = Verify::Off;
    let call = session().upload(file(), false, options, [7; 16]);
    assert_eq!(outcome(call, &[marked(CONTENT_CID, MARK)]), "found");
}

#[test]
fn a_conflict_after_a_lost_response_is_with_its_own_pin() {
    let conflict = refused(409, "pin with that hash already exists");
    // The list lags by more than the patience of the search.
    let lists = |now: Duration| {
        let shown = [marked(CONTENT_CID, MARK)];
        page(if now > 40 * SECOND { &shown } else { &[] })
    };
    let mut script = Script::new([lost(), conflict.clone().takes(MINUTE)]).lists(lists);
    let pin = script.drive(upload()).unwrap();
    assert_eq!((pin.id.as_str(), pin.already_pinned), ("found", false));

    // Unless it isn't listed but another pin is: that one existed before.
    let old = pin_of(
        "old",
        json!({ "date_pinned": "2024-05-01T00:00:00Z", "pinned": true }),
    );
    let lists = move |_| page(std::slice::from_ref(&old));
    let mut script = Script::new([lost(), conflict]).lists(lists);
    let pin = script.drive(upload()).unwrap();
    assert_eq!((pin.id.as_str(), pin.already_pinned), ("old", true));
}

fn pin_of(id: &str, fields: Value) -> Value {
    shown(id, CONTENT_CID, fields)
}

#[test]
fn the_search_goes_through_the_pins_that_were_made_since() {
    let others = |from: usize| -> Vec<Value> {
        let other = |id: usize| shown(&format!("{id}"), RAW_CID, json!({}));
        (from..from + 100).map(other).collect()
    };
    let full = |from| data(json!({ "totals": { "files": 5_000 }, "pins": others(from) }));
    let mut last = others(198);
    last[50] = marked(CONTENT_CID, MARK);
    let found = data(json!({ "totals": { "files": 5_000 }, "pins": last }));
    let mut script = Script::new([lost(), full(0), full(99), found]);
    script.drive(upload()).unwrap();
    assert_eq!(script.requests()[3], "GET /pins/?offset=198");

    // Older pins end the search. Beyond its bound, nothing is known.
    let mut old = others(0);
    old[99]["date_pinned"] = json!("2024-05-06T11:00:00Z");
    let old = data(json!({ "totals": { "files": 5_000 }, "pins": old }));
    let retry = RetryPolicy::default().max_delay(Duration::ZERO);
    let call = upload_with(|options| options.retry = Some(retry.clone()));
    Script::new([lost(), old, made()]).drive(call).unwrap();
    let call = upload_with(|options| options.retry = Some(retry));
    let pages = (0..10).map(|page| full(page * 99));
    let replies = [lost()].into_iter().chain(pages);
    let error = Script::new(replies).drive(call).unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
}
