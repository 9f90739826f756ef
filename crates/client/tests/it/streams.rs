//! Tests of content that can be read only once.

use std::io::{self, Cursor};

use bytes::Bytes;
use w3pin::{ByteStream, ErrorKind, PinOptions, Verify};

use crate::{
    client,
    server::{Kept, Server, cid, content, honest, page, pin},
};

fn stream(bytes: &[u8], size: usize) -> ByteStream {
    let parts: Vec<io::Result<Bytes>> = bytes
        .chunks(size)
        .map(|part| Ok(Bytes::copy_from_slice(part)))
        .collect();
    ByteStream::new(futures_util::stream::iter(parts))
}

#[tokio::test]
async fn without_a_length_it_is_sent_in_chunks() {
    let server = Server::new(|_, request, connection| honest(request, connection));
    let bytes = content(2_500_000);
    let options = PinOptions::new().verify(Verify::Require);
    client(&server)
        .pin_stream(stream(&bytes, 7777), options.clone())
        .await
        .unwrap();
    client(&server)
        .pin_stream(ByteStream::from_reader(Cursor::new(bytes.clone())), options)
        .await
        .unwrap();
    for request in server.requests() {
        assert_eq!(request.header("transfer-encoding"), Some("chunked"));
        assert_eq!(request.header("content-length"), None);
        let parts = request.parts();
        assert_eq!(parts[0].1.as_deref(), Some("stream"));
        assert!(parts[0].2 == bytes);
    }
}

#[tokio::test]
async fn with_a_length_it_is_told_before() {
    let server = Server::new(|_, request, connection| honest(request, connection));
    let bytes = content(600_000);
    let stream = stream(&bytes, 100_000).length(600_000);
    client(&server)
        .pin_stream(stream, PinOptions::new())
        .await
        .unwrap();
    let request = &server.requests()[0];
    assert_eq!(
        request.header("content-length"),
        Some(&*request.body.len().to_string())
    );
    assert!(request.parts()[0].2 == bytes);
}

#[tokio::test]
async fn an_empty_stream_is_refused_before_a_byte_is_sent() {
    let server = Server::new(|_, request, connection| honest(request, connection));
    let empty = || ByteStream::from_reader(io::empty());
    let error = client(&server)
        .pin_stream(empty(), PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let zero = empty().length(0);
    let error = client(&server)
        .pin_stream(zero, PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_stream_that_breaks_or_lies_is_an_error_and_no_upload() {
    let server = Server::new(|_, request, connection| honest(request, connection));
    let client = client(&server);
    let broken = futures_util::stream::iter([
        Ok(Bytes::from(content(1_000_000))),
        Err(io::Error::other("the tape tore")),
    ]);
    let error = client
        .pin_stream(ByteStream::new(broken), PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo);
    assert!(error.to_string().contains("the tape tore"), "{error}");
    for (length, word) in [(999_999, "longer"), (1_000_001, "shorter")] {
        let stream = stream(&content(1_000_000), 50_000).length(length);
        let error = client
            .pin_stream(stream, PinOptions::new())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo);
        assert!(error.to_string().contains(word), "{error}");
    }
    assert!(server.requests().is_empty(), "none was complete");
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_but_the_stream_not_sent_again() {
    for found in [true, false] {
        let server = Server::new(move |_, request, connection| {
            if request.is_upload() {
                return Kept::No;
            }
            let pins = [pin("made", &cid(&content(100_000)))];
            connection.answer(200, &page(if found { &pins } else { &[] }));
            Kept::Yes
        });
        let stream = stream(&content(100_000), 1000);
        let result = client(&server).pin_stream(stream, PinOptions::new()).await;
        match result {
            Ok(pin) => assert!(found && pin.id.as_str() == "made" && !pin.already_pinned),
            Err(error) => assert!(!found && error.kind() == ErrorKind::Transport, "{error}"),
        }
        assert_eq!(server.uploads(), 1);
        assert_eq!(server.requests().len(), if found { 2 } else { 3 });
    }
}

#[tokio::test]
async fn a_stream_that_was_not_begun_may_be_tried_again() {
    // The port is bound, so that no other test gets it, but nothing listens until later.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let policy = w3pin::RetryPolicy::default()
        .base_delay(std::time::Duration::from_millis(400))
        .attempts(50);
    let client = w3pin::Client::builder()
        .credentials(w3pin::Credentials::new("a", "b").unwrap())
        .endpoint(format!("http://{address}/api/pinning").parse().unwrap())
        .retry(policy)
        .build()
        .unwrap();
    let later = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let (stream, _) = socket.listen(1).unwrap().accept().await.unwrap();
        let stream = stream.into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        let answered = tokio::task::spawn_blocking(|| {
            let mut connection = crate::server::Connection::new(stream);
            let request = connection.request().unwrap();
            honest(&request, &mut connection);
        });
        answered.await.unwrap();
    });
    let pin = client
        .pin_stream(stream(b"hello", 2), PinOptions::new())
        .await
        .unwrap();
    assert_eq!(pin.cid.to_string(), cid(b"hello"));
    later.await.unwrap();
}
