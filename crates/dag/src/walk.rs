//! A walk through a DAG.

use std::collections::BTreeMap;

use w3pin_core::ipld;
use w3pin_unixfs::{Cid, IDENTITY, RAW};

use crate::{
    block_index::Marked,
    car_blocks::{CarBlocks, CarBlocksError},
};

/// Links of all blocks above one another, which take 25 MB.
const MOST_LINKS: usize = 1 << 18;

/// A walk through the DAGs of a CAR, depth first, children before their parents and each block once. What is
/// wrong on its way is given, too, and the walk goes on behind it.
///
/// Bytes that are linked to as one codec and as another are two blocks: they may have links as the one and
/// none as the other.
pub struct Walk<'a> {
    blocks: &'a CarBlocks,
    /// The roots still to come, the next one last.
    roots: Vec<Cid>,
    /// Blocks whose children are still to come, the innermost last.
    open: Vec<Open>,
    /// The links of those.
    links: usize,
    /// The blocks that were entered, as each codec.
    entered: BTreeMap<u64, Marked>,
    reached: Marked,
}

/// What a walk comes upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A block, behind all that it links to. Its bytes are for [`CarBlocks::block`] to give.
    Block {
        /// Its CID.
        cid: Cid,
        /// What it links to, in order, each as often as it does.
        links: Vec<Cid>,
    },
    /// A block that isn't there, each time that it is linked to.
    Missing(Cid),
    /// A block that isn't of its codec, or lies too deep.
    Unreadable {
        /// Its CID.
        cid: Cid,
        /// What is wrong with it.
        reason: String,
        /// Whether it has links that weren't followed.
        has_links: bool,
    },
    /// A block of a codec whose links aren't known here.
    NotFollowed(Cid),
}

struct Open {
    cid: Cid,
    links: Vec<Cid>,
    followed: usize,
}

impl<'a> Walk<'a> {
    /// A walk from these roots.
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

    /// Goes on to the next block, or to what is wrong; none at the end.
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

    /// How many blocks the walk has come upon, the same bytes counted once.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.reached.count()
    }

    /// The memory that the walk takes, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let marked: usize = self.entered.values().map(Marked::memory).sum();
        self.links * size_of::<Cid>()
            + self.open.capacity() * size_of::<Open>()
            + marked
            + self.reached.memory()
    }

    /// Goes to a block, and says what there is to be said of it before its children.
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
            let reason = "there are too many links in the blocks above it".to_owned();
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
