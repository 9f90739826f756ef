//! CARs to serve, and CARs that were served.

use std::{
    collections::{HashMap, HashSet},
    fs,
    process::Command,
};

use cid::Cid;
use serde_json::{Value, json};
use tempfile::TempDir;
use w3pin_car::{CarDecoder, CarItem, header, section_head};
use w3pin_server::ServerConfig;

use crate::fixture::{TestServer, noise};

/// The CAR of ipfs/gateway-conformance of this name.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../car/tests/fixtures");
    fs::read(format!("{folder}/{name}.car")).unwrap()
}

/// All blocks of a CAR.
pub(crate) struct Dag {
    pub(crate) root: Cid,
    pub(crate) blocks: HashMap<Cid, Vec<u8>>,
}

impl Dag {
    pub(crate) fn read(car: &[u8]) -> Self {
        let (items, is_whole) = items(car);
        assert!(is_whole);
        let mut items = items.into_iter();
        let root = match items.next() {
            Some(CarItem::Header(header)) => header.roots[0],
            item => panic!("{item:?}"),
        };
        let block = |item| match item {
            CarItem::Block { cid, bytes } => (cid, bytes.to_vec()),
            item => panic!("{item:?}"),
        };
        Self {
            root,
            blocks: items.map(block).collect(),
        }
    }

    /// What a path in it leads to, by names that are in one block.
    pub(crate) fn at(&self, path: &str) -> Cid {
        path.split('/').fold(self.root, |cid, name| {
            let node = w3pin_unixfs::decode(&cid, &self.blocks[&cid]).unwrap();
            let entry = node.entries().find(|entry| entry.name == name);
            entry.unwrap_or_else(|| panic!("no {name}")).link.cid
        })
    }

    pub(crate) fn links(&self, cid: &Cid) -> Vec<Cid> {
        w3pin_unixfs::links(cid, &self.blocks[cid]).unwrap()
    }

    /// A block and all below it, depth first, with those that come again.
    pub(crate) fn below(&self, cid: &Cid) -> Vec<Cid> {
        let links = self.links(cid).into_iter();
        std::iter::once(*cid)
            .chain(links.flat_map(|cid| self.below(&cid)))
            .collect()
    }

    /// A server that has it.
    pub(crate) fn serve(&self) -> TestServer {
        let mut sections = Vec::new();
        let mut written = HashSet::new();
        // Children come before their parents.
        for cid in self.below(&self.root).into_iter().rev() {
            if written.insert(cid) {
                let block = &self.blocks[&cid];
                sections.extend(section_head(&cid, block.len()));
                sections.extend(block);
            }
        }
        serve(self.root, &sections)
    }
}

/// A server that imported a CAR of these sections, children before parents.
pub(crate) fn serve(root: Cid, sections: &[u8]) -> TestServer {
    let mut from = TestServer::embedded(|config| config.accounts.truncate(1));
    from.pin("any", &noise(1, 1000));
    from.stop();
    let files = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ServerConfig::new(from.data());
    runtime
        .block_on(w3pin_server::export(&config, files.path()))
        .unwrap();
    let records = files.path().join("records.jsonl");
    let lines = fs::read_to_string(&records).unwrap();
    let (account, pin) = lines.trim_end().split_once('\n').unwrap();
    let mut pin: Value = serde_json::from_str(pin).unwrap();
    pin["pin"]["cid"] = json!(root.to_string());
    let hash = root.hash().to_bytes();
    pin["pin"]["root_hash"] = json!(data_encoding::HEXLOWER.encode(&hash));
    fs::write(&records, format!("{account}\n{pin}\n")).unwrap();
    let car = [&header(&[root])[..], sections].concat();
    let name = Cid::new_v1(root.codec(), *root.hash());
    fs::write(files.path().join(format!("{name}.car")), car).unwrap();
    let data = TempDir::new().unwrap();
    let config = ServerConfig::new(data.path());
    runtime
        .block_on(w3pin_server::import(&config, files.path()))
        .unwrap();
    TestServer::in_folder(data, None, |_| {})
}

/// What can be read of a CAR, and whether that is all.
fn items(car: &[u8]) -> (Vec<CarItem>, bool) {
    let mut decoder = CarDecoder::new();
    decoder.push(car.to_vec().into());
    let mut items = Vec::new();
    while let Ok(Some(item)) = decoder.next() {
        items.push(item);
    }
    (items, decoder.finish().is_ok())
}

/// A response that may break off.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// The blocks that came whole.
    pub(crate) blocks: Vec<Cid>,
    pub(crate) is_whole: bool,
}

/// Asks for a CAR. All blocks have to be those that their CIDs name.
pub(crate) fn get_car(url: &str, arguments: &[&str]) -> Served {
    let folder = TempDir::new().unwrap();
    let body = folder.path().join("body");
    let output = Command::new("curl")
        .args(["-sS", "--max-time", "60", "--path-as-is"])
        .args(["-w", "%{http_code} %{content_type}", "-o"])
        .arg(&body)
        .args(arguments)
        .arg(url)
        .output()
        .expect("curl is installed");
    let said = String::from_utf8(output.stdout).unwrap();
    let (status, content_type) = said.split_once(' ').unwrap();
    let (items, is_whole) = items(&fs::read(&body).unwrap_or_default());
    let mut blocks = Vec::new();
    for item in items {
        if let CarItem::Block { cid, bytes } = item {
            w3pin_unixfs::verify_block(&cid, &bytes).unwrap();
            blocks.push(cid);
        }
    }
    Served {
        status: status.parse().unwrap(),
        content_type: content_type.to_owned(),
        blocks,
        is_whole: is_whole && output.status.success(),
    }
}
