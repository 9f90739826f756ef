//! A sink that stores blocks, and a reader that assembles content from them.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;

use w3pin_unixfs::{Block, BlockSink, Cid, DagNode, Kind, Lookup, decode, verify_block};

#[derive(Default)]
pub(crate) struct Blocks(pub(crate) HashMap<Cid, Vec<u8>>);

impl BlockSink for Blocks {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
        let bytes = block.to_vec();
        assert_eq!(bytes.len(), block.len());
        verify_block(&block.cid, &bytes).unwrap();
        for link in block.links() {
            assert!(self.0.contains_key(link), "a child comes before its parent");
        }
        let node = decode(&block.cid, &bytes).unwrap();
        assert!(node.links().iter().map(|link| &link.cid).eq(block.links()));
        self.0.insert(block.cid, bytes);
        Ok(())
    }
}

/// The node at a path, read back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    File(Vec<u8>),
    Folder,
    Symlink(String),
}

impl Blocks {
    pub(crate) fn node(&self, cid: &Cid) -> DagNode<'_> {
        decode(cid, &self.0[cid]).unwrap()
    }

    pub(crate) fn file(&self, cid: &Cid) -> Vec<u8> {
        let node = self.node(cid);
        assert!(matches!(node.kind(), Kind::Raw | Kind::File));
        let mut content = node.data().to_vec();
        for (link, size) in node.children() {
            let child = self.file(&link.cid);
            assert_eq!(child.len() as u64, size);
            content.extend(child);
        }
        assert_eq!(node.file_size(), Some(content.len() as u64));
        content
    }

    /// The entries of a folder, through all of its shards.
    pub(crate) fn folder(&self, cid: &Cid) -> BTreeMap<String, Cid> {
        let node = self.node(cid);
        let mut entries: BTreeMap<_, _> = node
            .entries()
            .map(|entry| (entry.name.to_owned(), entry.link.cid))
            .collect();
        for shard in node.sub_shards() {
            entries.extend(self.folder(&shard.cid));
        }
        entries
    }

    /// Looks up one entry like a gateway, following only the shards on its path.
    pub(crate) fn lookup(&self, folder: &Cid, name: &str) -> Option<Cid> {
        let mut here = *folder;
        for level in 0.. {
            match self.node(&here).lookup(name, level) {
                Lookup::Entry(link) => return Some(link.cid),
                Lookup::Shard(link) => here = link.cid,
                Lookup::Absent => return None,
            }
        }
        None
    }

    /// All paths below a folder.
    pub(crate) fn tree(&self, root: &Cid) -> BTreeMap<String, Read> {
        let mut paths = BTreeMap::new();
        for (name, cid) in self.folder(root) {
            let node = self.node(&cid);
            match node.kind() {
                Kind::Raw | Kind::File => {
                    paths.insert(name, Read::File(self.file(&cid)));
                }
                Kind::Symlink => {
                    let target = String::from_utf8(node.data().to_vec()).unwrap();
                    paths.insert(name, Read::Symlink(target));
                }
                Kind::Directory | Kind::HamtShard => {
                    for (below, read) in self.tree(&cid) {
                        paths.insert(format!("{name}/{below}"), read);
                    }
                    paths.insert(name, Read::Folder);
                }
            }
        }
        paths
    }
}
