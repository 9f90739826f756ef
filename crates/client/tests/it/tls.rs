//! Tests of trusted and untrusted certificates.

use std::{convert::Infallible, pin::Pin, sync::Arc};

use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use w3pin::{Client, ClientBuilder, Credentials, ErrorKind, PinOptions, RetryPolicy, Verify};

use crate::{
    API_KEY, SECRET_KEY,
    leaks::{Log, assert_clean},
    server::{Request, cid, content, failure, pin, success},
};

/// What a TLS server does with a connection.
pub(crate) type Serve = fn(TlsStream<TcpStream>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// The endpoint of a TLS server with its own root certificate, and that certificate.
pub(crate) async fn server(protocol: &str, serve: Serve) -> (String, String) {
    let (acceptor, root) = acceptor(protocol);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream).await;
                }
            });
        }
    });
    (format!("https://localhost:{port}/api/pinning"), root)
}

/// TLS for `localhost` with this protocol, and its root certificate.
pub(crate) fn acceptor(protocol: &str) -> (TlsAcceptor, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();

    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(leaf.der().to_vec())],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    (TlsAcceptor::from(Arc::new(config)), root.pem())
}

/// Responds to everything with the same pin, over HTTP/1.1.
pub(crate) fn one_pin(
    mut stream: TlsStream<TcpStream>,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let mut request = vec![0; 8192];
        let _ = stream.read(&mut request).await;
        let body = success(&pin("a", &cid(b"x")));
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        let _ = stream.shutdown().await;
    })
}

/// Responds to uploads over HTTP/2: with the CID of what arrives, or at once if the request isn't authorised.
pub(crate) fn http2(stream: TlsStream<TcpStream>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    async fn answer(
        request: hyper::Request<hyper::body::Incoming>,
    ) -> Result<hyper::Response<Full<bytes::Bytes>>, Infallible> {
        assert_eq!(request.version(), hyper::Version::HTTP_2);
        let authorised = request.headers()["pinning_api_key"] == API_KEY;
        if !authorised {
            let mut refusal = hyper::Response::new(Full::from(failure("you are not logged in")));
            *refusal.status_mut() = hyper::StatusCode::UNAUTHORIZED;
            return Ok(refusal);
        }
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let headers = head.headers.iter();
        let arrived = Request {
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body,
            ..Request::default()
        };
        assert_eq!(
            arrived.header("content-length"),
            Some(&*arrived.body.len().to_string())
        );
        let root = cid(&arrived.parts()[0].2);
        Ok(hyper::Response::new(Full::from(success(&pin(
            "new", &root,
        )))))
    }
    Box::pin(async move {
        let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service_fn(answer))
            .await;
    })
}

#[tokio::test]
async fn uploads_go_out_over_http2_where_the_server_speaks_it() {
    let (endpoint, root) = server("h2", http2).await;
    let builder = builder(&endpoint).root_certificates_pem(root.as_bytes());
    let client = builder.clone().build().unwrap();
    let options = PinOptions::new().verify(Verify::Require);
    client.pin_bytes(content(3_000_000), options).await.unwrap();

    let strange = Credentials::new("other", "other").unwrap();
    let client = builder.credentials(strange).build().unwrap();
    let error = client
        .pin_bytes(content(20_000_000), PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(error.service_message(), Some("you are not logged in"));
}

/// HTTP/2 libraries log their own events, down to frames.
#[tokio::test]
async fn no_library_traces_a_key_over_http2() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (endpoint, root) = server("h2", http2).await;
    let builder = builder(&endpoint).root_certificates_pem(root.as_bytes());
    let client = builder.build().unwrap();
    let pinned = client.pin_bytes(content(100_000), PinOptions::new()).await;
    pinned.unwrap();
    let text = log.text();
    assert!(text.contains("h2::"), "{text}");
    assert_clean(&text);
}

pub(crate) fn builder(endpoint: &str) -> ClientBuilder {
    Client::builder()
        .credentials(Credentials::new(API_KEY, SECRET_KEY).unwrap())
        .endpoint(endpoint.parse().unwrap())
        .retry(RetryPolicy::never())
}

#[tokio::test]
async fn an_unknown_root_is_refused_and_an_added_one_trusted() {
    let (endpoint, root) = server("http/1.1", one_pin).await;
    for platform in [false, true] {
        let client = builder(&endpoint).platform_roots(platform).build().unwrap();
        let error = client.get_pin(&"a".parse().unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert!(
            error.to_string().contains("certificate isn't trusted"),
            "{error}"
        );
        assert!(!error.is_retryable());
        let client = builder(&endpoint)
            .platform_roots(platform)
            .root_certificates_pem(root.as_bytes())
            .build()
            .unwrap();
        client.get_pin(&"a".parse().unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (endpoint, root) = server("http/1.1", one_pin).await;
    let client = builder(&endpoint.replace("localhost", "127.0.0.1"))
        .root_certificates_pem(root.as_bytes())
        .build()
        .unwrap();
    let error = client.get_pin(&"a".parse().unwrap()).await.unwrap_err();
    assert!(
        error.to_string().contains("certificate isn't trusted"),
        "{error}"
    );
}

#[tokio::test]
async fn plain_http_where_tls_is_expected_is_an_error() {
    let server = crate::server::Server::raw(|_, mut connection| {
        connection.answer(400, "This is plain HTTP.");
        connection.end();
    });
    let endpoint = format!("https://{}/api/pinning", server.address());
    let error = builder(&endpoint)
        .build()
        .unwrap()
        .get_pin(&"a".parse().unwrap())
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Transport);
}
