//! Counts the links and pins that refer to a block.

use redb::{ReadableTable, Table, WriteTransaction};

use crate::{
    content_key::ContentKey,
    error::StoreError,
    records::tables::{self, Place},
};

/// Adds references to a block.
pub(crate) fn add(
    blocks: &mut Table<'_, &'static [u8], Place>,
    key: &ContentKey,
    count: u64,
) -> Result<(), StoreError> {
    let place = blocks.get(key.as_bytes())?.map(|place| place.value());
    let Some((pack, offset, length, references)) = place else {
        return Err(StoreError::Damaged("a block links to a missing one"));
    };
    blocks.insert(
        key.as_bytes(),
        (pack, offset, length, references.saturating_add(count)),
    )?;
    Ok(())
}

/// Returns whether any link or pin refers to a block.
pub(super) fn are_there(
    transaction: &WriteTransaction,
    key: &ContentKey,
) -> Result<bool, StoreError> {
    let blocks = transaction.open_table(tables::BLOCKS)?;
    let place = blocks.get(key.as_bytes())?;
    Ok(place.is_some_and(|place| place.value().3 > 0))
}

/// Removes one reference from a block. Without references it becomes garbage.
pub(super) fn release(transaction: &WriteTransaction, key: &ContentKey) -> Result<(), StoreError> {
    let mut blocks = transaction.open_table(tables::BLOCKS)?;
    let place = blocks.get(key.as_bytes())?.map(|place| place.value());
    let Some((pack, offset, length, references)) = place else {
        tracing::error!(key = ?key.to_cid().ok(), "a referenced block has no location; run w3pin fsck");
        return Ok(());
    };
    let references = references.saturating_sub(1);
    blocks.insert(key.as_bytes(), (pack, offset, length, references))?;
    if references == 0 {
        transaction
            .open_table(tables::GARBAGE)?
            .insert(key.as_bytes(), ())?;
    }
    Ok(())
}

/// Subtracts the bytes of a removed block from its pack's count. A pack without bytes is marked as
/// doomed.
pub(super) fn forget_place(
    transaction: &WriteTransaction,
    pack: u64,
    bytes: u64,
) -> Result<(), StoreError> {
    let mut packs = transaction.open_table(tables::PACKS)?;
    let sizes = packs.get(pack)?.map(|sizes| sizes.value());
    let Some((total, live)) = sizes else {
        return Ok(());
    };
    match live.saturating_sub(bytes) {
        0 => {
            packs.remove(pack)?;
            transaction.open_table(tables::DOOMED)?.insert(pack, ())?;
        }
        live => {
            packs.insert(pack, (total, live))?;
        }
    }
    Ok(())
}
