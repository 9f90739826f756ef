//! Rewrites packs that consist mostly of freed blocks.

use redb::ReadableTable;

use super::{
    inner::Inner,
    pack::{self, PackScan, PackWriter, ScanError},
};
use crate::{
    error::StoreError,
    records::{Records, tables},
};

/// The number of blocks that are moved in one transaction.
const STEP: usize = 2048;

impl Inner {
    /// Rewrites a pack if it is worthwhile. The old pack is marked as doomed only if every block
    /// that the records list in it was copied and matches its key.
    pub(super) fn compact(&self, old: u64) -> Result<(), StoreError> {
        match sizes(&self.records, old)? {
            Some((bytes, live)) if pack::is_mostly_dead(bytes, live) => {}
            _ => return Ok(()),
        }
        let mut writer = self.new_pack()?;
        let mut scan = PackScan::open(&self.packs.path(old)).map_err(|cause| odd(&cause))?;
        while let Some(entry) = scan.next().map_err(|cause| odd(&cause))? {
            let place = self.place(&entry.key)?;
            if place.is_some_and(|place| (place.0, place.1) == (old, entry.offset)) {
                let place = (old, entry.offset, entry.length, 0);
                let block = self.packs.read(&entry.key, place).inspect_err(|cause| {
                    if matches!(cause, StoreError::DamagedBlock { .. }) {
                        self.damage.report(&entry.key, cause);
                    }
                })?;
                writer.append(&entry.key, &[&block])?;
            }
            if self.is_closing() {
                return Ok(());
            }
        }
        writer.sync()?;

        let moved = self.move_blocks(old, &writer);
        self.settle(&mut writer);
        moved
    }

    /// Points the blocks of a pack to the new one, some at a time.
    fn move_blocks(&self, old: u64, writer: &PackWriter) -> Result<(), StoreError> {
        let (new, bytes) = (writer.id(), writer.bytes());
        let mut scan = PackScan::open(&self.packs.path(new)).map_err(|cause| odd(&cause))?;
        loop {
            let mut step = Vec::new();
            while step.len() < STEP
                && let Some(entry) = scan.next().map_err(|cause| odd(&cause))?
            {
                step.push(entry);
            }
            if step.is_empty() {
                break;
            }
            self.records.write_freeing(|transaction| {
                let mut blocks = transaction.open_table(tables::BLOCKS)?;
                let mut live = 0;
                for entry in &step {
                    let key = entry.key.as_bytes();
                    // It may have been removed or repaired since it was copied.
                    let place = blocks.get(key)?.map(|place| place.value());
                    if let Some((pack, _, _, references)) = place
                        && pack == old
                    {
                        blocks.insert(key, (new, entry.offset, entry.length, references))?;
                        live += pack::entry_bytes(&entry.key, entry.length);
                    }
                }
                if live == 0 {
                    return Ok(());
                }
                let mut packs = transaction.open_table(tables::PACKS)?;
                let before = packs.get(new)?.map_or(0, |sizes| sizes.value().1);
                packs.insert(new, (bytes, before.saturating_add(live)))?;
                let left = packs.get(old)?.map(|sizes| sizes.value());
                if let Some((bytes, before)) = left {
                    packs.insert(old, (bytes, before.saturating_sub(live)))?;
                }
                Ok(())
            })?;
        }
        self.records.write_freeing(|transaction| {
            let mut packs = transaction.open_table(tables::PACKS)?;
            let left = packs.get(old)?.map(|sizes| sizes.value().1);
            match left {
                None => Ok(()),
                Some(0) => {
                    packs.remove(old)?;
                    transaction.open_table(tables::DOOMED)?.insert(old, ())?;
                    Ok(())
                }
                Some(_) => Err(StoreError::Damaged(
                    "a pack doesn't contain the blocks that the records list",
                )),
            }
        })
    }

    /// Keeps a pack if the records refer to it now, which is uncertain after a failed commit.
    pub(super) fn settle(&self, writer: &mut PackWriter) {
        match sizes(&self.records, writer.id()) {
            Ok(None) => {}
            Ok(Some(_)) => {
                writer.keep();
                writer.committed();
            }
            // The next start decides.
            Err(_) => writer.keep(),
        }
    }
}

fn sizes(records: &Records, pack: u64) -> Result<Option<(u64, u64)>, StoreError> {
    records.read(|transaction| {
        let packs = transaction.open_table(tables::PACKS)?;
        Ok(packs.get(pack)?.map(|sizes| sizes.value()))
    })
}

fn odd(cause: &ScanError) -> StoreError {
    tracing::error!(%cause, "a pack is corrupt; run w3pin fsck");
    StoreError::Damaged("a pack is corrupt")
}
