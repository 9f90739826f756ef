//! The blocks that a walk has visited.

use std::collections::BTreeSet;

use w3pin_unixfs::{Cid, IDENTITY};

/// The blocks that a walk has visited; each takes about 32 bytes.
///
/// 128 bits of each digest are stored. Finding two blocks that agree in these takes years of
/// computation, and affects only the DAG that contains both.
#[derive(Debug, Default)]
pub(crate) struct Had(BTreeSet<u128>);

impl Had {
    /// Adds a block. Returns whether it is new. A block contained in its CID always counts as new,
    /// since it needs no request.
    pub(crate) fn insert(&mut self, cid: &Cid) -> bool {
        cid.hash().code() == IDENTITY || self.0.insert(key(cid))
    }

    pub(crate) fn contains(&self, cid: &Cid) -> bool {
        cid.hash().code() != IDENTITY && self.0.contains(&key(cid))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

fn key(cid: &Cid) -> u128 {
    let hash = cid.hash();
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(hash.digest()) {
        *to = *from;
    }
    let kind =
        u128::from(cid.codec()) ^ u128::from(hash.code()) << 56 ^ u128::from(hash.size()) << 120;
    u128::from_le_bytes(first) ^ kind
}
