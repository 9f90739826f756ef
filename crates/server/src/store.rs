//! Pins and accounts in one data folder.
//!
//! `records.redb` is the truth: an embedded database whose transactions are durable when they are
//! acknowledged. Content is an [engine](crate::engine)'s.

use std::{fs, io, path::Path, sync::Arc};

use redb::Database;
use thiserror::Error;

use w3pin_unixfs::Profile;

use crate::{
    Limits,
    backend::Backend,
    engine::{Engine, RpcError},
};

mod accounts;
mod exchange;
mod jobs;
mod pins;
pub(crate) mod tables;

pub(crate) use self::{
    accounts::{Account, KeptAccount},
    jobs::{Job, Jobs},
    pins::{Imported, PinFilter, SortBy, SortOrder, complete_wanting},
};

const RECORDS: &str = "records.redb";
/// Memory that the database may use for its cache.
const CACHE_BYTES: usize = 16 << 20;

/// The data folder, open. One process at a time has it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) database: Arc<Database>,
    pub(crate) engine: Box<dyn Engine>,
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
    /// The folder's content is with another kind of backend.
    #[error("the folder is of the backend {0}; export it with that one to import it with another")]
    OtherBackend(&'static str),
    /// The backend can't make what the profile says.
    #[error("{0}")]
    Profile(String),
    /// The node that keeps the content failed.
    #[error(transparent)]
    Node(RpcError),
    /// The account has no such pin.
    #[error("record not found")]
    NotFound,
    /// The account has pinned this content already.
    #[error("pin with that hash already exists")]
    AlreadyPinned,
}

impl Store {
    /// Whether a folder is one of these.
    pub(crate) fn is_in(folder: &Path) -> bool {
        folder.join(RECORDS).is_file()
    }

    /// Opens the folder, made where there is none, for content that `backend` keeps.
    pub(crate) fn open(
        folder: &Path,
        backend: &Backend,
        profile: Profile,
        limits: &Limits,
    ) -> Result<Self, StoreError> {
        create_private_folder(folder)?;
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(folder.join(RECORDS))
            .map_err(|cause| match cause {
                redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse,
                cause => StoreError::from(redb::Error::from(cause)),
            })?;
        tables::create(&database, backend)?;
        sync_folder(folder)?;
        let database = Arc::new(database);
        let engine = backend.open(folder, &database, profile, limits)?;
        Ok(Self { database, engine })
    }
}

/// Content may be private, so nobody else may read the folder.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the names in a folder durable, on platforms where that is a step of its own.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
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
