//! Tests of rejected requests, and that clients can read the response.

use std::{
    io::Write,
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;
use tempfile::NamedTempFile;

use crate::fixture::{
    ALICE, BOUNDARY, TestServer, file, form, metadata, noise, number_pairs, read_reply, talk,
};

#[test]
fn keys_that_are_missing_or_wrong_are_refused_everywhere() {
    let server = TestServer::start();
    let id = "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2";
    let calls: [(&str, &[&str]); 6] = [
        ("/api/pinning/", &["-F", "file=x;filename=x"]),
        ("/api/pinning/pinByHash", &["-d", "{}"]),
        (&format!("/api/pinning/{id}"), &[]),
        ("/api/pinning/pins/", &[]),
        (&format!("/api/pinning/unpin/{id}"), &["-X", "DELETE"]),
        ("/api/apiKeys/testAuthentication", &[]),
    ];
    for (path, arguments) in calls {
        let missing = server.curl_bare(path, arguments);
        assert!(
            missing
                .message(401)
                .contains("invalid api key or secret key"),
            "{path}"
        );
        for keys in [["alice-key", "wrong"], ["wrong", "alice-secret"]] {
            let wrong = server.curl_as(keys, path, arguments).message(401);
            assert!(!wrong.contains("wrong"), "{wrong}");
        }
    }
    assert_eq!(server.kept(), 0);
}

#[test]
fn unknown_routes_and_methods_answer_in_the_envelope() {
    let server = TestServer::start();
    for path in [
        "/",
        "/api",
        "/api/pinning/a/b/c",
        "/ipfs",
        "/pins",
        "//api/pinning/",
    ] {
        server.curl(path, &[]).message(404);
    }
    for (path, method, allowed) in [
        ("/api/pinning/", "GET", "POST"),
        ("/api/pinning/pinByHash", "GET", "POST"),
        ("/api/pinning/pins/", "POST", "GET,HEAD"),
        ("/api/pinning/unpin/x", "GET", "DELETE"),
        ("/openapi.json", "PUT", "GET,HEAD"),
        ("/ipfs/x", "DELETE", "GET,HEAD,OPTIONS"),
    ] {
        let reply = server.curl(path, &["-X", method]);
        reply.message(405);
        assert_eq!(reply.header("allow"), Some(allowed), "{method} {path}");
    }
}

#[test]
fn ids_that_are_not_known_are_not_found() {
    let server = TestServer::start();
    for id in [
        "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2",
        "x",
        "%00",
        "%ff",
        "..%2Fpins",
        "unpin",
    ] {
        let reply = server.curl(&format!("/api/pinning/{id}"), &[]);
        assert_eq!(reply.message(404), "record not found", "{id}");
    }
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let server = TestServer::start();
    for query in [
        "offset=-1",
        "offset=x",
        "limit=0",
        "limit=1001",
        "limit=1e3",
        "pinned=yes",
        "sortBy=cid",
        "sortOrder=up",
        "metadata=x",
        "metadata=[]",
        "metadata=3",
    ] {
        let message = server
            .curl(&format!("/api/pinning/pins/?{query}"), &["-g"])
            .message(400);
        let name = query.split('=').next().unwrap();
        assert!(message.contains(name), "{query}: {message}");
    }
}

#[test]
fn pins_by_cid_that_make_no_sense_are_refused() {
    let server = TestServer::start();
    let cid = "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs";
    for (body, says) in [
        (String::new(), "body"),
        ("{".to_owned(), "body"),
        ("[]".to_owned(), "body"),
        ("{}".to_owned(), "invalid cid"),
        (json!({"hash_to_pin": null}).to_string(), "invalid cid"),
        (json!({"hash_to_pin": ""}).to_string(), "invalid cid"),
        (json!({"hash_to_pin": 5}).to_string(), "body"),
        (json!({"hash_to_pin": "Qmx"}).to_string(), "invalid cid"),
        (
            json!({"hash_to_pin": cid, "metadata": 5}).to_string(),
            "metadata",
        ),
        (
            json!({"hash_to_pin": cid, "metadata": "{"}).to_string(),
            "metadata",
        ),
        (
            json!({"hash_to_pin": cid, "metadata": {"name": 5}}).to_string(),
            "name",
        ),
        (
            json!({"hash_to_pin": cid, "metadata": {"keyvalues": []}}).to_string(),
            "keyvalues",
        ),
        (
            json!({"hash_to_pin": cid, "metadata": {"keyvalues": {"a": []}}}).to_string(),
            "keyvalues",
        ),
    ] {
        let reply = server.curl("/api/pinning/pinByHash", &["-X", "POST", "-d", &body]);
        let message = reply.message(400);
        assert!(message.contains(says), "{body}: {message}");
    }
}

#[test]
fn uploads_that_make_no_sense_are_refused_and_leave_nothing() {
    let server = TestServer::start();
    let says = |reply: crate::fixture::Reply, status, words: &str| {
        let message = reply.message(status);
        assert!(message.contains(words), "{message}");
    };
    says(server.upload(&[]), 400, "failed to get uploaded files");
    says(
        server.upload(&[metadata("{}")]),
        400,
        "failed to get uploaded files",
    );
    says(
        server.upload(&[file("empty", b"")]),
        400,
        "cannot pin empty file",
    );
    says(
        server.upload(&[file("a", b"x"), metadata("{")]),
        400,
        "metadata",
    );
    says(
        server.upload(&[file("a", b"x"), metadata("[]")]),
        400,
        "metadata",
    );
    says(
        server.upload(&[metadata("{}"), file("a", b"x"), metadata("{}")]),
        400,
        "metadata",
    );
    let long = "x".repeat(100_000);
    says(
        server.upload(&[file("a", b"x"), metadata(&long)]),
        413,
        "field",
    );
    // Short when sent, but longer when stored.
    let numbers = number_pairs(4_000);
    assert!(numbers.len() < 64 << 10);
    says(
        server.upload(&[file("a", b"x"), metadata(&numbers)]),
        413,
        "metadata",
    );
    let cid = "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs";
    let by_cid = format!(r#"{{"hash_to_pin": "{cid}", "metadata": {numbers}}}"#);
    let by_cid = server.curl("/api/pinning/pinByHash", &["--data-raw", &by_cid]);
    says(by_cid, 413, "metadata");
    let raw = server.curl(
        "/api/pinning/",
        &["-d", "x", "-H", "content-type: text/plain"],
    );
    says(raw, 400, "multipart/form-data");
    says(
        server.curl("/api/pinning/", &["-X", "POST"]),
        400,
        "multipart/form-data",
    );
    let text_field = server.curl("/api/pinning/", &["-F", "file=not a file"]);
    says(text_field, 400, "filename");

    let whole = form(&[file("a", &noise(1, 100_000))]);
    for cut in [0, 10, 80, 150, 5000, whole.len() - 10, whole.len() - 5] {
        let mut request = head("POST", whole[..cut].len());
        request.extend_from_slice(&whole[..cut]);
        says(
            talk(server.address(), &request),
            400,
            "failed to get uploaded files",
        );
    }
    assert_eq!(server.kept(), 0);
    assert_eq!(
        server.curl("/api/pinning/pins", &[]).data()["totals"]["files"],
        0
    );
}

fn head(method: &str, length: usize) -> Vec<u8> {
    format!(
        "{method} /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\n\
         pinning_secret_key: {}\r\ncontent-type: multipart/form-data; boundary={BOUNDARY}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n",
        ALICE[0], ALICE[1]
    )
    .into_bytes()
}

/// A client that sends all of a large body before reading must still receive the response.
fn send_all_then_read(
    server: &TestServer,
    mut request: Vec<u8>,
    body: usize,
) -> crate::fixture::Reply {
    request.extend_from_slice(&form(&[file("a", &[])])[..100]);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(&request).unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..body >> 20 {
        stream.write_all(&block).expect("the server reads on");
    }
    read_reply(&mut stream)
}

#[test]
fn a_refusal_before_the_body_is_read_reaches_the_client() {
    let server = TestServer::with(|config| config.limits.upload_bytes = Some(10 << 20));
    let large = 64 << 20;
    let refused = send_all_then_read(&server, head("POST", 100 + large), large);
    assert!(refused.message(413).contains("exceeds the limit"));

    let with_wrong_keys = String::from_utf8(head("POST", 100 + large)).unwrap();
    let with_wrong_keys = with_wrong_keys.replace(ALICE[1], "wrong").into_bytes();
    send_all_then_read(&server, with_wrong_keys, large).message(401);
    let not_allowed = send_all_then_read(&server, head("PUT", 100 + large), large);
    not_allowed.message(405);

    // And curl, which waits for a 100, with and without `Expect`.
    let content = NamedTempFile::new().unwrap();
    content.as_file().set_len(64 << 20).unwrap();
    let form = format!("file=@{};filename=big", content.path().display());
    for expect in ["Expect: 100-continue", "Expect:"] {
        let reply = server.curl("/api/pinning/", &["-F", &form, "-H", expect]);
        assert!(reply.message(413).contains("exceeds the limit"));
        server
            .curl_as(["a", "b"], "/api/pinning/", &["-F", &form, "-H", expect])
            .message(401);
        let chunked = [
            "-F",
            &form,
            "-H",
            expect,
            "-H",
            "transfer-encoding: chunked",
        ];
        server.curl("/api/pinning/", &chunked).message(413);
    }
    assert_eq!(server.kept(), 0);
}

#[test]
fn what_is_thrown_away_after_a_refusal_is_bounded() {
    let server = TestServer::with(|config| {
        config.limits.upload_bytes = Some(1 << 20);
        config.limits.discard_bytes = 8 << 20;
    });
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(&head("POST", 8 << 30)).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let block = vec![b'x'; 1 << 20];
    let sent = (0..8 << 10)
        .take_while(|_| stream.write_all(&block).is_ok())
        .count();
    assert!(sent < 1 << 10, "{sent} MiB were read");
}

#[test]
fn a_body_in_time_is_no_reason_to_close_the_connection() {
    let server = TestServer::start();
    // Two errors and a success on one connection.
    let wrong = "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\n12345";
    let last = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let reply = talk(server.address(), format!("{wrong}{wrong}{last}").as_bytes());
    let all = format!(
        "{}\r\n\r\n{}",
        reply.headers,
        String::from_utf8_lossy(&reply.body)
    );
    assert_eq!(all.matches("HTTP/1.1 401").count(), 2, "{all}");
    assert_eq!(all.matches("HTTP/1.1 200").count(), 1, "{all}");
}

#[test]
fn a_disk_that_would_become_too_full_refuses_uploads() {
    let server = TestServer::embedded(|config| config.limits.free_disk_bytes = u64::MAX / 2);
    let reply = server.upload(&[file("a", b"x")]);
    assert!(reply.message(507).contains("no space"));
    assert_eq!(server.kept(), 0);
}

#[test]
fn heads_are_bounded() {
    let server = TestServer::start();
    let long = format!("x: {}", "y".repeat(40_000));
    server
        .curl("/api/pinning/pins", &["-H", &long])
        .message(431);
    let target = format!("/api/pinning/pins?x={}", "y".repeat(20_000));
    server.curl(&target, &[]).message(414);
    let many: String = (0..200)
        .map(|number| format!("x-{number}: y\r\n"))
        .collect();
    let request = format!("GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n{many}\r\n");
    assert_eq!(talk(server.address(), request.as_bytes()).status, 431);
    let huge = format!("GET /{} HTTP/1.1\r\n", "y".repeat(2 << 20));
    let began = Instant::now();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let _ = stream.write_all(huge.as_bytes());
    drop(stream);
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn parts_are_bounded() {
    let server = TestServer::with(|config| {
        config.limits.parts = 10;
        config.limits.part_header_bytes = 1000;
    });
    let names: Vec<_> = (0..11).map(|number| format!("d/{number}")).collect();
    let parts: Vec<_> = names.iter().map(|name| file(name, b"x")).collect();
    assert_eq!(server.upload(&parts[..10]).status, 201);
    assert!(server.upload(&parts).message(413).contains("10 parts"));
    let long = format!("d/{}", "x/".repeat(600));
    assert!(
        server
            .upload(&[file(&long, b"x")])
            .message(413)
            .contains("headers")
    );
}
