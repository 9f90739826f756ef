//! Names packs with too many blocks for one transaction.
//!
//! Their blocks are named some thousand at a time, children before parents, and the pin of the root
//! comes last. Until then nothing refers to the topmost of them, and they must not be freed. A pack
//! that is being named is marked in the records, so that the next process can free what a killed
//! one left.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use redb::{ReadableTable, WriteTransaction};

use super::inner::{Inner, each_block};
use crate::{
    content_key::ContentKey,
    error::StoreError,
    records::{Records, tables},
};

/// The number of blocks that are turned into garbage in one transaction.
const STEP: usize = 1024;

/// One pack at a time is named in steps; nothing is freed meanwhile.
#[derive(Debug, Default)]
pub(super) struct Staging {
    is_under_way: Mutex<bool>,
    over: Condvar,
}

/// The right to name a pack in steps.
pub(super) struct StagingTurn(Arc<Inner>);

impl Staging {
    /// Returns whether blocks without references may be about to get some.
    pub(super) fn is_under_way(&self) -> bool {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.is_under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl StagingTurn {
    /// Waits for the right.
    pub(super) fn take(inner: &Arc<Inner>) -> Self {
        let staging = &inner.staging;
        let mut is_under_way = staging.lock();
        while *is_under_way {
            is_under_way = staging
                .over
                .wait(is_under_way)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *is_under_way = true;
        Self(Arc::clone(inner))
    }
}

impl Drop for StagingTurn {
    fn drop(&mut self) {
        *self.0.staging.lock() = false;
        self.0.staging.over.notify_one();
    }
}

/// Records that a pack is being named in steps.
pub(super) fn note(transaction: &WriteTransaction, pack: u64) -> Result<(), StoreError> {
    transaction.open_table(tables::STAGED)?.insert(pack, ())?;
    Ok(())
}

/// Records that all blocks of a pack are named and referenced.
pub(super) fn done(transaction: &WriteTransaction, pack: u64) -> Result<(), StoreError> {
    transaction.open_table(tables::STAGED)?.remove(pack)?;
    Ok(())
}

impl Inner {
    /// Turns the named blocks of incomplete packs into garbage. Must not run while a pack is being
    /// named.
    pub(super) fn give_up_staged(&self) -> Result<(), StoreError> {
        let packs: Vec<u64> = self.records.read(|transaction| {
            let staged = transaction.open_table(tables::STAGED)?;
            staged.iter()?.map(|row| Ok(row?.0.value())).collect()
        })?;
        for pack in packs {
            give_up(&self.records, pack)?;
        }
        Ok(())
    }
}

/// Turns the unreferenced blocks of a pack into garbage.
fn give_up(records: &Records, pack: u64) -> Result<(), StoreError> {
    let mut unneeded = Vec::with_capacity(STEP);
    each_block(records, None, |key, place| {
        if (place.0, place.3) == (pack, 0) {
            unneeded.push(key.clone());
        }
        if unneeded.len() == STEP {
            make_garbage(records, &mut unneeded)?;
        }
        Ok(true)
    })?;
    make_garbage(records, &mut unneeded)?;
    records.write_freeing(|transaction| done(transaction, pack))
}

fn make_garbage(records: &Records, keys: &mut Vec<ContentKey>) -> Result<(), StoreError> {
    records.write_freeing(|transaction| {
        let mut garbage = transaction.open_table(tables::GARBAGE)?;
        for key in keys.iter() {
            garbage.insert(key.as_bytes(), ())?;
        }
        Ok(())
    })?;
    keys.clear();
    Ok(())
}
