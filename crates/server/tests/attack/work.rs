//! Attacks with requests that are cheap to send and expensive to answer.

use std::{
    io::{Read, Write},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use serde_json::json;

use crate::{
    attack::{Attack, rounds},
    elsewhere::{answer, ask, connect, for_a_while, head, pin_nothing, upload},
    fixture::{ALICE, file, form, noise, text},
};

/// Repeats a request over many connections until the time is over. Returns the number of responses.
fn ask_for_a_while(attack: &Attack, request: impl Fn(u64) -> String + Sync) -> u64 {
    let answers = AtomicU64::new(0);
    for_a_while(32, |number| {
        let answer = answer(&mut ask(attack.address(), &request(number)));
        answers.fetch_add(u64::from(answer.is_ok()), Ordering::Relaxed);
    });
    answers.into_inner()
}

#[test]
fn single_bytes_of_a_large_file() {
    let mut attack = Attack::begin_load("single bytes");
    let size = rounds(8 << 20, 128 << 20);
    let body = form(&[file("big", &noise(1, size as usize))]);
    let cid = upload(attack.address(), ALICE, &body).data()["cid"].clone();
    let count = ask_for_a_while(&attack, |number| {
        let at = number.wrapping_mul(7_919_777) % size;
        let range = format!("range: bytes={at}-{at}\r\n");
        head("GET", &format!("/ipfs/{}", text(&cid)), None, &range)
    });
    attack.note(&format!("{count} bytes"));
    attack.finish();
}

#[test]
fn listings_of_a_large_folder() {
    let mut attack = Attack::begin_load("large folders listed");
    let files = rounds(5_000, 100_000);
    let names: Vec<_> = (0..files).map(|number| format!("d/{number}")).collect();
    let parts: Vec<_> = names.iter().map(|name| file(name, b"x")).collect();
    let folder = upload(attack.address(), ALICE, &form(&parts)).data();
    let path = format!("/ipfs/{}/", text(&folder["cid"]));
    let count = ask_for_a_while(&attack, |_| head("GET", &path, None, ""));
    attack.note(&format!("{files} files, listed {count} times"));
    attack.finish();
}

#[test]
fn searches_that_find_nothing() {
    let mut attack = Attack::begin_load("vain searches");
    let pins = rounds(50, 2_000);
    let metadata = json!({"keyvalues": {"k": "v".repeat(10_000)}});
    for number in 0..pins {
        assert_eq!(
            pin_nothing(attack.address(), ALICE, number, &metadata).status,
            200
        );
    }
    // One pair, and as many as fit into a request.
    let pairs: Vec<_> = (0..1000)
        .map(|number| format!("%22{number:x}%22:1"))
        .collect();
    let filters = ["%22k%22:%22w%22".to_owned(), pairs.join(",")];
    let count = ask_for_a_while(&attack, |number| {
        let filter = &filters[number as usize % 2];
        let path = format!("/api/pinning/pins/?metadata=%7B{filter}%7D");
        head("GET", &path, Some(ALICE), "")
    });
    attack.note(&format!("{pins} pins, searched {count} times"));
    attack.finish();
}

#[test]
fn many_requests_at_once_on_each_connection() {
    let attack = Attack::begin_load("pipelines");
    let one = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let many = one.repeat(rounds(200, 2_000) as usize);
    for_a_while(64, |number| {
        let mut stream = connect(attack.address());
        stream
            .set_write_timeout(Some(Duration::from_secs(1)))
            .unwrap();
        let _ = stream.write_all(many.as_bytes());
        // Half of the clients don't read the response.
        if number % 2 == 0 {
            let _ = stream.read(&mut [0; 1 << 16]);
        }
    });
    attack.finish();
}

#[test]
fn a_thousand_uploads_of_one_account() {
    let mut attack = Attack::begin_load("a thousand uploads");
    let count = rounds(100, 1_000);
    std::thread::scope(|scope| {
        for number in 0..count {
            let address = attack.address();
            scope.spawn(move || {
                let content = noise(number + 1, 50_000);
                let reply = upload(address, ALICE, &form(&[file("x", &content)]));
                assert_eq!(reply.status, 201, "{reply:?}");
            });
        }
    });
    attack.note(&format!("{count} uploads at once"));
    attack.finish();
}
