use cid::{Cid, multihash::Multihash};
use w3pin_unixfs::RAW;

use crate::error::StoreError;

/// The key of a block: codec and multihash, the same for every version and base of a CID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContentKey(Vec<u8>);

impl ContentKey {
    pub(crate) fn of(cid: &Cid) -> Self {
        let hash = cid.hash();
        let mut key = Vec::with_capacity(20 + hash.digest().len());
        key.extend_from_slice(&cid.codec().to_be_bytes());
        key.extend_from_slice(&hash.code().to_be_bytes());
        key.extend_from_slice(hash.digest());
        Self(key)
    }

    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns whether the block is raw and therefore can't have links.
    pub(crate) fn is_raw(&self) -> bool {
        self.0.starts_with(&RAW.to_be_bytes())
    }

    /// Returns a CID for this key, to decode the block with.
    pub(crate) fn to_cid(&self) -> Result<Cid, StoreError> {
        let damaged = StoreError::Damaged("a block key is invalid");
        let Some((codec, rest)) = self.0.split_first_chunk() else {
            return Err(damaged);
        };
        let Some((code, digest)) = rest.split_first_chunk() else {
            return Err(damaged);
        };
        match Multihash::wrap(u64::from_be_bytes(*code), digest) {
            Ok(hash) => Ok(Cid::new_v1(u64::from_be_bytes(*codec), hash)),
            Err(_) => Err(damaged),
        }
    }
}
