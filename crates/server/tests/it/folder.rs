//! Tests with a data folder that changes while a server uses it.

use std::fs;
#[cfg(unix)]
use std::path::Path;

use crate::fixture::{TestServer, file, noise, text};

const NOBODYS: &str = "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs";

fn records(server: &TestServer) -> std::path::PathBuf {
    server.data().join("records.redb")
}

/// Nothing is acknowledged that would be lost after a restart.
fn check_that_nothing_is_acknowledged(server: &TestServer, pin: &serde_json::Value) {
    let body = format!("{{\"hash_to_pin\":\"{NOBODYS}\"}}");
    let pin_by_cid = server.curl(
        "/api/pinning/pinByHash",
        &["-H", "content-type: application/json", "-d", &body],
    );
    pin_by_cid.message(500);
    server.unpin(&pin["id"]).message(500);
    server.upload(&[file("b", b"more")]).message(500);
}

#[cfg(windows)]
#[test]
fn records_that_are_open_cannot_be_removed_or_replaced() {
    let server = TestServer::embedded(|_| {});
    let pin = server.pin("a", &noise(2, 300_000));
    let other = server.data().join("other");
    fs::write(&other, "other").unwrap();
    assert!(fs::remove_file(records(&server)).is_err());
    assert!(fs::rename(&other, records(&server)).is_err());
    assert!(fs::rename(records(&server), &other).is_err());
    let server = server.restart();
    assert_eq!(server.look(&pin)["status"], "DONE");
}

#[cfg(unix)]
#[test]
fn records_that_are_removed_or_replaced_take_nothing_more() {
    let whole = TestServer::embedded(|_| {});
    whole.pin("a", &noise(1, 1000));
    let (older, _) = whole.into_folder();
    let older = older.path().join("records.redb");
    let change: [fn(&Path, &Path); 3] = [
        |records, _| fs::remove_file(records).unwrap(),
        |records, older| assert!(fs::copy(older, records.with_extension("new")).unwrap() > 0),
        |records, _| fs::rename(records, records.with_extension("old")).unwrap(),
    ];
    for change in change {
        let server = TestServer::embedded(|_| {});
        let content = noise(2, 300_000);
        let pin = server.pin("a", &content);
        change(&records(&server), &older);
        let new = records(&server).with_extension("new");
        if new.exists() {
            fs::rename(new, records(&server)).unwrap();
        }
        check_that_nothing_is_acknowledged(&server, &pin);
        let unhealthy = server.curl_bare("/health", &[]).message(503);
        assert!(unhealthy.contains("restart the server"), "{unhealthy}");
        // Existing content is still served.
        let path = format!("/ipfs/{}", text(&pin["cid"]));
        assert!(server.curl_bare(&path, &[]).body == content);
        assert_eq!(server.look(&pin)["status"], "DONE");
    }
}

#[test]
fn records_that_are_cut_short_take_nothing_more() {
    let mut server = TestServer::embedded(|_| {});
    let pin = server.pin("a", &noise(2, 300_000));
    let whole = fs::read(records(&server)).unwrap();
    let file = fs::File::options()
        .write(true)
        .open(records(&server))
        .unwrap();
    file.set_len(whole.len() as u64 / 2).unwrap();
    check_that_nothing_is_acknowledged(&server, &pin);
    server.stop();
    // The server didn't create or change anything in it.
    assert!(fs::metadata(records(&server)).unwrap().len() <= whole.len() as u64 / 2);
    fs::write(records(&server), whole).unwrap();
    let server = server.restart();
    assert_eq!(server.look(&pin)["status"], "DONE");
}

/// On other systems a folder can't be removed while a file in it is open.
#[cfg(unix)]
#[test]
fn a_folder_that_is_gone_takes_nothing_more() {
    let place = tempfile::TempDir::new().unwrap();
    let data = place.path().join("data");
    let server = TestServer::at(&data, |_| {});
    let pin = server.pin("a", &noise(2, 300_000));
    fs::remove_dir_all(&data).unwrap();
    check_that_nothing_is_acknowledged(&server, &pin);
    assert!(!data.exists());
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_is_that_folder() {
    use w3pin_server::{ServeError, Server, ServerConfig, StoreError};

    let place = tempfile::TempDir::new().unwrap();
    let (data, link) = (place.path().join("data"), place.path().join("link"));
    fs::create_dir(&data).unwrap();
    std::os::unix::fs::symlink(&data, &link).unwrap();
    let mut server = TestServer::at(&link, |_| {});
    let content = noise(2, 300_000);
    let pin = server.pin("a", &content);
    for path in [&data, &link] {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        match runtime.block_on(Server::bind(ServerConfig::new(path))) {
            Err(ServeError::Store {
                source: StoreError::InUse,
                ..
            }) => {}
            other => panic!("one server has it: {other:?}"),
        }
    }
    server.stop();
    let server = TestServer::at(&data, |_| {});
    let path = format!("/ipfs/{}", text(&pin["cid"]));
    assert!(server.curl_bare(&path, &[]).body == content);
    assert_eq!(
        server.pin_by_cid(crate::fixture::ALICE, NOBODYS)["status"],
        "RETRIEVAL"
    );
}
