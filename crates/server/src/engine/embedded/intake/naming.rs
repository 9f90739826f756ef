//! Enters the blocks of a pack into the records.

use std::{collections::HashSet, io};

use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};

use crate::{
    content_key::ContentKey,
    engine::embedded::{
        inner::{self, Inner},
        pack::{self, Packed},
        references,
    },
    error::StoreError,
    records::{
        complete_wanting,
        tables::{self, Place},
    },
};

/// The number of blocks and links that are entered in one transaction. More would block others for
/// too long.
pub(super) const NAMED_AT_ONCE: usize = 256;
/// Blocks whose existing copies are damaged, and how many were repaired.
pub(super) struct Mending {
    pub(super) damaged: HashSet<ContentKey>,
    pub(super) mended: usize,
}

/// Enters some of a pack's blocks, children before parents. Returns the bytes that are new.
pub(super) fn name_blocks(
    inner: &Inner,
    transaction: &WriteTransaction,
    id: u64,
    packed: &[Packed],
    mending: &mut Mending,
) -> Result<u64, StoreError> {
    let mut blocks = transaction.open_table(tables::BLOCKS)?;
    let anything_wanted = !transaction.open_table(tables::WANTED)?.is_empty()?;
    let mut known_damage = transaction.open_table(tables::DAMAGED)?;
    let any_known = !known_damage.is_empty()?;
    let mut live = 0;
    for packed in packed {
        let key = packed.key.as_bytes();
        let here = blocks.get(key)?.map(|place| place.value());
        let is_damaged = here.is_some()
            && (mending.damaged.contains(&packed.key)
                || any_known && known_damage.get(key)?.is_some());
        let references = match here {
            Some(_) if !is_damaged => continue,
            Some((pack, _, length, references)) => {
                let bytes = pack::entry_bytes(&packed.key, length);
                references::forget_place(transaction, pack, bytes)?;
                known_damage.remove(key)?;
                mending.damaged.remove(&packed.key);
                mending.mended += 1;
                if references == 0 {
                    transaction.open_table(tables::GARBAGE)?.insert(key, ())?;
                }
                references
            }
            None => 0,
        };
        let place = (id, packed.offset, packed.length, references);
        blocks.insert(key, place)?;
        live += pack::entry_bytes(&packed.key, packed.length);
        if here.is_none() {
            for link in &packed.links {
                references::add(&mut blocks, link, 1)?;
            }
        }
        if anything_wanted {
            hold_for_wanting(inner, transaction, &mut blocks, &packed.key, place)?;
        }
    }
    Ok(live)
}

/// Adds the bytes of newly entered blocks to the pack's count.
pub(super) fn count_bytes(
    transaction: &WriteTransaction,
    (pack, bytes): (u64, u64),
    live: u64,
) -> Result<(), StoreError> {
    if live == 0 {
        return Ok(());
    }
    let mut packs = transaction.open_table(tables::PACKS)?;
    let before = packs.get(pack)?.map_or(0, |sizes| sizes.value().1);
    packs.insert(pack, (bytes, before.saturating_add(live)))?;
    // Blocks that were entered before may have been repaired by others since.
    transaction.open_table(tables::DOOMED)?.remove(pack)?;
    Ok(())
}

/// Returns the blocks of the next step.
pub(super) fn next_step(
    packed: &mut impl Iterator<Item = io::Result<Packed>>,
) -> Result<Vec<Packed>, StoreError> {
    let (mut step, mut weight) = (Vec::new(), 0);
    while weight < NAMED_AT_ONCE
        && let Some(next) = packed.next().transpose()?
    {
        weight += 1 + next.links.len();
        step.push(next);
    }
    Ok(step)
}

/// Completes the pins that were waiting for this block.
fn hold_for_wanting(
    store: &Inner,
    transaction: &WriteTransaction,
    blocks: &mut Table<'_, &'static [u8], Place>,
    key: &ContentKey,
    place: Place,
) -> Result<(), StoreError> {
    let shape = || inner::shape(key, &store.packs.read(key, place)?);
    let completed = complete_wanting(transaction, key, shape)?;
    if completed > 0 {
        references::add(blocks, key, completed)?;
    }
    Ok(())
}
