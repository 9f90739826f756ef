//! Tests of connections that are kept alive for the next request.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, sync::oneshot};
use tokio_rustls::server::TlsStream;
use w3pin::{ByteStream, Client, PinId, PinOptions, RetryPolicy, Verify};

use crate::{
    builder,
    server::{Connection, Kept, Server, cid, content, honest, pin, success},
    tls,
};

fn id() -> PinId {
    "a".parse().unwrap()
}

fn found() -> String {
    success(&pin("a", &cid(b"x")))
}

/// A client that never retries.
fn once(server: &Server) -> Client {
    let builder = builder(server).retry(RetryPolicy::never());
    builder.build().unwrap()
}

fn unproved() -> PinOptions {
    PinOptions::new().verify(Verify::Off)
}

/// Serves the first request of the first connection, then runs `end` with it; serves all others normally.
fn ending(end: fn(Connection)) -> Server {
    Server::raw(move |number, mut connection| {
        if number == 1 {
            connection.request().unwrap();
            connection.answer(200, &found());
            return end(connection);
        }
        while let Some(request) = connection.request() {
            if request.is_upload() {
                honest(&request, &mut connection);
            } else {
                connection.answer(200, &found());
            }
        }
    })
}

/// Closes the connection while it is idle.
fn between_requests(connection: Connection) {
    thread::sleep(Duration::from_millis(50));
    drop(connection);
}

/// Closes the connection when the next request has started to arrive.
fn in_the_next_request(mut connection: Connection) {
    connection.head();
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_not_used() {
    for pause in [
        // The runtime sees the connection close, or is asleep.
        tokio::time::sleep as fn(Duration) -> _,
        |time| {
            thread::sleep(time);
            tokio::time::sleep(Duration::ZERO)
        },
    ] {
        let server = ending(between_requests);
        let client = once(&server);
        client.get_pin(&id()).await.unwrap();
        pause(Duration::from_millis(300)).await;
        client.pin_bytes(content(1024), unproved()).await.unwrap();

        let server = ending(between_requests);
        let client = once(&server);
        client.get_pin(&id()).await.unwrap();
        pause(Duration::from_millis(300)).await;
        let bytes = Bytes::from(content(100_000_000));
        client.pin_bytes(bytes, unproved()).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_breaks_under_the_next_request_costs_no_attempt() {
    let server = ending(in_the_next_request);
    let client = once(&server);
    client.get_pin(&id()).await.unwrap();
    client.get_pin(&id()).await.unwrap();

    let server = ending(in_the_next_request);
    let client = once(&server);
    client.get_pin(&id()).await.unwrap();
    let bytes = Bytes::from(content(100_000_000));
    client.pin_bytes(bytes, unproved()).await.unwrap();
}

/// A small upload is sent at once, so a service that closes the connection may have received it.
#[tokio::test]
async fn a_small_upload_under_which_a_connection_breaks_is_looked_for_first() {
    let uploads = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&uploads);
    let server = Server::raw(move |number, mut connection| {
        while let Some(request) = connection.request() {
            if request.is_upload() && number == 1 {
                return;
            }
            seen.fetch_add(usize::from(request.is_upload()), Ordering::SeqCst);
            honest(&request, &mut connection);
        }
    });
    let client = builder(&server).build().unwrap();
    client.list_pins(&w3pin::ListOptions::new()).await.unwrap();
    client.pin_bytes(content(1024), unproved()).await.unwrap();
    assert_eq!(uploads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stream_never_trusts_a_connection_that_was_used() {
    for end in [
        between_requests as fn(Connection),
        in_the_next_request,
        |mut connection| {
            connection.closes();
        },
    ] {
        let server = ending(end);
        let client = once(&server);
        client.get_pin(&id()).await.unwrap();
        let bytes = content(300_000);
        let stream = ByteStream::from_reader(std::io::Cursor::new(bytes));
        client.pin_stream(stream, unproved()).await.unwrap();
    }
}

#[tokio::test]
async fn a_fresh_connection_that_breaks_is_a_failure() {
    let connections = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&connections);
    let server = Server::raw(move |_, mut connection| {
        seen.fetch_add(1, Ordering::SeqCst);
        connection.request();
    });
    let error = once(&server).get_pin(&id()).await.unwrap_err();
    assert_eq!(error.kind(), w3pin::ErrorKind::Transport);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

/// The connections counted by a server.
#[derive(Default)]
struct Count {
    open: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
}

fn counting(count: &Arc<Count>) -> Server {
    let count = Arc::clone(count);
    Server::raw(move |_, mut connection| {
        let open = count.open.fetch_add(1, Ordering::SeqCst) + 1;
        count.most.fetch_max(open, Ordering::SeqCst);
        count.all.fetch_add(1, Ordering::SeqCst);
        while connection.request().is_some() {
            thread::sleep(Duration::from_millis(2));
            connection.answer(200, &found());
        }
        count.open.fetch_sub(1, Ordering::SeqCst);
    })
}

#[tokio::test]
async fn calls_one_after_another_share_a_connection() {
    let count = Arc::default();
    let server = counting(&count);
    let client = once(&server);
    for _ in 0..20 {
        client.get_pin(&id()).await.unwrap();
    }
    assert_eq!(count.all.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_at_once_have_few_connections_and_keep_fewer() {
    let count = Arc::default();
    let server = counting(&count);
    let client = once(&server);
    let id = id();
    stream::iter(0..2000)
        .for_each_concurrent(None, |_| async { drop(client.get_pin(&id).await.unwrap()) })
        .await;
    let most = count.most.load(Ordering::SeqCst);
    // A server notices closed connections later than the client.
    assert!(most <= 300, "{most} connections at once");
    for _ in 0..1000 {
        if count.open.load(Ordering::SeqCst) <= 32 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} connections are kept", count.open.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_client_outlives_the_runtime_of_its_connections() {
    let server = Server::new(|_, _, connection| {
        connection.answer(200, &found());
        Kept::Yes
    });
    let client = once(&server);
    let call = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(client.get_pin(&id())).unwrap();
    };
    thread::spawn(move || (0..3).for_each(|_| call()))
        .join()
        .unwrap();
}

/// Serves one request over HTTP/2, and closes the connection.
fn http2_once(stream: TlsStream<TcpStream>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let (tell, told) = oneshot::channel();
        let tell = Mutex::new(Some(tell));
        let service = service_fn(move |_| {
            let tell = tell.lock().unwrap().take();
            async move {
                tell.map(|tell| tell.send(()));
                Ok::<_, Infallible>(hyper::Response::new(Full::<Bytes>::from(found())))
            }
        });
        let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            _ = &mut connection => return,
            _ = told => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    })
}

#[tokio::test]
async fn an_http2_connection_that_was_closed_is_not_used() {
    let (endpoint, root) = tls::server("h2", http2_once).await;
    let client = tls::builder(&endpoint)
        .root_certificates_pem(root.as_bytes())
        .build()
        .unwrap();
    for _ in 0..3 {
        client.get_pin(&id()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // Right after the response, the connection may still seem to be open.
    for _ in 0..10 {
        client.get_pin(&id()).await.unwrap();
    }
}
