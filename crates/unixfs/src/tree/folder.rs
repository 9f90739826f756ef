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
    /// A folder by its place among the tree's folders.
    Folder(usize),
}

/// A folder whose blocks are made.
pub(super) struct FinishedFolder {
    pub(super) target: Target,
    pub(super) size: u64,
}

/// An entry of a folder whose block is made.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) target: Target,
}

impl Folder {
    /// Makes the folder's blocks; `finished` has those of the folders inside.
    pub(super) fn finish<S: BlockSink>(
        self,
        finished: &HashMap<usize, FinishedFolder>,
        profile: &Profile,
        sink: &mut S,
    ) -> Result<FinishedFolder, FinishError<S::Error>> {
        let mut size = self.size;
        let mut entries = Vec::with_capacity(self.entries.len());
        for (name, entry) in &self.entries {
            let target = match entry {
                Entry::Node(target) => *target,
                Entry::Symlink(to) => symlink::write(to, &Attributes::default(), profile, sink)
                    .map_err(FinishError::Sink)?,
                Entry::Folder(place) => {
                    let folder = &finished[place];
                    size = size.saturating_add(folder.size);
                    folder.target
                }
            };
            entries.push(Named { name, target });
        }
        let target = if is_sharded(&entries, profile) {
            shard::write(&entries, profile.cid_version(), sink)?
        } else {
            let mut block = BlockWriter::default();
            for entry in &entries {
                block.link(&entry.target, "", entry.name);
            }
            block
                .finish(&unixfs::DIRECTORY, profile.cid_version(), sink)
                .map_err(FinishError::Sink)?
        };
        Ok(FinishedFolder { target, size })
    }
}

/// An estimate that is exactly the threshold does not shard: IPIP-0499 and Kubo since 0.40.
fn is_sharded(entries: &[Named<'_>], profile: &Profile) -> bool {
    let estimate: usize = match profile.shard_estimate() {
        ShardEstimate::LinksBytes => entries
            .iter()
            .map(|entry| entry.name.len() + entry.target.cid.len())
            .sum(),
        ShardEstimate::BlockBytes => {
            let links = entries
                .iter()
                .map(|entry| link_len(&entry.target, entry.name.len()));
            bytes_len(unixfs::DIRECTORY.len()) + links.sum::<usize>()
        }
    };
    !entries.is_empty() && estimate as u64 > profile.shard_threshold()
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
