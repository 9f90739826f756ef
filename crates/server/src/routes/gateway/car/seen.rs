use std::{
    collections::HashSet,
    hash::{BuildHasher, Hash, RandomState},
};

use w3pin_unixfs::Cid;

use crate::budget::Share;

/// The most blocks that can be remembered.
const MOST: usize = 1 << 16;
/// The number that each connection has memory for.
const FREE: usize = 1 << 10;
/// The bytes of an entry, including empty slots of the table and its copy while it grows.
const EACH: usize = 30;

/// The blocks that have been sent.
pub(super) struct Seen {
    keys: HashSet<u128>,
    hashers: [RandomState; 2],
    share: Share,
    /// Whether blocks may be forgotten.
    may_forget: bool,
}

/// What is known about a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Was {
    Sent,
    /// Everything below it was visited.
    Walked,
}

/// There is no memory for more entries.
#[derive(Debug)]
pub(super) struct TooMany;

impl Seen {
    pub(super) fn new(share: Share, may_forget: bool) -> Self {
        Self {
            keys: HashSet::new(),
            hashers: [RandomState::new(), RandomState::new()],
            share,
            may_forget,
        }
    }

    pub(super) fn contains(&self, cid: &Cid, was: Was) -> bool {
        self.keys.contains(&self.key(cid, was))
    }

    /// Adds an entry. Returns whether it is new.
    pub(super) fn insert(&mut self, cid: &Cid, was: Was) -> Result<bool, TooMany> {
        let key = self.key(cid, was);
        if self.keys.contains(&key) {
            return Ok(false);
        }
        let count = self.keys.len();
        if count >= FREE && count == self.keys.capacity() {
            let granted = count < MOST && self.share.grow_to(2 * count * EACH).is_ok();
            if !granted && !self.may_forget {
                return Err(TooMany);
            }
            if !granted {
                self.keys.clear();
            }
        }
        Ok(self.keys.insert(key))
    }

    /// A key in place of the CID. Collisions can't be constructed without knowing the hashers'
    /// keys.
    fn key(&self, cid: &Cid, was: Was) -> u128 {
        let [high, low] = self
            .hashers
            .each_ref()
            .map(|hasher| u128::from(hasher.hash_one(Entry { cid, was })));
        high << 64 | low
    }
}

#[derive(Hash)]
struct Entry<'a> {
    cid: &'a Cid,
    was: Was,
}
