//! Content in files of this machine.
//!
//! `blocks/*.pack` hold the blocks, each upload's in one file, written and synced before the
//! transaction that names them. A pack that no record names doesn't exist: it is deleted when the
//! folder is opened, so that a process killed at any moment leaves what it acknowledged and no more.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use futures_util::future::BoxFuture;
use redb::{Database, ReadableDatabase, ReadableTable, WriteTransaction};
use w3pin_unixfs::Cid;

mod blocks;
mod collect;
mod intake;
mod pack;

use self::{
    blocks::OpenPacks,
    collect::Wake,
    intake::PackIntake,
    pack::{PackFile, PackWriter},
};
use super::{Engine, Form, Intake};
use crate::{
    content_key::ContentKey,
    record::Record,
    store::{StoreError, create_private_folder, sync_folder, tables},
};

/// Keeps blocks in pack files below the data folder.
#[derive(Debug)]
pub(crate) struct Embedded {
    inner: Arc<Inner>,
    collector: Option<(mpsc::Sender<Wake>, JoinHandle<()>)>,
}

#[derive(Debug)]
struct Inner {
    database: Arc<Database>,
    blocks: PathBuf,
    next_pack: AtomicU64,
    open_packs: OpenPacks,
    closing: AtomicBool,
}

impl Embedded {
    /// Opens the blocks below `folder`, and deletes what an earlier process left half written.
    pub(crate) fn open(folder: &Path, database: Arc<Database>) -> Result<Self, StoreError> {
        let blocks = folder.join("blocks");
        create_private_folder(&blocks)?;
        sync_folder(&blocks)?;
        sync_folder(folder)?;
        let next_pack = delete_strays(&database, &blocks)?;
        let inner = Arc::new(Inner {
            database,
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
    fn intake(&self, _: Form) -> Result<Box<dyn Intake>, StoreError> {
        let wake = self.collector.as_ref().map(|(wake, _)| wake.clone());
        Ok(Box::new(PackIntake::new(&self.inner, wake)?))
    }

    fn pin(
        &self,
        transaction: &WriteTransaction,
        record: &mut Record,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        let mut blocks = transaction.open_table(tables::BLOCKS)?;
        let place = blocks.get(key.as_bytes())?.map(|place| place.value());
        if let Some(place) = place {
            record.complete(intake::shape(key, &self.inner.read(place)?)?);
            return intake::add_references(&mut blocks, key, 1);
        }
        let mut wanted = transaction.open_table(tables::WANTED)?;
        wanted.insert((key.as_bytes(), record.id.as_u128()), ())?;
        Ok(())
    }

    fn unpin(
        &self,
        transaction: &WriteTransaction,
        record: &Record,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        if record.size.is_some() {
            return collect::release(transaction, key);
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

impl Inner {
    fn new_pack(&self) -> io::Result<PackWriter> {
        let id = self.next_pack.fetch_add(1, Ordering::Relaxed);
        PackWriter::create(&self.blocks, id)
    }
}

/// Removes the files in the blocks folder that no record names; gives the first unused pack number.
fn delete_strays(database: &Database, blocks: &Path) -> Result<u64, StoreError> {
    let transaction = database.begin_read()?;
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
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
