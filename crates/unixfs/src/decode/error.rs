use thiserror::Error;

use super::MAX_BLOCK_SIZE;
use crate::protobuf::Malformed;

/// A block that is no node of a UnixFS DAG.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The block is above [`MAX_BLOCK_SIZE`].
    #[error("the block has {0} bytes, more than {MAX_BLOCK_SIZE}")]
    TooLarge(usize),
    /// The CID's codec is neither dag-pb nor raw.
    #[error("the codec 0x{0:x} is neither dag-pb nor raw")]
    UnsupportedCodec(u64),
    /// The bytes are not protobuf.
    #[error("the block is cut short or not protobuf")]
    Malformed,
    /// The bytes are protobuf, but not a dag-pb node.
    #[error("the block is not dag-pb: {0}")]
    NotDagPb(&'static str),
    /// A link has no CID, or something else in its place.
    #[error("a link has no valid CID")]
    LinkCid,
    /// A link's name is not UTF-8.
    #[error("a link has a name that is not UTF-8")]
    LinkName,
    /// The node is dag-pb, but its data is not UnixFS.
    #[error("the node is not UnixFS: {0}")]
    NotUnixFs(&'static str),
    /// The UnixFS type is none of files, folders and symlinks.
    #[error("the node has the UnixFS type {0}, which is neither file, folder nor symlink")]
    UnsupportedType(u64),
    /// A file has a different number of links and of sizes for them.
    #[error("the file has {links} links and {block_sizes} block sizes")]
    BlockSizeCount {
        /// How many links.
        links: usize,
        /// How many block sizes.
        block_sizes: usize,
    },
    /// A file's size is not the sum of its parts.
    #[error("the file's size is not the sum of its parts")]
    FileSize,
    /// A name no entry of a folder can have: empty, `.`, `..`, or with a `/`.
    #[error("{0:?} can't be the name of an entry")]
    Name(String),
    /// A folder has two entries of one name.
    #[error("the folder has two entries named {0:?}")]
    DuplicateName(String),
    /// A shard's hash, fanout or buckets are not valid.
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
