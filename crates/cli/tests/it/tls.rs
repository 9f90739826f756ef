//! Tests of certificates and proxies.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, mpsc},
    thread,
};

use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};

use crate::{
    fixture::{Place, Ran, to},
    service::{cid, page, pin},
};

/// The endpoint of a TLS server with its own root certificate, and that certificate.
fn server() -> (String, String) {
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
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(tls, stream.unwrap());
            let _ = stream.read(&mut [0; 8192]);
            let body = page(&[pin("a", &cid(b"x"))]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    (format!("https://localhost:{port}/api/pinning"), root.pem())
}

#[test]
fn a_certificate_authority_of_one_s_own_can_be_trusted_in_every_way() {
    let (endpoint, root) = server();
    let place = Place::new();
    place.write("ca.pem", root);
    place.write("bad.pem", "nothing of that kind");
    place.write("config.toml", "root_certificates = \"ca.pem\"\n");
    let list = to(&endpoint, &["ls", "--retries", "0"]);
    let said = place.run(&list).fails(1);
    assert!(said.contains("certificate isn't trusted"), "{said}");
    place
        .run(&[&list[..], &["--cacert", "ca.pem"]].concat())
        .ok();
    place
        .run(&[&["--cacert", "ca.pem"], &list[..]].concat())
        .ok();
    for name in ["W3PIN_ROOT_CERTIFICATES", "SSL_CERT_FILE"] {
        Ran::of(place.command(&list).env(name, "ca.pem")).ok();
    }
    // The file is read if the environment leaves settings open.
    let keys = [
        "--api-key",
        "K",
        "--secret-key",
        "S",
        "--config",
        "config.toml",
    ];
    let config = format!("endpoint = {endpoint:?}\nroot_certificates = \"ca.pem\"\n");
    place.write("config.toml", config);
    place.run(&[&["ls"], &keys[..]].concat()).ok();
    let missing = place
        .run(&[&list[..], &["--cacert", "gone.pem"]].concat())
        .fails(1);
    assert!(missing.contains("gone.pem"), "{missing}");
    let bad = place
        .run(&[&list[..], &["--cacert", "bad.pem"]].concat())
        .fails(2);
    assert!(bad.contains("bad.pem"), "{bad}");
    let system = place
        .run(&[&list[..], &["--platform-roots"]].concat())
        .fails(1);
    assert!(system.contains("certificate"), "{system}");
    let system = [&list[..], &["--platform-roots", "--cacert", "ca.pem"]].concat();
    place.run(&system).ok();
}

/// A proxy that rejects connections, and the requests that it got.
fn refusing_proxy() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://user:p4ssw0rd@{}", listener.local_addr().unwrap());
    let (tell, asked) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let mut head = vec![0; 8192];
            let length = stream.read(&mut head).unwrap_or(0);
            let line = String::from_utf8_lossy(&head[..length])
                .lines()
                .next()
                .unwrap_or("")
                .to_owned();
            let _ = tell.send(line);
            let _ = stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    (url, asked)
}

#[test]
fn a_proxy_is_used_in_every_way_and_named_where_it_refuses() {
    let place = Place::new();
    let (proxy, asked) = refusing_proxy();
    let list = to(
        "https://pins.example/api/pinning",
        &["ls", "--retries", "0"],
    );
    let check = |ran: Ran| {
        let said = ran.fails(1);
        assert!(
            said.contains("proxy") && !said.contains("p4ssw0rd"),
            "{said}"
        );
        assert_eq!(asked.recv().unwrap(), "CONNECT pins.example:443 HTTP/1.1");
    };
    check(place.run(&[&list[..], &["--proxy", &proxy]].concat()));
    check(Ran::of(place.command(&list).env("W3PIN_PROXY", &proxy)));
    check(Ran::of(place.command(&list).env("HTTPS_PROXY", &proxy)));
    let bad = place
        .run(&[&list[..], &["--proxy", "user:p4ssw0rd@nowhere"]].concat())
        .fails(2);
    assert!(!bad.contains("p4ssw0rd"), "{bad}");
    let both = place.run(&[&list[..], &["--proxy", &proxy, "--no-proxy"]].concat());
    assert_eq!(both.code, 2);
    assert!(!both.err.contains("p4ssw0rd"), "{both:?}");

    // Local servers are reached without it.
    let (endpoint, root) = server();
    place.write("ca.pem", root);
    let args = to(&endpoint, &["ls", "--cacert", "ca.pem", "--no-proxy"]);
    Ran::of(place.command(&args).env("W3PIN_PROXY", &proxy)).ok();
    assert!(asked.try_recv().is_err());
}
