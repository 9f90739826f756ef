//! A server with its data in a temporary folder, and curl to send requests to it.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use w3pin_core::Credentials;
use w3pin_server::{Backend, RunningServer, Server, ServerConfig};

pub(crate) use crate::curl::{Reply, curl, eventually, text};
use crate::node::{self, KuboNode};

pub(crate) const ALICE: [&str; 2] = ["alice-key", "alice-secret"];
pub(crate) const BOB: [&str; 2] = ["bob-key", "bob-secret"];

pub(crate) struct TestServer {
    runtime: Runtime,
    running: Option<RunningServer>,
    folder: TempDir,
    data: PathBuf,
    pub(crate) node: Option<KuboNode>,
}

impl TestServer {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(configure: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::in_folder(TempDir::new().unwrap(), node::chosen(), configure)
    }

    /// For tests of the embedded store only.
    pub(crate) fn embedded(configure: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::in_folder(TempDir::new().unwrap(), None, configure)
    }

    /// With a separate node, whatever the other tests use.
    pub(crate) fn over(node: KuboNode, configure: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::in_folder(TempDir::new().unwrap(), Some(node), configure)
    }

    pub(crate) fn in_folder(
        folder: TempDir,
        node: Option<KuboNode>,
        configure: impl FnOnce(&mut ServerConfig),
    ) -> Self {
        let data = folder.path().to_path_buf();
        Self::begin(folder, data, node, configure)
    }

    /// In a folder that outlives it.
    pub(crate) fn at(data: &Path, configure: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::begin(TempDir::new().unwrap(), data.to_path_buf(), None, configure)
    }

    fn begin(
        folder: TempDir,
        data: PathBuf,
        node: Option<KuboNode>,
        configure: impl FnOnce(&mut ServerConfig),
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let runtime = runtime.unwrap();
        let mut config = ServerConfig::new(&data);
        config.accounts = accounts();
        if let Some(node) = &node {
            config.backend = node.backend();
        }
        configure(&mut config);
        let running = runtime.block_on(async { Server::bind(config).await.unwrap().spawn() });
        Self {
            runtime,
            running: Some(running),
            folder,
            data,
            node,
        }
    }

    /// Restarts the server with the same data.
    pub(crate) fn restart(self) -> Self {
        self.restart_as(|_| {})
    }

    /// Stops the server; returns the data folder, and the node that has the content.
    pub(crate) fn into_folder(mut self) -> (TempDir, Option<KuboNode>) {
        self.stop();
        let folder = std::mem::replace(&mut self.folder, TempDir::new().unwrap());
        (folder, self.node.take())
    }

    /// Restarts the server with the same data and another configuration.
    pub(crate) fn restart_as(self, configure: impl FnOnce(&mut ServerConfig)) -> Self {
        let (folder, node) = self.into_folder();
        Self::in_folder(folder, node, configure)
    }

    /// The same with the backend of its data.
    pub(crate) fn restart_with(mut self, backend: Backend) -> Self {
        self.stop();
        let folder = std::mem::replace(&mut self.folder, TempDir::new().unwrap());
        Self::in_folder(folder, None, |config| config.backend = backend)
    }

    pub(crate) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown()).unwrap();
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().address()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn blocks(&self) -> PathBuf {
        self.data.join("blocks")
    }

    /// The amount of stored content: bytes in files, or pins on the node.
    pub(crate) fn kept(&self) -> u64 {
        match &self.node {
            None => folder_bytes(&self.blocks()),
            Some(node) => node.pins().len() as u64,
        }
    }

    /// Whether content of an upload is arriving at the backend.
    pub(crate) fn is_under_way(&self) -> bool {
        match &self.node {
            None => folder_bytes(&self.blocks()) > 0,
            Some(node) => node.is_at("add"),
        }
    }

    /// A request as Alice.
    pub(crate) fn curl(&self, path: &str, arguments: &[&str]) -> Reply {
        self.curl_as(ALICE, path, arguments)
    }

    pub(crate) fn curl_as(&self, keys: [&str; 2], path: &str, arguments: &[&str]) -> Reply {
        let [api_key, secret] = [
            format!("pinning_api_key: {}", keys[0]),
            format!("pinning_secret_key: {}", keys[1]),
        ];
        let mut all = vec!["-H", &api_key, "-H", &secret];
        all.extend(arguments);
        self.curl_bare(path, &all)
    }

    pub(crate) fn curl_bare(&self, path: &str, arguments: &[&str]) -> Reply {
        curl(&self.url(path), arguments)
    }

    pub(crate) fn upload(&self, parts: &[Part<'_>]) -> Reply {
        self.upload_as(ALICE, parts)
    }

    pub(crate) fn upload_as(&self, keys: [&str; 2], parts: &[Part<'_>]) -> Reply {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("body");
        fs::write(&file, form(parts)).unwrap();
        let data = format!("@{}", file.display());
        let content_type = format!("content-type: multipart/form-data; boundary={BOUNDARY}");
        let arguments = ["-X", "POST", "--data-binary", &data, "-H", &content_type];
        self.curl_as(keys, "/api/pinning/", &arguments)
    }

    /// Pins one file; returns the data of the response.
    pub(crate) fn pin(&self, name: &str, content: &[u8]) -> Value {
        let reply = self.upload(&[file(name, content)]);
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.data()
    }

    /// Pins a CID; returns the data of the response.
    pub(crate) fn pin_by_cid(&self, keys: [&str; 2], cid: &str) -> Value {
        let body = serde_json::json!({ "hash_to_pin": cid }).to_string();
        let reply = self.curl_as(keys, "/api/pinning/pinByHash", &["--data-raw", &body]);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.data()
    }

    /// Returns a pin in its current state.
    pub(crate) fn look(&self, pin: &Value) -> Value {
        let reply = self.curl(&format!("/api/pinning/{}", text(&pin["id"])), &[]);
        reply.data()
    }

    pub(crate) fn unpin(&self, id: &Value) -> Reply {
        self.curl(
            &format!("/api/pinning/unpin/{}", text(id)),
            &["-X", "DELETE"],
        )
    }

    /// Waits until the blocks folder is at most this large.
    pub(crate) fn wait_for_bytes(&self, most: u64) {
        let blocks = self.blocks();
        eventually(
            &format!("{} shrinks to {most} bytes", blocks.display()),
            || folder_bytes(&blocks) <= most,
        );
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

pub(crate) fn accounts() -> Vec<Credentials> {
    [ALICE, BOB]
        .map(|[key, secret]| Credentials::new(key, secret).unwrap())
        .to_vec()
}

pub(crate) fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .filter_map(|entry| entry.unwrap().metadata().ok())
        .filter(fs::Metadata::is_file)
        .map(|entry| entry.len())
        .sum()
}

/// Pseudorandom bytes, the same every time.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub(crate) const BOUNDARY: &str = "----w3pin-test-boundary";

pub(crate) struct Part<'a> {
    pub(crate) disposition: String,
    pub(crate) content: &'a [u8],
}

pub(crate) fn file<'a>(name: &str, content: &'a [u8]) -> Part<'a> {
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    Part {
        disposition: format!("form-data; name=\"file\"; filename=\"{name}\""),
        content,
    }
}

pub(crate) fn metadata(json: &str) -> Part<'_> {
    Part {
        disposition: "form-data; name=\"metadata\"".to_owned(),
        content: json.as_bytes(),
    }
}

/// Metadata with this many numbers, which are longer when formatted.
pub(crate) fn number_pairs(count: usize) -> String {
    let pairs: Vec<_> = (0..count)
        .map(|number| format!(r#""{number}":1e15"#))
        .collect();
    format!(r#"{{"keyvalues":{{{}}}}}"#, pairs.join(","))
}

pub(crate) fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for Part {
        disposition,
        content,
    } in parts
    {
        write!(
            body,
            "--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n"
        )
        .unwrap();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    write!(body, "--{BOUNDARY}--\r\n").unwrap();
    body
}

/// Sends raw bytes and reads until the server closes; returns status and body.
pub(crate) fn talk(address: SocketAddr, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes).unwrap();
    read_reply(&mut stream)
}

pub(crate) fn read_reply(stream: &mut TcpStream) -> Reply {
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    parse_reply(&answer)
}

pub(crate) fn parse_reply(answer: &[u8]) -> Reply {
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let split = split.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(answer)));
    let headers = String::from_utf8(answer[..split].to_vec()).unwrap();
    let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
    Reply {
        status,
        headers,
        body: answer[split + 4..].to_vec(),
    }
}
