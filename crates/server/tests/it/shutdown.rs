//! Tests of starting and stopping a server.

use std::{io::Write, net::TcpStream, time::Duration};

use tempfile::TempDir;
use w3pin_core::Credentials;
use w3pin_server::{ServeError, Server, ServerConfig, StoreError};

use crate::fixture::{
    ALICE, BOUNDARY, TestServer, curl, eventually, file, form, noise, read_reply,
};

#[test]
fn what_is_under_way_is_finished() {
    let mut server = TestServer::start();
    let content = noise(1, 2_000_000);
    let body = form(&[file("a", &content)]);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(
        stream,
        "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\npinning_secret_key: {}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {}\r\n\r\n",
        ALICE[0],
        ALICE[1],
        body.len()
    )
    .unwrap();
    stream.write_all(&body[..1_000_000]).unwrap();
    eventually("the upload is under way", || server.is_under_way());
    let address = server.address();
    std::thread::scope(|scope| {
        let stopping = scope.spawn(|| server.stop());
        eventually("nobody is let in any more", || {
            TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err()
        });
        assert!(!stopping.is_finished());
        stream.write_all(&body[1_000_000..]).unwrap();
        assert_eq!(read_reply(&mut stream).status, 201);
        stopping.join().unwrap();
    });
}

#[test]
fn a_client_that_holds_on_is_cut_off_in_the_end() {
    let mut server = TestServer::with(|config| {
        config.limits.shutdown_timeout = Duration::from_millis(200);
    });
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(
        stream,
        "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\npinning_secret_key: {}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: 10000000\r\n\r\n",
        ALICE[0], ALICE[1]
    )
    .unwrap();
    stream
        .write_all(&form(&[file("a", &noise(1, 1_000_000))])[..900_000])
        .unwrap();
    eventually("the upload is under way", || server.is_under_way());
    server.stop();
    assert_eq!(server.kept(), 0, "nothing of it stays");
}

#[test]
fn pins_and_content_survive_a_restart() {
    let server = TestServer::start();
    let content = noise(2, 1_000_000);
    let pin = server.pin("a", &content);
    let list = server.curl("/api/pinning/pins", &[]).data();
    let server = server.restart();
    assert_eq!(server.curl("/api/pinning/pins", &[]).data(), list);
    let cid = crate::fixture::text(&pin["cid"]);
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_generated_once() {
    let folder = TempDir::new().unwrap();
    let check = async |keys: Option<&Credentials>| {
        let server = Server::bind(ServerConfig::new(folder.path()))
            .await
            .unwrap();
        let generated = server.generated_credentials().cloned();
        let running = server.spawn();
        let keys = generated.clone().or_else(|| keys.cloned()).unwrap();
        let header = |name: &str, key: &[u8]| {
            format!("{name}: {}", String::from_utf8(key.to_vec()).unwrap())
        };
        let (key, secret) = (
            header("pinning_api_key", keys.api_key()),
            header("pinning_secret_key", keys.secret_key()),
        );
        let url = format!(
            "http://{}/api/apiKeys/testAuthentication",
            running.address()
        );
        let status =
            tokio::task::spawn_blocking(move || curl(&url, &["-H", &key, "-H", &secret]).status);
        assert_eq!(status.await.unwrap(), 200);
        running.shutdown().await.unwrap();
        generated
    };
    let first = check(None).await.expect("a new folder has no account");
    assert_eq!((first.api_key().len(), first.secret_key().len()), (24, 44));
    assert!(check(Some(&first)).await.is_none(), "and then it has one");
    let secret = first.secret_key().to_vec();
    let kept = std::fs::read(folder.path().join("records.redb")).unwrap();
    assert!(
        !kept.windows(secret.len()).any(|window| window == secret),
        "secrets aren't kept"
    );

    // An account is identified by its API key: with another secret it has the same pins, and others have no
    // access.
    let mut config = ServerConfig::new(folder.path());
    config.accounts = vec![Credentials::new("given", "secret").unwrap()];
    let running = Server::bind(config).await.unwrap().spawn();
    assert!(running.url().ends_with("/api/pinning"));
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_folder_is_served_once() {
    let folder = TempDir::new().unwrap();
    let server = Server::bind(ServerConfig::new(folder.path()))
        .await
        .unwrap();
    let second = Server::bind(ServerConfig::new(folder.path())).await;
    assert!(
        matches!(
            second,
            Err(ServeError::Store {
                source: StoreError::InUse,
                ..
            })
        ),
        "{second:?}"
    );
    drop(server);
}

#[tokio::test]
async fn other_machines_are_let_in_only_when_told() {
    let folder = TempDir::new().unwrap();
    let mut config = ServerConfig::new(folder.path());
    config.listen = "0.0.0.0:0".parse().unwrap();
    let refused = Server::bind(config.clone()).await;
    assert!(
        matches!(refused, Err(ServeError::NotLoopback(_))),
        "{refused:?}"
    );
    config.allow_remote = true;
    assert!(Server::bind(config).await.is_ok());
}
