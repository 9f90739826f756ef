//! Finds the missing parts of a file that is partly on disk.

use std::ops::Range;

use w3pin_unixfs::{MAX_BLOCK_SIZE, RAW, raw_leaf};

use super::{
    content::{DEPTH, WAITING, part},
    lane::Lane,
    resolve::{NodeKind, found},
};
use crate::{Cid, Error, ErrorKind, Result, calls::port::Port};

/// A part of a file, to be compared with the file on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The CID of its block, for `w3pin_unixfs::leaf_matches`.
    pub cid: Cid,
    /// Its offset in the file, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub size: u64,
}

/// Yields the parts of a file that aren't on disk, in order, and returns the file's size, if known.
///
/// Only blocks with links are fetched, which contain the digest of every part. A raw block has
/// none, so `length`, the size of the file on disk, is the only size it can have.
pub(crate) async fn holes(
    port: Port<Range<u64>>,
    mut lane: Lane<Range<u64>>,
    cid: Cid,
    length: u64,
) -> Result<Option<u64>> {
    if cid.as_cid().codec() == RAW {
        let leaf = Leaf {
            cid,
            offset: 0,
            size: length,
        };
        if length <= MAX_BLOCK_SIZE as u64 && port.compare(leaf).await {
            return Ok(Some(length));
        }
        port.give(0..u64::MAX).await;
        return Ok(None);
    }
    let found = found(&mut lane, cid.clone()).await?;
    let size = match (&found.node.kind, found.node.size) {
        (NodeKind::File | NodeKind::Block, Some(size)) => size,
        (kind, _) => {
            let reason = format!("{cid} isn't a file, but a {}", kind.as_str());
            return Err(Error::invalid_input("cid", reason));
        }
    };
    let mut hole = Hole { range: 0..0 };
    if found.node.kind == NodeKind::Block {
        hole.add_unless_there(&port, &found.block, 0).await;
        hole.end(&port).await;
        return Ok(Some(size));
    }
    let root = part(&cid, &cid, &found.block, size)?;
    hole.add_unless_there(&port, &root.data, 0).await;
    let mut offset = root.data.len() as u64;
    let mut levels = vec![(root.children.into_iter(), false)];
    while let Some((level, only_leaves)) = levels.last_mut() {
        let Some((child, size)) = level.next() else {
            levels.pop();
            continue;
        };
        let range = offset..offset + size;
        let leaf = Leaf {
            cid: child.clone(),
            offset,
            size,
        };
        let may_be_leaf = size <= MAX_BLOCK_SIZE as u64;
        if size == 0 || (may_be_leaf && port.compare(leaf).await) {
            offset = range.end;
            continue;
        }
        if may_be_leaf && (*only_leaves || child.as_cid().codec() == RAW) {
            offset = range.end;
            hole.add(&port, range).await;
            continue;
        }
        let block = lane.block(&child).await?;
        let inner = part(&cid, &child, &block, size)?;
        let is_there = hole.add_unless_there(&port, &inner.data, offset).await;
        if inner.children.is_empty() {
            // Importers put leaves next to leaves. If one doesn't, too much is fetched, but nothing
            // wrong.
            *only_leaves |= !is_there;
            offset = range.end;
            continue;
        }
        offset += inner.data.len() as u64;
        let waiting: usize = levels.iter().map(|(level, _)| level.len()).sum();
        if levels.len() == DEPTH || waiting + inner.children.len() > WAITING {
            let reason = format!("{cid} isn't a readable file: it has too many links");
            return Err(Error::new(ErrorKind::Decode, reason));
        }
        levels.push((inner.children.into_iter(), false));
    }
    hole.end(&port).await;
    lane.finish().await;
    Ok(Some(size))
}

/// Consecutive missing parts, yielded as one.
struct Hole {
    range: Range<u64>,
}

impl Hole {
    /// Adds bytes that a block contains itself. Returns whether they are on disk.
    async fn add_unless_there(
        &mut self,
        port: &Port<Range<u64>>,
        bytes: &[u8],
        offset: u64,
    ) -> bool {
        let size = bytes.len() as u64;
        let leaf = Leaf {
            cid: Cid::from(raw_leaf(bytes)),
            offset,
            size,
        };
        let is_there = size == 0 || port.compare(leaf).await;
        if !is_there {
            self.add(port, offset..offset + size).await;
        }
        is_there
    }

    async fn add(&mut self, port: &Port<Range<u64>>, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        if range.start != self.range.end {
            self.end(port).await;
            self.range.start = range.start;
        }
        self.range.end = range.end;
    }

    async fn end(&mut self, port: &Port<Range<u64>>) {
        let range = std::mem::replace(&mut self.range, 0..0);
        if !range.is_empty() {
            port.give(range).await;
        }
    }
}
