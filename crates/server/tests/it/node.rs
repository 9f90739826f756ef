//! A real Kubo node on loopback without peers.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use w3pin_server::Backend;

use crate::curl::{Reply, curl, eventually};

/// The path of the program that these tests run.
pub(crate) const PROGRAM: &str = "W3PIN_TEST_KUBO";

/// The default backend of the servers in all tests.
const BACKEND: &str = "W3PIN_TEST_BACKEND";

/// A separate node, for servers that use one.
pub(crate) fn chosen() -> Option<KuboNode> {
    match std::env::var(BACKEND).as_deref() {
        Ok("kubo") => Some(KuboNode::start()),
        Ok("embedded") | Err(_) => None,
        Ok(other) => panic!("{BACKEND} is embedded or kubo, not {other}"),
    }
}

/// A separate node for one test.
pub(crate) struct KuboNode {
    repo: TempDir,
    daemon: Option<Child>,
    pub(crate) api: u16,
    swarm: u16,
    id: String,
}

impl KuboNode {
    pub(crate) fn start() -> Self {
        let repo = TempDir::new().unwrap();
        let path = repo.path().to_path_buf();
        run(command(&path).args(["init", "--empty-repo"]));
        let (api, swarm) = (free_port(), free_port());
        let file = path.join("config");
        let mut config: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let id = config["Identity"]["PeerID"].as_str().unwrap().to_owned();
        keep_to_loopback(&mut config, api, swarm);
        fs::write(&file, config.to_string()).unwrap();
        let mut node = Self {
            repo,
            daemon: None,
            api,
            swarm,
            id,
        };
        node.revive();
        // The empty folder, which every node pins.
        for pin in node.pins() {
            assert_eq!(node.rpc(&format!("pin/rm?arg={pin}"), &[]).status, 200);
        }
        node
    }

    /// Starts the daemon, always with the same repository, addresses and identity.
    pub(crate) fn revive(&mut self) {
        let repo = self.repo.path();
        let _ = fs::remove_file(repo.join("api"));
        let daemon = command(repo)
            .arg("daemon")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.daemon = Some(daemon.unwrap());
        let api = repo.join("api");
        eventually("Kubo listens", || {
            api.exists() && std::net::TcpStream::connect(("127.0.0.1", self.api)).is_ok()
        });
    }

    /// `kill -9`, on Unix.
    pub(crate) fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.api)
    }

    pub(crate) fn backend(&self) -> Backend {
        format!("kubo={}", self.url()).parse().unwrap()
    }

    /// A call of the RPC.
    pub(crate) fn rpc(&self, call: &str, arguments: &[&str]) -> Reply {
        let url = format!("{}/api/v0/{call}", self.url());
        curl(&url, &[&["-X", "POST"], arguments].concat())
    }

    /// What its command prints.
    pub(crate) fn ipfs(&self, arguments: &[&str]) -> String {
        let output = command(self.repo.path()).args(arguments).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn connect(&self, other: &Self) {
        let address = format!("/ip4/127.0.0.1/tcp/{}/p2p/{}", other.swarm, other.id);
        let reply = self.rpc(&format!("swarm/connect?arg={address}"), &[]);
        assert_eq!(reply.status, 200, "{reply:?}");
    }

    /// The CIDs that are pinned recursively.
    pub(crate) fn pins(&self) -> Vec<String> {
        let pins = self.rpc("pin/ls?type=recursive", &[]).json();
        let keys = pins["Keys"].as_object();
        keys.map(|keys| keys.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Whether it has a block, without asking the network.
    pub(crate) fn has(&self, cid: &str) -> bool {
        let call = format!("block/stat?arg={cid}&offline=true");
        self.rpc(&call, &[]).status == 200
    }

    /// Deletes everything that isn't pinned.
    pub(crate) fn collect_garbage(&self) {
        assert_eq!(self.rpc("repo/gc", &[]).status, 200);
    }

    /// Whether a garbage collection is running.
    pub(crate) fn is_at(&self, call: &str) -> bool {
        let commands = self.rpc("diag/cmds", &[]).json();
        commands.as_array().is_some_and(|commands| {
            commands
                .iter()
                .any(|it| it["Active"] == true && it["Command"] == call)
        })
    }

    pub(crate) fn setting(&self, section: &str, name: &str) -> Value {
        let file = fs::read(self.repo.path().join("config")).unwrap();
        let mut config: Value = serde_json::from_slice(&file).unwrap();
        config[section][name].take()
    }

    /// Changes a setting; it takes effect at the next start.
    pub(crate) fn configure(&mut self, section: &str, name: &str, value: Value) {
        let file = self.repo.path().join("config");
        let mut config: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        config[section][name] = value;
        fs::write(&file, config.to_string()).unwrap();
        self.kill();
        self.revive();
    }
}

impl Drop for KuboNode {
    fn drop(&mut self) {
        self.kill();
    }
}

fn keep_to_loopback(config: &mut Value, api: u16, swarm: u16) {
    config["Addresses"]["API"] = json!(format!("/ip4/127.0.0.1/tcp/{api}"));
    config["Addresses"]["Gateway"] = json!([]);
    config["Addresses"]["Swarm"] = json!([format!("/ip4/127.0.0.1/tcp/{swarm}")]);
    config["AutoConf"] = json!({"Enabled": false});
    config["AutoTLS"] = json!({"Enabled": false});
    config["Bootstrap"] = json!([]);
    config["DNS"] = json!({"Resolvers": {}});
    config["Discovery"]["MDNS"]["Enabled"] = json!(false);
    config["HTTPRetrieval"] = json!({"Enabled": false});
    config["Ipns"]["DelegatedPublishers"] = json!([]);
    config["Provide"] = json!({"Enabled": false});
    config["Routing"] = json!({"Type": "none", "DelegatedRouters": []});
    config["Swarm"] = json!({
        "DisableNatPortMap": true,
        "RelayClient": {"Enabled": false},
        "RelayService": {"Enabled": false},
        "EnableHolePunching": false,
    });
}

fn command(repo: &std::path::Path) -> Command {
    let program = std::env::var(PROGRAM)
        .map(PathBuf::from)
        .unwrap_or_else(|_| {
            panic!(
                "{PROGRAM} must name Kubo's ipfs; `cargo xtask kubo` builds it and runs these tests"
            )
        });
    let mut command = Command::new(program);
    command
        .env("IPFS_PATH", repo)
        .env("IPFS_TELEMETRY", "off")
        .env("MFS_PIN_POLL_INTERVAL", "200ms")
        .stdin(Stdio::null());
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
}

/// An unused port. The node keeps it over restarts, so the system can't choose it.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}
