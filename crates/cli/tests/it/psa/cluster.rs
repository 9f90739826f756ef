//! The command against the Pinning Service API that IPFS Cluster has: `cargo xtask kubo` and `cargo xtask psa`.

use super::{CID, CONTENT, json, servers::Service};
use crate::{cluster_peer::Peer, curl::eventually, fixture::Place};

/// A peer whose node has the content.
fn peer() -> (Peer, Service) {
    let peer = Peer::start(&"5f".repeat(32), None);
    let place = Place::new();
    let file = format!("file=@{}", place.write("hello.txt", CONTENT).display());
    let call = "add?cid-version=1&raw-leaves=true&pin=false";
    let added = peer.kubo.rpc(call, &["-F", &file]).json();
    assert_eq!(added["Hash"], CID);
    let (url, token) = (peer.pinning_service(), peer.token());
    (peer, Service { url, token })
}

#[test]
#[ignore = "needs IPFS Cluster: cargo xtask kubo"]
fn pins_are_made_found_awaited_and_removed() {
    let (_peer, service) = peer();
    service.serves();
}

#[test]
#[ignore = "needs IPFS Cluster: cargo xtask kubo"]
fn what_is_pinned_is_on_the_node_until_it_is_unpinned() {
    let (peer, service) = peer();
    let place = Place::new();
    let is_kept = || peer.kubo.pins().iter().any(|pin| pin == CID);
    let pin = json(&service.run(&place, &["add-cid", CID, "--wait"]).ok());
    assert_eq!(pin["pinned"], true);
    assert!(is_kept());
    service
        .run(&place, &["rm", pin["id"].as_str().unwrap()])
        .ok();
    eventually("it is unpinned", || !is_kept());
}

#[test]
#[ignore = "needs IPFS Cluster: cargo xtask kubo"]
fn odd_names_come_back_as_they_were_and_odd_ids_are_unknown() {
    let (_peer, service) = peer();
    let place = Place::new();
    let longest = "x".repeat(255);
    for text in ["ünïcødé 🐟", "a/b\\c\"d'e", "%2F+ &=#", " ", &longest] {
        let meta = format!("k {text}={text}");
        let pin = service.run(&place, &["add-cid", CID, "--name", text, "--meta", &meta]);
        let pin = json(&pin.ok());
        let (key, value) = meta.split_once('=').unwrap();
        for pin in [pin.clone(), json(&service.run(&place, &["get", CID]).ok())] {
            assert_eq!(pin["name"], text);
            assert_eq!(pin["keyvalues"][key], value);
        }
        let found = json(&service.run(&place, &["ls", "--meta", &meta]).ok());
        assert_eq!(found["pins"][0]["id"], pin["id"], "{text}");
    }
    service.run(&place, &["get", "bafkqaaa"]).fails(4);
    service.run(&place, &["rm", "bafkqaaa"]).fails(4);
    let said = service.run(&place, &["get", "no-cid"]).fails(2);
    assert!(said.contains("requestID"), "{said}");
}
