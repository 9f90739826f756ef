//! An upload becomes durable: its pack first, then one transaction with everything about it.

use redb::{ReadableDatabase, ReadableTable, ReadableTableMetadata, Table, WriteTransaction};
use uuid::Uuid;
use w3pin_unixfs::{Kind, Node};

use super::{
    ContentKey, PackWriter, Store, StoreError,
    collect::Wake,
    pack, pins,
    tables::{self, Place},
};
use crate::record::{Metadata, Record};

/// What an upload turned out to be.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) root: Node,
    pub(crate) is_dir: bool,
}

impl Store {
    /// Makes the blocks in `pack` and a pin of their root durable. When this returns, they are.
    pub(crate) fn commit_upload(
        &self,
        mut pack: PackWriter,
        imported: &Imported,
        account: Uuid,
        metadata: Metadata,
    ) -> Result<Record, StoreError> {
        let key = ContentKey::of(&imported.root.cid);
        // Refused before the disk has to work for it, and again below, where nobody can come between.
        self.refuse_live(account, &key)?;
        pack.sync(&self.inner.blocks)?;

        let transaction = self.inner.database.begin_write()?;
        let mut record = pins::new_record(account, &imported.root.cid, metadata);
        record.is_dir = imported.is_dir;
        record.size = Some(imported.root.dag_size);
        pins::insert(&transaction, &record, &key)?;
        let live = self.insert_blocks(&transaction, &mut pack)?;
        let mut blocks = transaction.open_table(tables::BLOCKS)?;
        add_references(&mut blocks, &key, 1)?;
        drop(blocks);
        let (id, bytes) = (pack.id(), pack.bytes());
        if live == 0 {
            // Everything in it was here already; dropping the pack deletes it.
            transaction.commit()?;
            return Ok(record);
        }
        transaction
            .open_table(tables::PACKS)?
            .insert(id, (bytes, live))?;
        // From here on the records may name the pack, even where the commit reports a failure.
        pack.keep();
        transaction.commit()?;
        if is_mostly_dead(bytes, live) {
            self.wake_collector(Wake::Pack(id));
        }
        Ok(record)
    }

    fn refuse_live(&self, account: Uuid, key: &ContentKey) -> Result<(), StoreError> {
        let transaction = self.inner.database.begin_read()?;
        let live = transaction.open_table(tables::LIVE_PINS)?;
        match live.get((account.as_u128(), key.as_bytes()))? {
            Some(_) => Err(StoreError::AlreadyPinned),
            None => Ok(()),
        }
    }

    /// Names the pack's blocks, children before parents; gives the bytes that are new.
    fn insert_blocks(
        &self,
        transaction: &WriteTransaction,
        pack: &mut PackWriter,
    ) -> Result<u64, StoreError> {
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
                self.complete_wanting(transaction, &mut blocks, &packed.key, place)?;
            }
        }
        Ok(live)
    }

    /// Lets the pins that waited for this block hold it.
    fn complete_wanting(
        &self,
        transaction: &WriteTransaction,
        blocks: &mut Table<'_, &'static [u8], Place>,
        key: &ContentKey,
        place: Place,
    ) -> Result<(), StoreError> {
        let wanting = pins::take_wanting(transaction, key)?;
        if wanting.is_empty() {
            return Ok(());
        }
        let shape = DagShape::of(key, &self.inner.read(place)?)?;
        add_references(blocks, key, wanting.len() as u64)?;
        for id in wanting {
            pins::complete(transaction, id, &shape)?;
        }
        Ok(())
    }
}

/// What a root block says of its DAG.
pub(super) struct DagShape {
    pub(super) size: u64,
    pub(super) is_dir: bool,
}

impl DagShape {
    pub(super) fn of(key: &ContentKey, block: &[u8]) -> Result<Self, StoreError> {
        let cid = key.to_cid()?;
        let node = w3pin_unixfs::decode(&cid, block)
            .map_err(|_| StoreError::Damaged("a block can't be decoded"))?;
        let below = node.links().iter().map(|link| link.dag_size);
        Ok(Self {
            size: below.fold(block.len() as u64, u64::saturating_add),
            is_dir: matches!(node.kind(), Kind::Directory | Kind::HamtShard),
        })
    }
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
