//! Why the data folder, or the node behind it, couldn't do what it was asked.

use std::io;

use thiserror::Error;

mod rpc;

pub use self::rpc::RpcError;
pub(crate) use self::rpc::{excerpt as rpc_excerpt, message as rpc_message};

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
    /// The database isn't as it was written.
    #[error("the records are damaged: {0}")]
    RecordsDamaged(String),
    /// The database isn't where it was, or shorter than it was left, while a server has it open.
    #[error(
        "the records were removed, replaced or cut short while they were in use; nothing more is written \
         before the server is started again"
    )]
    RecordsGone,
    /// Packs are there, and the database that names their blocks isn't.
    #[error(
        "the records are missing, though {packs} packs of content are here, which nothing but the \
         records can tell from garbage"
    )]
    RecordsMissing {
        /// How many packs there are.
        packs: usize,
    },
    /// Packs are there that were acknowledged after the database was last written.
    #[error(
        "the records are older than the content: they know nothing of {packs} packs, of which one is \
         {first}"
    )]
    RecordsOlder {
        /// How many packs they don't know.
        packs: usize,
        /// The name of one.
        first: String,
    },
    /// A block isn't as it was written, or gone.
    #[error("{cid} is damaged here: {reason}; it is mended when its content is uploaded again")]
    DamagedBlock {
        /// The block.
        cid: String,
        /// What is the matter with it.
        reason: &'static str,
    },
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
    /// The account has more pins of this content than it may have.
    #[error("the account has pinned this content too often; remove some of these pins")]
    PinnedTooOften,
}

/// What was read of a block, or none where the block is damaged or gone. That it couldn't be read this
/// time says nothing about it, and is an error.
pub(crate) fn unless_damaged<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(StoreError::DamagedBlock { .. } | StoreError::Damaged(_)) => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// Whether nothing more can be written for lack of room.
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
