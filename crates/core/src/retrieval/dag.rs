//! All blocks of a DAG.

use std::sync::Arc;

use bytes::Bytes;
use w3pin_unixfs::{Cid as BlockCid, RAW};

use super::lane::Lane;
use crate::{Cid, Error, IpfsPath, Result, calls::port::Port, ipld, wire::fetch_car::Scope};

/// A block of a DAG, checked by its CID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DagBlock {
    /// Its CID.
    pub cid: BlockCid,
    /// Its bytes.
    pub bytes: Bytes,
    /// What it links to, in order, each as often as it does.
    pub links: Arc<[BlockCid]>,
    /// How many links lead to it from the root, which is at level 0. The last block before it at the level
    /// above is one that links to it.
    pub level: usize,
}

/// How large a DAG may be of which all blocks are read. Whoever made it decides how large it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DagLimits {
    /// The most blocks; 10,000,000 unless set. About 32 bytes of memory are used for each.
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

/// Blocks that may lie above one another, and links that all of these may have together: about 6 MB.
const MOST_LEVELS: usize = 512;
const MOST_LINKS: usize = 1 << 16;
/// Blocks without links that are worth a CAR, which repeats those before them.
const WORTH_A_CAR: usize = 8;

/// A block whose links are followed.
struct Level {
    cid: BlockCid,
    links: Arc<[BlockCid]>,
    /// How many of them were followed.
    followed: usize,
}

/// Gives all blocks of a DAG, depth first, each once.
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
    /// The level of the root of the CAR that is open.
    car_level: usize,
}

impl Walk {
    /// A block, out of a CAR of all that lies below it where there is one.
    async fn block(&mut self, cid: &BlockCid) -> Result<Bytes> {
        if !self.lane.is_streaming() {
            let level = self.levels.len();
            // This one was followed already.
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

    /// Goes on with what a block links to.
    fn enter(&mut self, cid: BlockCid, links: Arc<[BlockCid]>) -> Result<()> {
        let above: usize = self.levels.iter().map(|level| level.links.len()).sum();
        if self.levels.len() == MOST_LEVELS || above + links.len() > MOST_LINKS {
            let root = &self.root;
            let reason = format!("{root} has too many blocks or links above one another");
            return Err(Error::invalid_input("cid", reason));
        }
        self.levels.push(Level {
            cid,
            links,
            followed: 0,
        });
        Ok(())
    }

    /// The next link to follow, or none at the end.
    async fn next(&mut self) -> Option<BlockCid> {
        while let Some(level) = self.levels.last_mut() {
            if let Some(link) = level.links.get(level.followed) {
                level.followed += 1;
                return Some(*link);
            }
            self.levels.pop();
            if self.levels.len() <= self.car_level && !self.levels.is_empty() {
                // All that it was to hold has come.
                self.lane.finish().await;
            }
        }
        None
    }
}

/// What a block links to.
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
