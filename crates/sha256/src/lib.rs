//! SHA-256 of two messages at once on one core.
//!
//! A message is a chain: each round depends on the previous one, so a core with SHA instructions
//! idles half of the time. The leaves of a DAG are independent messages; by interleaving the rounds of two of
//! them, [`digests`] hashes about 1.7 times as many bytes per second.
//!
//! This requires an x86-64 or ARM64 processor with SHA instructions, which are detected at
//! run time. Everywhere else, and for single messages, the [`sha2`] crate is used.
//!
//! A message may consist of parts, which aren't copied together:
//!
//! ```
//! use w3pin_sha256::{digest, digests};
//!
//! let [first, second] = digests([&[b"hello ", b"world"], &[b"abc"]]);
//! assert_eq!(first, digest(&[b"hello world"]));
//! assert_eq!(second[..4], [0xba, 0x78, 0x16, 0xbf]);
//! ```

use sha2::{Digest as _, Sha256};

mod blocks;
mod two;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Returns the digest of one message, which consists of all parts in order.
pub fn digest(message: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new();
    for part in message {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Returns the digests of two messages.
///
/// They are hashed together up to the length of the shorter one, and the rest of the longer one
/// alone: the gain is greatest if they have about the same length. How they are split into parts
/// doesn't matter.
pub fn digests(messages: [&[&[u8]]; 2]) -> [Digest; 2] {
    two::digests(messages).unwrap_or_else(|| messages.map(digest))
}

/// Returns whether [`digests`] hashes two messages at once on this processor.
pub fn hashes_two_at_once() -> bool {
    two::is_available()
}
