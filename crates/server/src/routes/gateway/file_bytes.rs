//! Streams the bytes of a file.

use std::{io, ops::Range, sync::Arc};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use w3pin_unixfs::{Cid, decode};

use super::{
    content_type::HEAD,
    resolve::{Blocks, Found},
};
use crate::{
    envelope::Refusal,
    held_blocks::Reader,
    pieces::{self, PIECE},
};

/// The most upcoming nodes to remember, of one node and in total. Those after them are found again
/// from the root.
const AHEAD: usize = 32;
const MOST_AHEAD: usize = 8 * AHEAD;

/// A walk through a file's DAG. Only a piece and a few links are kept in memory; the current block
/// may have to be fetched again.
pub(super) struct FileBytes {
    blocks: Blocks,
    root: Cid,
    size: u64,
    /// Nodes to visit, the next one last, each with the position of its bytes in the file.
    ahead: Vec<(Cid, Range<u64>)>,
    /// The node whose own bytes come next, and their position.
    current: Option<(Cid, Range<u64>)>,
    reader: Reader,
    /// The rest of the requested range.
    wanted: Range<u64>,
}

impl FileBytes {
    /// Streams the bytes of `range`, which must be within the file. The first piece is read before
    /// this returns, so that the response can report its errors.
    pub(super) async fn stream(
        blocks: &Blocks,
        root: Found,
        range: Range<u64>,
    ) -> Result<Body, Refusal> {
        let mut bytes = Self::new(blocks, root, range)?;
        let Some(first) = bytes.next().await? else {
            return Ok(Body::empty());
        };
        if bytes.wanted.is_empty() {
            return Ok(Body::from(first));
        }
        Ok(pieces::body_after(first, bytes, |mut bytes| async {
            let next = bytes.next().await;
            // The length was sent already, so clients notice when the body ends early.
            let next = next.map_err(|_| io::Error::other("a block can't be read"))?;
            Ok(next.map(|piece| (piece, bytes)))
        }))
    }

    /// Returns the first bytes of the file.
    pub(super) async fn head(blocks: &Blocks, root: &Found) -> Result<Bytes, Refusal> {
        let length = root.file_size().min(HEAD as u64);
        let node = decode(&root.cid, &root.block).map_err(|cause| super::undecodable(&cause))?;
        if let Some(head) = node.data().get(..length as usize) {
            return Ok(Bytes::copy_from_slice(head));
        }
        let mut bytes = Self::new(blocks, root.clone(), 0..length)?;
        let mut head = BytesMut::new();
        while let Some(piece) = bytes.next().await? {
            head.extend_from_slice(&piece);
        }
        Ok(head.freeze())
    }

    fn new(blocks: &Blocks, root: Found, wanted: Range<u64>) -> Result<Self, Refusal> {
        let size = root.file_size();
        let mut bytes = Self {
            reader: blocks.reader(),
            blocks: blocks.clone(),
            root: root.cid,
            size,
            ahead: Vec::new(),
            current: None,
            wanted,
        };
        bytes.visit(root, 0..size)?;
        Ok(bytes)
    }

    /// Returns the next piece.
    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        let mut sought_from = None;
        while !self.wanted.is_empty() {
            if let Some((cid, place)) = self.current.clone() {
                if let Some(part) = overlap(&place, &self.wanted) {
                    return self.piece(&cid, &place, part).await.map(Some);
                }
                self.current = None;
                self.reader.release();
            }
            let (cid, place) = match self.ahead.pop() {
                Some(next) => next,
                None if sought_from.replace(self.wanted.start) == Some(self.wanted.start) => {
                    return Err(Refusal::bad_request(
                        "the sizes in this file are inconsistent",
                    ));
                }
                None => (self.root, 0..self.size),
            };
            let found = self.blocks.fetch(&cid).await?;
            self.visit(found, place)?;
        }
        Ok(None)
    }

    /// Remembers the links of a node that come next.
    fn visit(&mut self, found: Found, place: Range<u64>) -> Result<(), Refusal> {
        let node = decode(&found.cid, &found.block).map_err(|cause| super::undecodable(&cause))?;
        let own = place.start..place.start.saturating_add(node.data().len() as u64);
        let mut start = own.end;
        let mut children = Vec::new();
        for (link, size) in node.children() {
            let child = start..start.saturating_add(size);
            start = child.end;
            if overlap(&child, &self.wanted).is_none() {
                continue;
            }
            if children.len() == AHEAD {
                // What is remembered comes after the links that are omitted here.
                self.ahead.clear();
                break;
            }
            children.push((link.cid, child));
        }
        self.ahead.extend(children.into_iter().rev());
        let excess = self.ahead.len().saturating_sub(MOST_AHEAD);
        self.ahead.drain(..excess);
        if overlap(&own, &self.wanted).is_some() {
            self.current = Some((found.cid, own));
            self.reader.hold(Arc::new(found.block));
        }
        Ok(())
    }

    /// Returns a piece of a node's own bytes, which are at `place`.
    async fn piece(
        &mut self,
        cid: &Cid,
        place: &Range<u64>,
        part: Range<u64>,
    ) -> Result<Bytes, Refusal> {
        let block = match self.reader.block() {
            Some(block) => block,
            None => {
                let block = Arc::new(self.blocks.fetch(cid).await?.block);
                self.reader.hold(Arc::clone(&block));
                block
            }
        };
        let node = decode(cid, &block).map_err(|cause| super::undecodable(&cause))?;
        // Both ends are within a block.
        let from = (part.start - place.start) as usize;
        let to = ((part.end - place.start) as usize).min(from + PIECE);
        let bytes = node.data().get(from..to).unwrap_or_default();
        self.wanted.start += bytes.len() as u64;
        // Copied, so that the block doesn't stay in memory.
        Ok(Bytes::copy_from_slice(bytes))
    }
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> Option<Range<u64>> {
    let both = a.start.max(b.start)..a.end.min(b.end);
    (!both.is_empty()).then_some(both)
}
