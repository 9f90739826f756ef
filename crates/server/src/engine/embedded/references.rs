//! How many links and pins lead to a block.

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
        return Err(StoreError::Damaged("a block links to one that isn't here"));
    };
    blocks.insert(
        key.as_bytes(),
        (pack, offset, length, references.saturating_add(count)),
    )?;
    Ok(())
}

/// Whether a link or a pin leads to a block.
pub(super) fn are_there(
    transaction: &WriteTransaction,
    key: &ContentKey,
) -> Result<bool, StoreError> {
    let blocks = transaction.open_table(tables::BLOCKS)?;
    let place = blocks.get(key.as_bytes())?;
    Ok(place.is_some_and(|place| place.value().3 > 0))
}

/// Takes one reference from a block; without any it is garbage.
pub(super) fn release(transaction: &WriteTransaction, key: &ContentKey) -> Result<(), StoreError> {
    let mut blocks = transaction.open_table(tables::BLOCKS)?;
    let place = blocks.get(key.as_bytes())?.map(|place| place.value());
    let Some((pack, offset, length, references)) = place else {
        tracing::error!(key = ?key.to_cid().ok(), "a block that is referred to has no place; see w3pin fsck");
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

/// Takes the bytes of a block that is gone from its pack's count. A pack without any is doomed.
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
