//! Lists folders.

use w3pin_unixfs::{DagNode, Kind, Lookup, MAX_SHARD_DEPTH, shard_bucket};

use super::{
    lane::Lane,
    resolve::{Found, Node, NodeKind, resolve, unixfs},
};
use crate::{Cid, Error, ErrorKind, IpfsPath, Result, calls::port::Port, wire::fetch_car::Scope};

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, which is never empty, `.` or `..`, and contains no `/`. It may contain anything
    /// else.
    pub name: String,
    /// The CID of the entry.
    pub cid: Cid,
    /// The size of all its blocks in bytes, as claimed by the folder; it isn't proved.
    pub dag_size: u64,
}

/// The most entries of a folder to list.
const MOST_ENTRIES: u64 = 10_000_000;

/// Lists a folder; the entries of each of its blocks are yielded as soon as they arrive.
pub(crate) async fn entries(
    port: Port<Vec<Entry>>,
    mut lane: Lane<Vec<Entry>>,
    path: IpfsPath,
) -> Result<Node> {
    lane.open(path.clone(), Scope::Entity, Vec::new()).await;
    let found = resolve(&mut lane, &path).await?;
    if found.node.kind != NodeKind::Folder {
        let reason = format!("{path} isn't a folder, but a {}", found.node.kind.as_str());
        return Err(Error::invalid_input("path", reason));
    }
    let node = found.node.clone();
    let mut walk = FolderWalk::new(found)?;
    let mut count = 0_u64;
    while let Some(step) = walk.next() {
        match step {
            FolderStep::Entries(entries) => {
                count += entries.len() as u64;
                if count > MOST_ENTRIES {
                    let reason = format!("{path} has more than {MOST_ENTRIES} entries");
                    return Err(Error::invalid_input("path", reason));
                }
                port.give(entries).await;
            }
            FolderStep::Shard(cid) => {
                let block = lane.block(&cid).await?;
                walk.enter(&cid, &block)?;
            }
        }
    }
    lane.finish().await;
    Ok(node)
}

/// A walk through the blocks of a folder, depth first, in the order of links.
pub(crate) struct FolderWalk {
    root: Cid,
    /// The bucket indices along the path to the innermost shard, and what follows in each of its
    /// parents.
    buckets: Vec<u64>,
    fanout: Option<u32>,
    levels: Vec<std::vec::IntoIter<FolderLink>>,
}

pub(crate) enum FolderStep {
    /// These entries are next.
    Entries(Vec<Entry>),
    /// This block is needed.
    Shard(Cid),
}

enum FolderLink {
    Entry(Entry),
    Shard(Cid, u64),
}

impl FolderWalk {
    pub(crate) fn new(found: Found) -> Result<Self> {
        let mut walk = Self {
            root: found.node.cid.clone(),
            buckets: Vec::new(),
            fanout: None,
            levels: Vec::new(),
        };
        walk.enter(&found.node.cid, &found.block)?;
        Ok(walk)
    }

    /// Returns the next step, or `None` at the end.
    pub(crate) fn next(&mut self) -> Option<FolderStep> {
        loop {
            let level = self.levels.last_mut()?;
            let mut entries = Vec::new();
            let shard = loop {
                match level.as_slice().first() {
                    Some(FolderLink::Entry(_)) => {
                        if let Some(FolderLink::Entry(entry)) = level.next() {
                            entries.push(entry);
                        }
                    }
                    Some(FolderLink::Shard(..)) if !entries.is_empty() => {
                        return Some(FolderStep::Entries(entries));
                    }
                    Some(FolderLink::Shard(..)) => {
                        break level.next();
                    }
                    None => break None,
                }
            };
            if !entries.is_empty() {
                return Some(FolderStep::Entries(entries));
            }
            if let Some(FolderLink::Shard(cid, bucket)) = shard {
                self.buckets.push(bucket);
                return Some(FolderStep::Shard(cid));
            }
            self.levels.pop();
            self.buckets.pop();
        }
    }

    /// Continues in the needed shard.
    pub(crate) fn enter(&mut self, cid: &Cid, block: &[u8]) -> Result<()> {
        let node = unixfs(cid, block)?;
        let level = self.buckets.len() as u32;
        let same = self.fanout.is_none() || self.fanout == node.fanout();
        match node.kind() {
            Kind::Directory if level == 0 => {}
            Kind::HamtShard if same && level < MAX_SHARD_DEPTH * 2 => self.fanout = node.fanout(),
            _ => return Err(self.unreadable("a part of it isn't a shard")),
        }
        let mut links = Vec::new();
        for link in node.links() {
            links.push(self.link(&node, level, link)?);
        }
        self.levels.push(links.into_iter());
        Ok(())
    }

    fn link(
        &self,
        node: &DagNode<'_>,
        level: u32,
        link: &w3pin_unixfs::Link<'_>,
    ) -> Result<FolderLink> {
        let Some(fanout) = node.fanout() else {
            return Ok(FolderLink::Entry(Entry {
                name: link.name.to_owned(),
                cid: Cid::from(link.cid),
                dag_size: link.dag_size,
            }));
        };
        let Some(entry) = node.entries().find(|entry| entry.link == *link) else {
            let bucket = u64::from_str_radix(link.name, 16)
                .map_err(|_| self.unreadable("a shard has no bucket"))?;
            return Ok(FolderLink::Shard(Cid::from(link.cid), bucket));
        };
        // A lookup by name must find the entry where it is, or readers would see different folders.
        let mut reached = self.buckets.iter().zip(0..);
        let found =
            matches!(node.lookup(entry.name, level), Lookup::Entry(found) if found == *link);
        if !found
            || !reached.all(|(bucket, at)| shard_bucket(entry.name, at, fanout) == Some(*bucket))
        {
            return Err(self.unreadable("a name is in a shard where a lookup doesn't find it"));
        }
        Ok(FolderLink::Entry(Entry {
            name: entry.name.to_owned(),
            cid: Cid::from(link.cid),
            dag_size: link.dag_size,
        }))
    }

    fn unreadable(&self, reason: &str) -> Error {
        let root = &self.root;
        Error::new(
            ErrorKind::Decode,
            format!("{root} isn't a readable folder: {reason}"),
        )
    }
}
