//! Keeps verified blocks until they are requested.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use crate::values::cid::{Cid, ContentKey};

/// Blocks that arrived before they were requested, and the most recent ones.
///
/// A gateway decides what arrives, so both are bounded in bytes.
#[derive(Debug)]
pub(crate) struct Blocks {
    early: BTreeMap<ContentKey, Bytes>,
    early_bytes: usize,
    last: VecDeque<(ContentKey, Bytes)>,
    last_bytes: usize,
}

/// Space for early blocks: one of the maximum size, and some small ones.
const EARLY: usize = 3 * 1024 * 1024;
/// Repeated content is omitted from a CAR without duplicates.
const LAST: usize = 1024 * 1024;
/// The overhead of storing a block, in bytes.
const OVERHEAD: usize = 256;

impl Blocks {
    pub(crate) fn new() -> Self {
        Self {
            early: BTreeMap::new(),
            early_bytes: 0,
            last: VecDeque::new(),
            last_bytes: 0,
        }
    }

    /// Removes and returns a stored block.
    pub(crate) fn take(&mut self, cid: &Cid) -> Option<Bytes> {
        let key = cid.content_key();
        if let Some((_, block)) = self.last.iter().find(|(kept, _)| *kept == key) {
            return Some(block.clone());
        }
        let block = self.early.remove(&key)?;
        self.early_bytes -= block.len() + OVERHEAD;
        self.used(cid, &block);
        Some(block)
    }

    /// Returns whether this block was used recently.
    pub(crate) fn was_used(&self, cid: &Cid) -> bool {
        let key = cid.content_key();
        self.last.iter().any(|(kept, _)| *kept == key)
    }

    /// Stores an unrequested block. Returns false if there is no space.
    pub(crate) fn keep(&mut self, cid: &Cid, block: Bytes) -> bool {
        let cost = block.len() + OVERHEAD;
        if self.early_bytes + cost > EARLY {
            return false;
        }
        if self.early.insert(cid.content_key(), block).is_none() {
            self.early_bytes += cost;
        }
        true
    }

    /// Stores a block that was used, if there is space.
    pub(crate) fn used(&mut self, cid: &Cid, block: &Bytes) {
        self.last_bytes += block.len() + OVERHEAD;
        self.last.push_back((cid.content_key(), block.clone()));
        while self.last_bytes > LAST
            && let Some((_, oldest)) = self.last.pop_front()
        {
            self.last_bytes -= oldest.len() + OVERHEAD;
        }
    }
}
