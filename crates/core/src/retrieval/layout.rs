//! Which parts of a file are missing where some of it is there.

use std::ops::Range;

use w3pin_unixfs::MAX_BLOCK_SIZE;

use super::{
    content::{DEPTH, WAITING, part},
    lane::Lane,
    resolve::{NodeKind, RAW, found},
};
use crate::{Cid, Error, ErrorKind, Result, calls::port::Port};

/// A part of a file, to be compared with what is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The CID of the block that holds it; `w3pin_unixfs::leaf_matches` compares.
    pub cid: Cid,
    /// Where it lies in the file, in bytes.
    pub offset: u64,
    /// Its length.
    pub size: u64,
}

/// Gives the parts of a file that aren't on the disk, in order, and the file's size, as far as it is known.
///
/// Only blocks with links are fetched: they tell the digest of every part. A raw block has none, so that
/// `length`, that of what is on the disk, is the only one it can have.
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
        (NodeKind::File, Some(size)) => size,
        (NodeKind::Block, Some(size)) => {
            port.give(0..size).await;
            return Ok(Some(size));
        }
        (kind, _) => {
            let reason = format!("{cid} is no file, but a {}", kind.as_str());
            return Err(Error::invalid_input("cid", reason));
        }
    };
    let root = part(&cid, &cid, &found.block, size)?;
    let leaf = Leaf {
        cid: cid.clone(),
        offset: 0,
        size,
    };
    if root.children.is_empty() && port.compare(leaf).await {
        return Ok(Some(size));
    }
    let mut hole = Hole { range: 0..0 };
    let mut offset = root.data.len() as u64;
    hole.add(&port, 0..offset).await;
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
        if inner.children.is_empty() {
            // Importers put leaves beside leaves. Where one doesn't, too much is fetched, nothing wrong.
            *only_leaves = true;
            offset = range.end;
            hole.add(&port, range).await;
            continue;
        }
        let data = inner.data.len() as u64;
        hole.add(&port, offset..offset + data).await;
        offset += data;
        let waiting: usize = levels.iter().map(|(level, _)| level.len()).sum();
        if levels.len() == DEPTH || waiting + inner.children.len() > WAITING {
            let reason = format!("{cid} isn't a file that can be read: it has too many links");
            return Err(Error::new(ErrorKind::Decode, reason));
        }
        levels.push((inner.children.into_iter(), false));
    }
    hole.end(&port).await;
    lane.finish().await;
    Ok(Some(size))
}

/// Parts that follow each other, given as one.
struct Hole {
    range: Range<u64>,
}

impl Hole {
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
