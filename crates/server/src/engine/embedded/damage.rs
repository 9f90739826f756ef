//! What is damaged: found by whoever reads it, and noted, with the pins that need it, by the warden.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError, mpsc},
};

use redb::ReadableTable;

use super::{
    inner::{each_block, links},
    packs::Packs,
};
use crate::{
    content_key::ContentKey,
    error::StoreError,
    records::{
        Records, damaged_blocks, mark_damaged_pins, note_damage,
        tables::{self, Place},
    },
};

/// Damaged blocks on their way into the records.
#[derive(Debug)]
pub(super) struct DamageReports {
    found: Mutex<HashSet<ContentKey>>,
    /// Wakes the warden, who may be awake.
    wake: mpsc::SyncSender<()>,
}

impl DamageReports {
    pub(super) fn new(wake: mpsc::SyncSender<()>) -> Self {
        Self {
            found: Mutex::default(),
            wake,
        }
    }

    /// A block was read, and isn't what it was.
    pub(super) fn report(&self, key: &ContentKey, cause: &StoreError) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.insert(key.clone()) {
            tracing::error!(%cause, "a block is damaged");
        }
        drop(found);
        self.look_again();
    }

    /// Which pins are damaged may have changed.
    pub(super) fn look_again(&self) {
        let _ = self.wake.try_send(());
    }

    /// Notes what was reported, and which pins that concerns.
    pub(super) fn note(
        &self,
        records: &Records,
        packs: &Packs,
        is_over: &dyn Fn() -> bool,
    ) -> Result<(), StoreError> {
        let found: Vec<_> = {
            let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.iter().cloned().collect()
        };
        let mut still = Vec::new();
        for key in found {
            if let Some(place) = damaged_place(records, packs, &key)? {
                still.push((key.clone(), place));
            }
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.remove(&key);
        }
        if !still.is_empty() {
            records.write_freeing(|transaction| {
                for (key, place) in &still {
                    // It may have been mended since it was read.
                    if place_of(&transaction.open_table(tables::BLOCKS)?, key)? == Some(*place) {
                        note_damage(transaction, key)?;
                    }
                }
                Ok(())
            })?;
        }
        loop {
            let damaged = records.damaged()?;
            let damage = survey(records, packs, &damaged, is_over)?;
            if is_over() {
                // The next start goes through it again.
                return Ok(());
            }
            let marked = records.write_freeing(|transaction| {
                // What was mended meanwhile has cleared its pins.
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
}

/// Where a block is that isn't what it was.
fn damaged_place(
    records: &Records,
    packs: &Packs,
    key: &ContentKey,
) -> Result<Option<(u64, u64)>, StoreError> {
    let place = records.read(|transaction| {
        let blocks = transaction.open_table(tables::BLOCKS)?;
        Ok(blocks.get(key.as_bytes())?.map(|place| place.value()))
    })?;
    let damaged = place.filter(|place| packs.read(key, *place).is_err());
    Ok(damaged.map(|(pack, offset, ..)| (pack, offset)))
}

fn place_of(
    blocks: &impl ReadableTable<&'static [u8], Place>,
    key: &ContentKey,
) -> Result<Option<(u64, u64)>, StoreError> {
    let place = blocks.get(key.as_bytes())?.map(|place| place.value());
    Ok(place.map(|(pack, offset, ..)| (pack, offset)))
}

/// These damaged blocks and all that lead to one, each with the damaged block that it leads to.
///
/// Blocks know their children and not their parents, so all that link are read, once for each level
/// that damage has above it. Nothing else but that grows in memory.
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
            // What can't be read is damaged itself, and found by whoever needs it.
            let links = links(key, || packs.read(key, place)).unwrap_or_default();
            if let Some(block) = links.iter().find_map(|link| damage.get(link)) {
                damage.insert(key.clone(), block.clone());
            }
            Ok(!is_over())
        })?;
    }
    Ok(damage)
}
