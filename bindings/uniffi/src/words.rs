//! The types that are one of a few, as they cross.

use w3pin::{ErrorKind, PinnedFilter, SortBy, SortOrder, Symlinks, Verification, Verify};

use crate::error::Failure;

/// How much proof is required.
#[uniffi::remote(Enum)]
pub enum Verify {
    Off,
    Report,
    Require,
}

/// What happens to symbolic links.
#[uniffi::remote(Enum)]
pub enum Symlinks {
    Refuse,
    Follow,
    Skip,
    Preserve,
}

/// Which pins to list.
#[uniffi::remote(Enum)]
pub enum PinnedFilter {
    All,
    Pinned,
    Unpinned,
}

/// The field to sort by.
#[uniffi::remote(Enum)]
pub enum SortBy {
    CreatedAt,
    Size,
    Name,
}

/// The direction to sort in.
#[uniffi::remote(Enum)]
pub enum SortOrder {
    Ascending,
    Descending,
}

/// What went wrong.
#[uniffi::remote(Enum)]
pub enum ErrorKind {
    InvalidInput,
    Authentication,
    PermissionDenied,
    NotFound,
    AlreadyPinned,
    InsufficientFunds,
    RateLimited,
    Api,
    Decode,
    Timeout,
    Transport,
    LocalIo,
    CidMismatch,
}

/// What was proved.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum VerificationResult {
    /// The CID is that of the bytes sent.
    Verified,
    /// It certainly isn't.
    Mismatch,
    /// No known profile gives it.
    Unproved,
    /// Nothing was compared.
    Unchecked,
}

impl From<&Verification> for VerificationResult {
    fn from(verification: &Verification) -> Self {
        match verification {
            Verification::Verified { .. } => Self::Verified,
            Verification::Mismatch { .. } => Self::Mismatch,
            Verification::Unproved { .. } => Self::Unproved,
            Verification::Unchecked => Self::Unchecked,
        }
    }
}

macro_rules! parsers {
    ($($name:ident => $type:ty),+ $(,)?) => { $(
        /// What the word means.
        #[uniffi::export]
        pub fn $name(word: String) -> Result<$type, Failure> {
            Ok(word.parse()?)
        }
    )+ };
}

parsers! {
    verify_of => Verify,
    symlinks_of => Symlinks,
    pinned_of => PinnedFilter,
    sort_by_of => SortBy,
    sort_order_of => SortOrder,
}
