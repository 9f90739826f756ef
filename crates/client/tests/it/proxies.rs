//! Tests of proxies over real sockets.

use std::{
    error::Error as _,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use w3pin::{Client, ClientBuilder, ErrorKind, Insecure, PinOptions, Result};

use crate::{
    leaks::assert_clean,
    server::{Kept, Server, cid, content, honest, pin, success},
    tls,
};

const PASSWORD: &str = "pa55word";

/// The requests that a proxy got.
type Asked = Arc<Mutex<Vec<String>>>;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Runs `serve` for every connection, with TLS if there is an acceptor.
async fn proxy<F>(
    acceptor: Option<tokio_rustls::TlsAcceptor>,
    serve: impl Fn(Box<dyn Stream>, Asked) -> F + Send + Sync + 'static,
) -> (SocketAddr, Asked)
where
    F: Future<Output = Option<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let stream: Box<dyn Stream> = match &acceptor {
                None => Box::new(stream),
                Some(acceptor) => match acceptor.accept(stream).await {
                    Ok(stream) => Box::new(stream),
                    Err(_) => continue,
                },
            };
            tokio::spawn(serve(stream, Arc::clone(&seen)));
        }
    });
    (address, asked)
}

async fn head(stream: &mut impl Stream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// Opens tunnels for clients with the password.
async fn tunnels(mut stream: Box<dyn Stream>, asked: Asked) -> Option<()> {
    let head = head(&mut stream).await?;
    asked.lock().unwrap().push(head.clone());
    let to = head.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    // user:pa55word
    if !head.contains("\r\nproxy-authorization: Basic dXNlcjpwYTU1d29yZA==\r\n") {
        let refusal =
            b"HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
        return stream.write_all(refusal).await.ok();
    }
    let mut service = TcpStream::connect(to).await.ok()?;
    stream
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .await
        .ok()?;
    copy_bidirectional(&mut stream, &mut service).await.ok()?;
    Some(())
}

/// A SOCKS5 server for clients with the password (RFC 1928 and 1929).
async fn socks5(mut stream: Box<dyn Stream>, asked: Asked) -> Option<()> {
    assert_eq!(stream.read_u8().await.ok()?, 5);
    let methods = stream.read_u8().await.ok()?;
    let mut offered = vec![0; methods.into()];
    stream.read_exact(&mut offered).await.ok()?;
    if !offered.contains(&2) {
        return stream.write_all(&[5, 0xff]).await.ok();
    }
    stream.write_all(&[5, 2]).await.ok()?;
    assert_eq!(stream.read_u8().await.ok()?, 1);
    let mut login = Vec::new();
    for _ in 0..2 {
        let length = stream.read_u8().await.ok()?;
        let mut text = vec![0; length.into()];
        stream.read_exact(&mut text).await.ok()?;
        login.push(String::from_utf8(text).unwrap());
    }
    let is_known = login == ["user", PASSWORD];
    stream.write_all(&[1, u8::from(!is_known)]).await.ok()?;
    if !is_known {
        return None;
    }
    let mut request = [0; 4];
    stream.read_exact(&mut request).await.ok()?;
    assert_eq!(request[..3], [5, 1, 0], "a connection is asked for");
    let to = match request[3] {
        1 => {
            let mut address = [0; 4];
            stream.read_exact(&mut address).await.ok()?;
            std::net::Ipv4Addr::from(address).to_string()
        }
        3 => {
            let length = stream.read_u8().await.ok()?;
            let mut name = vec![0; length.into()];
            stream.read_exact(&mut name).await.ok()?;
            String::from_utf8(name).unwrap()
        }
        other => panic!("an address of type {other}"),
    };
    let to = format!("{to}:{}", stream.read_u16().await.ok()?);
    asked.lock().unwrap().push(to.clone());
    let Ok(mut service) = TcpStream::connect(to).await else {
        return stream.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok();
    };
    stream
        .write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0])
        .await
        .ok()?;
    copy_bidirectional(&mut stream, &mut service).await.ok()?;
    Some(())
}

/// A SOCKS4 server with the host names of SOCKS4a.
async fn socks4(mut stream: Box<dyn Stream>, asked: Asked) -> Option<()> {
    let mut request = [0; 9];
    stream.read_exact(&mut request).await.ok()?;
    assert_eq!((request[..2].as_ref(), request[8]), ([4, 1].as_ref(), 0));
    let port = u16::from_be_bytes([request[2], request[3]]);
    let host = if request[4..7] == [0, 0, 0] {
        let mut name = Vec::new();
        loop {
            match stream.read_u8().await.ok()? {
                0 => break String::from_utf8(name).unwrap(),
                byte => name.push(byte),
            }
        }
    } else {
        std::net::Ipv4Addr::new(request[4], request[5], request[6], request[7]).to_string()
    };
    let to = format!("{host}:{port}");
    asked.lock().unwrap().push(to.clone());
    let mut service = TcpStream::connect(to).await.ok()?;
    stream.write_all(&[0, 90, 0, 0, 0, 0, 0, 0]).await.ok()?;
    copy_bidirectional(&mut stream, &mut service).await.ok()?;
    Some(())
}

fn with_proxy(endpoint: &str, scheme: &str, login: &str, proxy: SocketAddr) -> ClientBuilder {
    tls::builder(endpoint).proxy(&format!("{scheme}://{login}{proxy}"))
}

async fn get(client: &Client) -> Result<w3pin::Pin> {
    client.get_pin(&"a".parse().unwrap()).await
}

/// The error of a call through this proxy, which never contains a password.
async fn refusal(builder: ClientBuilder) -> w3pin::Error {
    let error = get(&builder.build().unwrap()).await.unwrap_err();
    let mut text = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!("{cause:?} {cause}"));
        source = cause.source();
    }
    assert_clean(&text);
    for secret in [PASSWORD, "wr0ng", "dXNlcjp"] {
        assert!(!text.contains(secret), "{text}");
    }
    error
}

#[tokio::test]
async fn calls_go_through_tunnels() {
    let (endpoint, root) = tls::server("http/1.1", tls::one_pin).await;
    let (plain, asked) = proxy(None, tunnels).await;
    let (acceptor, proxy_root) = tls::acceptor("http/1.1");
    let (encrypted, asked_encrypted) = proxy(Some(acceptor), tunnels).await;
    let by_name = format!("user:{PASSWORD}@localhost:{}/?", encrypted.port());
    for builder in [
        with_proxy(&endpoint, "http", &format!("user:{PASSWORD}@"), plain),
        tls::builder(&endpoint)
            .proxy(&format!("https://{by_name}"))
            .root_certificates_pem(proxy_root.as_bytes()),
    ] {
        let builder = builder.root_certificates_pem(root.as_bytes());
        get(&builder.build().unwrap()).await.unwrap();
    }
    let address = endpoint
        .strip_prefix("https://")
        .and_then(|rest| rest.strip_suffix("/api/pinning"))
        .unwrap();
    for asked in [asked, asked_encrypted] {
        let asked = asked.lock().unwrap();
        assert_eq!(asked.len(), 1);
        let head = &asked[0];
        assert!(
            head.starts_with(&format!("CONNECT {address} HTTP/1.1\r\n")),
            "{head}"
        );
        assert!(head.contains(&format!("\r\nhost: {address}\r\n")), "{head}");
        assert_clean(head);
    }
}

#[tokio::test]
async fn http2_goes_through_tunnels() {
    let (endpoint, root) = tls::server("h2", tls::http2).await;
    let (address, asked) = proxy(None, tunnels).await;
    let client = with_proxy(&endpoint, "http", &format!("user:{PASSWORD}@"), address)
        .root_certificates_pem(root.as_bytes())
        .build()
        .unwrap();
    for _ in 0..3 {
        let bytes = content(100_000);
        client.pin_bytes(bytes, PinOptions::new()).await.unwrap();
    }
    assert_eq!(asked.lock().unwrap().len(), 1, "the connection is kept");
}

#[tokio::test]
async fn calls_go_through_socks() {
    let (endpoint, root) = tls::server("http/1.1", tls::one_pin).await;
    let port = endpoint.split(':').nth(2).unwrap();
    let port = port.strip_suffix("/api/pinning").unwrap();
    let (five, asked_five) = proxy(None, socks5).await;
    let (four, asked_four) = proxy(None, socks4).await;
    let login = format!("user:{PASSWORD}@");
    for (scheme, login, address, asked, host) in [
        ("socks5h", login.as_str(), five, &asked_five, "localhost"),
        ("socks5", &login, five, &asked_five, "127.0.0.1"),
        ("socks4a", "", four, &asked_four, "localhost"),
        ("socks4", "", four, &asked_four, "127.0.0.1"),
    ] {
        let builder = with_proxy(&endpoint, scheme, login, address);
        let builder = builder.root_certificates_pem(root.as_bytes());
        get(&builder.build().unwrap()).await.unwrap();
        assert_eq!(
            asked.lock().unwrap().pop(),
            Some(format!("{host}:{port}")),
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_with_its_status() {
    let endpoint = "https://localhost:1/api/pinning";
    let (address, _) = proxy(None, tunnels).await;
    for login in ["", "user:wr0ng@"] {
        let error = refusal(with_proxy(endpoint, "http", login, address)).await;
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert_eq!(error.status(), Some(407));
        let text = error.to_string();
        assert!(
            text.contains(&format!("the proxy http://{address} refused")),
            "{text}"
        );
        assert!(
            text.contains("407") && text.contains("password of the proxy"),
            "{text}"
        );
        assert!(!error.is_retryable());
    }
    for (status, retryable) in [(401, false), (403, false), (502, true), (504, true)] {
        let (address, _) = proxy(None, move |mut stream, _| async move {
            head(&mut stream).await?;
            let refusal = format!("HTTP/1.1 {status} No\r\nContent-Length: 9\r\n\r\nforbidden");
            stream.write_all(refusal.as_bytes()).await.ok()
        })
        .await;
        let error = refusal(with_proxy(endpoint, "http", "", address)).await;
        assert_eq!(error.kind(), ErrorKind::Transport, "{status}");
        assert_eq!(error.status(), Some(status));
        let text = error.to_string();
        assert!(
            text.contains("the proxy") && text.contains(&status.to_string()),
            "{text}"
        );
        assert_eq!(error.is_retryable(), retryable, "{status}");
    }
}

#[tokio::test]
async fn a_socks_proxy_that_refuses_is_named_with_its_reason() {
    let endpoint = "https://localhost:1/api/pinning";
    let (address, _) = proxy(None, socks5).await;
    for (login, reason) in [
        ("", "authentication"),
        ("user:wr0ng@", "credentials not accepted"),
        ("user:pa55word@", "connection refused"),
    ] {
        let error = refusal(with_proxy(endpoint, "socks5h", login, address)).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, None));
        let text = error.to_string();
        assert!(
            text.contains(&format!("the proxy socks5h://{address}")),
            "{text}"
        );
        assert!(text.contains(reason), "{text}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_broken_is_named() {
    let endpoint = "https://localhost:1/api/pinning";
    let nobody = crate::NOBODY.parse().unwrap();
    for scheme in ["http", "https", "socks4", "socks5", "socks5h"] {
        let error = refusal(with_proxy(endpoint, scheme, "", nobody)).await;
        assert_eq!(error.kind(), ErrorKind::Transport);
        let text = error.to_string();
        assert!(
            text.contains(&format!("the proxy {scheme}://{nobody}")),
            "{text}"
        );
    }
    let answers: [&'static [u8]; 4] = [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
        b"\x05\xff\x00\x00\x00\x00\x00\x00\x00\x00",
    ];
    for answer in answers {
        let (address, _) = proxy(None, move |mut stream, _| async move {
            let mut some = [0; 512];
            let _ = stream.read(&mut some).await;
            stream.write_all(answer).await.ok()
        })
        .await;
        for scheme in ["http", "socks4a", "socks5h"] {
            let error = refusal(with_proxy(endpoint, scheme, "", address)).await;
            assert_eq!(error.kind(), ErrorKind::Transport, "{scheme} {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_says_nothing_hits_the_connect_timeout() {
    let endpoint = "https://localhost:1/api/pinning";
    let (silent, _) = proxy(None, |mut stream, _| async move {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all).await;
        Some(())
    })
    .await;
    // A head without an end is invalid.
    let (dripping, _) = proxy(None, |mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await.ok()?;
        loop {
            stream.write_all(b"X: y\r\n").await.ok()?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    for (scheme, address) in [
        ("http", silent),
        ("https", silent),
        ("socks5", silent),
        ("socks4", silent),
        ("http", dripping),
    ] {
        let builder =
            with_proxy(endpoint, scheme, "", address).connect_timeout(Duration::from_millis(300));
        let error = refusal(builder).await;
        assert_eq!(error.kind(), ErrorKind::Timeout, "{scheme}: {error}");
        assert!(
            error
                .to_string()
                .contains(&format!("the proxy {scheme}://{address}")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_proxy_of_plain_http_passes_requests_on_and_is_told_apart_when_it_refuses() {
    let proxy = Server::new(|_, request, connection| {
        if request.header("proxy-authorization").is_none() {
            connection.answer(407, "who are you?");
        } else {
            connection.answer(200, &success(&pin("a", &cid(b"x"))));
        }
        Kept::Yes
    });
    let endpoint = "http://localhost:1/api/pinning";
    let login = format!("user:{PASSWORD}@");
    let client = with_proxy(endpoint, "http", &login, proxy.address());
    get(&client.build().unwrap()).await.unwrap();
    let seen = &proxy.requests()[0];
    assert_eq!(seen.path, format!("{endpoint}/a"));
    assert_eq!(seen.header("host"), Some("localhost:1"));

    let error = refusal(with_proxy(endpoint, "http", "", proxy.address())).await;
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Transport, Some(407))
    );
    assert!(error.to_string().contains("the proxy http://"), "{error}");
}

#[tokio::test]
async fn names_of_this_machine_are_not_looked_up() {
    let server = Server::new(|_, request, connection| honest(request, connection));
    let port = server.address().port();
    for host in [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "no-dns-server-knows-this.localhost",
    ] {
        let endpoint = format!("http://{host}:{port}/api/pinning");
        let endpoint = w3pin::Endpoint::new(&endpoint, Insecure::Allow).unwrap();
        let client = crate::builder(&server).endpoint(endpoint).build().unwrap();
        client.pin_bytes("x", PinOptions::new()).await.unwrap();
    }
}
