use std::fmt;

use cid::Version;

use crate::attributes::Attributes;
use crate::block::BlockSink;
use crate::dag_pb::{BlockWriter, Target};
use crate::leaf::Leaf;
use crate::node::Node;
use crate::profile::Profile;
use crate::unixfs;

/// The balanced layout: all leaves at the same depth, nodes filled from the left.
///
/// Each level keeps the links that have no parent yet, at most `width`. A full level is closed only
/// when another link arrives, so the last node closed is the root; a single remaining node is
/// wrapped up to the root's level like any other.
pub(crate) struct Balanced {
    version: Version,
    width: usize,
    levels: Vec<Vec<Child>>,
}

/// A node without a parent yet.
pub(super) struct Child {
    target: Target,
    size: u64,
}

impl Balanced {
    pub(crate) fn new(profile: &Profile) -> Self {
        Self {
            version: profile.cid_version(),
            width: profile.width(),
            levels: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    pub(crate) fn push<S: BlockSink>(
        &mut self,
        leaf: &Leaf<'_>,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        let leaf = Child::of(leaf, self.version, sink)?;
        self.link(0, leaf, sink)
    }

    pub(crate) fn finish<S: BlockSink>(
        mut self,
        attributes: &Attributes,
        sink: &mut S,
    ) -> Result<Node, S::Error> {
        let mut level = 0;
        loop {
            let children = self
                .levels
                .get_mut(level)
                .map(std::mem::take)
                .unwrap_or_default();
            level += 1;
            let root = level >= self.levels.len();
            let child = match children.as_slice() {
                [leaf] if root => return Ok(leaf.node()),
                _ if root => return Ok(self.close(&children, attributes, sink)?.node()),
                _ => self.close(&children, &Attributes::default(), sink)?,
            };
            self.link(level, child, sink)?;
        }
    }

    pub(super) fn link<S: BlockSink>(
        &mut self,
        mut level: usize,
        mut child: Child,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        while let Some(children) = self.levels.get_mut(level) {
            if children.len() < self.width {
                children.push(child);
                return Ok(());
            }
            let full = std::mem::replace(children, vec![child]);
            child = self.close(&full, &Attributes::default(), sink)?;
            level += 1;
        }
        self.levels.push(vec![child]);
        Ok(())
    }

    fn close<S: BlockSink>(
        &self,
        children: &[Child],
        attributes: &Attributes,
        sink: &mut S,
    ) -> Result<Child, S::Error> {
        let mut block = BlockWriter::default();
        for child in children {
            block.link(&child.target, "", "");
        }
        let size = children.iter().map(|child| child.size).sum();
        let data = unixfs::file(size, children.iter().map(|child| child.size), attributes);
        let target = block.finish(&data, self.version, sink)?;
        Ok(Child { target, size })
    }
}

impl Child {
    pub(super) fn of<S: BlockSink>(
        leaf: &Leaf<'_>,
        version: Version,
        sink: &mut S,
    ) -> Result<Self, S::Error> {
        Ok(Self {
            target: leaf.put(version, sink)?,
            size: leaf.size(),
        })
    }

    fn node(&self) -> Node {
        Node {
            cid: self.target.cid.to_cid(),
            dag_size: self.target.dag_size,
            size: self.size,
        }
    }
}

impl fmt::Debug for Balanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pending: Vec<usize> = self.levels.iter().map(Vec::len).collect();
        f.debug_struct("Balanced")
            .field("width", &self.width)
            .field("pending", &pending)
            .finish()
    }
}
