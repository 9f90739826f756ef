//! Pins, accounts and blocks in one data folder.
//!
//! `records.redb` is the truth: an embedded database whose transactions are durable when they are
//! acknowledged. `blocks/*.pack` hold the blocks, each upload's in one file, written and synced before
//! the transaction that names them. A pack that no record names doesn't exist: it is deleted when the
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

use redb::{Database, ReadableDatabase, ReadableTable};
use thiserror::Error;

mod accounts;
mod blocks;
mod collect;
mod commit;
mod pack;
mod pins;
mod tables;

pub(crate) use self::{
    accounts::Account,
    blocks::ContentKey,
    commit::Imported,
    pack::PackWriter,
    pins::{PinFilter, SortBy, SortOrder},
};
use self::{blocks::OpenPacks, collect::Wake, pack::PackFile};

/// Memory that the database may use for its cache.
const CACHE_BYTES: usize = 16 << 20;

/// The data folder, open. One process at a time has it.
#[derive(Debug)]
pub(crate) struct Store {
    inner: Arc<Inner>,
    collector: Option<(mpsc::Sender<Wake>, JoinHandle<()>)>,
}

#[derive(Debug)]
struct Inner {
    database: Database,
    blocks: PathBuf,
    next_pack: AtomicU64,
    open_packs: OpenPacks,
    closing: AtomicBool,
}

/// Why the data folder couldn't do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The data folder, or a file in it, can't be read or written.
    #[error("the data folder can't be used: {0}")]
    Io(io::Error),
    /// The disk is full, or fuller than the server may make it.
    #[error("no space left in the data folder")]
    Full,
    /// Another process has the folder open.
    #[error("the data folder is in use by another process")]
    InUse,
    /// The database failed.
    #[error("the records can't be used: {0}")]
    Database(redb::Error),
    /// The folder holds something that no version of this server writes.
    #[error("the data folder is damaged: {0}")]
    Damaged(&'static str),
    /// The account has no such pin.
    #[error("record not found")]
    NotFound,
    /// The account has pinned this content already.
    #[error("pin with that hash already exists")]
    AlreadyPinned,
}

impl Store {
    /// Opens the folder, made where there is none, and deletes what an earlier process left half
    /// written.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        let blocks = folder.join("blocks");
        create_private_folder(folder)?;
        create_private_folder(&blocks)?;
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(folder.join("records.redb"))
            .map_err(|cause| match cause {
                redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse,
                cause => StoreError::from(redb::Error::from(cause)),
            })?;
        tables::create(&database)?;
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

    /// A file to write an upload's blocks to.
    pub(crate) fn new_pack(&self) -> Result<PackWriter, StoreError> {
        Ok(self.inner.new_pack()?)
    }

    /// Bytes that may still be written to the disk, where the platform tells.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        free_bytes(&self.inner.blocks)
    }

    /// Tells the collector that there may be something to free.
    fn wake_collector(&self, wake: Wake) {
        if let Some((collector, _)) = &self.collector {
            let _ = collector.send(wake);
        }
    }
}

impl Drop for Store {
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

/// Content may be private, so nobody else may read the folder.
fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the names in a folder durable, on platforms where that is a step of its own.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
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

impl From<io::Error> for StoreError {
    fn from(cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(cause),
        }
    }
}

impl From<redb::Error> for StoreError {
    fn from(cause: redb::Error) -> Self {
        match cause {
            redb::Error::Io(cause) => cause.into(),
            cause => Self::Database(cause),
        }
    }
}

macro_rules! from_database {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(cause: $error) -> Self {
                redb::Error::from(cause).into()
            }
        }
    )*};
}

from_database!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError
);
