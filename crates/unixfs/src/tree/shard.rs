use cid::Version;

use super::FinishError;
use super::folder::Named;
use crate::block::BlockSink;
use crate::dag_pb::{BlockWriter, Target};
use crate::{murmur3, unixfs};

/// A 64-bit hash of a name, of which each level uses one byte, the most significant first.
type Hash = [u8; 8];

/// Creates the shards of a folder (a HAMT with fanout 256) and returns its root.
///
/// The shape depends only on the set of names: there is a shard exactly where two or more names
/// share the same leading bytes of their hashes, so it follows from the names sorted by hash.
pub(super) fn write<'a, S: BlockSink>(
    entries: impl Iterator<Item = Named<'a>>,
    version: Version,
    sink: &mut S,
) -> Result<Target, FinishError<S::Error>> {
    let (_, count) = entries.size_hint();
    let mut hashed: Vec<(Hash, Named<'a>)> = Vec::with_capacity(count.unwrap_or(0));
    hashed.extend(entries.map(|entry| (murmur3::hash(entry.name.as_bytes()).to_be_bytes(), entry)));
    hashed.sort_unstable_by_key(|(hash, _)| *hash);
    let collision = hashed.windows(2).find(|pair| pair[0].0 == pair[1].0);
    if let Some([(_, first), (_, second)]) = collision {
        return Err(FinishError::HashCollision {
            first: first.name.to_owned(),
            second: second.name.to_owned(),
        });
    }
    shard(&hashed, 0, version, sink).map_err(FinishError::Sink)
}

/// Creates a shard and those below it. No two hashes are equal, so the level stays below 8.
fn shard<S: BlockSink>(
    entries: &[(Hash, Named<'_>)],
    level: usize,
    version: Version,
    sink: &mut S,
) -> Result<Target, S::Error> {
    let mut block = BlockWriter::default();
    let mut bitfield = [0; 32];
    for bucket in entries.chunk_by(|(a, _), (b, _)| a[level] == b[level]) {
        let (hash, entry) = &bucket[0];
        let index = hash[level];
        bitfield[31 - usize::from(index / 8)] |= 1 << (index % 8);
        let prefix = format!("{index:02X}");
        if bucket.len() == 1 {
            block.link(entry.target, &prefix, entry.name);
        } else {
            block.link(&shard(bucket, level + 1, version, sink)?, &prefix, "");
        }
    }
    block.finish(&unixfs::hamt_shard(&bitfield), version, sink)
}
