use cid::Version;
use w3pin_sha256::{Digest, digest, digests};

use crate::attributes::Attributes;
use crate::block::{Block, BlockSink};
use crate::dag_pb::Target;
use crate::profile::Leaves;
use crate::sha256_cid::Sha256Cid;
use crate::unixfs::{self, TYPE_FILE};

/// A hashed chunk of a file.
pub(crate) struct Leaf<'a> {
    leaves: Leaves,
    header: Vec<u8>,
    chunk: &'a [u8],
    trailer: Vec<u8>,
    digest: Digest,
}

/// Creates the leaves of one or two whole chunks.
///
/// Two are passed together whenever both are available, because a core hashes two messages in less
/// time together than one after the other. All chunks have the same length, except the last of a
/// file, which is passed alone.
pub(crate) fn leaves<const N: usize>(leaves: Leaves, chunks: [&[u8]; N]) -> [Leaf<'_>; N] {
    let mut made = chunks.map(|chunk| Leaf::framed(leaves, chunk, &Attributes::default()));
    hash(&mut made);
    made
}

/// Creates the only leaf of a file with attributes: wrapped, since a raw block can't contain
/// attributes.
pub(crate) fn leaf_with_attributes<'a>(chunk: &'a [u8], attributes: &Attributes) -> Leaf<'a> {
    let mut made = [Leaf::framed(Leaves::Wrapped, chunk, attributes)];
    hash(&mut made);
    let [leaf] = made;
    leaf
}

fn hash(leaves: &mut [Leaf<'_>]) {
    let (pairs, alone) = leaves.as_chunks_mut();
    for [first, second] in pairs {
        [first.digest, second.digest] = digests([&first.parts(), &second.parts()]);
    }
    for leaf in alone {
        leaf.digest = digest(&leaf.parts());
    }
}

impl<'a> Leaf<'a> {
    fn framed(leaves: Leaves, chunk: &'a [u8], attributes: &Attributes) -> Self {
        let (header, trailer) = match leaves {
            Leaves::Raw => (Vec::new(), Vec::new()),
            Leaves::Wrapped => unixfs::leaf_frame(TYPE_FILE, chunk.len(), true, attributes),
        };
        Self {
            leaves,
            header,
            chunk,
            trailer,
            digest: [0; 32],
        }
    }

    /// Returns the bytes of content.
    pub(crate) fn size(&self) -> u64 {
        self.chunk.len() as u64
    }

    /// Passes the block to the sink; the CID of a wrapped leaf has the version of its DAG.
    pub(crate) fn put<S: BlockSink>(
        &self,
        version: Version,
        sink: &mut S,
    ) -> Result<Target, S::Error> {
        let cid = match self.leaves {
            Leaves::Raw => Sha256Cid::raw(self.digest),
            Leaves::Wrapped => Sha256Cid::dag_pb(version, self.digest),
        };
        let block = Block::new(cid.to_cid(), self.parts(), &[]);
        sink.put(block)?;
        Ok(Target {
            cid,
            dag_size: block.len() as u64,
        })
    }

    fn parts(&self) -> [&[u8]; 3] {
        [&self.header, self.chunk, &self.trailer]
    }
}
