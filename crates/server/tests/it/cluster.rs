//! The server over a real IPFS Cluster of two peers, each with a Kubo node: `cargo xtask kubo`.

use serde_json::{Value, json};
use tempfile::TempDir;
use w3pin_server::{Backend, Replication, ServerConfig};

use crate::{
    car_uploads::{car_of_a_folder, car_part},
    cluster_peer::Peer,
    fixture::{ALICE, BOB, TestServer, eventually, file, noise, text},
    node::KuboNode,
    psa::psa,
};

/// Two peers that know each other and nobody else.
struct Pair([Peer; 2]);

impl Pair {
    fn start() -> Self {
        let secret = "5f".repeat(32);
        let first = Peer::start(&secret, None);
        let second = Peer::start(&secret, Some(&first));
        first.kubo.connect(&second.kubo);
        let pair = Self([first, second]);
        pair.wait_until_both_are_known();
        pair
    }

    /// A cluster gives content to peers of which it has heard lately.
    fn wait_until_both_are_known(&self) {
        eventually("each knows what the other has room for", || {
            let known = ["freespace", "tag:group", "ping"].map(|metric| {
                self.0.iter().all(|peer| {
                    let metrics = peer.get(&format!("monitor/metrics/{metric}"));
                    metrics.as_array().is_some_and(|peers| peers.len() == 2)
                })
            });
            known == [true; 3]
        });
    }

    fn backend(&self, replication: &str) -> Backend {
        Backend::Cluster {
            rest: format!("http://127.0.0.1:{}", self.0[0].rest)
                .parse()
                .unwrap(),
            rpc: self.0[0].kubo.url().parse().unwrap(),
            replication: replication.parse().unwrap(),
        }
    }

    fn serve(&self, replication: &str, configure: impl FnOnce(&mut ServerConfig)) -> TestServer {
        let backend = self.backend(replication);
        TestServer::in_folder(TempDir::new().unwrap(), None, |config| {
            config.backend = backend;
            configure(config);
        })
    }

    /// How many of the nodes have pinned it.
    fn copies(&self, cid: &str) -> usize {
        let has = |peer: &&Peer| peer.kubo.pins().iter().any(|pin| pin == cid);
        self.0.iter().filter(has).count()
    }
}

#[test]
#[ignore = "needs IPFS Cluster: cargo xtask kubo"]
fn an_upload_is_done_when_it_is_on_as_many_peers_as_are_wanted() {
    let cluster = Pair::start();
    let server = cluster.serve("2", |_| {});
    let content = noise(1, 3_000_000);
    let pin = server
        .upload(&[file("d/a", &content), file("d/b/c", b"c")])
        .data();
    let cid = text(&pin["cid"]);
    eventually("it is done", || server.look(&pin)["status"] == "DONE");
    assert_eq!(cluster.copies(cid), 2);
    let pin = server.look(&pin);
    assert_eq!(
        (&pin["pinned"], &pin["is_dir"]),
        (&json!(true), &json!(true))
    );
    assert!(server.curl_bare(&format!("/ipfs/{cid}/a"), &[]).body == content);

    let theirs = server.pin_by_cid(BOB, cid);
    server.unpin(&pin["id"]);
    assert_eq!(cluster.copies(cid), 2);
    let unpin = format!("/api/pinning/unpin/{}", text(&theirs["id"]));
    assert_eq!(server.curl_as(BOB, &unpin, &["-X", "DELETE"]).status, 200);
    eventually("the cluster has unpinned it", || cluster.copies(cid) == 0);
}

#[test]
#[ignore = "needs IPFS Cluster: cargo xtask kubo"]
fn a_peer_that_is_away_is_waited_for() {
    let mut cluster = Pair::start();
    let server = cluster.serve("1-2", |_| {});
    let one = server.pin("one", &noise(2, 100_000));
    eventually("one copy does", || server.look(&one)["status"] == "DONE");
    let server = cluster.serve("2", |config| {
        config.limits.retrieval_timeout = std::time::Duration::from_secs(3);
    });
    let two = loop {
        cluster.0[1].kubo.kill();
        let reply = server.upload(&[file("two", &noise(3, 100_000))]);
        if reply.status == 201 {
            break reply.data();
        }
        // The cluster has noticed it already, and refuses what it can't keep.
        assert!(reply.message(502).contains("not enough peers"), "{reply:?}");
        cluster.0[1].kubo.revive();
        cluster.0[0].kubo.connect(&cluster.0[1].kubo);
        cluster.wait_until_both_are_known();
    };
    let nobody = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    let nobody = server.pin_by_cid(ALICE, nobody);
    eventually("what nobody has is given up", || {
        text(&server.look(&nobody)["status"]).starts_with("FAILED")
    });
    // What was uploaded isn't, though it takes as long.
    let status = server.look(&two)["status"].clone();
    assert!(status == "RETRIEVAL" || status == "PENDING", "{status}");
    let server = server.restart_with(cluster.backend("2"));
    cluster.0[1].kubo.revive();
    cluster.0[0].kubo.connect(&cluster.0[1].kubo);
    eventually("both have it", || server.look(&two)["status"] == "DONE");
    assert_eq!(cluster.copies(text(&two["cid"])), 2);
}

#[test]
#[ignore = "needs IPFS Cluster: cargo xtask kubo"]
fn a_pin_by_cid_is_fetched_or_fails_in_its_time() {
    let cluster = Pair::start();
    let other = KuboNode::start();
    let cid = crate::kubo::add(&other, b"from elsewhere");
    let server = cluster.serve("2", |config| {
        config.limits.retrieval_timeout = std::time::Duration::from_secs(30);
    });
    let pin = server.pin_by_cid(ALICE, &cid);
    let nobody = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    let nobody = server.pin_by_cid(ALICE, nobody);
    eventually("it is looked for", || {
        server.look(&pin)["status"] == "RETRIEVAL"
    });
    cluster.0[0].kubo.connect(&other);
    eventually("it is found", || server.look(&pin)["status"] == "DONE");
    eventually("nobody has the other", || {
        text(&server.look(&nobody)["status"]).starts_with("FAILED: the content wasn't found")
    });
    assert_eq!(server.look(&nobody)["pinned"], false);
    eventually("the cluster has given it up", || {
        let cid = text(&nobody["cid"]);
        let peers = cluster.0[0].get(&format!("pins/{cid}"))["peer_map"].clone();
        peers
            .as_object()
            .is_none_or(|peers| peers.values().all(|peer| peer["status"] == "unpinned"))
    });
}

#[test]
#[ignore = "needs IPFS Cluster: cargo xtask kubo"]
fn a_pin_of_the_pinning_service_api_is_kept_and_replaced() {
    let cluster = Pair::start();
    let other = KuboNode::start();
    let cids = [&b"one"[..], b"two"].map(|content| crate::kubo::add(&other, content));
    cluster.0[0].kubo.connect(&other);
    let server = cluster.serve("2", |_| {});
    let post = |path: &str, cid: &str| {
        let body = json!({ "cid": cid }).to_string();
        let reply = psa(&server, ALICE, path, &["--data-raw", &body]);
        assert_eq!(reply.status, 202, "{reply:?}");
        reply.json()
    };
    let wait = |pin: &Value| {
        let path = format!("/pins/{}", text(&pin["requestid"]));
        eventually("it is pinned", || {
            psa(&server, ALICE, &path, &[]).json()["status"] == "pinned"
        });
        path
    };
    let pin = post("/pins", &cids[0]);
    assert!(
        text(&pin["delegates"][0]).contains("/p2p/12D3KooW"),
        "{pin}"
    );
    let path = wait(&pin);
    assert_eq!(cluster.copies(&cids[0]), 2);
    wait(&post(&path, &cids[1]));
    assert_eq!(cluster.copies(&cids[1]), 2);
    eventually("the other is unpinned", || cluster.copies(&cids[0]) == 0);
}

#[test]
fn a_profile_that_a_cluster_can_not_make_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut config = ServerConfig::new(folder.path());
    config.profile = "unixfs-v1-2025".parse().unwrap();
    config.backend = Backend::Cluster {
        rest: "http://127.0.0.1:9".parse().unwrap(),
        rpc: "http://127.0.0.1:9".parse().unwrap(),
        replication: Replication::default(),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let refused = runtime
        .block_on(w3pin_server::Server::bind(config))
        .unwrap_err();
    assert!(refused.to_string().contains("174 links"), "{refused}");
}

#[test]
#[ignore = "needs IPFS Cluster: cargo xtask kubo"]
fn a_car_is_kept_by_the_cluster() {
    let cluster = Pair::start();
    let server = cluster.serve("2", |_| {});
    let (car, root) = car_of_a_folder();
    let reply = server.upload(&[car_part("site.car", &car)]);
    assert_eq!(
        (reply.status, &reply.data()["cid"]),
        (201, &json!(root)),
        "{reply:?}"
    );
    eventually("it is done", || {
        server.look(&reply.data())["status"] == "DONE"
    });
    assert_eq!(cluster.copies(&root), 2);
    assert_eq!(server.curl_bare(&format!("/ipfs/{root}/b"), &[]).body, b"b");
    let cut = server.upload(&[car_part("site.car", &car[..car.len() - 1])]);
    assert_eq!(cut.status, 400, "{cut:?}");
}
