//! Tests with nodes that are down, disconnect, or fail at the end of a success.

use std::{
    io::{Read, Write},
    net::TcpListener,
    time::Duration,
};

use w3pin_server::ServerConfig;

use super::{node, server};
use crate::fixture::{
    ALICE, BOUNDARY, TestServer, eventually, file, form, noise, read_reply, text,
};

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn a_node_that_is_away_is_told_and_waited_for() {
    let mut server = server();
    let kept = server.pin("kept", b"kept");
    let gone = server.pin("gone", b"gone");
    server.node.as_mut().unwrap().kill();
    let message = server.upload(&[file("a", b"x")]).message(503);
    assert!(message.contains("can't be reached"), "{message}");
    let path = format!("/ipfs/{}", text(&kept["cid"]));
    server.curl_bare(&path, &[]).message(503);
    // Records need no node, and its pending work is remembered.
    assert_eq!(server.look(&kept)["status"], "DONE");
    assert_eq!(server.unpin(&gone["id"]).status, 200);
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    let pin = server.pin_by_cid(ALICE, cid);
    server.node.as_mut().unwrap().revive();
    assert_eq!(server.curl_bare(&path, &[]).body, b"kept");
    eventually("the node has unpinned what it was to", || {
        node(&server).pins() == [text(&kept["cid"])]
    });
    node(&server).rpc("block/put?cid-codec=raw", &["-F", "data=hello world"]);
    eventually("the node has pinned what it was to", || {
        server.look(&pin)["status"] == "DONE"
    });
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn an_upload_during_which_the_node_dies_is_refused() {
    let mut server = server();
    let body = form(&[file("a", &noise(1, 20_000_000))]);
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    write!(
        stream,
        "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\npinning_secret_key: {}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        ALICE[0],
        ALICE[1],
        body.len()
    )
    .unwrap();
    stream.write_all(&body[..10_000_000]).unwrap();
    eventually("the upload is under way", || server.is_under_way());
    server.node.as_mut().unwrap().kill();
    let _ = stream.write_all(&body[10_000_000..]);
    read_reply(&mut stream).message(503);
    server.node.as_mut().unwrap().revive();
    let list = server.curl("/api/pinning/pins", &[]).data();
    assert_eq!(list["totals"]["files"], 0);
    assert_eq!(server.kept(), 0);
    server.pin("a", b"afterwards");
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn an_upload_that_its_sender_breaks_off_is_not_pinned() {
    let server = server();
    let content = noise(2, 3_000_000);
    let body = form(&[file("d/a", &content), file("d/b", b"x")]);
    // Up to the last boundary, which completes it.
    for cut in [1_000_000, 3_000_100, body.len() - 4] {
        let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
        write!(
            stream,
            "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\n\
             pinning_secret_key: {}\r\ncontent-type: multipart/form-data; boundary={BOUNDARY}\r\n\
             content-length: {}\r\n\r\n",
            ALICE[0],
            ALICE[1],
            body.len()
        )
        .unwrap();
        stream.write_all(&body[..cut]).unwrap();
        eventually("the upload is under way", || server.is_under_way());
        drop(stream);
        eventually("the node has given it up", || !server.is_under_way());
    }
    assert_eq!(server.kept(), 0);
}

/// Fakes a node that responds to each call with these bytes.
fn play(answer: &'static [u8]) -> TestServer {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("kubo=http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
            let mut bytes = [0; 64 << 10];
            while matches!(stream.read(&mut bytes), Ok(1..)) {}
            let _ = stream.write_all(answer);
        }
    });
    let backend = move |config: &mut ServerConfig| config.backend = url.parse().unwrap();
    TestServer::in_folder(tempfile::tempdir().unwrap(), None, backend)
}

#[test]
fn an_error_behind_a_success_is_one() {
    let line = "{\"Name\":\"a\",\"Hash\":\"bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e\"}\n";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\
         Trailer: X-Stream-Error\r\nConnection: close\r\n\r\n\
         {:x}\r\n{line}\r\n0\r\nX-Stream-Error: no space left on device\r\n\r\n",
        line.len()
    );
    let server = play(answer.leak().as_bytes());
    let message = server.upload(&[file("a", b"hello world")]).message(502);
    assert!(message.contains("no space left on device"), "{message}");
    let list = server.curl("/api/pinning/pins", &[]).data();
    assert_eq!(list["totals"]["files"], 0);
}

#[test]
fn what_is_no_answer_is_none() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad",
    ] {
        let server = play(answer);
        server.upload(&[file("a", b"hello world")]).message(502);
    }
    let server = play(b"HTTP/1.1 200");
    server.upload(&[file("a", b"hello world")]).message(503);
}

#[test]
fn a_block_that_is_not_what_its_cid_says_is_not_served() {
    let server = play(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad");
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    server.curl_bare(&format!("/ipfs/{cid}"), &[]).message(502);
}
