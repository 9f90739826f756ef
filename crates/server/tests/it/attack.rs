//! Tests with malicious and slow clients.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::fixture::{ALICE, BOUNDARY, TestServer, eventually, file, form, noise, parse_reply};

fn impatient() -> TestServer {
    TestServer::with(|config| {
        config.limits.header_timeout = Duration::from_millis(300);
        config.limits.stall_timeout = Duration::from_millis(300);
        config.limits.discard_timeout = Duration::from_millis(300);
    })
}

fn begin_upload(server: &TestServer, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    write!(
        stream,
        "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\npinning_secret_key: {}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {length}\r\n\r\n",
        ALICE[0], ALICE[1]
    )
    .unwrap();
    stream
}

fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..count]);
    }
    answer
}

#[test]
fn a_head_that_never_ends_loses_its_connection() {
    let server = impatient();
    for sent in ["", "GET /", "GET / HTTP/1.1\r\nx: "] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        // Waits for the end of the stream, not for a timeout of this test.
        let answer = read_to_end(&mut stream);
        assert!(
            stream.read(&mut [0]).is_ok_and(|count| count == 0),
            "{answer:?}"
        );
    }
    let drip = std::thread::spawn({
        let mut stream = TcpStream::connect(server.address()).unwrap();
        move || {
            let sent = std::iter::repeat_n(b'x', 10_000).take_while(|byte| {
                std::thread::sleep(Duration::from_millis(20));
                stream.write_all(&[*byte]).is_ok()
            });
            sent.count()
        }
    });
    assert!(
        drip.join().unwrap() < 10_000,
        "drop by drop is no way around the limit"
    );
}

#[test]
fn a_body_that_stops_is_answered_with_a_time_out_and_leaves_nothing() {
    let server = impatient();
    let body = form(&[file("a", &noise(1, 3_000_000))]);
    for cut in [0, 100, 2_000_000] {
        let mut stream = begin_upload(&server, body.len());
        stream.write_all(&body[..cut]).unwrap();
        parse_reply(&read_to_end(&mut stream)).message(408);
    }
    eventually("the blocks folder is empty", || server.kept() == 0);
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing() {
    let server = TestServer::start();
    let body = form(&[file("a", &noise(1, 8_000_000))]);
    for cut in [0, 100, 1_000_000, 7_999_999, body.len() - 1] {
        let mut stream = begin_upload(&server, body.len());
        stream.write_all(&body[..cut]).unwrap();
        if cut > 100_000 {
            eventually("the upload is under way", || server.is_under_way());
        }
        drop(stream);
        eventually("the blocks folder is empty", || server.kept() == 0);
    }
    assert_eq!(
        server.curl("/api/pinning/pins", &[]).data()["totals"]["files"],
        0
    );
}

#[test]
fn a_reader_that_stops_loses_its_connection() {
    let server = TestServer::with(|config| {
        config.limits.stall_timeout = Duration::from_millis(300);
        config.limits.connections = 1;
    });
    let pin = server.pin("big", &noise(1, 32 << 20));
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let cid = crate::fixture::text(&pin["cid"]);
    write!(
        stream,
        "GET /ipfs/{cid} HTTP/1.1\r\nhost: localhost\r\n\r\n"
    )
    .unwrap();
    // The only permitted connection is released.
    assert_eq!(server.curl("/api/pinning/pins", &[]).status, 200);
    let answer = read_to_end(&mut stream);
    assert!(answer.len() < 32 << 20);
}

#[test]
fn many_connections_wait_for_their_turn() {
    let server = TestServer::with(|config| {
        config.limits.connections = 4;
        config.limits.uploads = 1;
    });
    std::thread::scope(|scope| {
        let uploads: Vec<_> = (0..12)
            .map(|number| {
                let server = &server;
                scope.spawn(move || server.pin("x", &noise(number + 1, 500_000)))
            })
            .collect();
        for upload in uploads {
            upload.join().unwrap();
        }
    });
    assert_eq!(
        server.curl("/api/pinning/pins", &[]).data()["totals"]["files"],
        12
    );
}
