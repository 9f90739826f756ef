//! Certificates, trusted or not.

use std::sync::Arc;

use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use w3pin::{Client, ClientBuilder, Credentials, ErrorKind, RetryPolicy};

use crate::{
    API_KEY, SECRET_KEY,
    server::{cid, pin, success},
};

/// A server over TLS with a root of its own, which answers one pin to everything over HTTP/1.1, and
/// that root.
async fn server() -> (String, String) {
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

    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(leaf.der().to_vec())],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut request = vec![0; 8192];
                let _ = stream.read(&mut request).await;
                let body = success(&pin("a", &cid(b"x")));
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (format!("https://localhost:{port}/api/pinning"), root.pem())
}

fn builder(endpoint: &str) -> ClientBuilder {
    Client::builder()
        .credentials(Credentials::new(API_KEY, SECRET_KEY).unwrap())
        .endpoint(endpoint.parse().unwrap())
        .retry(RetryPolicy::never())
}

#[tokio::test]
async fn an_unknown_root_is_refused_and_an_added_one_trusted() {
    let (endpoint, root) = server().await;
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
    let (endpoint, root) = server().await;
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
