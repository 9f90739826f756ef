use blake2::{Blake2b, digest::consts::U32};
use cid::Cid;
use sha2::{Digest, Sha512};
use thiserror::Error;
use w3pin_sha256::digest;

use crate::attributes::Attributes;
use crate::sha256_cid::{DAG_PB, RAW, Sha256Cid, sha256_digest};
use crate::unixfs::{TYPE_FILE, TYPE_RAW, leaf_frame};

/// Codes of the multihash table. The hash whose digest is the content itself (`identity`).
pub const IDENTITY: u64 = 0x00;
const SHA2_256: u64 = 0x12;
const SHA2_512: u64 = 0x13;
const BLAKE3: u64 = 0x1e;
const BLAKE2B_256: u64 = 0xb220;

type Blake2b256 = Blake2b<U32>;

/// Why a block isn't verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BlockError {
    /// The block has a different digest.
    #[error("the block doesn't match its CID {0}")]
    Mismatch(Cid),
    /// The CID's hash function isn't supported, so the block can't be checked.
    #[error("{0} can't be checked: its hash function 0x{code:x} isn't supported; use {HASHES}", code = .0.hash().code())]
    UnsupportedHash(Cid),
}

/// The supported hash functions.
const HASHES: &str = "sha2-256, sha2-512, blake2b-256, blake3 and identity";

/// Verifies that a block matches its CID. Supports sha2-256, sha2-512, blake2b-256, blake3 (with 256
/// bits) and identity.
///
/// # Errors
///
/// If the digest differs, or the hash function isn't supported.
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

/// Returns the CID of these bytes as a raw block.
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

/// Returns whether `chunk` is the content of the leaf `cid`, whichever profile created it.
///
/// A raw leaf is the chunk itself; a wrapped one is rebuilt in the forms that importers write: type
/// File or Raw, with or without its size. A match proves the content. A mismatch is only conclusive
/// for a raw CID: a dag-pb CID may be an inner node, or a leaf of another form.
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
