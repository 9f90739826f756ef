use thiserror::Error;

use super::MAX_BLOCK_SIZE;
use crate::protobuf::Malformed;

/// Why a block isn't a node of a UnixFS DAG.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The block exceeds [`MAX_BLOCK_SIZE`].
    #[error("the block has {0} bytes, more than {MAX_BLOCK_SIZE}")]
    TooLarge(usize),
    /// The CID's codec is neither dag-pb nor raw.
    #[error("the codec 0x{0:x} is neither dag-pb nor raw")]
    UnsupportedCodec(u64),
    /// The bytes are not protobuf.
    #[error("the block is truncated or not protobuf")]
    Malformed,
    /// The bytes are protobuf, but not a dag-pb node.
    #[error("the block is not dag-pb: {0}")]
    NotDagPb(&'static str),
    /// A link has no CID, or an invalid one.
    #[error("a link has no valid CID")]
    LinkCid,
    /// A link's name is not UTF-8.
    #[error("a link has a name that is not UTF-8")]
    LinkName,
    /// The node is dag-pb, but its data is not UnixFS.
    #[error("the node is not UnixFS: {0}")]
    NotUnixFs(&'static str),
    /// The UnixFS type is neither file, folder nor symlink.
    #[error("the node has the UnixFS type {0}, which is neither file, folder nor symlink")]
    UnsupportedType(u64),
    /// The numbers of a file's links and of their sizes differ.
    #[error("the file has {links} links and {block_sizes} block sizes")]
    BlockSizeCount {
        /// The number of links.
        links: usize,
        /// The number of block sizes.
        block_sizes: usize,
    },
    /// A file's size is not the sum of its parts.
    #[error("the file's size is not the sum of its parts")]
    FileSize,
    /// An invalid name of an entry: empty, `.`, `..`, or with a `/`.
    #[error("{0:?} can't be the name of an entry")]
    Name(String),
    /// A folder has two entries with the same name.
    #[error("the folder has two entries named {0:?}")]
    DuplicateName(String),
    /// The hash, fanout or buckets of a shard are invalid.
    #[error("the shard is not valid: {0}")]
    Shard(&'static str),
    /// A symlink has links.
    #[error("the symlink has links")]
    UnexpectedLinks,
}

impl From<Malformed> for DecodeError {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}
