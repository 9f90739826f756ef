//! Walks a DAG depth first, in the order of links.

use std::{collections::VecDeque, ops::Range};

use w3pin_unixfs::{Cid, Kind, RAW, decode};

use super::{
    ipld,
    resolve::{Found, is_identity},
    undecodable,
};
use crate::envelope::Refusal;

/// The most links to remember, of one block and in total. Those after them are read again.
const AHEAD: usize = 32;
const MOST_AHEAD: usize = 8 * AHEAD;
/// The maximum depth of blocks.
const DEEPEST: usize = 10_000;

/// A walk through a DAG. A few links and one CID for each level are kept in memory.
pub(super) struct Walk {
    extent: Extent,
    /// The block that the walk starts with, until it is visited.
    first: Option<Link>,
    /// The blocks whose links are being followed, the innermost last.
    levels: Vec<Level>,
    ahead: usize,
}

/// Which links are followed.
#[derive(Clone, Debug)]
pub(super) enum Extent {
    Nothing,
    All,
    /// Those of a file or of a folder's shards.
    Entity,
    /// Those to these bytes of a file.
    Bytes(Range<u64>),
}

/// A link, and the position of the file bytes that it leads to.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) cid: Cid,
    place: Option<Range<u64>>,
    /// Its index among the links of its block.
    number: usize,
    /// The number of blocks above its target.
    pub(super) depth: usize,
}

struct Level {
    link: Link,
    ahead: VecDeque<Link>,
    /// The first link that isn't remembered, if any.
    rest: Option<usize>,
}

/// The next action of the walk.
pub(super) enum Next {
    /// Visit the block of this link.
    Visit(Link),
    /// Read this block again for more of its links.
    Read(Cid),
}

impl Walk {
    /// Starts at a block.
    pub(super) fn new(root: &Found, extent: Extent) -> Self {
        let place = matches!(extent, Extent::Bytes(_)).then(|| 0..root.file_size());
        let first = Link {
            cid: root.cid,
            place,
            number: 0,
            depth: 0,
        };
        Self {
            extent,
            first: Some(first),
            levels: Vec::new(),
            ahead: 0,
        }
    }

    /// Returns the number of levels in memory.
    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// Returns whether everything below a link is visited, and not only a part of it.
    pub(super) fn takes_all_of(&self, link: &Link) -> bool {
        match (&self.extent, &link.place) {
            (Extent::Bytes(wanted), Some(place)) => {
                wanted.start <= place.start && place.end <= wanted.end
            }
            _ => true,
        }
    }

    pub(super) fn next(&mut self) -> Option<Next> {
        if let Some(first) = self.first.take() {
            return Some(Next::Visit(first));
        }
        while let Some(level) = self.levels.last_mut() {
            if let Some(link) = level.ahead.pop_front() {
                self.ahead -= 1;
                if level.ahead.is_empty() && level.rest.is_none() {
                    self.levels.pop();
                }
                return Some(Next::Visit(link));
            }
            if level.rest.is_some() {
                return Some(Next::Read(level.link.cid));
            }
            self.levels.pop();
        }
        None
    }

    /// Returns the leaves that are visited next, as far as their links are remembered.
    pub(super) fn next_leaves(&self) -> impl Iterator<Item = &Link> {
        let ahead = self.levels.last().into_iter();
        let ahead = ahead.flat_map(|level| &level.ahead);
        ahead.take_while(|link| link.cid.codec() == RAW && !is_identity(&link.cid))
    }

    /// Continues below a link to this block, except for links to skip.
    pub(super) fn enter(
        &mut self,
        link: Link,
        found: &Found,
        is_passed: impl Fn(&Link) -> bool,
    ) -> Result<(), Refusal> {
        if self.levels.len() == DEEPEST {
            return Err(Refusal::bad_request("this DAG is too deep"));
        }
        self.levels.push(Level {
            link,
            ahead: VecDeque::new(),
            rest: Some(0),
        });
        self.look_ahead(found, is_passed)
    }

    /// Remembers more links of a block that had to be read again.
    pub(super) fn look_ahead(
        &mut self,
        found: &Found,
        is_passed: impl Fn(&Link) -> bool,
    ) -> Result<(), Refusal> {
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        let Some(from) = level.rest.take() else {
            return Ok(());
        };
        let links = self.extent.links(&level.link, found)?;
        let rest = links.into_iter().skip_while(|it| it.number < from);
        for link in rest.filter(|it| !is_passed(it)) {
            if level.ahead.len() == AHEAD {
                level.rest = Some(link.number);
                break;
            }
            level.ahead.push_back(link);
            self.ahead += 1;
        }
        if level.ahead.is_empty() {
            self.levels.pop();
        }
        self.forget_excess();
        Ok(())
    }

    /// What is needed last is forgotten first.
    fn forget_excess(&mut self) {
        for level in &mut self.levels {
            if self.ahead <= MOST_AHEAD {
                break;
            }
            if let Some(first) = level.ahead.front() {
                level.rest = Some(first.number);
                self.ahead -= level.ahead.len();
                level.ahead = VecDeque::new();
            }
        }
    }
}

impl Extent {
    /// Returns the links of a block that are followed.
    fn links(&self, from: &Link, found: &Found) -> Result<Vec<Link>, Refusal> {
        let Found { cid, block } = found;
        let depth = from.depth + 1;
        let link = |(number, cid)| Link {
            cid,
            place: None,
            number,
            depth,
        };
        Ok(match self {
            Self::Nothing => Vec::new(),
            Self::All => {
                let links = ipld::links(cid, block)?.into_iter();
                // The block of an identity CID is never sent, and a raw one has nothing below it.
                let is_empty = |cid: &Cid| is_identity(cid) && cid.codec() == RAW;
                let all = links.enumerate();
                all.filter(|(_, cid)| !is_empty(cid)).map(link).collect()
            }
            Self::Entity => {
                let Ok(node) = decode(cid, block) else {
                    // It isn't UnixFS, so the block is the whole entity.
                    return Ok(Vec::new());
                };
                match node.kind() {
                    Kind::Raw | Kind::File => {
                        let cids = node.links().iter().map(|link| link.cid);
                        cids.enumerate().map(link).collect()
                    }
                    Kind::HamtShard => {
                        let cids = node.sub_shards().map(|link| link.cid);
                        cids.enumerate().map(link).collect()
                    }
                    Kind::Directory | Kind::Symlink => Vec::new(),
                }
            }
            Self::Bytes(wanted) => {
                let node = decode(cid, block).map_err(|cause| undecodable(&cause))?;
                let start = from.place.as_ref().map_or(0, |place| place.start);
                let mut end = start.saturating_add(node.data().len() as u64);
                let children = node.children().enumerate();
                let placed = children.map(|(number, (link, size))| {
                    let start = end;
                    end = start.saturating_add(size);
                    Link {
                        cid: link.cid,
                        place: Some(start..end),
                        number,
                        depth,
                    }
                });
                let is_wanted = |link: &Link| {
                    link.place
                        .as_ref()
                        .is_some_and(|it| it.start < wanted.end && wanted.start < it.end)
                };
                placed.filter(is_wanted).collect()
            }
        })
    }
}
