//! Attacks with unusually encoded bodies.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::{
    attack::{Attack, rounds},
    elsewhere::{answer, ask, connect, for_a_while, head, try_upload, upload_head},
    fixture::{ALICE, BOUNDARY, file, form, noise},
};

/// The head of an upload with chunked encoding.
fn chunked_head() -> String {
    format!(
        "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\n\
         pinning_secret_key: {}\r\ncontent-type: multipart/form-data; boundary={BOUNDARY}\r\n\
         transfer-encoding: chunked\r\n\r\n",
        ALICE[0], ALICE[1]
    )
}

/// Sends a body that may be rejected before its end.
fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let timeout = Some(Duration::from_secs(10));
    stream.set_write_timeout(timeout).unwrap();
    stream.set_read_timeout(timeout).unwrap();
    let _ = stream.write_all(bytes);
}

#[test]
fn chunks_of_one_byte() {
    let attack = Attack::begin_load("chunks of one byte");
    let body = form(&[file("x", &noise(1, rounds(20_000, 200_000) as usize))]);
    let chunks: Vec<u8> = body
        .iter()
        .flat_map(|byte| [b'1', b'\r', b'\n', *byte, b'\r', b'\n'])
        .collect();
    for_a_while(32, |_| {
        let mut stream = ask(attack.address(), &chunked_head());
        send(&mut stream, &chunks);
        // The last chunk never arrives.
    });
    attack.finish();
}

#[test]
fn chunks_with_long_extensions() {
    let attack = Attack::begin_load("chunk extensions");
    let extension = "e".repeat(4_000);
    let chunks = format!("1;{extension}\r\nx\r\n").repeat(rounds(20, 500) as usize);
    for_a_while(32, |_| {
        let mut stream = ask(attack.address(), &chunked_head());
        send(&mut stream, chunks.as_bytes());
        let _ = stream.read(&mut [0; 1024]);
    });
    attack.finish();
}

#[test]
fn parts_with_long_headers() {
    let attack = Attack::begin_load("long part headers");
    let header = format!("x: {}\r\n", "y".repeat(15_000));
    let part =
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"n\"\r\n{header}\r\n\r\n");
    let body = part.repeat(rounds(100, 2_000) as usize);
    for_a_while(32, |_| {
        let _ = try_upload(attack.address(), ALICE, body.as_bytes());
    });
    attack.finish();
}

#[test]
fn bodies_that_are_announced_and_never_come() {
    let attack = Attack::begin_load("announced bodies");
    let announced = upload_head(ALICE, 1 << 20)
        .replace("HTTP/1.0", "HTTP/1.1")
        .replace("host:", "expect: 100-continue\r\nhost:");
    let mut waiting = Vec::new();
    for _ in 0..rounds(2, 4) {
        waiting.extend((0..100).map(|_| ask(attack.address(), &announced)));
        std::thread::sleep(Duration::from_secs(rounds(0, 5)));
    }
    drop(waiting);
    attack.finish();
}

#[test]
fn uploads_that_break_off_at_the_end() {
    let mut attack = Attack::begin_load("broken uploads");
    let kept = |attack: &Attack| crate::fixture::folder_bytes(&attack.data().join("blocks"));
    let body = form(&[file("x", &noise(1, 1 << 20))]);
    let count = for_a_while(16, |_| {
        let mut stream = ask(attack.address(), &upload_head(ALICE, body.len()));
        send(&mut stream, &body[..body.len() - 10]);
    });
    attack.note(&format!("{count} uploads of 1 MiB"));
    crate::fixture::eventually("nothing of them stays", || kept(&attack) < 64 << 20);
    attack.finish();
}

#[test]
fn metadata_that_is_deep() {
    let attack = Attack::begin_load("deep metadata");
    for_a_while(32, |number| {
        let open = if number % 2 == 0 { "[" } else { "{\"k\":" };
        let json = open.repeat(60_000 / open.len());
        let more = format!("content-length: {}\r\n", json.len());
        let path = "/api/pinning/pinByHash";
        let mut stream = ask(attack.address(), &head("POST", path, Some(ALICE), &more));
        send(&mut stream, json.as_bytes());
        assert_eq!(answer(&mut stream).unwrap().status, 400);
    });
    attack.finish();
}

#[test]
fn heads_with_as_much_as_they_may_have() {
    let attack = Attack::begin_load("large heads");
    let lines: String = (0..95)
        .map(|number| format!("x-{number}: {}\r\n", "y".repeat(300)))
        .collect();
    let list = head("GET", "/api/pinning/pins/", Some(ALICE), &lines).replace("1.0", "1.1");
    for_a_while(64, |_| {
        let mut stream = connect(attack.address());
        send(&mut stream, list.repeat(20).as_bytes());
        let _ = stream.read(&mut [0; 1024]);
    });
    attack.finish();
}
