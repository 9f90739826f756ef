//! Tests of the server with real Kubo nodes: `cargo xtask kubo` builds Kubo and runs these.

use std::time::Duration;

use serde_json::json;

use crate::{
    car_uploads::{car_of_a_folder, car_part, without_a_leaf},
    fixture::{ALICE, BOB, TestServer, eventually, file, noise, text},
    node::KuboNode,
};

mod broken;
mod gateway;
mod kills;

fn server() -> TestServer {
    TestServer::over(KuboNode::start(), |_| {})
}

fn node(server: &TestServer) -> &KuboNode {
    server.node.as_ref().unwrap()
}

/// Adds content to a node without the server; returns its CID.
pub(crate) fn add(node: &KuboNode, content: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content");
    std::fs::write(&path, content).unwrap();
    let file = format!("file=@{}", path.display());
    let reply = node.rpc("add?cid-version=1&progress=false", &["-F", &file]);
    assert_eq!(reply.status, 200, "{reply:?}");
    text(&reply.json()["Hash"]).to_owned()
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn a_pin_by_cid_travels_between_two_nodes() {
    let other = KuboNode::start();
    let content = noise(1, 5_000_000);
    let cid = add(&other, &content);
    let server = server();
    assert!(!node(&server).has(&cid));
    node(&server).connect(&other);

    let pin = server.pin_by_cid(ALICE, &cid);
    assert_eq!(pin["status"], "RETRIEVAL");
    eventually("the content has come", || {
        server.look(&pin)["status"] == "DONE"
    });
    let pin = server.look(&pin);
    assert_eq!(pin["pinned"], true);
    assert!(pin["size"].as_u64().unwrap() > 5_000_000, "{pin}");
    drop(other);
    node(&server).collect_garbage();
    assert_eq!(node(&server).pins(), [&cid[..]]);
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn a_folder_that_travels_is_known_as_one() {
    let other = TestServer::over(KuboNode::start(), |_| {});
    let folder = other
        .upload(&[file("d/a", b"one"), file("d/b/c", b"two")])
        .data();
    let server = server();
    node(&server).connect(node(&other));
    let pin = server.pin_by_cid(ALICE, text(&folder["cid"]));
    eventually("the folder has come", || {
        server.look(&pin)["status"] == "DONE"
    });
    let (here, there) = (server.look(&pin), other.look(&folder));
    assert_eq!(
        (&here["is_dir"], &here["size"]),
        (&json!(true), &there["size"])
    );
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn what_nobody_has_is_looked_for_until_its_time_is_over() {
    let server = TestServer::over(KuboNode::start(), |config| {
        config.limits.retrieval_timeout = Duration::from_secs(3);
    });
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    let pin = server.pin_by_cid(ALICE, cid);
    eventually("it is looked for", || {
        let status = server.look(&pin)["status"].clone();
        assert_ne!(status, "DONE");
        status == "RETRIEVAL"
    });
    eventually("it is given up", || {
        text(&server.look(&pin)["status"]).starts_with("FAILED")
    });
    let failed = server.look(&pin);
    assert_eq!(
        failed["status"],
        "FAILED: the content wasn't found within 3 s"
    );
    assert_eq!(failed["pinned"], false);

    // A request by another account retries, which completes both.
    let again = server.pin_by_cid(BOB, cid);
    assert_eq!(again["status"], "RETRIEVAL");
    // It completes the pin, unless that has found the blocks of the upload before it ends.
    let upload = server.upload(&[file("x", b"hello world")]);
    assert!([201, 409].contains(&upload.status), "{upload:?}");
    server.unpin(&pin["id"]);
    let uploaded = server.pin("x", b"hello world");
    assert_eq!(uploaded["cid"], cid);
    let theirs = server.curl_as(BOB, "/api/pinning/pins", &[]).data();
    assert_eq!(theirs["pins"][0]["status"], "DONE", "{theirs}");
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn more_pins_than_are_looked_for_at_once_are_queued() {
    let other = KuboNode::start();
    let wanted = add(&other, b"wanted");
    let server = TestServer::over(KuboNode::start(), |config| config.limits.retrievals = 1);
    let first = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    let first = server.pin_by_cid(ALICE, first);
    eventually("the first is looked for", || {
        server.look(&first)["status"] == "RETRIEVAL"
    });
    let second = server.pin_by_cid(ALICE, &wanted);
    node(&server).connect(&other);
    assert_eq!(server.look(&second)["status"], "PENDING");
    // Unpinning isn't delayed, and frees space.
    let short = server.pin("short", b"short");
    server.unpin(&short["id"]);
    eventually("it is unpinned", || node(&server).pins().is_empty());
    assert_eq!(server.look(&second)["status"], "PENDING");
    server.unpin(&first["id"]);
    eventually("the second has its turn", || {
        server.look(&second)["status"] == "DONE"
    });
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn a_pin_goes_on_after_restarts_of_either_side() {
    let other = KuboNode::start();
    let cid = add(&other, b"late");
    let server = server();
    let pin = server.pin_by_cid(ALICE, &cid);
    let mut server = server.restart();
    eventually("it is looked for", || {
        server.look(&pin)["status"] == "RETRIEVAL"
    });
    let node = server.node.as_mut().unwrap();
    node.kill();
    node.revive();
    node.connect(&other);
    eventually("it is found", || server.look(&pin)["status"] == "DONE");
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn the_node_unpins_with_the_last_pin_of_any_account() {
    for profile in ["kubo-cidv1-legacy", "unixfs-v0-2015"] {
        let server = TestServer::over(KuboNode::start(), |config| {
            config.profile = profile.parse().unwrap();
        });
        let content = noise(3, 1_000_000);
        let mine = server.pin("a", &content);
        let theirs = server.upload_as(BOB, &[file("a", &content)]).data();
        let cid = text(&mine["cid"]);
        server.unpin(&mine["id"]);
        node(&server).collect_garbage();
        assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
        let unpin = format!("/api/pinning/unpin/{}", text(&theirs["id"]));
        assert_eq!(server.curl_as(BOB, &unpin, &["-X", "DELETE"]).status, 200);
        eventually("the node has unpinned it", || {
            node(&server).pins().is_empty()
        });
        node(&server).collect_garbage();
        server.curl_bare(&format!("/ipfs/{cid}"), &[]).message(404);
    }
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn files_of_many_folders_may_come_in_any_order() {
    let server = server();
    let parts: Vec<_> = [
        "d/b/1", "d/a", "d/c/x/1", "d/b/2", "d/c/1", "d/c/x/2", "d/b/e/1",
    ]
    .iter()
    .map(|name| file(name, name.as_bytes()))
    .collect();
    let pin = server.upload(&parts).data();
    let cid = text(&pin["cid"]);
    for name in ["b/1", "b/2", "c/x/2", "b/e/1"] {
        let body = server.curl_bare(&format!("/ipfs/{cid}/{name}"), &[]).body;
        assert_eq!(body, format!("d/{name}").as_bytes());
    }
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn blocks_that_the_node_makes_otherwise_are_not_taken() {
    let mut node = KuboNode::start();
    node.configure("Import", "UnixFSHAMTDirectorySizeThreshold", json!("1B"));
    let server = TestServer::over(node, |_| {});
    let reply = server.upload(&[file("d/a", b"one"), file("d/b", b"two")]);
    let message = reply.message(502);
    assert!(message.contains("Import settings differ"), "{message}");
    let list = server.curl("/api/pinning/pins", &[]).data();
    assert_eq!(list["totals"]["files"], 0);
    eventually("nothing of it is pinned", || server.kept() == 0);
    // A single file is created as it should be.
    server.pin("a", b"one");
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn a_car_goes_to_the_node_without_what_lies_beside_its_dag() {
    let server = server();
    let (car, root) = car_of_a_folder();
    let beside: cid::Cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
        .parse()
        .unwrap();
    let block = b"hello world";
    let more = [
        &car[..],
        &w3pin_car::section_head(&beside, block.len()),
        block,
    ]
    .concat();
    let reply = server.upload(&[car_part("site.car", &more)]);
    assert_eq!(
        (reply.status, &reply.data()["cid"]),
        (201, &json!(root)),
        "{reply:?}"
    );
    assert_eq!(node(&server).pins(), [&root[..]]);
    assert!(node(&server).has(&root));
    assert!(!node(&server).has(&beside.to_string()));
    // A missing block is detected before the node receives anything.
    let other = KuboNode::start();
    let over_other = TestServer::over(other, |_| {});
    let missing = over_other.upload(&[car_part("site.car", &without_a_leaf())]);
    assert_eq!(missing.status, 400, "{missing:?}");
    assert!(!node(&over_other).has(&root));
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn what_kubo_exports_is_taken_as_it_is() {
    let node = KuboNode::start();
    let content = noise(8, 3_000_000);
    let cid = add(&node, &content);
    let exported = node.rpc(&format!("dag/export?arg={cid}&progress=false"), &[]);
    let server = TestServer::embedded(|_| {});
    let reply = server.upload(&[car_part("export.car", &exported.body)]);
    assert_eq!(
        (reply.status, &reply.data()["cid"]),
        (201, &json!(cid)),
        "{reply:?}"
    );
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
}
