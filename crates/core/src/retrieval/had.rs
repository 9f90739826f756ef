//! The blocks that a walk has had.

use std::collections::BTreeSet;

use w3pin_unixfs::{Cid, IDENTITY};

/// The blocks that a walk has had, about 32 bytes for each.
///
/// 128 bits of each digest are kept. Two blocks that agree in them take years of computing to make, and
/// spoil nothing but the DAG that holds both.
#[derive(Debug, Default)]
pub(crate) struct Had(BTreeSet<u128>);

impl Had {
    /// Adds a block; says whether it is new. One that its CID holds always is: it costs no request.
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
