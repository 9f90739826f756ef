use cid::multihash::Multihash;
use cid::{Cid, Version};
use w3pin_sha256::Digest;

/// SHA-256, the only hash function used for importing.
pub(crate) const SHA2_256: u64 = 0x12;
/// The codec of blocks of files and folders with links (`dag-pb` of the
/// [multicodec table](https://github.com/multiformats/multicodec/blob/master/table.csv)).
pub const DAG_PB: u64 = 0x70;
/// The codec of blocks that contain only bytes (`raw`).
pub const RAW: u64 = 0x55;

/// A CID in one of the three forms that UnixFS links to, in 33 bytes instead of the 96 of a
/// [`Cid`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sha256Cid {
    form: Form,
    digest: Digest,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    V0,
    V1DagPb,
    V1Raw,
}

impl Sha256Cid {
    pub(crate) fn dag_pb(version: Version, digest: Digest) -> Self {
        let form = match version {
            Version::V0 => Form::V0,
            Version::V1 => Form::V1DagPb,
        };
        Self { form, digest }
    }

    /// Raw blocks have CIDv1 whatever version the rest of the DAG has, since CIDv0 is always
    /// dag-pb.
    pub(crate) fn raw(digest: Digest) -> Self {
        Self {
            form: Form::V1Raw,
            digest,
        }
    }

    /// Returns `None` for another hash or codec.
    pub(crate) fn from_cid(cid: &Cid) -> Option<Self> {
        let form = match (cid.version(), cid.codec()) {
            (Version::V0, _) => Form::V0,
            (Version::V1, DAG_PB) => Form::V1DagPb,
            (Version::V1, RAW) => Form::V1Raw,
            _ => return None,
        };
        let digest = sha256_digest(cid)?;
        Some(Self { form, digest })
    }

    pub(crate) fn to_cid(self) -> Cid {
        #[expect(
            clippy::expect_used,
            reason = "32 bytes always fit in the 64 of a Cid's multihash"
        )]
        let hash = Multihash::wrap(SHA2_256, &self.digest).expect("a SHA-256 digest is short");
        match self.form {
            #[expect(clippy::expect_used, reason = "CIDv0 is a SHA-256 digest of 32 bytes")]
            Form::V0 => Cid::new_v0(hash).expect("a SHA-256 digest makes a CIDv0"),
            Form::V1DagPb => Cid::new_v1(DAG_PB, hash),
            Form::V1Raw => Cid::new_v1(RAW, hash),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.prefix().len() + self.digest.len()
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.prefix());
        out.extend_from_slice(&self.digest);
    }

    fn prefix(&self) -> &'static [u8] {
        match self.form {
            Form::V0 => &[0x12, 0x20],
            Form::V1DagPb => &[0x01, 0x70, 0x12, 0x20],
            Form::V1Raw => &[0x01, 0x55, 0x12, 0x20],
        }
    }
}

/// Returns the digest of a CID whose hash is SHA-256.
pub(crate) fn sha256_digest(cid: &Cid) -> Option<Digest> {
    let hash = cid.hash();
    if hash.code() != SHA2_256 {
        return None;
    }
    hash.digest().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_written_as_its_cid() {
        for compact in [
            Sha256Cid::dag_pb(Version::V0, [1; 32]),
            Sha256Cid::dag_pb(Version::V1, [2; 32]),
            Sha256Cid::raw([3; 32]),
        ] {
            let mut out = Vec::new();
            compact.write(&mut out);
            assert_eq!(out, compact.to_cid().to_bytes());
            assert_eq!(out.len(), compact.len());
            assert!(Sha256Cid::from_cid(&compact.to_cid()) == Some(compact));
        }
    }
}
