//! Resolves a path.

use bytes::Bytes;
use w3pin_unixfs::{DAG_PB, DagNode, Kind, Lookup, RAW, decode};

use super::lane::Lane;
use crate::{Cid, Error, ErrorKind, IpfsPath, Result, printable};

/// The target of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its CID.
    pub cid: Cid,
    /// The kind of the node.
    pub kind: NodeKind,
    /// The bytes of a file's content; none of a folder, since nothing proves a folder's size.
    pub size: Option<u64>,
}

impl Node {
    /// Where a symbolic link points.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.kind.target()
    }
}

/// What lies under a CID.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeKind {
    /// A UnixFS file, or a raw block.
    File,
    /// A folder.
    Folder,
    /// A symbolic link and its target.
    Symlink(String),
    /// A block with a codec that isn't a file's, such as DAG-CBOR. It is read as raw bytes.
    Block,
    /// An entry of a folder whose block, which would determine its kind, isn't available from any
    /// gateway.
    Unavailable,
}

impl NodeKind {
    /// Where a symbolic link points.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Symlink(target) => Some(target),
            _ => None,
        }
    }

    /// The stable name, as scripts and other languages see it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Symlink(_) => "symlink",
            Self::Block => "block",
            Self::Unavailable => "unavailable",
        }
    }
}

/// A node with its first block.
pub(crate) struct Found {
    pub(crate) node: Node,
    pub(crate) block: Bytes,
}

/// Follows a path from its root, block by block.
pub(crate) async fn resolve<I>(lane: &mut Lane<I>, path: &IpfsPath) -> Result<Found> {
    let mut cid = path.root().clone();
    for name in path.segments() {
        let mut level = 0;
        cid = loop {
            let block = lane.block(&cid).await?;
            let node = unixfs(&cid, &block)?;
            if !matches!(node.kind(), Kind::Directory | Kind::HamtShard) {
                let what = describe(&node);
                let reason = format!("there is nothing below {cid}, which is {what}");
                return Err(Error::new(ErrorKind::NotFound, reason).with_field("path"));
            }
            match node.lookup(name, level) {
                Lookup::Entry(link) => break Cid::from(link.cid),
                Lookup::Shard(link) => cid = Cid::from(link.cid),
                Lookup::Absent => {
                    let reason = format!("{path} doesn't exist: there is no {:?}", printable(name));
                    return Err(Error::new(ErrorKind::NotFound, reason).with_field("path"));
                }
            }
            level += 1;
        };
    }
    found(lane, cid).await
}

/// Returns the node with a CID.
pub(crate) async fn found<I>(lane: &mut Lane<I>, cid: Cid) -> Result<Found> {
    let block = lane.block(&cid).await?;
    let (kind, size) = if is_unixfs(&cid) {
        let node = unixfs(&cid, &block)?;
        let kind = match node.kind() {
            Kind::Raw | Kind::File => NodeKind::File,
            Kind::Directory | Kind::HamtShard => NodeKind::Folder,
            Kind::Symlink => NodeKind::Symlink(String::from_utf8_lossy(node.data()).into_owned()),
        };
        (kind, node.file_size())
    } else {
        (NodeKind::Block, Some(block.len() as u64))
    };
    let node = Node { cid, kind, size };
    Ok(Found { node, block })
}

/// Returns whether blocks with this codec are UnixFS nodes.
pub(crate) fn is_unixfs(cid: &Cid) -> bool {
    matches!(cid.as_cid().codec(), RAW | DAG_PB)
}

pub(crate) fn unixfs<'a>(cid: &Cid, block: &'a [u8]) -> Result<DagNode<'a>> {
    decode(cid.as_cid(), block).map_err(|cause| {
        let reason = format!("{cid} isn't a readable file or folder: {cause}");
        Error::new(ErrorKind::Decode, reason)
    })
}

pub(crate) fn describe(node: &DagNode<'_>) -> &'static str {
    match node.kind() {
        Kind::Raw | Kind::File => "a file",
        Kind::Directory | Kind::HamtShard => "a folder",
        Kind::Symlink => "a symbolic link",
    }
}
