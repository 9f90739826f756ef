//! Tests with services and proxies that echo keys.

use serde_json::json;
use w3pin_core::{Error, ErrorKind, ListOptions};

use crate::{
    RAW_CID,
    script::{Reply, Script, answer, attempts, data, page, refused, session, shown},
};

const ECHO: &str = "you sent THE-API-KEY and THE-SECRET-KEY";

fn error(reply: Reply) -> Error {
    let call = attempts(1).get_pin("1".parse().unwrap());
    Script::new([reply]).drive(call).unwrap_err()
}

fn is_clean(text: &str) -> bool {
    !["THE-A", "THE-S"].iter().any(|key| text.contains(key))
}

#[test]
fn no_text_of_an_error_holds_a_key() {
    let gzipped = {
        let mut encoder =
            flate2::GzBuilder::new().read(ECHO.as_bytes(), flate2::Compression::fast());
        let mut gzipped = Vec::new();
        std::io::Read::read_to_end(&mut encoder, &mut gzipped).unwrap();
        gzipped
    };
    for (what, reply) in [
        ("a message", refused(400, ECHO)),
        ("a message with a success", refused(200, ECHO)),
        ("a page", answer(502, ECHO)),
        ("a page with a success", answer(200, ECHO)),
        (
            "a compressed page",
            answer(502, gzipped).header("content-encoding", "gzip"),
        ),
        (
            "a new place",
            answer(301, "").header("location", "https://x/THE-API-KEY"),
        ),
        (
            "another place",
            answer(301, "").header("location", "https://x/THE-SECRET-KEY"),
        ),
        (
            "an encoding",
            answer(200, "x").header("content-encoding", "THE-SECRET-KEY"),
        ),
        ("a CID", data(json!({ "id": "1", "cid": "THE-SECRET-KEY" }))),
        ("a field", data(json!({ "id": "1", "THE-SECRET-KEY": 1 }))),
        (
            "an id",
            data(json!({ "id": "THE-SECRET-KEY\n", "cid": RAW_CID })),
        ),
    ] {
        let error = error(reply);
        assert!(is_clean(&format!("{error} {error:?}")), "{what}: {error:?}");
    }
}

#[test]
fn a_key_that_the_end_of_an_excerpt_cuts_in_two_is_no_part_of_it() {
    for length in 1000..1024 {
        let error = error(answer(502, format!("{}THE-SECRET-KEY", "x".repeat(length))));
        let excerpt = error.body_excerpt().unwrap();
        assert!(is_clean(excerpt), "{excerpt}");
    }
}

#[test]
fn a_compressed_page_is_shown_as_it_reads() {
    let mut encoder =
        flate2::GzBuilder::new().read(&b"<h1>Bad gateway</h1>"[..], flate2::Compression::fast());
    let mut gzipped = Vec::new();
    std::io::Read::read_to_end(&mut encoder, &mut gzipped).unwrap();
    let error = error(answer(502, gzipped).header("content-encoding", "gzip"));
    assert_eq!(error.body_excerpt(), Some("<h1>Bad gateway</h1>"));
}

#[test]
fn what_the_driver_says_is_redacted_too() {
    let mut call = attempts(1).get_pin("1".parse().unwrap());
    let _ = call.next(std::time::Duration::ZERO, 0);
    let broken = Error::new(ErrorKind::Transport, format!("the proxy says: {ECHO}"))
        .with_body(format!("{}THE-SECRET-KEY", "x".repeat(1015)).as_bytes());
    call.failed(broken, w3pin_core::Delivery::complete());
    let w3pin_core::Step::Done(Err(error)) = call.next(std::time::Duration::ZERO, 0) else {
        panic!("there is one attempt")
    };
    assert!(is_clean(&format!("{error:?}")), "{error:?}");
}

#[test]
fn the_words_of_a_success_are_redacted_too() {
    let mut script = Script::new([answer(200, json!({ "message": ECHO }).to_string())]);
    let words = script.drive(session().check_credentials()).unwrap();
    assert_eq!(words, "you sent [redacted] and [redacted]");

    let odd = shown("THE-API-KEY", "THE-SECRET-KEY", json!({}));
    for all_pages in [false, true] {
        let mut script = Script::new([page(&[odd.clone(), shown("1", RAW_CID, json!({}))])]);
        let page = if all_pages {
            let (_, mut pages) = script.collect(session().pins(ListOptions::new())).unwrap();
            pages.remove(0)
        } else {
            script
                .drive(session().list_pins(ListOptions::new()))
                .unwrap()
        };
        assert!(is_clean(&format!("{:?}", page.unreadable)), "{page:?}");
        assert_eq!(page.unreadable[0].id.as_deref(), Some("[redacted]"));
    }
}
