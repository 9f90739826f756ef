//! An upload's blocks go to a pack, which the transaction of its pin names.

use std::sync::{Arc, mpsc};

use bytes::Bytes;
use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};
use w3pin_unixfs::Cid;

use super::{Inner, PackWriter, collect::Wake, pack};
use crate::{
    content_key::ContentKey,
    engine::{DagShape, Intake},
    record::Record,
    store::{
        StoreError, complete_wanting,
        tables::{self, Place},
    },
};

pub(super) struct PackIntake {
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
            shape: DagShape::default(),
            live: 0,
            kept: false,
        })
    }

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
                add_references(&mut blocks, link, 1)?;
            }
            if anything_wanted {
                hold_for_wanting(inner, transaction, &mut blocks, &packed.key, place)?;
            }
        }
        Ok(live)
    }
}

impl Intake for PackIntake {
    fn file(&mut self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn bytes(&mut self, _: &Bytes) -> Result<(), StoreError> {
        Ok(())
    }

    fn block(&mut self, cid: &Cid, parts: &[&[u8]], links: &[Cid]) -> Result<(), StoreError> {
        Ok(self.pack.put(cid, parts, links)?)
    }

    fn finish(&mut self, _: &Cid, shape: DagShape) -> Result<(), StoreError> {
        self.shape = shape;
        Ok(self.pack.sync(&self.inner.blocks)?)
    }

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
        record: &mut Record,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        record.complete(self.shape);
        add_references(&mut transaction.open_table(tables::BLOCKS)?, key, 1)
    }

    fn keep(&mut self) {
        // Where everything in it was here already, dropping the pack deletes it.
        if self.live > 0 {
            self.pack.keep();
            self.kept = true;
        }
    }
}

impl Drop for PackIntake {
    fn drop(&mut self) {
        if self.kept
            && is_mostly_dead(self.pack.bytes(), self.live)
            && let Some(wake) = &self.wake
        {
            let _ = wake.send(Wake::Pack(self.pack.id()));
        }
    }
}

/// Lets the pins that waited for this block hold it.
fn hold_for_wanting(
    inner: &Inner,
    transaction: &WriteTransaction,
    blocks: &mut Table<'_, &'static [u8], Place>,
    key: &ContentKey,
    place: Place,
) -> Result<(), StoreError> {
    let completed = complete_wanting(transaction, key, || shape(key, &inner.read(place)?))?;
    if completed > 0 {
        add_references(blocks, key, completed)?;
    }
    Ok(())
}

/// What a root block says of its DAG.
pub(super) fn shape(key: &ContentKey, block: &[u8]) -> Result<DagShape, StoreError> {
    let cid = key.to_cid()?;
    let node = w3pin_unixfs::decode(&cid, block)
        .map_err(|_| StoreError::Damaged("a block can't be decoded"))?;
    Ok(DagShape::of(&node, block.len()))
}

pub(super) fn add_references(
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

/// Whether rewriting a pack frees more than half of it.
pub(super) fn is_mostly_dead(bytes: u64, live: u64) -> bool {
    live < bytes / 2
}
