use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::{FinishError, shard};
use crate::attributes::Attributes;
use crate::block::BlockSink;
use crate::dag_pb::{BlockWriter, Target, link_len};
use crate::profile::{Profile, ShardEstimate};
use crate::protobuf::bytes_len;
use crate::{symlink, unixfs};

/// The entries of one folder, sorted by the bytes of their names.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) entries: BTreeMap<Box<str>, Entry>,
    /// The bytes of content in the files and symlinks directly inside.
    pub(super) size: u64,
}

pub(super) enum Entry {
    Node(Target),
    Symlink(Box<str>),
    /// The index of a folder among the tree's folders.
    Folder(usize),
}

/// A folder whose blocks are finished.
pub(super) struct FinishedFolder {
    pub(super) target: Target,
    pub(super) size: u64,
}

/// An entry of a folder whose block is finished.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) target: &'a Target,
}

impl Folder {
    /// A node of a map, which holds at most 11 entries and, filled in order, at least 6.
    const NODE: usize = 11 * size_of::<(Box<str>, Entry)>() + 32;
    /// The memory of a folder with one entry, and of its result once it is finished.
    pub(super) const MEMORY: usize =
        Self::NODE + 2 * size_of::<Self>() + 3 * size_of::<FinishedFolder>();

    /// Returns the memory of an entry, including its place in a list that is sorted by hash.
    pub(super) fn entry_memory(name: &str) -> usize {
        const ALLOCATION: usize = 16;
        Self::NODE / 6
            + name.len().next_multiple_of(ALLOCATION)
            + ALLOCATION
            + 8
            + size_of::<Named<'_>>()
    }

    /// Creates the folder's blocks; `finished` contains the folders inside.
    pub(super) fn finish<S: BlockSink>(
        mut self,
        finished: &HashMap<usize, FinishedFolder>,
        profile: &Profile,
        sink: &mut S,
    ) -> Result<FinishedFolder, FinishError<S::Error>> {
        let mut size = self.size;
        for entry in self.entries.values_mut() {
            let target = match entry {
                Entry::Node(_) => continue,
                Entry::Symlink(to) => symlink::write(to, &Attributes::default(), profile, sink)
                    .map_err(FinishError::Sink)?,
                Entry::Folder(place) => {
                    let folder = &finished[place];
                    size = size.saturating_add(folder.size);
                    folder.target
                }
            };
            *entry = Entry::Node(target);
        }
        let entries = || {
            let nodes = self.entries.iter();
            nodes.filter_map(|(name, entry)| match entry {
                Entry::Node(target) => Some(Named { name, target }),
                Entry::Symlink(_) | Entry::Folder(_) => None,
            })
        };
        let target = if is_sharded(entries(), profile) {
            shard::write(entries(), profile.cid_version(), sink)?
        } else {
            let mut block = BlockWriter::default();
            for entry in entries() {
                block.link(entry.target, "", entry.name);
            }
            block
                .finish(&unixfs::DIRECTORY, profile.cid_version(), sink)
                .map_err(FinishError::Sink)?
        };
        Ok(FinishedFolder { target, size })
    }
}

/// An estimate that equals the threshold doesn't shard, as in IPIP-0499 and Kubo since 0.40.
fn is_sharded<'a>(entries: impl Iterator<Item = Named<'a>>, profile: &Profile) -> bool {
    let mut empty = true;
    let entries = entries.inspect(|_| empty = false);
    let estimate: usize = match profile.shard_estimate() {
        ShardEstimate::LinksBytes => entries
            .map(|entry| entry.name.len() + entry.target.cid.len())
            .sum(),
        ShardEstimate::BlockBytes => {
            let links = entries.map(|entry| link_len(entry.target, entry.name.len()));
            bytes_len(unixfs::DIRECTORY.len()) + links.sum::<usize>()
        }
    };
    !empty && estimate as u64 > profile.shard_threshold()
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(target) => target.cid.to_cid().fmt(f),
            Self::Symlink(to) => write!(f, "Symlink({to:?})"),
            Self::Folder(index) => write!(f, "Folder({index})"),
        }
    }
}
