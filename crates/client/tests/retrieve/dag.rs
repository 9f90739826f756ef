//! DAGs for gateways to serve.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    ops::Range,
    sync::{Arc, Mutex},
};

use w3pin::{
    Profile,
    core::ipld,
    unixfs::{Block, BlockSink, Cid, FileBuilder, Kind, TreeBuilder, decode},
};

pub(crate) const RAW: u64 = 0x55;
pub(crate) const DAG_PB: u64 = 0x70;
const FILE: u8 = 2;
/// A CAR with more blocks than this ends early.
const MOST_BLOCKS: usize = 20_000;

/// Blocks by their CIDs.
#[derive(Clone, Default)]
pub(crate) struct Dag(Arc<Mutex<BTreeMap<Cid, Vec<u8>>>>);

impl BlockSink for Dag {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
        self.insert(block.cid, block.to_vec());
        Ok(())
    }
}

impl Dag {
    pub(crate) fn insert(&self, cid: Cid, block: Vec<u8>) {
        self.0.lock().unwrap().insert(cid, block);
    }

    pub(crate) fn get(&self, cid: &Cid) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(cid).cloned()
    }

    pub(crate) fn remove(&self, cid: &Cid) {
        self.0.lock().unwrap().remove(cid);
    }

    pub(crate) fn cids(&self) -> Vec<Cid> {
        self.0.lock().unwrap().keys().copied().collect()
    }

    /// A block of any codec, by its SHA-256.
    pub(crate) fn add(&self, codec: u64, block: Vec<u8>) -> Cid {
        let cid = cid_of(codec, &block);
        self.insert(cid, block);
        cid
    }

    /// A file as created by an importer.
    pub(crate) fn file(&self, profile: &Profile, content: &[u8]) -> Cid {
        let mut file = FileBuilder::with_sink(profile, self.clone());
        file.update(content).unwrap();
        file.finish().unwrap().0.cid
    }

    /// A folder of files.
    pub(crate) fn folder(&self, profile: &Profile, files: &[(&str, &[u8])]) -> Cid {
        self.folder_with_links(profile, files, &[])
    }

    pub(crate) fn folder_with_links(
        &self,
        profile: &Profile,
        files: &[(&str, &[u8])],
        links: &[(&str, &str)],
    ) -> Cid {
        let mut tree = TreeBuilder::new(profile);
        for (path, content) in files {
            let mut file = FileBuilder::with_sink(profile, self.clone());
            file.update(content).unwrap();
            tree.add_file(path, file.finish().unwrap().0).unwrap();
        }
        for (path, target) in links {
            tree.add_symlink(path, target).unwrap();
        }
        tree.finish(&mut self.clone()).unwrap().cid
    }

    /// A node of a file: its own bytes, then these children with these sizes.
    pub(crate) fn node(&self, data: &[u8], children: &[(Cid, u64)]) -> Cid {
        let mut message = vec![0x08, FILE];
        if !data.is_empty() {
            bytes_field(&mut message, 0x12, data);
        }
        for (_, size) in children {
            uint_field(&mut message, 0x20, *size);
        }
        let links: Vec<_> = children.iter().map(|(cid, _)| (*cid, "")).collect();
        self.add(DAG_PB, dag_pb(&links, &message))
    }

    /// A folder of one block with these links and arbitrary names.
    pub(crate) fn directory(&self, links: &[(Cid, &str)]) -> Cid {
        self.add(DAG_PB, dag_pb(links, &[0x08, 1]))
    }

    /// The blocks that a gateway sends in a CAR: those on the path, then those in the scope, depth first,
    /// including repetitions.
    pub(crate) fn walk(&self, path: &[Cid], scope: &str, bytes: Option<Range<u64>>) -> Vec<Cid> {
        let (entity, above) = path.split_last().unwrap();
        let mut order = above.to_vec();
        match scope {
            "block" => order.push(*entity),
            "all" => self.all(entity, &mut order),
            _ => self.entity(entity, bytes.unwrap_or(0..u64::MAX), 0, &mut order),
        }
        order
    }

    fn all(&self, cid: &Cid, order: &mut Vec<Cid>) {
        if order.len() == MOST_BLOCKS {
            return;
        }
        order.push(*cid);
        let block = self.get(cid).unwrap_or_default();
        for link in ipld::links(cid, &block).unwrap_or_default() {
            self.all(&link, order);
        }
    }

    fn entity(&self, cid: &Cid, bytes: Range<u64>, offset: u64, order: &mut Vec<Cid>) {
        if order.len() == MOST_BLOCKS {
            return;
        }
        order.push(*cid);
        let block = self.get(cid).unwrap_or_default();
        let Ok(node) = decode(cid, &block) else {
            return;
        };
        if node.kind() == Kind::HamtShard {
            for shard in node.sub_shards() {
                self.entity(&shard.cid, 0..u64::MAX, 0, order);
            }
        }
        if node.kind() == Kind::File {
            let mut offset = offset + node.data().len() as u64;
            for (link, size) in node.children() {
                if offset < bytes.end && offset + size > bytes.start {
                    self.entity(&link.cid, bytes.clone(), offset, order);
                }
                offset += size;
            }
        }
    }

    /// The blocks that resolve a path; the last one is its target.
    pub(crate) fn path(&self, root: Cid, names: &[&str]) -> Option<Vec<Cid>> {
        let mut path = vec![root];
        for name in names {
            let mut level = 0;
            loop {
                let cid = *path.last()?;
                let block = self.get(&cid)?;
                let node = decode(&cid, &block).ok()?;
                match node.lookup(name, level) {
                    w3pin::unixfs::Lookup::Entry(link) => break path.push(link.cid),
                    w3pin::unixfs::Lookup::Shard(link) => path.push(link.cid),
                    w3pin::unixfs::Lookup::Absent => return None,
                }
                level += 1;
            }
        }
        Some(path)
    }
}

pub(crate) fn cid_of(codec: u64, block: &[u8]) -> Cid {
    let whole: Profile = "custom(chunk=2096896)".parse().unwrap();
    let mut file = FileBuilder::new(&whole);
    file.push(block);
    cid_with(codec, 0x12, file.root().cid.hash().digest())
}

pub(crate) fn cid_with(codec: u64, hash: u64, digest: &[u8]) -> Cid {
    let mut bytes = vec![1];
    varint(&mut bytes, codec);
    varint(&mut bytes, hash);
    bytes.push(u8::try_from(digest.len()).unwrap());
    Cid::try_from([&bytes[..], digest].concat()).unwrap()
}

pub(crate) fn dag_pb(links: &[(Cid, &str)], data: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    for (cid, name) in links {
        let mut link = Vec::new();
        bytes_field(&mut link, 0x0a, &cid.to_bytes());
        bytes_field(&mut link, 0x12, name.as_bytes());
        bytes_field(&mut block, 0x12, &link);
    }
    bytes_field(&mut block, 0x0a, data);
    block
}

fn bytes_field(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    uint_field(out, tag, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn uint_field(out: &mut Vec<u8>, tag: u8, value: u64) {
    out.push(tag);
    varint(out, value);
}

pub(crate) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
