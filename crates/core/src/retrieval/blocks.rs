//! Blocks that were checked, kept until they are asked for.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use crate::values::cid::{Cid, ContentKey};

/// Blocks that came before they were asked for, and the last that were.
///
/// A gateway decides what comes, so both are bounded in bytes.
#[derive(Debug)]
pub(crate) struct Blocks {
    early: BTreeMap<ContentKey, Bytes>,
    early_bytes: usize,
    last: VecDeque<(ContentKey, Bytes)>,
    last_bytes: usize,
}

/// Room for blocks that came early: one of the largest, and some small ones.
const EARLY: usize = 3 * 1024 * 1024;
/// Content that repeats is left out of a CAR without duplicates.
const LAST: usize = 1024 * 1024;
/// What keeping a block costs beside its bytes.
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

    /// Takes a block that is kept here.
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

    /// Whether this block was used a moment ago.
    pub(crate) fn was_used(&self, cid: &Cid) -> bool {
        let key = cid.content_key();
        self.last.iter().any(|(kept, _)| *kept == key)
    }

    /// Keeps a block that nobody has asked for yet; false where there is no room.
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

    /// Remembers a block that was used, as long as there is room.
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
