//! Tests with servers that reject an upload before reading it.

use std::{net::Shutdown, sync::LazyLock, time::Duration};

use bytes::Bytes;
use w3pin::{ErrorKind, PinOptions, RetryPolicy};

use crate::{
    client,
    server::{Server, content, failure},
};

/// Sends more than any socket buffers.
const LENGTH: usize = 48 << 20;

async fn refused(server: &Server, options: PinOptions) -> w3pin::Error {
    static CONTENT: LazyLock<Bytes> = LazyLock::new(|| content(LENGTH).into());
    client(server)
        .pin_bytes(CONTENT.clone(), options)
        .await
        .unwrap_err()
}

fn refusal(status: u16) -> String {
    let body = failure("you are not logged in");
    format!(
        "HTTP/1.1 {status} No\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn check(error: &w3pin::Error) {
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Authentication, Some(401)),
        "{error:?}"
    );
    assert_eq!(error.service_message(), Some("you are not logged in"));
}

#[tokio::test]
async fn the_refusal_counts_where_the_server_stops_reading() {
    let server = Server::raw(|_, mut connection| {
        connection.head().unwrap();
        connection.send(refusal(401).as_bytes());
        std::thread::sleep(Duration::from_secs(2));
    });
    check(&refused(&server, PinOptions::new().retry(RetryPolicy::never())).await);
}

#[tokio::test]
async fn the_refusal_counts_where_the_server_ends_and_reads_on() {
    let server = Server::raw(|_, mut connection| {
        connection.head().unwrap();
        connection.send(refusal(401).as_bytes());
        connection.end();
    });
    check(&refused(&server, PinOptions::new().retry(RetryPolicy::never())).await);
}

#[tokio::test]
async fn the_refusal_counts_where_the_server_closes_a_little_later() {
    let server = Server::raw(|_, mut connection| {
        connection.head().unwrap();
        connection.send(
            refusal(413)
                .replace("you are not logged in", "too large")
                .as_bytes(),
        );
        let _ = connection.stream.shutdown(Shutdown::Write);
        std::thread::sleep(Duration::from_millis(50));
    });
    let error = refused(&server, PinOptions::new().retry(RetryPolicy::never())).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(413)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_refusal_counts_where_the_server_closes_at_once() {
    for _ in 0..100 {
        // The following reset aborts the upload before or after the response is read.
        let server = Server::raw(|_, mut connection| {
            connection.head().unwrap();
            connection.send(refusal(401).as_bytes());
        });
        check(&refused(&server, PinOptions::new().retry(RetryPolicy::never())).await);
    }
}
