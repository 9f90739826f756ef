use cid::Version;
use thiserror::Error;

use super::{Leaves, Profile, ShardEstimate};

/// The largest chunk: 2 MiB minus 256 bytes, as in Kubo, so that a wrapped leaf is below the 2 MiB
/// that peers accept as a block.
const MAX_CHUNK_SIZE: usize = 2 * 1024 * 1024 - 256;
/// A node with this many links is still below 1 MiB.
const MAX_WIDTH: usize = 16_384;
/// A folder with this many bytes of names and CIDs is still below 2 MiB as a block.
const MAX_SHARD_THRESHOLD: u64 = 1024 * 1024;

/// Builds a [custom](Profile::custom) profile from its parameters.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ProfileBuilder(Profile);

/// Why a profile is invalid: a parameter out of range, or an unknown name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The chunk size is 0 or too large.
    #[error("the chunk size is {0} bytes; it must be between 1 and {MAX_CHUNK_SIZE}")]
    ChunkSize(usize),
    /// A node needs at least two links, and must stay a block that peers accept.
    #[error("the width is {0} links a node; it must be between 2 and {MAX_WIDTH}")]
    Width(usize),
    /// The threshold would allow a folder to exceed the size of a block that peers accept.
    #[error("the shard threshold is {0} bytes; the most is {MAX_SHARD_THRESHOLD}")]
    ShardThreshold(u64),
    /// The text is neither a profile's name nor the parameters of a custom one.
    #[error(
        "unknown profile {0:?}: use unixfs-v1-2025, unixfs-v0-2015, kubo-cidv1-legacy, or \
         parameters like custom(chunk=1048576,width=174,leaves=raw,cid=1)"
    )]
    Unknown(String),
    /// A parameter of a custom profile is unknown, repeated, or has an invalid value.
    #[error(
        "unknown or repeated profile parameter {0:?}: use chunk=BYTES, width=LINKS, \
         leaves=raw|wrapped, cid=0|1, shard=links-bytes|block-bytes, shard-threshold=BYTES"
    )]
    Parameter(String),
}

impl ProfileBuilder {
    pub(super) fn new() -> Self {
        Self(Profile::kubo_cidv1_legacy())
    }

    /// Sets the CID version of all blocks except raw leaves.
    pub fn cid_version(mut self, version: Version) -> Self {
        self.0.cid_version = version;
        self
    }

    /// Sets the bytes of content in a leaf: 1 to 2,096,896 (2 MiB minus 256 bytes).
    pub fn chunk_size(mut self, bytes: usize) -> Self {
        self.0.chunk_size = bytes;
        self
    }

    /// Sets the most links of a file's node: 2 to 16,384.
    pub fn width(mut self, links: usize) -> Self {
        self.0.width = links;
        self
    }

    /// Sets how chunks become blocks.
    pub fn leaves(mut self, leaves: Leaves) -> Self {
        self.0.leaves = leaves;
        self
    }

    /// Sets how the size of a folder is estimated.
    pub fn shard_estimate(mut self, estimate: ShardEstimate) -> Self {
        self.0.shard_estimate = estimate;
        self
    }

    /// Sets the estimate in bytes above which a folder is sharded: at most 1 MiB.
    pub fn shard_threshold(mut self, bytes: u64) -> Self {
        self.0.shard_threshold = bytes;
        self
    }

    /// Builds the profile.
    ///
    /// # Errors
    ///
    /// If a parameter is out of range.
    pub fn build(self) -> Result<Profile, ProfileError> {
        let profile = self.0;
        if !(1..=MAX_CHUNK_SIZE).contains(&profile.chunk_size) {
            return Err(ProfileError::ChunkSize(profile.chunk_size));
        }
        if !(2..=MAX_WIDTH).contains(&profile.width) {
            return Err(ProfileError::Width(profile.width));
        }
        if profile.shard_threshold > MAX_SHARD_THRESHOLD {
            return Err(ProfileError::ShardThreshold(profile.shard_threshold));
        }
        Ok(profile)
    }
}
