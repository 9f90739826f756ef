use blake2::{Blake2b, digest::consts::U32};
use cid::Cid;
use sha2::{Digest, Sha512};
use thiserror::Error;
use w3pin_sha256::digest;

use crate::attributes::Attributes;
use crate::sha256_cid::{DAG_PB, RAW, Sha256Cid, sha256_digest};
use crate::unixfs::{TYPE_FILE, TYPE_RAW, leaf_frame};

/// Codes of the multihash table.
/// The hash whose digest is the content itself (`identity`).
pub const IDENTITY: u64 = 0x00;
const SHA2_256: u64 = 0x12;
const SHA2_512: u64 = 0x13;
const BLAKE3: u64 = 0x1e;
const BLAKE2B_256: u64 = 0xb220;

type Blake2b256 = Blake2b<U32>;

/// A block that is not shown to be the one its CID names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BlockError {
    /// The block has another digest.
    #[error("the block's bytes are not those of {0}")]
    Mismatch(Cid),
    /// The CID's hash is none that can be computed here, so nothing is known about the block.
    #[error("{0} can't be checked: its hash 0x{code:x} is none of {HASHES}", code = .0.hash().code())]
    UnsupportedHash(Cid),
}

/// The hashes that blocks are checked by.
const HASHES: &str = "sha2-256, sha2-512, blake2b-256, blake3 and identity";

/// Checks that a block is the one its CID names, by sha2-256, sha2-512, blake2b-256, blake3 (of 256
/// bits), or identity.
///
/// # Errors
///
/// Another digest, or a hash that can't be computed here.
///
/// ```
/// use w3pin_unixfs::{BlockError, Cid, verify_block};
///
/// let cid: Cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e".parse()?;
/// assert_eq!(verify_block(&cid, b"hello world"), Ok(()));
/// assert_eq!(verify_block(&cid, b"hello w0rld"), Err(BlockError::Mismatch(cid)));
/// # Ok::<(), cid::Error>(())
/// ```
pub fn verify_block(cid: &Cid, block: &[u8]) -> Result<(), BlockError> {
    let hash = cid.hash();
    let named = hash.digest();
    let is_named = match (hash.code(), named.len()) {
        (SHA2_256, 32) => digest(&[block])[..] == *named,
        (SHA2_512, 64) => Sha512::digest(block)[..] == *named,
        (BLAKE2B_256, 32) => Blake2b256::digest(block)[..] == *named,
        (BLAKE3, 32) => blake3::hash(block).as_bytes()[..] == *named,
        (IDENTITY, _) => block == named,
        _ => return Err(BlockError::UnsupportedHash(*cid)),
    };
    if is_named {
        Ok(())
    } else {
        Err(BlockError::Mismatch(*cid))
    }
}

/// The CID of these bytes as a raw block of their own.
///
/// ```
/// use w3pin_unixfs::{leaf_matches, raw_leaf};
///
/// assert!(leaf_matches(&raw_leaf(b"hello world"), b"hello world"));
/// ```
#[must_use]
pub fn raw_leaf(bytes: &[u8]) -> Cid {
    Sha256Cid::raw(digest(&[bytes])).to_cid()
}

/// Whether `chunk` is the content of the leaf that `cid` names, whatever profile made it.
///
/// A raw leaf is the chunk itself; a wrapped one is rebuilt around it in the forms importers write:
/// type File or Raw, with or without its size. A match proves the content. No match is proof
/// against it for a raw CID only: a dag-pb CID may name an inner node, or a leaf of another form.
pub fn leaf_matches(cid: &Cid, chunk: &[u8]) -> bool {
    match (cid.codec(), sha256_digest(cid)) {
        (RAW, _) => verify_block(cid, chunk).is_ok(),
        (DAG_PB, Some(named)) => [
            (TYPE_FILE, true),
            (TYPE_RAW, true),
            (TYPE_FILE, false),
            (TYPE_RAW, false),
        ]
        .into_iter()
        .any(|(kind, file_size)| {
            let attributes = Attributes::default();
            let (header, trailer) = leaf_frame(kind, chunk.len(), file_size, &attributes);
            digest(&[&header, chunk, &trailer]) == named
        }),
        _ => false,
    }
}
