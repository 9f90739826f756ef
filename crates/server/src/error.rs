//! Errors of the data folder and of the node behind it.

use std::io;

use thiserror::Error;

mod rpc;

pub use self::rpc::RpcError;
pub(crate) use self::rpc::{excerpt as rpc_excerpt, message as rpc_message};

/// An error of the data folder.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The data folder or a file in it can't be read or written.
    #[error("the data folder can't be used: {0}")]
    Io(io::Error),
    /// The disk is full, or the server's limit on disk use is reached.
    #[error("no space left in the data folder")]
    Full,
    /// Another process has the data folder open.
    #[error("the data folder is in use by another process")]
    InUse,
    /// The database failed.
    #[error("the records can't be used: {0}")]
    Database(redb::Error),
    /// The data folder contains something that no version of this server writes.
    #[error("the data folder is damaged: {0}")]
    Damaged(&'static str),
    /// The database is corrupt.
    #[error("the records are damaged: {0}")]
    RecordsDamaged(String),
    /// The database file was removed, replaced or truncated while the server had it open.
    #[error(
        "the records were removed, replaced or truncated while they were in use; nothing more is written \
         until the server is restarted"
    )]
    RecordsGone,
    /// There are packs, but the database that refers to their blocks is missing.
    #[error(
        "the records are missing, but there are {packs} packs of content, which only the \
         records can tell from garbage"
    )]
    RecordsMissing {
        /// The number of packs.
        packs: usize,
    },
    /// There are packs that were acknowledged after the database was last written.
    #[error(
        "the records are older than the content: they know nothing of {packs} packs, of which one is \
         {first}"
    )]
    RecordsOlder {
        /// The number of packs that the records don't know.
        packs: usize,
        /// The name of one of them.
        first: String,
    },
    /// A block is corrupt or missing.
    #[error("block {cid} is damaged: {reason}; upload its content again to repair it")]
    DamagedBlock {
        /// The CID of the block.
        cid: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The content of the data folder is on another kind of backend.
    #[error(
        "the data folder belongs to the backend {0}; to switch, export it with that backend and import it with the new one"
    )]
    OtherBackend(&'static str),
    /// The backend doesn't support the profile.
    #[error("{0}")]
    Profile(String),
    /// The node that stores the content failed.
    #[error(transparent)]
    Node(RpcError),
    /// The account has no such pin.
    #[error("record not found")]
    NotFound,
    /// The account has already pinned this content.
    #[error("pin with that hash already exists")]
    AlreadyPinned,
    /// The account has reached the limit on pins of the same content.
    #[error("the account has pinned this content too often; remove some of these pins")]
    PinnedTooOften,
}

/// Returns what was read from a block, or `None` if the block is damaged or missing. A read that
/// merely failed this time is an error, since it says nothing about the block.
pub(crate) fn unless_damaged<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(StoreError::DamagedBlock { .. } | StoreError::Damaged(_)) => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// Returns whether an error means that there is no space left.
pub(crate) fn is_full(cause: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull, WriteZero};

    matches!(
        cause.kind(),
        StorageFull | QuotaExceeded | FileTooLarge | WriteZero
    )
}

impl From<io::Error> for StoreError {
    fn from(cause: io::Error) -> Self {
        if is_full(&cause) {
            Self::Full
        } else {
            Self::Io(cause)
        }
    }
}

impl From<RpcError> for StoreError {
    fn from(cause: RpcError) -> Self {
        Self::Node(cause)
    }
}

impl From<redb::Error> for StoreError {
    fn from(cause: redb::Error) -> Self {
        match cause {
            redb::Error::Io(cause) => cause.into(),
            redb::Error::Corrupted(reason) => Self::RecordsDamaged(reason),
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
