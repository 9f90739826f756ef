//! Reads all blocks of a DAG.

use std::sync::Arc;

use bytes::Bytes;
use w3pin_unixfs::{Cid as BlockCid, RAW};

use super::lane::Lane;
use crate::{Cid, Error, IpfsPath, Result, calls::port::Port, ipld, wire::fetch_car::Scope};

/// A block of a DAG, verified against its CID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DagBlock {
    /// Its CID.
    pub cid: BlockCid,
    /// Its bytes.
    pub bytes: Bytes,
    /// Its links, in order and including repetitions.
    pub links: Arc<[BlockCid]>,
    /// The number of links from the root, which is at level 0. The last block before it at the
    /// level above links to it.
    pub level: usize,
}

/// Limits for reading all blocks of a DAG, whose size is chosen by its creator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DagLimits {
    /// The most blocks; 10,000,000 unless set. Each takes about 32 bytes of memory.
    pub most_blocks: u64,
    /// The most bytes of all blocks together; 1 TiB unless set.
    pub most_bytes: u64,
}

impl Default for DagLimits {
    fn default() -> Self {
        Self {
            most_blocks: 10_000_000,
            most_bytes: 1 << 40,
        }
    }
}

/// The most nested blocks, and the most links that these may have in total, about 6 MB.
const MOST_LEVELS: usize = 512;
const MOST_LINKS: usize = 1 << 16;
/// The number of leaves that justify a CAR, which repeats those before them.
const WORTH_A_CAR: usize = 8;

/// A block whose links are being followed.
struct Level {
    cid: BlockCid,
    links: Arc<[BlockCid]>,
    /// How many of them have been followed.
    followed: usize,
}

/// Yields all blocks of a DAG, depth first, each once.
pub(crate) async fn dag(
    port: Port<DagBlock>,
    lane: Lane<DagBlock>,
    root: Cid,
    limits: DagLimits,
) -> Result<()> {
    let mut walk = Walk {
        lane: lane.once(),
        root: *root.as_cid(),
        levels: Vec::new(),
        car_level: 0,
    };
    let (mut blocks, mut bytes) = (0_u64, 0_u64);
    let mut next = Some(walk.root);
    while let Some(cid) = next {
        if walk.lane.is_first(&cid) {
            blocks += 1;
            if blocks > limits.most_blocks {
                return Err(too_large(
                    &root,
                    "most_blocks",
                    limits.most_blocks,
                    "blocks",
                ));
            }
            let block = walk.block(&cid).await?;
            bytes = bytes.saturating_add(block.len() as u64);
            if bytes > limits.most_bytes {
                return Err(too_large(&root, "most_bytes", limits.most_bytes, "bytes"));
            }
            let links = links(&cid, &block)?;
            port.give(DagBlock {
                cid,
                bytes: block,
                links: Arc::clone(&links),
                level: walk.levels.len(),
            })
            .await;
            walk.enter(cid, links)?;
        }
        next = walk.next().await;
    }
    walk.lane.finish().await;
    Ok(())
}

struct Walk {
    lane: Lane<DagBlock>,
    root: BlockCid,
    levels: Vec<Level>,
    /// The level of the open CAR's root.
    car_level: usize,
}

impl Walk {
    /// Returns a block, from a CAR of everything below it if possible.
    async fn block(&mut self, cid: &BlockCid) -> Result<Bytes> {
        if !self.lane.is_streaming() {
            let level = self.levels.len();
            // The current link was already followed.
            let left = |above: &&Level| above.links.len() - above.followed + 1;
            let above = self.levels.last();
            let top = match above.filter(|above| left(above) >= WORTH_A_CAR) {
                _ if cid.codec() != RAW => Some((*cid, level)),
                Some(above) => Some((above.cid, level - 1)),
                None => None,
            };
            if let Some((top, level)) = top {
                self.car_level = level;
                let path = IpfsPath::new(Cid::from(top));
                self.lane.open(path, Scope::All, Vec::new()).await;
            }
        }
        self.lane.block(&Cid::from(*cid)).await
    }

    /// Continues with the links of a block.
    fn enter(&mut self, cid: BlockCid, links: Arc<[BlockCid]>) -> Result<()> {
        let above: usize = self.levels.iter().map(|level| level.links.len()).sum();
        if self.levels.len() == MOST_LEVELS || above + links.len() > MOST_LINKS {
            let root = &self.root;
            let reason = format!("{root} has too many nested blocks or links");
            return Err(Error::invalid_input("cid", reason));
        }
        self.levels.push(Level {
            cid,
            links,
            followed: 0,
        });
        Ok(())
    }

    /// Returns the next link to follow, or `None` at the end.
    async fn next(&mut self) -> Option<BlockCid> {
        while let Some(level) = self.levels.last_mut() {
            if let Some(link) = level.links.get(level.followed) {
                level.followed += 1;
                return Some(*link);
            }
            self.levels.pop();
            if self.levels.len() <= self.car_level && !self.levels.is_empty() {
                // The CAR is complete.
                self.lane.finish().await;
            }
        }
        None
    }
}

/// Parses the links of a block.
fn links(cid: &BlockCid, block: &[u8]) -> Result<Arc<[BlockCid]>> {
    match ipld::links(cid, block) {
        Ok(links) => Ok(links.into()),
        Err(cause) => {
            let reason = format!("its links can't be followed: {cause}");
            Err(Error::invalid_input("cid", reason))
        }
    }
}

fn too_large(root: &Cid, field: &'static str, most: u64, what: &str) -> Error {
    let reason = format!("{root} has more than {most} {what}");
    Error::invalid_input(field, reason)
}
