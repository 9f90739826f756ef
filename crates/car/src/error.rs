use std::io;

use thiserror::Error;

/// Why bytes are not a CAR, or not one that is read here.
///
/// An `offset` is where the part that is wrong begins, in bytes from the beginning of the CAR.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CarError {
    /// There are no bytes at all.
    #[error("the CAR is empty")]
    Empty,
    /// It ends in the middle of its header or of a block.
    #[error("the CAR is cut off: what begins at byte {offset} isn't complete")]
    Truncated {
        /// Where the incomplete part begins.
        offset: u64,
    },
    /// A length is written in more than nine bytes.
    #[error("the length at byte {offset} of the CAR doesn't end")]
    EndlessLength {
        /// Where the length begins.
        offset: u64,
    },
    /// The header is above the limit.
    #[error("the header of the CAR has {length} bytes, more than {limit}")]
    HeaderTooLong {
        /// What the CAR says.
        length: u64,
        /// [`CarLimits::header_bytes`](crate::CarLimits::header_bytes).
        limit: usize,
    },
    /// The header isn't one, so that this probably isn't a CAR.
    #[error("the header isn't that of a CAR: {reason}")]
    InvalidHeader {
        /// What is wrong with it.
        reason: String,
    },
    /// Neither CARv1 nor CARv2.
    #[error("CARs of version {0} can't be read, only of versions 1 and 2")]
    UnsupportedVersion(u64),
    /// A block is above the limit.
    #[error("a block in the CAR, at byte {offset}, is larger than {limit} bytes")]
    BlockTooLong {
        /// Where the block's section begins.
        offset: u64,
        /// [`CarLimits::block_bytes`](crate::CarLimits::block_bytes).
        limit: usize,
    },
    /// A block isn't preceded by a CID, or by one with a digest of more than 64 bytes.
    #[error("a block in the CAR, at byte {offset}, has no CID that can be read")]
    InvalidCid {
        /// Where the block's section begins.
        offset: u64,
    },
    /// A block goes beyond where the CARv2 header says that blocks end.
    #[error("a block in the CAR, at byte {offset}, goes beyond the end that the header gives")]
    BeyondPayload {
        /// Where the block's section begins.
        offset: u64,
    },
}

impl From<CarError> for io::Error {
    fn from(cause: CarError) -> Self {
        let kind = match cause {
            CarError::Empty | CarError::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, cause)
    }
}
