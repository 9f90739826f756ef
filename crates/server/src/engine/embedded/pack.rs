//! Pack files: the blocks of one upload, one after the other.
//!
//! A pack starts with [`MAGIC`], the identity of its data folder, the session that wrote it (u128
//! each), and the CRC-32 of these. Each block consists of a CRC-32, the block's length (u32), the
//! length of its key (u16), the key and the block. The checksum covers the position of the entry
//! and everything between itself and the block. All numbers are little-endian. Version 1, whose
//! magic ends in 1, had neither identities nor checksums.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::content_key::ContentKey;

mod scan;
mod writer;

pub(crate) use self::{
    scan::{PackScan, ScanError},
    writer::{PackWriter, Packed, Unlisted},
};

const MAGIC: &[u8; 8] = b"w3pack\0\x02";
const FIRST_MAGIC: &[u8; 8] = b"w3pack\0\x01";
const HEADER: usize = 8 + 16 + 16 + 4;
/// No importer produces longer blocks.
pub(crate) const LONGEST_BLOCK: u32 = 16 << 20;
/// Codec, hash code and digest.
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 16..=80;

/// Identifies who wrote a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The data folder.
    pub(crate) identity: u128,
    /// The session, which is one opening of the data folder.
    pub(crate) session: u128,
}

impl Origin {
    fn header(self) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..24].copy_from_slice(&self.identity.to_le_bytes());
        header[24..40].copy_from_slice(&self.session.to_le_bytes());
        let checksum = crc32fast::hash(&header[..40]);
        header[40..].copy_from_slice(&checksum.to_le_bytes());
        header
    }

    /// Parses a header of the current version; `None` if it is invalid.
    fn parse(header: &[u8; HEADER]) -> Option<Self> {
        let (rest, checksum) = header.split_last_chunk()?;
        let (magic, rest) = rest.split_first_chunk::<8>()?;
        let (identity, session) = rest.split_first_chunk()?;
        let is_whole = crc32fast::hash(&header[..40]) == u32::from_le_bytes(*checksum);
        (magic == MAGIC && is_whole).then_some(Self {
            identity: u128::from_le_bytes(*identity),
            session: u128::from_le_bytes(session.try_into().ok()?),
        })
    }

    /// Reads the origin of this file, if it has one.
    pub(crate) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER];
        match fs::File::open(path)?.read_exact(&mut header) {
            Ok(()) => Ok(Self::parse(&header)),
            Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(cause) => Err(cause),
        }
    }
}

/// Returns the entry header of a block at `position`.
fn entry_head(position: u64, key: &ContentKey, length: u32) -> io::Result<Vec<u8>> {
    let key = key.as_bytes();
    let key_length = u16::try_from(key.len()).map_err(io::Error::other)?;
    let mut head = vec![0; 4];
    head.extend(length.to_le_bytes());
    head.extend(key_length.to_le_bytes());
    head.extend(key);
    let checksum = checksum(position, &head[4..]);
    head[..4].copy_from_slice(&checksum.to_le_bytes());
    Ok(head)
}

fn checksum(position: u64, head: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&position.to_le_bytes());
    hasher.update(head);
    hasher.finalize()
}

fn is_plausible(key_length: usize, length: u32) -> bool {
    KEY_LENGTHS.contains(&key_length) && length <= LONGEST_BLOCK
}

/// Returns the bytes that a block counts for in a pack of any version.
pub(crate) fn entry_bytes(key: &ContentKey, length: u32) -> u64 {
    6 + key.as_bytes().len() as u64 + u64::from(length)
}

/// Returns whether rewriting a pack frees more than half of it.
pub(super) fn is_mostly_dead(bytes: u64, live: u64) -> bool {
    live < bytes / 2
}

/// A file in the blocks folder, identified by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PackFile {
    /// A pack whose transaction is committed.
    Pack(u64),
    /// A pack that is being written, or whose transaction has just been committed.
    Part(u64),
    /// The index of a pack that is being written.
    Index(u64),
}

impl PackFile {
    pub(crate) fn parse(path: &Path) -> Option<Self> {
        let id = u64::from_str_radix(path.file_stem()?.to_str()?, 16).ok()?;
        match path.extension()?.to_str()? {
            "pack" => Some(Self::Pack(id)),
            "part" => Some(Self::Part(id)),
            "index" => Some(Self::Index(id)),
            _ => None,
        }
    }

    pub(crate) fn id(&self) -> u64 {
        match self {
            Self::Pack(id) | Self::Part(id) | Self::Index(id) => *id,
        }
    }

    pub(crate) fn path_in(&self, folder: &Path) -> PathBuf {
        let extension = match self {
            Self::Pack(_) => "pack",
            Self::Part(_) => "part",
            Self::Index(_) => "index",
        };
        folder.join(format!("{:016x}.{extension}", self.id()))
    }
}
