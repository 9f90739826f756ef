use cid::Cid;
use thiserror::Error;

use super::MAX_NAME_LEN;

/// Why an entry can't be added to a tree.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TreeError {
    /// The path is taken.
    #[error("{path:?} already exists in the folder")]
    Duplicate {
        /// The path as given.
        path: String,
    },
    /// The path is empty, starts or ends with `/`, or has two in a row.
    #[error("{path:?} has an empty segment: name every folder, and no / at either end")]
    EmptySegment {
        /// The path as given.
        path: String,
    },
    /// The path has a segment `.` or `..`.
    #[error("{path:?} has a segment . or ..: give the path below the root folder")]
    DotSegment {
        /// The path as given.
        path: String,
    },
    /// A name is longer than [`MAX_NAME_LEN`].
    #[error("{path:?} has a name of more than {MAX_NAME_LEN} bytes")]
    NameTooLong {
        /// The path as given.
        path: String,
    },
    /// A file or symlink is where the path needs a folder.
    #[error("{path:?} can't be below {name:?}, which isn't a folder")]
    NotAFolder {
        /// The path as given.
        path: String,
        /// The segment that is not a folder.
        name: String,
    },
    /// The node's CID isn't that of a UnixFS block with a SHA-256 hash.
    #[error("{path:?} has the CID {cid}, which is not dag-pb or raw with SHA-256")]
    UnsupportedCid {
        /// The path as given.
        path: String,
        /// The CID as given.
        cid: Cid,
    },
}

/// Why a tree can't be finished.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FinishError<E> {
    /// The sink failed.
    #[error("storing a block failed")]
    Sink(#[source] E),
    /// Two names in a sharded folder have the same 64-bit hash, so no depth of shards separates
    /// them; every implementation refuses them.
    #[error(
        "{first:?} and {second:?} have the same hash and can't be in the same sharded folder; rename one"
    )]
    HashCollision {
        /// One of the names.
        first: String,
        /// The other.
        second: String,
    },
}
