//! Tests of overload: who has to wait, and what is rejected.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::json;
use w3pin_server::{ServeError, Server, ServerConfig};

use crate::fixture::{
    ALICE, BOB, BOUNDARY, TestServer, eventually, file, form, noise, read_reply, text,
};

fn open(server: &TestServer) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    stream
}

fn begin_upload(server: &TestServer, keys: [&str; 2], length: usize) -> TcpStream {
    let mut stream = open(server);
    write!(
        stream,
        "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\n\
         pinning_secret_key: {}\r\ncontent-type: multipart/form-data; boundary={BOUNDARY}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n",
        keys[0], keys[1]
    )
    .unwrap();
    stream
}

#[test]
fn idle_connections_yield_to_those_who_ask() {
    let server = TestServer::with(|config| config.limits.connections = 8);
    let mut idle: Vec<_> = (0..8).map(|_| open(&server)).collect();
    for _ in 0..4 {
        assert_eq!(server.curl("/api/pinning/pins", &[]).status, 200);
    }
    let closed = idle.iter_mut().filter_map(|stream| {
        stream
            .set_read_timeout(Some(Duration::from_millis(100)))
            .unwrap();
        matches!(stream.read(&mut [0]), Ok(0) | Err(_))
            .then(|| stream.write_all(b"GET / HTTP/1.1\r\n\r\n"))
    });
    assert!(closed.count() > 0);
}

#[test]
fn an_answer_that_nobody_reads_yields_to_those_with_keys() {
    let server = TestServer::with(|config| config.limits.connections = 4);
    let cid = text(&server.pin("big", &noise(1, 32 << 20))["cid"]).to_owned();
    let _unread: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = open(&server);
            write!(
                stream,
                "GET /ipfs/{cid} HTTP/1.1\r\nhost: localhost\r\n\r\n"
            )
            .unwrap();
            stream
        })
        .collect();
    assert_eq!(server.curl("/api/pinning/pins", &[]).status, 200);
}

#[test]
fn a_body_that_drips_is_cut_off_however_long_it_goes_on() {
    let server = TestServer::with(|config| {
        config.limits.stall_timeout = Duration::from_millis(500);
    });
    let body = form(&[file("a", &noise(1, 100_000))]);
    let mut stream = begin_upload(&server, ALICE, body.len());
    let mut copy = stream.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        body.chunks(1)
            .take_while(|byte| {
                std::thread::sleep(Duration::from_millis(50));
                copy.write_all(byte).is_ok()
            })
            .count()
    });
    read_reply(&mut stream).message(408);
    drop(stream);
    assert!(drip.join().unwrap() < 1000);
}

#[test]
fn one_accounts_uploads_leave_room_for_others() {
    let server = TestServer::with(|config| config.limits.uploads = 4);
    let body = form(&[file("a", &noise(1, 1_000_000))]);
    // They make no progress, and may do so for half a minute.
    let mut slow: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = begin_upload(&server, ALICE, body.len());
            stream.write_all(&body[..700_000]).unwrap();
            stream
        })
        .collect();
    eventually("they are under way", || server.is_under_way());
    for number in 0..3 {
        let content = noise(number + 2, 1000);
        let reply = server.upload_as(BOB, &[file("b", &content)]);
        assert_eq!(reply.status, 201, "{reply:?}");
    }
    // Waiting requests also make room for each other, in time.
    let reply = server.upload(&[file("c", b"content")]);
    assert_eq!(reply.status, 201, "{reply:?}");
    let cut = slow.iter_mut().any(|stream| {
        stream
            .set_read_timeout(Some(Duration::from_secs(1)))
            .unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer.starts_with(b"HTTP/1.1 408 ")
    });
    assert!(cut);
}

#[test]
fn folders_that_would_take_too_much_memory_are_refused() {
    let server = TestServer::with(|config| config.limits.memory_bytes = 64 << 20);
    let names: Vec<_> = (0..200)
        .map(|number| format!("d/{}x", format!("folder-{number}/").repeat(120)))
        .collect();
    let parts: Vec<_> = names.iter().map(|name| file(name, b"x")).collect();
    let message = server.upload(&parts).message(413);
    assert!(message.contains("memory"), "{message}");
    eventually("nothing stays of it", || server.kept() == 0);
    // What they used is available again.
    for number in 0..3_u64 {
        let content = noise(number + 1, 10);
        let parts: Vec<_> = names[..20]
            .iter()
            .map(|name| file(name, &content))
            .collect();
        assert_eq!(server.upload(&parts).status, 201);
    }
}

#[test]
fn too_little_memory_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = ServerConfig::new(folder.path());
    config.limits.memory_bytes = 1 << 20;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let refused = runtime.block_on(Server::bind(config)).unwrap_err();
    assert!(matches!(refused, ServeError::TooLittleMemory { .. }));
}

#[test]
fn a_long_list_is_the_same_as_in_short_pages() {
    let server = TestServer::start();
    let metadata = json!({"keyvalues": {"k": "x".repeat(20_000)}});
    for number in 0..40_u64 {
        let cid = [&[1, 0x55, 0x12, 0x20][..], &number.to_be_bytes(), &[7; 24]].concat();
        let cid = w3pin_unixfs::Cid::try_from(cid).unwrap().to_string();
        let body = json!({"hash_to_pin": cid, "metadata": metadata}).to_string();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body");
        std::fs::write(&path, body).unwrap();
        let body = format!("@{}", path.display());
        let reply = server.curl("/api/pinning/pinByHash", &["--data-binary", &body]);
        assert_eq!(reply.status, 200);
    }
    let list = |query: &str| server.curl(&format!("/api/pinning/pins?{query}"), &[]);
    let whole = list("limit=1000");
    assert_eq!(whole.header("content-type"), Some("application/json"));
    let whole = whole.data();
    assert_eq!(whole["totals"]["files"], 40);
    let mut pages = Vec::new();
    for offset in 0..40 {
        let page = list(&format!("limit=1&offset={offset}"));
        assert!(
            page.header("content-length").is_some(),
            "a short one is sent at once"
        );
        pages.extend(page.data()["pins"].as_array().unwrap().clone());
    }
    assert_eq!(whole["pins"].as_array().unwrap(), &pages);
}
