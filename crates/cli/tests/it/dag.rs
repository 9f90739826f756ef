//! Handmade blocks behind a gateway that serves only them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use w3pin::unixfs::{Cid, raw_leaf};

use crate::service::{Connection, Kept, Server};

const DAG_PB: u64 = 0x70;
const DAG_CBOR: u64 = 0x71;

#[derive(Clone, Default)]
pub(crate) struct Dag(Arc<Mutex<HashMap<String, Vec<u8>>>>);

impl Dag {
    /// A file of one raw block.
    pub(crate) fn file(&self, bytes: &[u8]) -> Cid {
        let cid = raw_leaf(bytes);
        self.insert(cid, bytes)
    }

    /// A file of one block with a modification time.
    pub(crate) fn dated_file(&self, bytes: &[u8]) -> Cid {
        let mut data = vec![0x08, 2];
        bytes_field(&mut data, 0x12, bytes);
        uint_field(&mut data, 0x18, bytes.len());
        bytes_field(&mut data, 0x42, &[0x08, 1]);
        self.node(&[], &data)
    }

    /// A block that isn't a file.
    pub(crate) fn block(&self, bytes: &[u8]) -> Cid {
        let cid = Cid::new_v1(DAG_CBOR, *raw_leaf(bytes).hash());
        self.insert(cid, bytes)
    }

    pub(crate) fn symlink(&self, target: &str) -> Cid {
        let mut data = vec![0x08, 4];
        bytes_field(&mut data, 0x12, target.as_bytes());
        self.node(&[], &data)
    }

    /// A folder that declares the sizes of its entries' own blocks only.
    pub(crate) fn folder(&self, entries: &[(&str, Cid)]) -> Cid {
        let mut links = Vec::new();
        for (name, cid) in entries {
            let size = self.0.lock().unwrap()[&cid.to_string()].len();
            let mut link = Vec::new();
            bytes_field(&mut link, 0x0a, &cid.to_bytes());
            bytes_field(&mut link, 0x12, name.as_bytes());
            uint_field(&mut link, 0x18, size);
            links.push(link);
        }
        self.node(&links, &[0x08, 1])
    }

    fn node(&self, links: &[Vec<u8>], data: &[u8]) -> Cid {
        let mut block = Vec::new();
        for link in links {
            bytes_field(&mut block, 0x12, link);
        }
        bytes_field(&mut block, 0x0a, data);
        let cid = Cid::new_v1(DAG_PB, *raw_leaf(&block).hash());
        self.insert(cid, &block)
    }

    fn insert(&self, cid: Cid, block: &[u8]) -> Cid {
        self.0.lock().unwrap().insert(cid.to_string(), block.into());
        cid
    }

    /// Its blocks, in any order.
    pub(crate) fn blocks(&self) -> Vec<(Cid, Vec<u8>)> {
        let blocks = self.0.lock().unwrap();
        let blocks = blocks
            .iter()
            .map(|(cid, block)| (cid.parse().unwrap(), block.clone()));
        blocks.collect()
    }

    pub(crate) fn forget(&self, cid: &Cid) {
        self.0.lock().unwrap().remove(&cid.to_string());
    }

    /// A gateway that serves single blocks.
    pub(crate) fn gateway(&self) -> Server {
        let dag = self.clone();
        Server::new(move |_, request, connection| {
            let block =
                asked(&request.path).and_then(|cid| dag.0.lock().unwrap().get(cid).cloned());
            match block {
                Some(block) => serve(connection, &block),
                None => connection.answer(404, "no such block"),
            }
            Kept::Yes
        })
    }
}

/// The flags that select only this gateway.
pub(crate) fn from(gateway: &Server) -> [String; 2] {
    ["--gateway".into(), format!("http://{}", gateway.address())]
}

/// The block requested by a request.
pub(crate) fn asked(path: &str) -> Option<&str> {
    path.strip_prefix("/ipfs/")?.strip_suffix("?format=raw")
}

pub(crate) fn serve(connection: &mut Connection, block: &[u8]) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", block.len());
    connection.send(&[head.as_bytes(), block].concat());
}

fn bytes_field(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    uint_field(out, tag, bytes.len());
    out.extend_from_slice(bytes);
}

fn uint_field(out: &mut Vec<u8>, tag: u8, mut value: usize) {
    out.push(tag);
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
