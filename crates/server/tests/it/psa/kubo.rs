//! Tests with Kubo as a client of the API, and with Kubo as the backend.

use serde_json::json;

use crate::{
    fixture::{ALICE, TestServer, eventually, noise, text},
    kubo,
    node::KuboNode,
};

use super::{ALL, find, get, psa};

/// Registers the server with a node.
fn introduce(node: &KuboNode, server: &TestServer) {
    let token = format!("{}:{}", ALICE[0], ALICE[1]);
    let service = ["pin", "remote", "service", "add", "w3pin"];
    node.ipfs(&[&service[..], &[&server.url("/psa"), &token]].concat());
    let said = node.ipfs(&["pin", "remote", "service", "ls", "--stat"]);
    assert!(said.contains("w3pin"), "{said}");
    assert!(!said.contains("invalid"), "{said}");
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn a_node_pins_lists_and_unpins_here() {
    let server = TestServer::embedded(|_| {});
    let content = noise(1, 1000);
    let client = KuboNode::start();
    introduce(&client, &server);
    let pin = server.pin("a", &content);
    let cid = text(&pin["cid"]);
    let remote = |arguments: &[&str]| {
        client.ipfs(&[&["pin", "remote"], arguments, &["--service=w3pin"]].concat())
    };
    // Waits until it is pinned.
    let said = remote(&["add", "--name=war and peace", cid]);
    assert!(said.contains("pinned"), "{said}");
    let queued = remote(&["add", "--background", "--name=later", super::NOBODYS[0]]);
    assert!(queued.contains("queued"), "{queued}");
    let said = remote(&["ls"]);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains("war and peace"), "{said}");
    let said = remote(&["ls", "--status=queued,pinning,failed"]);
    assert!(
        said.contains("later") && said.lines().count() == 1,
        "{said}"
    );
    let said = remote(&["ls", "--cid", cid, "--name=war and peace"]);
    assert_eq!(said.lines().count(), 1, "{said}");
    remote(&["rm", "--name=war and peace"]);
    remote(&["rm", "--status=queued,pinning", "--force"]);
    assert_eq!(find(&server, ALL), (1, vec![text(&pin["id"]).to_owned()]));
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn content_comes_from_the_node_that_pins_it_remotely() {
    let server = TestServer::over(KuboNode::start(), |_| {});
    let client = KuboNode::start();
    introduce(&client, &server);
    let content = noise(2, 600_000);
    let cid = kubo::add(&client, &content);
    // The client connects to the delegate, from which the node fetches.
    let said = client.ipfs(&["pin", "remote", "add", "--service=w3pin", "--name=n", &cid]);
    assert!(said.contains("pinned"), "{said}");
    let page = psa(&server, ALICE, "/pins?name=n", &[]).json();
    let delegates = page["results"][0]["delegates"].as_array().unwrap();
    assert!(!delegates.is_empty());
    for delegate in delegates {
        assert!(text(delegate).contains("/p2p/12D3KooW"), "{page}");
    }
    assert_eq!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body, content);
    // The server responds even if the node is down.
    let mut server = server;
    server.node.as_mut().unwrap().kill();
    let pin = super::add(&server, &json!({"cid": super::NOBODYS[0]}));
    assert_eq!(get(&server, &pin["requestid"]).status, 200);
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn the_policy_of_a_nodes_files_keeps_one_pin() {
    let server = TestServer::embedded(|_| {});
    let mut client = KuboNode::start();
    introduce(&client, &server);
    let mut services = client.setting("Pinning", "RemoteServices");
    services["w3pin"]["Policies"]["MFS"] =
        json!({"Enable": true, "PinName": "files", "RepinInterval": "1s"});
    client.configure("Pinning", "RemoteServices", services);
    let mut last = None;
    for round in 0..2 {
        let path = format!("/f{round}");
        let write = format!("files/write?arg={path}&create=true");
        let folder = tempfile::tempdir().unwrap();
        let content = folder.path().join("content");
        std::fs::write(&content, noise(round, 100)).unwrap();
        let form = format!("file=@{}", content.display());
        assert_eq!(client.rpc(&write, &["-F", &form]).status, 200);
        let root = client.rpc("files/stat?arg=/", &[]).json()["Hash"].clone();
        eventually("the root is pinned", || {
            let page = psa(&server, ALICE, "/pins?name=files", &[]).json();
            let results = page["results"].as_array().unwrap();
            results.len() == 1 && results[0]["pin"]["cid"] == root
        });
        let (_, ids) = find(&server, "name=files");
        assert_ne!(last.replace(ids.clone()), Some(ids));
    }
    let pins = server.curl("/api/pinning/pins?pinned=all", &[]).data();
    let ended = pins["pins"].as_array().unwrap().iter();
    let ended = ended.filter(|pin| pin["date_unpinned"] != "0001-01-01T00:00:00Z");
    assert!(ended.count() >= 1, "{pins}");
}
