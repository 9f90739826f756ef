//! Reads the bytes of a file, in order.

use std::ops::Range;

use bytes::Bytes;
use w3pin_unixfs::{DAG_PB, DagNode, Kind};

use super::{
    lane::Lane,
    resolve::{Found, Node, NodeKind, describe, resolve, unixfs},
};
use crate::{Cid, Error, ErrorKind, IpfsPath, Result, calls::port::Port, wire::fetch_car::Scope};

/// A part of a file's content, proved by the digests above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its offset in the file, in bytes.
    pub offset: u64,
    /// The bytes.
    pub bytes: Bytes,
}

/// Which part of a file to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The offset of the first byte to read; 0 unless set.
    pub start: u64,
    /// The offset to stop before; the end of the file unless set. A larger offset is reduced to the
    /// size of the file.
    pub end: Option<u64>,
    /// The maximum number of bytes to read; a larger file is rejected before any of it is read. 256
    /// MiB unless set where it is read into memory, and else no limit.
    pub most_bytes: Option<u64>,
}

/// The default limit for reading into memory.
const MOST_IN_MEMORY: u64 = 256 * 1024 * 1024;

impl ReadOptions {
    /// Returns the options for the whole file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the offset of the first byte to read.
    #[must_use]
    pub fn start(mut self, start: u64) -> Self {
        self.start = start;
        self
    }

    /// Sets the offset to stop before.
    #[must_use]
    pub fn end(mut self, end: u64) -> Self {
        self.end = Some(end);
        self
    }

    /// Sets the maximum number of bytes to read.
    #[must_use]
    pub fn most_bytes(mut self, bytes: u64) -> Self {
        self.most_bytes = Some(bytes);
        self
    }

    /// Sets the default limit for reading into memory, unless the caller has set one.
    #[must_use]
    pub fn into_memory(mut self) -> Self {
        self.most_bytes.get_or_insert(MOST_IN_MEMORY);
        self
    }

    fn range(&self) -> Result<Range<u64>> {
        match self.end {
            Some(end) if end < self.start => {
                let reason = format!("end is {end}, before start, which is {}", self.start);
                Err(Error::invalid_input("end", reason))
            }
            end => Ok(self.start..end.unwrap_or(u64::MAX)),
        }
    }
}

/// The most levels of a file's DAG: with only two links a block, more than any content can need.
pub(crate) const DEPTH: usize = 64;
/// The most pending links, about 30 MB.
pub(crate) const WAITING: usize = 1 << 18;
/// If no more than this remains, the rest of a broken CAR is requested block by block.
const WORTH_A_CAR: u64 = 2 * 1024 * 1024;

/// Reads a part of a file.
pub(crate) async fn content(
    port: Port<Piece>,
    mut lane: Lane<Piece>,
    path: IpfsPath,
    options: ReadOptions,
) -> Result<Node> {
    let range = options.range()?;
    if !path.segments().is_empty() || path.root().as_cid().codec() == DAG_PB {
        lane.open(path.clone(), Scope::of(&range), Vec::new()).await;
    }
    let found = resolve(&mut lane, &path).await?;
    let size = match (&found.node.kind, found.node.size) {
        (NodeKind::File | NodeKind::Block, Some(size)) => size,
        (kind, _) => {
            let what = if *kind == NodeKind::Folder {
                "a folder; name a file in it, or fetch the folder"
            } else {
                "a symbolic link, and links aren't followed"
            };
            return Err(Error::invalid_input("path", format!("{path} is {what}")));
        }
    };
    if range.start > size {
        let reason = format!("start is {}, and {path} has {size} bytes", range.start);
        return Err(Error::invalid_input("start", reason));
    }
    let range = range.start..range.end.min(size);
    let length = range.end.saturating_sub(range.start);
    if let Some(most_bytes) = options.most_bytes.filter(|most| length > *most) {
        let reason = format!("{path} has {length} bytes to read, more than {most_bytes}");
        return Err(Error::invalid_input("most_bytes", reason));
    }
    let node = found.node.clone();
    read(&port, &mut lane, found, range).await?;
    lane.finish().await;
    Ok(node)
}

/// Yields the bytes of a node.
pub(crate) async fn read<I: From<Piece>>(
    port: &Port<I>,
    lane: &mut Lane<I>,
    found: Found,
    range: Range<u64>,
) -> Result<()> {
    let root = found.node.cid;
    if found.node.kind == NodeKind::Block {
        return give(port, &range, 0, found.block).await;
    }
    let mut offset = 0;
    let mut ancestors = vec![root.content_key()];
    let size = found.node.size.unwrap_or_default();
    let first = part(&root, &root, &found.block, size)?;
    let mut levels = vec![first.children.into_iter()];
    give(port, &range, offset, first.data.clone()).await?;
    offset += first.data.len() as u64;
    while let Some(level) = levels.last_mut() {
        let Some((cid, size)) = level.next() else {
            levels.pop();
            ancestors.pop();
            continue;
        };
        let end = offset + size;
        if size == 0 || end <= range.start {
            offset = end;
            continue;
        }
        if offset >= range.end {
            break;
        }
        let from = offset.max(range.start);
        if lane.take_interruption() && range.end - from > WORTH_A_CAR {
            let scope = Scope::Bytes(from, Some(range.end));
            let path = IpfsPath::new(root.clone());
            lane.open(path, scope, ancestors.clone()).await;
        }
        let block = lane.block(&cid).await?;
        let node = part(&root, &cid, &block, size)?;
        give(port, &range, offset, node.data.clone()).await?;
        offset += node.data.len() as u64;
        if node.children.is_empty() {
            continue;
        }
        let waiting: usize = levels.iter().map(ExactSizeIterator::len).sum();
        if levels.len() == DEPTH || waiting + node.children.len() > WAITING {
            let reason = format!("{root} isn't a readable file: it has too many links");
            return Err(Error::new(ErrorKind::Decode, reason));
        }
        levels.push(node.children.into_iter());
        ancestors.push(cid.content_key());
    }
    Ok(())
}

/// A block of a file: its content, and its links.
pub(crate) struct Part {
    pub(crate) data: Bytes,
    pub(crate) children: Vec<(Cid, u64)>,
}

/// Decodes a block of a file that must contain `size` bytes.
pub(crate) fn part(root: &Cid, cid: &Cid, block: &Bytes, size: u64) -> Result<Part> {
    let node: DagNode<'_> = unixfs(cid, block)?;
    if !matches!(node.kind(), Kind::File | Kind::Raw) {
        let reason = format!(
            "{root} isn't a readable file: a part of it is {}",
            describe(&node)
        );
        return Err(Error::new(ErrorKind::Decode, reason));
    }
    if node.file_size() != Some(size) {
        let reason = format!("{root} isn't a readable file: its sizes are inconsistent");
        return Err(Error::new(ErrorKind::Decode, reason));
    }
    let children = node
        .children()
        .map(|(link, size)| (Cid::from(link.cid), size));
    Ok(Part {
        data: block.slice_ref(node.data()),
        children: children.collect(),
    })
}

/// Yields the part of these bytes that is in the range.
async fn give<I: From<Piece>>(
    port: &Port<I>,
    range: &Range<u64>,
    offset: u64,
    bytes: Bytes,
) -> Result<()> {
    let skipped = range.start.saturating_sub(offset).min(bytes.len() as u64);
    let end = range.end.saturating_sub(offset).min(bytes.len() as u64);
    if skipped < end {
        let bytes = bytes.slice(skipped as usize..end as usize);
        let offset = offset + skipped;
        port.give(Piece { offset, bytes }.into()).await;
    }
    Ok(())
}
