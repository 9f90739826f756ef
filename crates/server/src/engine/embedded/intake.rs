//! An upload's blocks go to a pack, which the transaction of its pin names.

use std::sync::{Arc, mpsc};

use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};
use w3pin_unixfs::Cid;

use super::{
    collect::Wake,
    inner::{self, Inner},
    pack::{self, PackWriter},
    references,
};
use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    engine::{BlockIntake, Staged},
    error::StoreError,
    records::{
        PinRecord, complete_wanting,
        tables::{self, Place},
    },
};

/// Blocks on their way into a pack.
pub(super) struct PackIntake {
    inner: Arc<Inner>,
    wake: Option<mpsc::Sender<Wake>>,
    pack: PackWriter,
}

/// A pack that is whole and durable.
struct StagedPack {
    inner: Arc<Inner>,
    wake: Option<mpsc::Sender<Wake>>,
    pack: PackWriter,
    shape: DagShape,
    /// Bytes of the blocks that weren't here before.
    live: u64,
    kept: bool,
}

impl PackIntake {
    pub(super) fn new(
        inner: &Arc<Inner>,
        wake: Option<mpsc::Sender<Wake>>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            inner: Arc::clone(inner),
            wake,
            pack: inner.new_pack()?,
        })
    }
}

impl BlockIntake for PackIntake {
    fn block(&mut self, cid: &Cid, parts: &[&[u8]], links: &[Cid]) -> Result<(), StoreError> {
        Ok(self.pack.put(cid, parts, links)?)
    }

    fn finish(
        mut self: Box<Self>,
        _: &Cid,
        shape: DagShape,
    ) -> Result<Box<dyn Staged>, StoreError> {
        self.pack.sync(&self.inner.blocks)?;
        let Self { inner, wake, pack } = *self;
        Ok(Box::new(StagedPack {
            inner,
            wake,
            pack,
            shape,
            live: 0,
            kept: false,
        }))
    }
}

impl StagedPack {
    /// Names the pack's blocks, children before parents; gives the bytes that are new.
    fn insert_blocks(&mut self, transaction: &WriteTransaction) -> Result<u64, StoreError> {
        let Self { inner, pack, .. } = self;
        let id = pack.id();
        let mut blocks = transaction.open_table(tables::BLOCKS)?;
        let anything_wanted = !transaction.open_table(tables::WANTED)?.is_empty()?;
        let mut live = 0;
        for packed in pack.packed()? {
            let packed = packed?;
            if blocks.get(packed.key.as_bytes())?.is_some() {
                continue;
            }
            let place = (id, packed.offset, packed.length, 0);
            blocks.insert(packed.key.as_bytes(), place)?;
            live += pack::entry_bytes(&packed.key, packed.length);
            for link in &packed.links {
                references::add(&mut blocks, link, 1)?;
            }
            if anything_wanted {
                hold_for_wanting(inner, transaction, &mut blocks, &packed.key, place)?;
            }
        }
        Ok(live)
    }
}

impl Staged for StagedPack {
    fn arrive(&mut self, transaction: &WriteTransaction, _: &ContentKey) -> Result<(), StoreError> {
        self.live = self.insert_blocks(transaction)?;
        if self.live > 0 {
            transaction
                .open_table(tables::PACKS)?
                .insert(self.pack.id(), (self.pack.bytes(), self.live))?;
        }
        Ok(())
    }

    fn pin(
        &mut self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        record.complete(self.shape);
        references::add(&mut transaction.open_table(tables::BLOCKS)?, key, 1)
    }

    fn keep(&mut self) {
        // Where everything in it was here already, dropping the pack deletes it.
        if self.live > 0 {
            self.pack.keep();
            self.kept = true;
        }
    }
}

impl Drop for StagedPack {
    fn drop(&mut self) {
        if self.kept
            && pack::is_mostly_dead(self.pack.bytes(), self.live)
            && let Some(wake) = &self.wake
        {
            let _ = wake.send(Wake::Pack(self.pack.id()));
        }
    }
}

/// Lets the pins that waited for this block hold it.
fn hold_for_wanting(
    store: &Inner,
    transaction: &WriteTransaction,
    blocks: &mut Table<'_, &'static [u8], Place>,
    key: &ContentKey,
    place: Place,
) -> Result<(), StoreError> {
    let completed = complete_wanting(transaction, key, || inner::shape(key, &store.read(place)?))?;
    if completed > 0 {
        references::add(blocks, key, completed)?;
    }
    Ok(())
}
