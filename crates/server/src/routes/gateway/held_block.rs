use std::{io, ops::Range, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use w3pin_unixfs::Cid;

use super::resolve::{Blocks, Found};
use crate::{
    envelope::Refusal,
    held_blocks::Reader,
    pieces::{self, PIECE},
};

/// The block that is being sent to a reader. It may have to be fetched again if others need the
/// memory.
pub(super) struct HeldBlock {
    blocks: Blocks,
    reader: Reader,
    cid: Cid,
}

impl HeldBlock {
    pub(super) fn new(blocks: &Blocks, found: Found) -> Self {
        let reader = blocks.reader();
        reader.hold(Arc::new(found.block));
        Self {
            blocks: blocks.clone(),
            reader,
            cid: found.cid,
        }
    }

    /// Replaces the held block.
    pub(super) fn replace(&mut self, found: Found) {
        self.cid = found.cid;
        self.reader.hold(Arc::new(found.block));
    }

    pub(super) fn cid(&self) -> &Cid {
        &self.cid
    }

    pub(super) async fn bytes(&self) -> Result<Arc<Vec<u8>>, Refusal> {
        match self.reader.block() {
            Some(block) => Ok(block),
            None => Ok(self.held_again(self.blocks.fetch(&self.cid).await?)),
        }
    }

    /// Like `get`, on a blocking thread whose caller already has a turn.
    pub(super) fn read(&self) -> Result<Arc<Vec<u8>>, Refusal> {
        match self.reader.block() {
            Some(block) => Ok(block),
            None => Ok(self.held_again(self.blocks.read(&self.cid)?)),
        }
    }

    fn held_again(&self, found: Found) -> Arc<Vec<u8>> {
        let block = Arc::new(found.block);
        self.reader.hold(Arc::clone(&block));
        block
    }

    /// Streams a part of the block.
    pub(super) async fn stream(self, range: Range<usize>) -> Result<Body, Refusal> {
        if range.len() <= PIECE {
            let block = self.bytes().await?;
            let part = block.get(range).unwrap_or_default();
            return Ok(Body::from(Bytes::copy_from_slice(part)));
        }
        Ok(pieces::body((self, range), |(held, range)| async move {
            let block = held.bytes().await;
            let block = block.map_err(|_| io::Error::other("a block can't be read"))?;
            let end = range.end.min(range.start + PIECE);
            let part = block.get(range.start..end).unwrap_or_default();
            if part.is_empty() {
                return Ok(None);
            }
            // Copied, so that the block doesn't stay in memory.
            let piece = Bytes::copy_from_slice(part);
            drop(block);
            Ok(Some((piece, (held, end..range.end))))
        }))
    }
}
