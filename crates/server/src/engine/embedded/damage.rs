//! What is damaged: found by whoever reads it, and noted, with the pins that need it, by the warden.

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
        if self.lock_found().insert(key.clone()) {
            tracing::error!(%cause, "a block is damaged");
        }
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
        self.note_blocks(records, packs)?;
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

    /// Notes what was reported and is damaged still. Where that can't be told, or noted, it stays reported.
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
                    // It may have been mended since it was read.
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
            // What is damaged itself is found by whoever needs it.
            let links = unless_damaged(links(key, || packs.read(key, place)))?.unwrap_or_default();
            if let Some(block) = links.iter().find_map(|link| damage.get(link)) {
                damage.insert(key.clone(), block.clone());
            }
            Ok(!is_over())
        })?;
    }
    Ok(damage)
}
