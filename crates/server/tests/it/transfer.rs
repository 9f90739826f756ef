//! Tests of moving records and content from one backend to another.

mod damage;
mod foreign;

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;
use w3pin_server::{Backend, ServerConfig, StoreError, TransferError, Transferred};

use crate::{
    fixture::{
        ALICE, BOB, TestServer, eventually, file, folder_bytes, metadata, noise, number_pairs, text,
    },
    node::KuboNode,
};

/// Pins of every kind, of two accounts.
fn fill(server: &TestServer) {
    server.pin("file", &noise(1, 1_500_000));
    let zeros = vec![0; 3 << 20];
    server.upload(&[
        file("d/a", b"one"),
        file("d/b/c", &noise(2, 600_000)),
        file("d/b/zeros", &zeros),
        file("d/b/empty", b""),
        metadata(r#"{"name": "folder", "keyvalues": {"k": "v", "n": 1}}"#),
    ]);
    let names: Vec<_> = (0..200)
        .map(|number| format!("wide/{}{number}", "n".repeat(240)))
        .collect();
    // Just below the threshold of sharding, and above it.
    let parts: Vec<_> = names.iter().map(|name| file(name, b"x")).collect();
    server.upload(&parts);
    let theirs = server.upload_as(BOB, &[file("file", &noise(1, 1_500_000))]);
    assert_eq!(theirs.status, 201);
    let ended = server.pin("ended", b"ended");
    assert_eq!(server.unpin(&ended["id"]).status, 200);
    server.pin_by_cid(BOB, "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs");
}

fn lists(server: &TestServer) -> [Value; 2] {
    [ALICE, BOB].map(|keys| {
        server
            .curl_as(keys, "/api/pinning/pins/?limit=1000", &[])
            .data()
    })
}

fn config(data: &Path, backend: Backend) -> ServerConfig {
    let mut config = ServerConfig::new(data);
    config.backend = backend;
    config
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

pub(crate) fn export(data: &Path, backend: Backend, folder: &Path) -> Transferred {
    run(w3pin_server::export(&config(data, backend), folder)).unwrap()
}

pub(crate) fn import(data: &Path, backend: Backend, folder: &Path) -> Transferred {
    run(w3pin_server::import(&config(data, backend), folder)).unwrap()
}

pub(crate) fn counts(transferred: Transferred) -> [u64; 3] {
    let Transferred {
        accounts,
        pins,
        contents,
        ..
    } = transferred;
    [accounts, pins, contents]
}

/// Moves a server's data to another backend and a new folder.
fn moved(mut from: TestServer, node: Option<KuboNode>) -> TestServer {
    let before = lists(&from);
    from.stop();
    let (files, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let old = from
        .node
        .as_ref()
        .map_or(Backend::Embedded, KuboNode::backend);
    let new = node.as_ref().map_or(Backend::Embedded, KuboNode::backend);
    assert_eq!(
        counts(export(from.data(), old.clone(), files.path())),
        [2, 6, 3]
    );
    // Interrupted and restarted, it skips what exists.
    assert_eq!(counts(export(from.data(), old, files.path())), [2, 6, 0]);
    assert_eq!(
        counts(import(data.path(), new.clone(), files.path())),
        [2, 6, 3]
    );
    assert_eq!(counts(import(data.path(), new, files.path())), [2, 0, 0]);
    drop(from);

    let server = TestServer::in_folder(data, node, |_| {});
    // Missing content may be searched by now.
    let without_status = |mut lists: [Value; 2]| {
        for list in &mut lists {
            for pin in list["pins"].as_array_mut().unwrap() {
                if pin["status"] == "PENDING" {
                    pin["status"] = "RETRIEVAL".into();
                }
            }
        }
        lists
    };
    let after = without_status(lists(&server));
    assert_eq!(after, without_status(before));
    for pin in after[0]["pins"].as_array().unwrap() {
        let path = match text(&pin["metadata"]["name"]) {
            "file" => "",
            "folder" => "/b/c",
            "wide" | "ended" => continue,
            name => panic!("{name}"),
        };
        let seed = if path.is_empty() { 1 } else { 2 };
        let url = format!("/ipfs/{}{path}", text(&pin["cid"]));
        let body = server.curl_bare(&url, &[]).body;
        assert!(
            body == noise(seed, body.len()) && body.len() > 500_000,
            "{url}"
        );
    }
    server
}

#[test]
fn embedded_to_embedded() {
    let from = TestServer::embedded(|_| {});
    fill(&from);
    let server = moved(from, None);
    // Every reference was moved: with the last pin, the last block is removed.
    for (keys, list) in [ALICE, BOB].into_iter().zip(lists(&server)) {
        for pin in list["pins"].as_array().unwrap() {
            let unpin = format!("/api/pinning/unpin/{}", text(&pin["id"]));
            server.curl_as(keys, &unpin, &["-X", "DELETE"]);
        }
    }
    server.wait_for_bytes(0);
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn embedded_to_kubo_and_back() {
    let from = TestServer::embedded(|config| config.profile = "unixfs-v0-2015".parse().unwrap());
    fill(&from);
    let server = moved(from, Some(KuboNode::start()));
    let node = server.node.as_ref().unwrap();
    assert_eq!(node.pins().len(), 3);
    node.collect_garbage();
    let server = moved(server, None);
    assert!(folder_bytes(&server.blocks()) > 2_000_000);
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn pins_are_added_to_those_of_the_same_keys() {
    let server = TestServer::over(KuboNode::start(), |_| {});
    let content = noise(7, 400_000);
    let pin = server.pin("a", &content);
    let mut from = TestServer::embedded(|_| {});
    from.pin("a", &content);
    from.stop();
    let files = TempDir::new().unwrap();
    export(from.data(), Backend::Embedded, files.path());
    server.unpin(&pin["id"]);
    eventually("it is unpinned", || server.kept() == 0);
    // The same keys are the same account, and pins are added to it.
    let mut server = server;
    server.stop();
    let backend = server.node.as_ref().unwrap().backend();
    assert_eq!(
        counts(import(server.data(), backend, files.path())),
        [2, 1, 1]
    );
    let server = server.restart();
    assert_eq!(lists(&server)[0]["totals"]["files"], 2);
    assert_eq!(server.kept(), 1);
}

#[test]
fn a_folder_belongs_to_its_kind_of_backend() {
    let mut server = TestServer::embedded(|_| {});
    server.stop();
    let kubo: Backend = "kubo=http://127.0.0.1:9".parse().unwrap();
    let refused = run(w3pin_server::Server::bind(config(server.data(), kubo))).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("belongs to the backend embedded"),
        "{refused}"
    );
}

#[test]
fn what_is_damaged_or_in_use_is_refused() {
    let mut from = TestServer::embedded(|_| {});
    let content = noise(9, 700_000);
    let pin = from.pin("a", &content);
    let files = TempDir::new().unwrap();
    let busy = run(w3pin_server::export(
        &config(from.data(), Backend::Embedded),
        files.path(),
    ));
    assert!(
        matches!(
            busy,
            Err(TransferError::Store {
                source: StoreError::InUse,
                ..
            })
        ),
        "{busy:?}"
    );
    from.stop();
    export(from.data(), Backend::Embedded, files.path());
    let car = files.path().join(format!("{}.car", text(&pin["cid"])));
    let whole = fs::read(&car).unwrap();
    let data = TempDir::new().unwrap();
    let mut changed = whole.clone();
    changed[200_000] ^= 1;
    for bytes in [
        &changed[..],
        &whole[..whole.len() - 1],
        &whole[..300_000],
        b"",
        b"\x01\xa0",
    ] {
        fs::write(&car, bytes).unwrap();
        let refused = run(w3pin_server::import(
            &config(data.path(), Backend::Embedded),
            files.path(),
        ))
        .unwrap_err();
        assert!(refused.to_string().contains(".car"), "{refused}");
        assert_eq!(folder_bytes(&data.path().join("blocks")), 0);
    }
    fs::write(&car, whole).unwrap();
    assert_eq!(
        counts(import(data.path(), Backend::Embedded, files.path())),
        [2, 0, 1]
    );
    let server = TestServer::in_folder(data, None, |_| {});
    let url = format!("/ipfs/{}", text(&pin["cid"]));
    assert!(server.curl_bare(&url, &[]).body == content);

    fs::write(files.path().join("records.jsonl"), "{\"pin\": 3}\n").unwrap();
    let data = TempDir::new().unwrap();
    let refused = run(w3pin_server::import(
        &config(data.path(), Backend::Embedded),
        files.path(),
    ))
    .unwrap_err();
    assert!(refused.to_string().contains("line 1"), "{refused}");
}

#[test]
fn a_wrong_folder_is_refused_and_nothing_is_made() {
    let place = TempDir::new().unwrap();
    let [data, moved] = ["data", "moved"].map(|name| place.path().join(name));
    let config = config(&data, Backend::Embedded);
    let error = run(w3pin_server::export(&config, &moved)).unwrap_err();
    assert!(matches!(error, TransferError::NoData { .. }), "{error}");
    let error = run(w3pin_server::import(&config, &moved)).unwrap_err();
    assert!(matches!(error, TransferError::File { .. }), "{error}");
    assert!(!data.exists() && !moved.exists());
}

#[test]
fn metadata_that_grows_as_it_is_kept_comes_along() {
    let server = TestServer::embedded(|_| {});
    let numbers = number_pairs(2_000);
    let pin = server.upload(&[file("a", b"x"), metadata(&numbers)]).data();
    let (data, _) = server.into_folder();
    let files = TempDir::new().unwrap();
    export(data.path(), Backend::Embedded, files.path());
    let moved = TempDir::new().unwrap();
    let done = import(moved.path(), Backend::Embedded, files.path());
    assert_eq!(counts(done), [2, 1, 1]);
    let server = TestServer::in_folder(moved, None, |_| {});
    assert_eq!(server.look(&pin)["metadata"], pin["metadata"]);
}
