//! Rewrites packs that are mostly dead.

use redb::ReadableTable;

use super::{
    inner::Inner,
    pack::{self, Entry, PackScan, PackWriter, ScanError},
};
use crate::{
    error::StoreError,
    records::{Records, tables},
};

impl Inner {
    /// Rewrites a pack if that is worth it. The old one is doomed only when every block that the
    /// records count in it was copied and is the one that its key names.
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
                let block = self
                    .packs
                    .read(&entry.key, place)
                    .inspect_err(|cause| self.damage.report(&entry.key, cause))?;
                writer.append(&entry.key, &[&block])?;
            }
            if self.is_closing() {
                return Ok(());
            }
        }
        writer.sync()?;

        let new = writer.id();
        let bytes = writer.bytes();
        let moved = self.records.write_freeing(|transaction| {
            let mut blocks = transaction.open_table(tables::BLOCKS)?;
            let mut live = 0;
            let mut scan = PackScan::open(&self.packs.path(new)).map_err(|cause| odd(&cause))?;
            while let Some(entry) = scan.next().map_err(|cause| odd(&cause))? {
                let Entry {
                    key,
                    offset,
                    length,
                } = entry;
                // It may have been removed or mended since it was copied.
                let place = blocks.get(key.as_bytes())?.map(|place| place.value());
                if let Some((pack, _, _, references)) = place
                    && pack == old
                {
                    blocks.insert(key.as_bytes(), (new, offset, length, references))?;
                    live += pack::entry_bytes(&key, length);
                }
            }
            let mut packs = transaction.open_table(tables::PACKS)?;
            let counted = packs.remove(old)?.map(|sizes| sizes.value().1);
            if counted.is_some_and(|counted| counted != live) {
                return Err(StoreError::Damaged(
                    "a pack holds other blocks than the records count in it",
                ));
            }
            if counted.is_some() {
                transaction.open_table(tables::DOOMED)?.insert(old, ())?;
            }
            if live > 0 {
                packs.insert(new, (bytes, live))?;
            }
            Ok(())
        });
        self.settle(&mut writer);
        moved
    }

    /// Keeps a pack if the records name it now, which a commit that failed leaves open.
    pub(super) fn settle(&self, writer: &mut PackWriter) {
        match sizes(&self.records, writer.id()) {
            Ok(None) => {}
            Ok(Some(_)) => {
                writer.keep();
                writer.committed();
            }
            // The next start can tell.
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
    tracing::error!(%cause, "a pack isn't as it was written; see w3pin fsck");
    StoreError::Damaged("a pack isn't as it was written")
}
