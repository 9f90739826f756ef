//! CARs to serve, and CARs received from the server.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    fs::{self, File},
    io::Read,
    path::PathBuf,
    process::Command,
};

use bytes::Bytes;
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
        let mut items = Vec::new();
        assert!(read_items(car, |item| items.push(item)));
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

    /// The target of a path in it, through names that are in one block.
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

    /// A block and everything below it, depth first, including repetitions.
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
    let cars = TempDir::new().unwrap();
    let car = [&header(&[root])[..], sections].concat();
    fs::write(car_path(&cars, &root), car).unwrap();
    serve_cars(&cars, &[root])
}

/// The path of the CAR of a root for [`serve_cars`].
pub(crate) fn car_path(cars: &TempDir, root: &Cid) -> PathBuf {
    let name = Cid::new_v1(root.codec(), *root.hash());
    cars.path().join(format!("{name}.car"))
}

/// A server that imported these CARs, each with its blocks in the order of `serve`.
pub(crate) fn serve_cars(cars: &TempDir, roots: &[Cid]) -> TestServer {
    let mut from = TestServer::embedded(|config| config.accounts.truncate(1));
    from.pin("any", &noise(1, 1000));
    from.stop();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ServerConfig::new(from.data());
    runtime
        .block_on(w3pin_server::export(&config, cars.path()))
        .unwrap();
    let records = cars.path().join("records.jsonl");
    let lines = fs::read_to_string(&records).unwrap();
    let (account, pin) = lines.trim_end().split_once('\n').unwrap();
    let mut pin: Value = serde_json::from_str(pin).unwrap();
    let mut lines = format!("{account}\n");
    for root in roots {
        pin["pin"]["id"] = json!(uuid::Uuid::new_v4());
        pin["pin"]["file_record"] = json!(uuid::Uuid::new_v4());
        pin["pin"]["cid"] = json!(root.to_string());
        let hash = root.hash().to_bytes();
        pin["pin"]["root_hash"] = json!(data_encoding::HEXLOWER.encode(&hash));
        writeln!(lines, "{pin}").unwrap();
    }
    fs::write(&records, lines).unwrap();
    let data = TempDir::new().unwrap();
    let config = ServerConfig::new(data.path());
    runtime
        .block_on(w3pin_server::import(&config, cars.path()))
        .unwrap();
    TestServer::in_folder(data, None, |_| {})
}

/// Passes on the readable part of a CAR, and returns whether it is complete.
fn read_items(mut car: impl Read, mut take: impl FnMut(CarItem)) -> bool {
    let mut decoder = CarDecoder::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        let length = car.read(&mut piece).unwrap();
        if length == 0 {
            return decoder.finish().is_ok();
        }
        decoder.push(Bytes::copy_from_slice(&piece[..length]));
        loop {
            match decoder.next() {
                Ok(Some(item)) => take(item),
                Ok(None) => break,
                Err(_) => return false,
            }
        }
    }
}

/// A response that may be cut short.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// The blocks that were received completely.
    pub(crate) blocks: Vec<Cid>,
    pub(crate) is_whole: bool,
}

/// Requests a CAR. All blocks must match their CIDs.
pub(crate) fn get_car(url: &str, arguments: &[&str]) -> Served {
    get_cars(&[url.to_owned()], arguments).remove(0)
}

/// The same for many CARs over one connection.
pub(crate) fn get_cars(urls: &[String], arguments: &[&str]) -> Vec<Served> {
    let folder = TempDir::new().unwrap();
    let body = |number: usize| folder.path().join(number.to_string());
    let mut command = Command::new("curl");
    command.args(["-s", "--max-time", "60", "--path-as-is"]);
    command.args(["-w", "%{http_code} %{exitcode} %{content_type}\n"]);
    command.args(arguments);
    for (number, url) in urls.iter().enumerate() {
        command.arg("-o").arg(body(number)).arg(url);
    }
    let output = command.output().expect("curl is installed");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().count(), urls.len(), "{said}");
    let served = said.lines().enumerate().map(|(number, line)| {
        let [status, exit_code, content_type] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let mut blocks = Vec::new();
        let is_whole = File::open(body(number)).is_ok_and(|car| {
            read_items(car, |item| {
                if let CarItem::Block { cid, bytes } = item {
                    w3pin_unixfs::verify_block(&cid, &bytes).unwrap();
                    blocks.push(cid);
                }
            })
        });
        let _ = fs::remove_file(body(number));
        Served {
            status: status.parse().unwrap(),
            content_type: content_type.to_owned(),
            blocks,
            is_whole: is_whole && exit_code == "0",
        }
    });
    served.collect()
}
