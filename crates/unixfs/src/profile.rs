use cid::Version;

mod builder;
mod text;

pub use self::builder::{ProfileBuilder, ProfileError};

/// Everything besides the content that determines a root CID: CID version, chunk size, links per node, kind
/// of leaf, and when a folder is sharded.
///
/// Two profiles are equal if they create the same DAGs: a [custom](Self::custom) one with the
/// parameters of a named one *is* the named one.
///
/// ```
/// use w3pin_unixfs::Profile;
///
/// assert_eq!(Profile::default(), Profile::kubo_cidv1_legacy());
/// let profile: Profile = "unixfs-v1-2025".parse()?;
/// assert_eq!(profile.chunk_size(), 1_048_576);
/// let custom: Profile = "custom(chunk=1048576,width=174,leaves=raw,cid=1)".parse()?;
/// assert_eq!(custom, Profile::custom().chunk_size(1_048_576).build()?);
/// # Ok::<(), w3pin_unixfs::ProfileError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    cid_version: Version,
    chunk_size: usize,
    width: usize,
    leaves: Leaves,
    shard_estimate: ShardEstimate,
    shard_threshold: u64,
}

/// How chunks of a file become blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leaves {
    /// The bytes themselves, with a CIDv1 of the codec raw even under a CIDv0 root.
    Raw,
    /// Wrapped in a dag-pb UnixFS node of type File.
    Wrapped,
}

/// How the size of a folder's block is estimated, which decides whether it is sharded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShardEstimate {
    /// The bytes of all names and CIDs.
    LinksBytes,
    /// The bytes of the serialized block.
    BlockBytes,
}

const SHARD_THRESHOLD: u64 = 262_144;

impl Profile {
    /// [IPIP-0499](https://specs.ipfs.tech/ipips/ipip-0499/)'s unixfs-v0-2015: CIDv0, chunks of 256
    /// KiB. Leaves are wrapped, and a node has 174 links.
    pub fn unixfs_v0_2015() -> Self {
        Self {
            cid_version: Version::V0,
            leaves: Leaves::Wrapped,
            ..Self::kubo_cidv1_legacy()
        }
    }

    /// [IPIP-0499](https://specs.ipfs.tech/ipips/ipip-0499/)'s unixfs-v1-2025: CIDv1, chunks of 1
    /// MiB. Leaves are raw, a node has 1,024 links, and folders are sharded by the size of their
    /// block.
    pub fn unixfs_v1_2025() -> Self {
        Self {
            chunk_size: 1_048_576,
            width: 1024,
            shard_estimate: ShardEstimate::BlockBytes,
            ..Self::kubo_cidv1_legacy()
        }
    }

    /// What `ipfs add --cid-version=1` does: CIDv1, chunks of 256 KiB. Leaves are raw, and a node
    /// has 174 links. The name is ours; IPIP-0499 has none for it.
    pub fn kubo_cidv1_legacy() -> Self {
        Self {
            cid_version: Version::V1,
            chunk_size: 262_144,
            width: 174,
            leaves: Leaves::Raw,
            shard_estimate: ShardEstimate::LinksBytes,
            shard_threshold: SHARD_THRESHOLD,
        }
    }

    /// Returns the named profiles.
    pub fn known() -> [Self; 3] {
        [
            Self::kubo_cidv1_legacy(),
            Self::unixfs_v1_2025(),
            Self::unixfs_v0_2015(),
        ]
    }

    /// Returns a builder for other parameters, starting with those of
    /// [`kubo_cidv1_legacy`](Self::kubo_cidv1_legacy).
    pub fn custom() -> ProfileBuilder {
        ProfileBuilder::new()
    }

    /// Returns the profile's name, or `custom`. The displayed form of a custom profile includes all
    /// parameters.
    pub fn name(&self) -> &'static str {
        match *self {
            profile if profile == Self::unixfs_v0_2015() => "unixfs-v0-2015",
            profile if profile == Self::unixfs_v1_2025() => "unixfs-v1-2025",
            profile if profile == Self::kubo_cidv1_legacy() => "kubo-cidv1-legacy",
            _ => "custom",
        }
    }

    /// Returns the CID version of all blocks except raw leaves, which have CIDv1.
    pub fn cid_version(&self) -> Version {
        self.cid_version
    }

    /// Returns the bytes of content in every leaf except the last.
    pub fn chunk_size(&self) -> usize {
        self.chunk_size
    }

    /// Returns the most links of a file's node.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns how chunks become blocks.
    pub fn leaves(&self) -> Leaves {
        self.leaves
    }

    /// Returns how the size of a folder is estimated.
    pub fn shard_estimate(&self) -> ShardEstimate {
        self.shard_estimate
    }

    /// Returns the estimate in bytes above which a folder is sharded; one that equals it isn't.
    pub fn shard_threshold(&self) -> u64 {
        self.shard_threshold
    }
}

impl Default for Profile {
    /// Returns [`Profile::kubo_cidv1_legacy`].
    fn default() -> Self {
        Self::kubo_cidv1_legacy()
    }
}
