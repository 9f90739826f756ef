use std::io;

use thiserror::Error;

/// Why bytes aren't a CAR, or not a supported one.
///
/// `offset` is where the invalid part starts, in bytes from the start of the CAR.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CarError {
    /// There are no bytes.
    #[error("the CAR is empty")]
    Empty,
    /// It ends within its header, so this probably isn't a CAR.
    #[error("the header isn't that of a CAR: it is cut off")]
    HeaderCutOff,
    /// The CAR ends within a block.
    #[error("the CAR is cut off: the section at byte {offset} is incomplete")]
    Truncated {
        /// Where the incomplete part starts.
        offset: u64,
    },
    /// A length is encoded in more than nine bytes.
    #[error("the length at byte {offset} of the CAR doesn't end")]
    EndlessLength {
        /// Where the length starts.
        offset: u64,
    },
    /// The header exceeds the limit.
    #[error("the header of the CAR has {length} bytes, more than {limit}")]
    HeaderTooLong {
        /// The stated length.
        length: u64,
        /// [`CarLimits::header_bytes`](crate::CarLimits::header_bytes).
        limit: usize,
    },
    /// The header is invalid, so this probably isn't a CAR.
    #[error("the header isn't that of a CAR: {reason}")]
    InvalidHeader {
        /// What is wrong with it.
        reason: String,
    },
    /// Neither CARv1 nor CARv2.
    #[error("CARs of version {0} can't be read, only of versions 1 and 2")]
    UnsupportedVersion(u64),
    /// A block exceeds the limit.
    #[error("a block in the CAR, at byte {offset}, is larger than {limit} bytes")]
    BlockTooLong {
        /// Where the block's section starts.
        offset: u64,
        /// [`CarLimits::block_bytes`](crate::CarLimits::block_bytes).
        limit: usize,
    },
    /// A block isn't preceded by a valid CID, or its digest has more than 64 bytes.
    #[error("a block in the CAR, at byte {offset}, has no CID that can be read")]
    InvalidCid {
        /// Where the block's section starts.
        offset: u64,
    },
    /// A block extends beyond the end of the payload stated in the CARv2 header.
    #[error("a block in the CAR, at byte {offset}, goes beyond the end that the header gives")]
    BeyondPayload {
        /// Where the block's section starts.
        offset: u64,
    },
}

impl From<CarError> for io::Error {
    fn from(cause: CarError) -> Self {
        let kind = match cause {
            CarError::Empty | CarError::HeaderCutOff | CarError::Truncated { .. } => {
                io::ErrorKind::UnexpectedEof
            }
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, cause)
    }
}
