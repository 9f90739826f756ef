//! Content in files of this machine.
//!
//! `blocks/*.pack` hold the blocks, each upload's in one file, written and synced before the
//! transaction that names them. A pack that no record names doesn't exist: it is deleted when the
//! folder is opened, so that a process killed at any moment leaves what it acknowledged and no more.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use futures_util::future::BoxFuture;
use redb::{ReadableTable, WriteTransaction};
use w3pin_unixfs::Cid;

mod collect;
mod inner;
mod intake;
mod pack;
mod references;

use self::{
    collect::Wake,
    inner::{Inner, OpenPacks},
    intake::PackIntake,
    pack::PackFile,
};
use super::{Engine, Form, Intake};
use crate::{
    content_key::ContentKey,
    error::StoreError,
    folder::{create_private_folder, free_bytes, sync_folder},
    records::{PinRecord, Records, tables},
};

/// Keeps blocks in pack files below the data folder.
#[derive(Debug)]
pub(crate) struct Embedded {
    inner: Arc<Inner>,
    collector: Option<(mpsc::Sender<Wake>, JoinHandle<()>)>,
}

impl Embedded {
    /// Opens the blocks below `folder`, and deletes what an earlier process left half written.
    pub(crate) fn open(folder: &Path, records: Arc<Records>) -> Result<Self, StoreError> {
        let blocks = folder.join("blocks");
        create_private_folder(&blocks)?;
        sync_folder(&blocks)?;
        sync_folder(folder)?;
        let next_pack = delete_strays(&records, &blocks)?;
        let inner = Arc::new(Inner {
            records,
            blocks,
            next_pack: AtomicU64::new(next_pack),
            open_packs: OpenPacks::default(),
            closing: AtomicBool::new(false),
        });
        let collector = Some(collect::start(&inner)?);
        Ok(Self { inner, collector })
    }

    /// Tells the collector that there may be something to free.
    fn wake_collector(&self, wake: Wake) {
        if let Some((collector, _)) = &self.collector {
            let _ = collector.send(wake);
        }
    }
}

impl Engine for Embedded {
    fn intake(&self, _: Form) -> Result<Intake, StoreError> {
        let wake = self.collector.as_ref().map(|(wake, _)| wake.clone());
        Ok(Intake::Blocks(Box::new(PackIntake::new(
            &self.inner,
            wake,
        )?)))
    }

    fn pin(
        &self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        let mut blocks = transaction.open_table(tables::BLOCKS)?;
        let place = blocks.get(key.as_bytes())?.map(|place| place.value());
        if let Some(place) = place {
            record.complete(inner::shape(key, &self.inner.read(place)?)?);
            return references::add(&mut blocks, key, 1);
        }
        let mut wanted = transaction.open_table(tables::WANTED)?;
        wanted.insert((key.as_bytes(), record.id.as_u128()), ())?;
        Ok(())
    }

    fn unpin(
        &self,
        transaction: &WriteTransaction,
        record: &PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        if record.size.is_some() {
            return references::release(transaction, key);
        }
        let mut wanted = transaction.open_table(tables::WANTED)?;
        wanted.remove((key.as_bytes(), record.id.as_u128()))?;
        Ok(())
    }

    fn wake(&self) {
        self.wake_collector(Wake::Garbage);
    }

    fn block(&self, cid: Cid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        let inner = Arc::clone(&self.inner);
        let read = tokio::task::spawn_blocking(move || inner.block(&ContentKey::of(&cid)));
        Box::pin(async {
            read.await
                .unwrap_or(Err(StoreError::Damaged("reading a block panicked")))
        })
    }

    fn free_bytes(&self) -> Option<u64> {
        free_bytes(&self.inner.blocks)
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.inner.closing.store(true, Ordering::Relaxed);
        if let Some((wake, thread)) = self.collector.take() {
            drop(wake);
            let _ = thread.join();
        }
    }
}

/// Removes the files in the blocks folder that no record names; gives the first unused pack number.
fn delete_strays(records: &Records, blocks: &Path) -> Result<u64, StoreError> {
    records.read(|transaction| {
        let packs = transaction.open_table(tables::PACKS)?;
        let mut next = packs.last()?.map_or(0, |(id, _)| id.value() + 1);
        for entry in fs::read_dir(blocks)? {
            let path = entry?.path();
            let stray = match pack::kind_of(&path) {
                Some(PackFile::Blocks(id)) => {
                    next = next.max(id + 1);
                    packs.get(id)?.is_none()
                }
                Some(PackFile::Index) => true,
                None => false,
            };
            if stray {
                tracing::info!(path = %path.display(), "deleting what an interrupted upload left");
                fs::remove_file(&path)?;
            }
        }
        Ok(next)
    })
}
