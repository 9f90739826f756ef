//! Walks through a DAG.

use std::collections::BTreeMap;

use w3pin_core::ipld;
use w3pin_unixfs::{Cid, IDENTITY, RAW};

use crate::{
    block_index::Marked,
    car_blocks::{CarBlocks, CarBlocksError},
};

/// The most links of all nested blocks, which take 25 MB.
const MOST_LINKS: usize = 1 << 18;

/// A walk through the DAGs of a CAR, depth first, children before their parents and each block
/// once. Faults are reported as well, and the walk continues after them.
///
/// Bytes that are linked to with two codecs count as two blocks: they may have links with one codec
/// and none with the other.
pub struct Walk<'a> {
    blocks: &'a CarBlocks,
    /// The roots to come, the next one last.
    roots: Vec<Cid>,
    /// Blocks with children to come, the innermost last.
    open: Vec<Open>,
    /// The number of their links.
    links: usize,
    /// The visited blocks, for each codec.
    entered: BTreeMap<u64, Marked>,
    reached: Marked,
}

/// A step of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A block, after all that it links to. [`CarBlocks::block`] returns its bytes.
    Block {
        /// The block's CID.
        cid: Cid,
        /// Its links, in order and including repetitions.
        links: Vec<Cid>,
    },
    /// A missing block, once for each link to it.
    Missing(Cid),
    /// A block that can't be decoded with its codec, or is nested too deeply.
    Unreadable {
        /// The block's CID.
        cid: Cid,
        /// What is wrong with it.
        reason: String,
        /// Whether it has links that weren't followed.
        has_links: bool,
    },
    /// A block whose codec isn't supported, so that its links are unknown.
    NotFollowed(Cid),
}

struct Open {
    cid: Cid,
    links: Vec<Cid>,
    followed: usize,
}

impl<'a> Walk<'a> {
    /// Creates a walk from these roots.
    #[must_use]
    pub fn new(blocks: &'a CarBlocks, roots: &[Cid]) -> Self {
        Self {
            blocks,
            roots: roots.iter().rev().copied().collect(),
            open: Vec::new(),
            links: 0,
            entered: BTreeMap::new(),
            reached: Marked::default(),
        }
    }

    /// Returns the next block or fault, or `None` at the end.
    ///
    /// # Errors
    /// If the CAR can't be read.
    pub fn next_step(&mut self) -> Result<Option<Step>, CarBlocksError> {
        loop {
            let next = match self.open.last_mut() {
                None => match self.roots.pop() {
                    None => return Ok(None),
                    Some(root) => root,
                },
                Some(open) => match open.links.get(open.followed) {
                    Some(link) => {
                        open.followed += 1;
                        *link
                    }
                    None => {
                        self.links -= open.links.len();
                        let closed = self.open.pop();
                        return Ok(closed.map(|Open { cid, links, .. }| Step::Block { cid, links }));
                    }
                },
            };
            if let Some(step) = self.enter(next)? {
                return Ok(Some(step));
            }
        }
    }

    /// Returns the number of visited blocks, counting the same bytes once.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.reached.count()
    }

    /// Returns the memory in use, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let marked: usize = self.entered.values().map(Marked::memory).sum();
        self.links * size_of::<Cid>()
            + self.open.capacity() * size_of::<Open>()
            + marked
            + self.reached.memory()
    }

    /// Visits a block, and returns what to report before its children.
    fn enter(&mut self, cid: Cid) -> Result<Option<Step>, CarBlocksError> {
        let codec = cid.codec();
        if cid.hash().code() != IDENTITY {
            let Some((number, _)) = self.blocks.find(&cid)? else {
                return Ok(Some(Step::Missing(cid)));
            };
            self.reached.insert(number);
            if !self.entered.entry(codec).or_default().insert(number) {
                return Ok(None);
            }
        }
        if codec == RAW {
            let links = Vec::new();
            return Ok(Some(Step::Block { cid, links }));
        }
        if !ipld::is_known(codec) {
            return Ok(Some(Step::NotFollowed(cid)));
        }
        let bytes = self.blocks.block(&cid)?.unwrap_or_default();
        let unreadable = |reason: String, has_links| Step::Unreadable {
            cid,
            reason,
            has_links,
        };
        let links = match ipld::links(&cid, &bytes) {
            Ok(links) => links,
            Err(cause) => return Ok(Some(unreadable(cause.reason().to_owned(), false))),
        };
        if self.links + links.len() > MOST_LINKS {
            let reason = "the blocks above it have too many links".to_owned();
            return Ok(Some(unreadable(reason, true)));
        }
        self.links += links.len();
        self.open.push(Open {
            cid,
            links,
            followed: 0,
        });
        Ok(None)
    }
}
