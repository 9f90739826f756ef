//! Tests with failing networks and services.

use std::time::Duration;

use w3pin::{ErrorKind, PinId, PinOptions, RetryPolicy, Verify};

use crate::{
    builder, client,
    server::{Kept, Server, cid, content, failure, honest, page, pin, query, success},
};

fn id() -> PinId {
    "a".parse().unwrap()
}

fn found() -> String {
    success(&pin("a", &cid(b"x")))
}

#[tokio::test]
async fn safe_calls_are_tried_until_they_succeed() {
    let server = Server::new(|number, _, connection| {
        match number {
            1 => return Kept::No,
            2 => connection.answer(503, "<html>busy</html>"),
            3 => connection.answer(408, ""),
            4 => connection.answer_with(429, &[("Retry-After", "0")], &failure("slow down")),
            _ => connection.answer(200, &found()),
        }
        Kept::Yes
    });
    client(&server).get_pin(&id()).await.unwrap();
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn retry_after_is_kept_to_as_seconds_and_as_a_date() {
    let started = std::time::SystemTime::now();
    let server = Server::new(|number, _, connection| {
        let date = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(3));
        match number {
            1 => connection.answer_with(429, &[("Retry-After", "1")], &failure("slow down")),
            // Without a `Date` header, the time of the response is when it arrived.
            2 => connection.answer_with(429, &[("Retry-After", &date)], &failure("slow down")),
            _ => connection.answer(200, &found()),
        }
        Kept::Yes
    });
    client(&server).get_pin(&id()).await.unwrap();
    // A second, and at least two of three seconds, since a date has no fractions.
    assert!(started.elapsed().unwrap() >= Duration::from_secs(3));
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let server = Server::new(|_, _, connection| {
        connection.answer(402, &failure("user not enough balance"));
        Kept::Yes
    });
    let error = client(&server)
        .pin_bytes("x", PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InsufficientFunds);
    assert_eq!(error.service_message(), Some("user not enough balance"));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_upload_that_broke_on_its_way_is_sent_again() {
    for at in [0, 1, 3_000_000] {
        let server = Server::raw(move |number, mut connection| {
            let mut request = connection.head().unwrap();
            if number < 3 {
                connection.take(at);
                // Closing a connection with unread bytes resets it.
                return;
            }
            connection.body(&mut request).unwrap();
            honest(&request, &mut connection);
            connection.end();
        });
        let options = PinOptions::new().verify(Verify::Require);
        // More than sockets buffer, so that it can't all have been sent.
        client(&server)
            .pin_bytes(content(48 << 20), options)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_upload_whose_answer_is_lost_is_looked_for_and_not_sent_twice() {
    for lost in ["reset", "503", "truncated", "garbled"] {
        let server = Server::new(move |_, request, connection| {
            if request.is_upload() {
                match lost {
                    "reset" => {}
                    "503" => connection.answer(503, "busy"),
                    "truncated" => connection
                        .send(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"data\":"),
                    _ => connection.answer(201, "{\"data\": nonsense"),
                }
                return Kept::No;
            }
            assert_eq!(query(request)["sortOrder"], "DESC");
            connection.answer(200, &page(&[pin("made", &cid(&content(700_000)))]));
            Kept::Yes
        });
        // Without a CID from sending, it is computed by reading the content again.
        for verify in [Verify::Report, Verify::Off] {
            let options = PinOptions::new().verify(verify);
            let found = client(&server)
                .pin_bytes(content(700_000), options)
                .await
                .unwrap();
            assert_eq!(
                (found.id.as_str(), found.already_pinned),
                ("made", false),
                "{lost}"
            );
        }
        assert_eq!(server.uploads(), 2, "{lost}");
    }
}

#[tokio::test]
async fn an_upload_that_left_no_pin_is_sent_again() {
    let server = Server::new(|number, request, connection| {
        if number == 1 {
            connection.answer(503, "busy");
            return Kept::Yes;
        }
        honest(request, connection)
    });
    client(&server)
        .pin_bytes("x", PinOptions::new())
        .await
        .unwrap();
    let methods: Vec<_> = server
        .requests()
        .into_iter()
        .map(|request| request.method)
        .collect();
    assert_eq!(methods, ["POST", "GET", "GET", "POST"]);
}

#[tokio::test]
async fn a_pin_that_was_slow_to_show_is_still_the_one_just_made() {
    let server = Server::new(|number, request, connection| {
        match (number, request.is_upload()) {
            (1, _) => return Kept::No,
            (2, _) => connection.answer(200, &page(&[])),
            (_, true) => connection.answer(409, &failure("pin with that hash already exists")),
            (_, false) => connection.answer(200, &page(&[pin("made", &cid(b"x"))])),
        }
        Kept::Yes
    });
    let made = client(&server)
        .pin_bytes("x", PinOptions::new())
        .await
        .unwrap();
    assert_eq!((made.id.as_str(), made.already_pinned), ("made", false));
}

#[tokio::test]
async fn an_old_pin_of_the_same_content_is_not_taken_for_the_lost_one() {
    let server = Server::new(|number, request, connection| {
        if request.is_list() {
            let old = pin("old", &cid(b"x")).replace("2999", "2020");
            connection.answer(200, &page(&[old]));
            return Kept::Yes;
        }
        if number == 1 {
            return Kept::No;
        }
        honest(request, connection)
    });
    let made = client(&server)
        .pin_bytes("x", PinOptions::new())
        .await
        .unwrap();
    assert_eq!(made.id.as_str(), "new");
    assert_eq!(server.uploads(), 2);
}

#[tokio::test]
async fn an_upload_is_not_sent_again_while_nobody_knows_what_became_of_it() {
    let server = Server::new(|_, request, connection| {
        if request.is_list() {
            connection.answer(403, &failure("no"));
            return Kept::Yes;
        }
        Kept::No
    });
    let error = client(&server)
        .pin_bytes("x", PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(server.uploads(), 1);
}

#[tokio::test]
async fn without_retries_a_call_is_made_once() {
    let server = Server::new(|_, _, _| Kept::No);
    let options = PinOptions::new().retry(RetryPolicy::never());
    let error = client(&server).pin_bytes("x", options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_cut_short_is_a_decode_error_with_an_excerpt() {
    for cut in [
        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"data\":{\"id",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"data\":{\"id",
    ] {
        let server = Server::new(move |_, _, connection| {
            connection.send(cut.as_bytes());
            Kept::No
        });
        let client = builder(&server)
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let error = client.get_pin(&id()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Decode, Some(200))
        );
        assert!(
            error.body_excerpt().unwrap().starts_with("{\"data\""),
            "{error:?}"
        );
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_it() {
    let server = Server::new(|_, _, connection| {
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n");
        let block = vec![b' '; 1024 * 1024];
        for _ in 0..200 {
            connection.send(&block);
        }
        Kept::No
    });
    let error = client(&server).get_pin(&id()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_long_refusal_is_still_the_refusal() {
    let server = Server::new(|_, _, connection| {
        connection.answer(403, &"<html>".repeat(1_000_000));
        Kept::No
    });
    let error = client(&server).get_pin(&id()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.body_excerpt().unwrap().len() <= 1024);
}

#[tokio::test]
async fn an_answer_that_stalls_hits_the_idle_timeout() {
    for begun in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    ] {
        let server = Server::raw(move |_, mut connection| {
            connection.request().unwrap();
            connection.send(begun.as_bytes());
            assert!(connection.closes(), "the client gives up");
        });
        let client = builder(&server)
            .retry(RetryPolicy::never())
            .idle_timeout(Duration::from_millis(200))
            .build()
            .unwrap();
        let error = client.get_pin(&id()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{begun:?}: {error}");
    }
}

#[tokio::test]
async fn an_upload_that_stalls_hits_the_idle_timeout() {
    let server = Server::raw(|_, mut connection| {
        connection.head().unwrap();
        std::thread::sleep(Duration::from_secs(1));
        connection.closes();
    });
    let client = builder(&server)
        .idle_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let options = PinOptions::new().retry(RetryPolicy::never());
    let error = client
        .pin_bytes(content(64 << 20), options)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("made no progress"), "{error}");
}

#[tokio::test]
async fn an_upload_that_is_slow_but_steady_is_left_alone() {
    let server = Server::raw(|_, mut connection| {
        let mut request = connection.head().unwrap();
        let length: usize = request.header("content-length").unwrap().parse().unwrap();
        while request.body.len() < length {
            let rest = length - request.body.len();
            let part = connection.take(rest.min(1024 * 1024));
            request.body.extend(part.expect("it isn't given up"));
            std::thread::sleep(Duration::from_millis(150));
        }
        honest(&request, &mut connection);
        connection.end();
    });
    // The whole takes longer than the timeout, but each step less.
    let client = builder(&server)
        .idle_timeout(Duration::from_secs(5))
        .build()
        .unwrap();
    let options = PinOptions::new().retry(RetryPolicy::never());
    client.pin_bytes(content(40 << 20), options).await.unwrap();
}

#[tokio::test]
async fn a_whole_call_may_be_limited() {
    let server = Server::raw(|_, mut connection| {
        connection.head().unwrap();
        connection.closes();
    });
    let options = PinOptions::new().timeout(Duration::from_millis(200));
    let error = client(&server)
        .pin_bytes(content(1000), options)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

/// Sends this, a few bytes at a time, endlessly.
async fn dripping(begun: &'static str, drop: &'static str) -> w3pin::Error {
    let server = Server::raw(move |_, mut connection| {
        connection.request().unwrap();
        connection.send(begun.as_bytes());
        for _ in 0..2000 {
            connection.send(drop.as_bytes());
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let client = builder(&server)
        .retry(RetryPolicy::never())
        .idle_timeout(Duration::from_millis(1500))
        .call_timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    // Uploads have no time limit by default.
    client.pin_bytes("x", PinOptions::new()).await.unwrap_err()
}

#[tokio::test]
async fn a_response_that_drips_ends() {
    let error = dripping("HTTP/1.1 201 Created\r\nContent-Length: 9999\r\n\r\n", " ").await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("to arrive"), "{error}");
    let error = dripping(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "1\r\n \r\n",
    )
    .await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    // A rejection counts, even if its text is incomplete.
    let error = dripping("HTTP/1.1 402 No\r\nContent-Length: 9999\r\n\r\n", "x").await;
    assert_eq!(error.kind(), ErrorKind::InsufficientFunds);
    for (begun, drop) in [
        ("HTTP/1.1 201 Created\r\n", "X: y\r\n"),
        ("HTTP/1.1 201 Created\r\nX: ", "y"),
        ("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
    ] {
        let error = dripping(begun, drop).await;
        assert_eq!(error.kind(), ErrorKind::Timeout, "{begun}: {error}");
    }
}

#[tokio::test]
async fn a_refused_connection_has_one_cause() {
    let endpoint = format!("http://{}/api/pinning", crate::NOBODY);
    let error = w3pin::Client::builder()
        .credentials(w3pin::Credentials::new("kkkk", "ssss").unwrap())
        .endpoint(endpoint.parse().unwrap())
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
        .get_pin(&id())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    let cause = std::error::Error::source(&error).unwrap();
    let cause = cause.downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(cause.kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(std::error::Error::source(cause).is_none());
}
