//! Damaged blocks: readers report them, and the warden records them and the pins that need them.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
};

use redb::ReadableTable;

use super::{
    inner::{each_block, links},
    packs::Packs,
};
use crate::{
    content_key::ContentKey,
    error::{StoreError, unless_damaged},
    records::{
        Records, damaged_blocks, mark_damaged_pins, note_damage,
        tables::{self, Place},
    },
};

/// Damaged blocks that have yet to be recorded.
#[derive(Debug)]
pub(super) struct DamageReports {
    found: Mutex<HashSet<ContentKey>>,
    /// Wakes the warden.
    wake: mpsc::SyncSender<()>,
}

impl DamageReports {
    pub(super) fn new(wake: mpsc::SyncSender<()>) -> Self {
        Self {
            found: Mutex::default(),
            wake,
        }
    }

    /// Reports that a block was read and is damaged.
    pub(super) fn report(&self, key: &ContentKey, cause: &StoreError) {
        if self.lock_found().insert(key.clone()) {
            tracing::error!(%cause, "a block is damaged");
        }
        self.look_again();
    }

    /// Marks that the set of damaged pins may have changed.
    pub(super) fn look_again(&self) {
        let _ = self.wake.try_send(());
    }

    /// Records the reported blocks and the pins that they affect.
    pub(super) fn note(
        &self,
        records: &Records,
        packs: &Packs,
        is_over: &dyn Fn() -> bool,
    ) -> Result<(), StoreError> {
        self.note_blocks(records, packs)?;
        loop {
            let damaged = records.damaged()?;
            let damage = survey(records, packs, &damaged, is_over)?;
            if is_over() {
                // The next start checks it again.
                return Ok(());
            }
            let marked = records.write_freeing(|transaction| {
                // A repair in the meantime has cleared its pins.
                let is_current =
                    damaged_blocks(&transaction.open_table(tables::DAMAGED)?)? == damaged;
                if is_current {
                    mark_damaged_pins(transaction, &damage)?;
                }
                Ok(is_current)
            })?;
            if marked {
                return Ok(());
            }
        }
    }

    /// Records the reported blocks that are still damaged. A block that can't be checked or
    /// recorded stays reported.
    fn note_blocks(&self, records: &Records, packs: &Packs) -> Result<(), StoreError> {
        let reported = std::mem::take(&mut *self.lock_found());
        let mut unread = HashSet::new();
        let mut failure = None;
        let mut still = Vec::new();
        for key in reported {
            match damaged_place(records, packs, &key) {
                Ok(Some(place)) => still.push((key, place)),
                Ok(None) => {}
                Err(cause) => {
                    unread.insert(key);
                    failure = Some(cause);
                }
            }
        }
        if !still.is_empty() {
            let noted = records.write_freeing(|transaction| {
                for (key, place) in &still {
                    // It may have been repaired since it was read.
                    if place_of(&transaction.open_table(tables::BLOCKS)?, key)? == Some(*place) {
                        note_damage(transaction, key)?;
                    }
                }
                Ok(())
            });
            if let Err(cause) = noted {
                unread.extend(still.into_iter().map(|(key, _)| key));
                failure = Some(cause);
            }
        }
        self.lock_found().extend(unread);
        failure.map_or(Ok(()), Err)
    }

    fn lock_found(&self) -> MutexGuard<'_, HashSet<ContentKey>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the location of a block if it is damaged.
fn damaged_place(
    records: &Records,
    packs: &Packs,
    key: &ContentKey,
) -> Result<Option<(u64, u64)>, StoreError> {
    let place = records.read(|transaction| {
        let blocks = transaction.open_table(tables::BLOCKS)?;
        Ok(blocks.get(key.as_bytes())?.map(|place| place.value()))
    })?;
    let Some(place) = place else {
        return Ok(None);
    };
    let is_intact = unless_damaged(packs.read(key, place))?.is_some();
    Ok((!is_intact).then_some((place.0, place.1)))
}

fn place_of(
    blocks: &impl ReadableTable<&'static [u8], Place>,
    key: &ContentKey,
) -> Result<Option<(u64, u64)>, StoreError> {
    let place = blocks.get(key.as_bytes())?.map(|place| place.value());
    Ok(place.map(|(pack, offset, ..)| (pack, offset)))
}

/// Returns the damaged blocks and all their ancestors, each with the damaged block that it leads
/// to.
///
/// Blocks know their children but not their parents, so all blocks with links are read, once for
/// each level above the damage. Only the result grows in memory.
pub(crate) fn survey(
    records: &Records,
    packs: &Packs,
    damaged: &[ContentKey],
    is_over: &dyn Fn() -> bool,
) -> Result<HashMap<ContentKey, ContentKey>, StoreError> {
    let own = damaged.iter().map(|key| (key.clone(), key.clone()));
    let mut damage: HashMap<_, _> = own.collect();
    let mut before = 0;
    while damage.len() > before && !is_over() {
        before = damage.len();
        each_block(records, None, |key, place| {
            if damage.contains_key(key) || key.is_raw() {
                return Ok(!is_over());
            }
            // Blocks that are damaged themselves are found when they are needed.
            let links = unless_damaged(links(key, || packs.read(key, place)))?.unwrap_or_default();
            if let Some(block) = links.iter().find_map(|link| damage.get(link)) {
                damage.insert(key.clone(), block.clone());
            }
            Ok(!is_over())
        })?;
    }
    Ok(damage)
}
