//! A peer of a real IPFS Cluster on loopback, with a Kubo node of its own.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    curl::{curl, eventually, text},
    node::{KuboNode, free_port},
};

/// Where the program is that these tests run.
const PROGRAM: &str = "W3PIN_TEST_CLUSTER";

/// Who may use the peer's Pinning Service API.
const USER: &str = "w3pin";
const PASSWORD: &str = "known to the tests alone";

pub(crate) struct Peer {
    folder: TempDir,
    daemon: Option<Child>,
    pub(crate) kubo: KuboNode,
    pub(crate) rest: u16,
    pinning: u16,
    address: String,
}

impl Peer {
    pub(crate) fn start(secret: &str, friend: Option<&Self>) -> Self {
        let folder = TempDir::new().unwrap();
        let kubo = KuboNode::start();
        let output = command(folder.path())
            .args(["init", "--consensus", "crdt"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let [rest, swarm, proxy, pinning] = [(); 4].map(|()| free_port());
        let file = folder.path().join("service.json");
        let mut config: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let tcp = |port: u16| json!(format!("/ip4/127.0.0.1/tcp/{port}"));
        let node = tcp(kubo.api);
        config["cluster"]["secret"] = json!(secret);
        config["cluster"]["listen_multiaddress"] = json!([tcp(swarm)]);
        config["cluster"]["mdns_interval"] = json!("0s");
        config["cluster"]["monitor_ping_interval"] = json!("1s");
        config["api"]["restapi"]["http_listen_multiaddress"] = tcp(rest);
        config["api"]["ipfsproxy"]["listen_multiaddress"] = tcp(proxy);
        config["api"]["ipfsproxy"]["node_multiaddress"] = node.clone();
        config["api"]["pinsvcapi"]["http_listen_multiaddress"] = tcp(pinning);
        config["api"]["pinsvcapi"]["basic_auth_credentials"] = json!({ USER: PASSWORD });
        config["ipfs_connector"]["ipfshttp"]["node_multiaddress"] = node;
        config["ipfs_connector"]["ipfshttp"]["pin_timeout"] = json!("5s");
        fs::write(&file, config.to_string()).unwrap();
        let identity = fs::read(folder.path().join("identity.json")).unwrap();
        let identity: Value = serde_json::from_slice(&identity).unwrap();
        let mut peer = Self {
            folder,
            daemon: None,
            kubo,
            rest,
            pinning,
            address: format!("/ip4/127.0.0.1/tcp/{swarm}/p2p/{}", text(&identity["id"])),
        };
        peer.revive(friend.map(|friend| &friend.address[..]));
        peer
    }

    fn revive(&mut self, friend: Option<&str>) {
        let mut daemon = command(self.folder.path());
        daemon.arg("daemon");
        if let Some(friend) = friend {
            daemon.args(["--bootstrap", friend]);
        }
        let daemon = daemon.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.daemon = Some(daemon.unwrap());
        eventually("the cluster's peer listens", || {
            std::net::TcpStream::connect(("127.0.0.1", self.rest)).is_ok()
        });
    }

    /// Where its Pinning Service API is.
    pub(crate) fn pinning_service(&self) -> String {
        format!("http://127.0.0.1:{}", self.pinning)
    }

    /// A token of that API.
    pub(crate) fn token(&self) -> String {
        let url = format!("{}/token", self.pinning_service());
        let user = format!("{USER}:{PASSWORD}");
        let reply = curl(&url, &["-X", "POST", "-u", &user]).json();
        text(&reply["token"]).to_owned()
    }

    fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        curl(&format!("http://127.0.0.1:{}/{path}", self.rest), &[]).json()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn command(folder: &Path) -> Command {
    let program = std::env::var(PROGRAM).unwrap_or_else(|_| {
        panic!("{PROGRAM} must name ipfs-cluster-service; `cargo xtask kubo` runs these tests")
    });
    let mut command = Command::new(program);
    command
        .env("IPFS_CLUSTER_PATH", folder)
        .stdin(Stdio::null());
    command
}
