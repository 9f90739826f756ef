use cid::{Cid, Version};

use crate::sha256_cid::{DAG_PB, RAW};

mod data;
mod error;
mod links;
mod shard;

use self::data::Data;
pub use self::error::DecodeError;
pub use self::links::Link;
pub use self::shard::{Entry, Lookup, MAX_SHARD_DEPTH, shard_bucket, shard_prefix};

/// The largest block to decode, in bytes: the maximum that peers exchange.
pub const MAX_BLOCK_SIZE: usize = 2 * 1024 * 1024;

/// One decoded block of a UnixFS DAG, borrowing the bytes it was decoded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DagNode<'a> {
    kind: Kind,
    data: &'a [u8],
    links: Vec<Link<'a>>,
    block_sizes: Vec<u64>,
    file_size: Option<u64>,
    fanout: Option<u32>,
}

/// The kind of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Only bytes of a file: a block with the codec raw, or of the old UnixFS type Raw.
    Raw,
    /// A file or a part of one: bytes, links to more, or both.
    File,
    /// A folder in one block.
    Directory,
    /// A folder, or a part of one, distributed over many blocks (HAMT).
    HamtShard,
    /// A symlink; its data is the target.
    Symlink,
}

/// Decodes a block by the codec of its CID.
///
/// The block isn't verified against the CID; use [`verify_block`](crate::verify_block) for that. Both
/// orders of links and data are accepted (IPIP-0550). The bytes needn't be trusted: whatever
/// they are, this returns, with memory in proportion to their length.
///
/// # Errors
///
/// If the codec is neither dag-pb nor raw, the block exceeds [`MAX_BLOCK_SIZE`], the bytes aren't
/// dag-pb or UnixFS, or the node is inconsistent: sizes that don't add up, names
/// that can't be in a folder, or buckets that aren't in a shard's bitfield.
///
/// ```
/// use w3pin_unixfs::{Cid, Kind, decode};
///
/// let cid: Cid = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn".parse()?;
/// let node = decode(&cid, &[0x0a, 0x02, 0x08, 0x01])?;
/// assert_eq!(node.kind(), Kind::Directory);
/// assert_eq!(node.entries().count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decode<'a>(cid: &Cid, block: &'a [u8]) -> Result<DagNode<'a>, DecodeError> {
    if block.len() > MAX_BLOCK_SIZE {
        return Err(DecodeError::TooLarge(block.len()));
    }
    match (cid.version(), cid.codec()) {
        (Version::V0, _) | (Version::V1, DAG_PB) => decode_dag_pb(block),
        (Version::V1, RAW) => Ok(DagNode {
            kind: Kind::Raw,
            data: block,
            links: Vec::new(),
            block_sizes: Vec::new(),
            file_size: Some(block.len() as u64),
            fanout: None,
        }),
        (Version::V1, codec) => Err(DecodeError::UnsupportedCodec(codec)),
    }
}

/// Returns the links of a block in their order, whether or not it is UnixFS.
///
/// # Errors
///
/// If the codec is neither dag-pb nor raw, the block exceeds [`MAX_BLOCK_SIZE`], or the bytes aren't dag-pb.
///
/// ```
/// let cid = "bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku".parse()?;
/// assert_eq!(w3pin_unixfs::links(&cid, b"")?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn links(cid: &Cid, block: &[u8]) -> Result<Vec<Cid>, DecodeError> {
    if block.len() > MAX_BLOCK_SIZE {
        return Err(DecodeError::TooLarge(block.len()));
    }
    match cid.codec() {
        DAG_PB => {
            let (_, links) = links::split(block)?;
            Ok(links.iter().map(|link| link.cid).collect())
        }
        RAW => Ok(Vec::new()),
        codec => Err(DecodeError::UnsupportedCodec(codec)),
    }
}

fn decode_dag_pb(block: &[u8]) -> Result<DagNode<'_>, DecodeError> {
    let (data, links) = links::split(block)?;
    let data = data.ok_or(DecodeError::NotUnixFs("no data"))?;
    let Data {
        kind,
        data,
        file_size,
        block_sizes,
        fanout,
        ..
    } = Data::parse(data)?;
    let mut node = DagNode {
        kind,
        data,
        links,
        block_sizes,
        file_size,
        fanout: None,
    };
    match kind {
        Kind::Raw | Kind::File => node.file_size = Some(node.checked_file_size()?),
        Kind::Directory => node.check_names()?,
        Kind::HamtShard => node.fanout = Some(node.checked_fanout(fanout)?),
        Kind::Symlink if !node.links.is_empty() => return Err(DecodeError::UnexpectedLinks),
        Kind::Symlink => {}
    }
    if !matches!(kind, Kind::Raw | Kind::File) {
        node.file_size = None;
    }
    Ok(node)
}

impl<'a> DagNode<'a> {
    /// Returns the kind of the block.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the bytes in the block itself: content of a file (which precedes that of its links),
    /// the target of a symlink, or the bitfield of a shard.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Returns the links, in the order of the block.
    pub fn links(&self) -> &[Link<'a>] {
        &self.links
    }

    /// Returns the bytes of content under each link of a file, as many as there are links.
    pub fn block_sizes(&self) -> &[u64] {
        &self.block_sizes
    }

    /// Returns the links of a file with the bytes of content under each, in the order of the
    /// content.
    pub fn children(&self) -> impl ExactSizeIterator<Item = (&Link<'a>, u64)> {
        self.links.iter().zip(self.block_sizes.iter().copied())
    }

    /// Returns the bytes of content of a file or a part of one, which is the sum of the length of
    /// [`data`](Self::data) and the [`block_sizes`](Self::block_sizes); `None` for folders and
    /// symlinks.
    pub fn file_size(&self) -> Option<u64> {
        self.file_size
    }

    /// Returns the number of buckets of a shard: 256 for almost all importers; `None` for other
    /// kinds.
    pub fn fanout(&self) -> Option<u32> {
        self.fanout
    }

    fn checked_file_size(&self) -> Result<u64, DecodeError> {
        if self.links.len() != self.block_sizes.len() {
            return Err(DecodeError::BlockSizeCount {
                links: self.links.len(),
                block_sizes: self.block_sizes.len(),
            });
        }
        let sum = self
            .block_sizes
            .iter()
            .try_fold(self.data.len() as u64, |sum, size| sum.checked_add(*size))
            .ok_or(DecodeError::FileSize)?;
        match self.file_size {
            Some(size) if size != sum => Err(DecodeError::FileSize),
            _ => Ok(sum),
        }
    }

    fn check_names(&self) -> Result<(), DecodeError> {
        let mut names: Vec<&str> = self.links.iter().map(|link| link.name).collect();
        // Valid importers have sorted them already, but readers must not insist on it.
        names.sort_unstable();
        if let Some([twice, _]) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(DecodeError::DuplicateName((*twice).to_owned()));
        }
        names.into_iter().try_for_each(check_name)
    }
}

fn check_name(name: &str) -> Result<(), DecodeError> {
    if matches!(name, "" | "." | "..") || name.contains('/') {
        return Err(DecodeError::Name(name.to_owned()));
    }
    Ok(())
}
