//! Damaged blocks and the pins that need them.

use std::collections::HashMap;

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, WriteTransaction};
use uuid::Uuid;

use super::{PinRecord, Records, now, pins, tables};
use crate::{
    content_key::ContentKey,
    error::{StoreError, unless_damaged},
};

/// Records that a block is damaged. Returns whether that is new.
pub(crate) fn note_damage(
    transaction: &WriteTransaction,
    key: &ContentKey,
) -> Result<bool, StoreError> {
    let mut damaged = transaction.open_table(tables::DAMAGED)?;
    if damaged.get(key.as_bytes())?.is_some() {
        return Ok(false);
    }
    damaged.insert(key.as_bytes(), now())?;
    Ok(true)
}

/// Records which live pins are damaged: those whose root is a key of `damage`, with the block in
/// it.
pub(crate) fn mark_damaged_pins(
    transaction: &WriteTransaction,
    damage: &HashMap<ContentKey, ContentKey>,
) -> Result<(), StoreError> {
    let mut table = transaction.open_table(tables::DAMAGED_PINS)?;
    table.retain(|_, _| false)?;
    let live = transaction.open_table(tables::LIVE_PINS)?;
    for entry in live.iter()? {
        let (place, _) = entry?;
        let (_, root, id) = place.value();
        let root = ContentKey::from_bytes(root.to_vec());
        if let Some(block) = damage.get(&root) {
            table.insert(id, block.as_bytes())?;
        }
    }
    Ok(())
}

/// Returns the damaged blocks, in order.
pub(crate) fn damaged_blocks(
    damaged: &impl ReadableTable<&'static [u8], i64>,
) -> Result<Vec<ContentKey>, StoreError> {
    let keys = damaged.iter()?.map(|entry| {
        let key = entry?.0.value().to_vec();
        Ok(ContentKey::from_bytes(key))
    });
    keys.collect()
}

/// Returns an account's damaged pins.
pub(super) fn of(
    transaction: &ReadTransaction,
    account: Uuid,
) -> Result<Vec<PinRecord>, StoreError> {
    let pins = transaction.open_table(tables::PINS)?;
    let table = transaction.open_table(tables::DAMAGED_PINS)?;
    let mut damaged = Vec::new();
    for row in table.iter()? {
        // A pin whose record can't be read stays in its lists, and is shown as damaged.
        if let Some(mut record) = unless_damaged(pins::get(&pins, row?.0.value()))?
            && record.account == account
        {
            mark(&table, &mut record)?;
            damaged.extend(Some(record).filter(|record| record.damage.is_some()));
        }
    }
    Ok(damaged)
}

/// Sets in a record whether one of its blocks is damaged.
pub(super) fn mark(
    damaged: &impl ReadableTable<u128, &'static [u8]>,
    record: &mut PinRecord,
) -> Result<(), StoreError> {
    if record.unpinned.is_none()
        && record.size.is_some()
        && let Some(block) = damaged.get(record.id.as_u128())?
    {
        let cid = ContentKey::from_bytes(block.value().to_vec()).to_cid();
        record.damage = Some(cid.map_or_else(|_| "a block".to_owned(), |cid| cid.to_string()));
    }
    Ok(())
}

impl Records {
    /// Returns the damaged blocks.
    pub(crate) fn damaged(&self) -> Result<Vec<ContentKey>, StoreError> {
        self.read(|transaction| damaged_blocks(&transaction.open_table(tables::DAMAGED)?))
    }

    /// Returns whether any block is damaged.
    pub(crate) fn any_damaged(&self) -> Result<bool, StoreError> {
        self.read(|transaction| Ok(!transaction.open_table(tables::DAMAGED)?.is_empty()?))
    }

    /// Returns the damaged pins, each with one of its damaged blocks.
    pub(crate) fn damaged_pins(&self) -> Result<Vec<(u128, ContentKey)>, StoreError> {
        self.read(|transaction| {
            let damaged = transaction.open_table(tables::DAMAGED_PINS)?;
            let pins = damaged.iter()?.map(|entry| {
                let (id, block) = entry?;
                Ok((id.value(), ContentKey::from_bytes(block.value().to_vec())))
            });
            pins.collect()
        })
    }
}
