use cid::Cid;
use thiserror::Error;
use w3pin_sha256::digest;

use crate::attributes::Attributes;
use crate::sha256_cid::{DAG_PB, RAW, sha256_digest};
use crate::unixfs::{TYPE_FILE, TYPE_RAW, leaf_frame};

/// A block that is not shown to be the one its CID names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BlockError {
    /// The block has another digest.
    #[error("the block's bytes are not those of {0}")]
    Mismatch(Cid),
    /// The CID's hash is not SHA-256, so nothing is known about the block.
    #[error("{0} can't be checked: its hash is not SHA-256")]
    UnsupportedHash(Cid),
}

/// Checks that a block is the one its CID names.
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
    let named = sha256_digest(cid).ok_or(BlockError::UnsupportedHash(*cid))?;
    if digest(&[block]) == named {
        Ok(())
    } else {
        Err(BlockError::Mismatch(*cid))
    }
}

/// Whether `chunk` is the content of the leaf that `cid` names, whatever profile made it.
///
/// A raw leaf is the chunk itself; a wrapped one is rebuilt around it in the forms importers write:
/// type File or Raw, with or without its size. A match proves the content. No match is proof
/// against it for a raw CID only: a dag-pb CID may name an inner node, or a leaf of another form.
pub fn leaf_matches(cid: &Cid, chunk: &[u8]) -> bool {
    let Some(named) = sha256_digest(cid) else {
        return false;
    };
    match cid.codec() {
        RAW => digest(&[chunk]) == named,
        DAG_PB => [
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
