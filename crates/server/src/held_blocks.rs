//! Blocks that readers are currently sending.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Blocks held in memory, up to a number of bytes. When there is no room for another, the least
/// recently used one is dropped, and its reader has to fetch it again: slow readers don't block
/// others.
#[derive(Debug)]
pub(crate) struct HeldBlocks {
    bytes: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Counts readers and uses.
    next: u64,
    used: usize,
    by_reader: HashMap<u64, Held>,
    by_use: BTreeMap<u64, u64>,
}

#[derive(Debug)]
struct Held {
    block: Arc<Vec<u8>>,
    used_at: u64,
}

/// The block of one reader.
#[derive(Debug)]
pub(crate) struct Reader {
    held: Arc<HeldBlocks>,
    id: u64,
}

impl HeldBlocks {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            bytes,
            state: Mutex::default(),
        })
    }

    pub(crate) fn reader(self: &Arc<Self>) -> Reader {
        Reader {
            id: self.lock().count(),
            held: Arc::clone(self),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// Holds this block instead of the previous one, if there is room for it.
    pub(crate) fn hold(&self, block: Arc<Vec<u8>>) {
        let mut state = self.held.lock();
        state.drop_of(self.id);
        if block.len() > self.held.bytes {
            return;
        }
        state.used += block.len();
        let used_at = state.count();
        state.by_use.insert(used_at, self.id);
        state.by_reader.insert(self.id, Held { block, used_at });
        while state.used > self.held.bytes {
            let Some(reader) = state.by_use.first_key_value().map(|(_, reader)| *reader) else {
                break;
            };
            state.drop_of(reader);
        }
    }

    /// Returns the block, if it is still held.
    pub(crate) fn block(&self) -> Option<Arc<Vec<u8>>> {
        let mut state = self.held.lock();
        let now = state.count();
        let held = state.by_reader.get_mut(&self.id)?;
        let before = std::mem::replace(&mut held.used_at, now);
        let block = Arc::clone(&held.block);
        state.by_use.remove(&before);
        state.by_use.insert(now, self.id);
        Some(block)
    }

    /// Drops the block.
    pub(crate) fn release(&self) {
        self.held.lock().drop_of(self.id);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.release();
    }
}

impl State {
    fn count(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn drop_of(&mut self, reader: u64) {
        if let Some(Held { block, used_at }) = self.by_reader.remove(&reader) {
            self.used -= block.len();
            self.by_use.remove(&used_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::HeldBlocks;

    #[test]
    fn the_block_that_was_used_least_lately_goes() {
        let held = HeldBlocks::new(100);
        let readers: Vec<_> = (0..3).map(|_| held.reader()).collect();
        for reader in &readers[..2] {
            reader.hold(Arc::new(vec![0; 50]));
        }
        assert!(readers[0].block().is_some());
        readers[2].hold(Arc::new(vec![0; 40]));
        let is_held = |number: usize| readers[number].block().is_some();
        assert_eq!([0, 1, 2].map(is_held), [true, false, true]);
        readers[1].hold(Arc::new(vec![0; 101]));
        assert_eq!([0, 1, 2].map(is_held), [true, false, true]);
        drop(readers);
        let state = held.lock();
        assert_eq!((state.used, state.by_use.len()), (0, 0));
    }
}
