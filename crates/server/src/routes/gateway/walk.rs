//! The order of a DAG's blocks: depth first, in the order of the links.

use std::{collections::VecDeque, ops::Range};

use w3pin_unixfs::{Cid, Kind, RAW, decode};

use super::{
    ipld,
    resolve::{Found, is_identity},
    undecodable,
};
use crate::envelope::Refusal;

/// Links that are remembered of one block, and of all together. Those behind them are read again.
const AHEAD: usize = 32;
const MOST_AHEAD: usize = 8 * AHEAD;
/// How deep blocks can lie.
const DEEPEST: usize = 10_000;

/// A walk through a DAG. In memory are a few links, and for each level a CID.
pub(super) struct Walk {
    extent: Extent,
    /// The block that the walk begins with, until it was visited.
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

/// A link, and where the bytes of a file lie to which it leads.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) cid: Cid,
    place: Option<Range<u64>>,
    /// Its number among those of its block.
    number: usize,
    /// How many blocks are above the one that it leads to.
    pub(super) depth: usize,
}

struct Level {
    link: Link,
    ahead: VecDeque<Link>,
    /// The first link that isn't among those, if there is any.
    rest: Option<usize>,
}

/// What has to be done next.
pub(super) enum Next {
    /// To visit the block of this link.
    Visit(Link),
    /// To read this block again, for more of its links.
    Read(Cid),
}

impl Walk {
    /// From a block on.
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

    /// Levels that are remembered.
    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// Whether all that is below a link is visited, and not a part of it.
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

    /// Leaves that are visited next, as far as their links are remembered.
    pub(super) fn next_leaves(&self) -> impl Iterator<Item = &Link> {
        let ahead = self.levels.last().into_iter();
        let ahead = ahead.flat_map(|level| &level.ahead);
        ahead.take_while(|link| link.cid.codec() == RAW && !is_identity(&link.cid))
    }

    /// The walk goes on below a link whose block this is, but for links that are to be passed over.
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

    /// Takes more links of the block that had to be read again.
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
    /// The links of a block that are followed.
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
                // An identity CID of a raw block has nothing to send and nothing below it.
                let is_empty = |cid: &Cid| is_identity(cid) && cid.codec() == RAW;
                let all = links.enumerate();
                all.filter(|(_, cid)| !is_empty(cid)).map(link).collect()
            }
            Self::Entity => {
                let Ok(node) = decode(cid, block) else {
                    // Not UnixFS, so that the block is all of it.
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
