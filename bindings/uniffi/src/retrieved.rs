//! How content is read back and what comes of it, as it crosses.

use std::sync::Arc;

use w3pin::{
    FetchOptions, Fetched, FolderEntry, Node, NodeKind, ReadOptions, Result, SymlinkPolicy,
};

use crate::{error::Failure, number::count, progress::FetchFeed};

/// Which part of a file is read.
#[derive(Debug, uniffi::Record)]
pub struct ReadSettings {
    /// The first byte.
    pub start: i64,
    /// The byte to stop before.
    pub end: Option<i64>,
    /// The most bytes.
    pub most_bytes: Option<i64>,
}

/// How content is fetched.
#[derive(uniffi::Record)]
pub struct FetchSettings {
    /// Whether to replace files that have other content.
    pub overwrite: bool,
    /// How many responses to read at a time.
    pub concurrency: Option<i64>,
    /// What to do with symbolic links.
    pub symlinks: FetchedSymlinks,
    /// The maximum number of bytes in all files together.
    pub most_bytes: Option<i64>,
    /// The maximum number of files, folders and links.
    pub most_entries: Option<i64>,
    /// Gives the progress.
    pub progress: Option<Arc<FetchFeed>>,
}

/// What to do with symbolic links.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum FetchedSymlinks {
    /// Those within the folder are made.
    Inside,
    /// All are made.
    All,
    /// None is made.
    Skip,
}

/// What lies somewhere.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum KindOfNode {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Symlink,
    /// A block of another format.
    Block,
    /// Something whose block no gateway has.
    Unavailable,
}

/// Something that a path leads to.
#[derive(Clone, Debug, uniffi::Record)]
pub struct NodeRecord {
    /// Its CID.
    pub cid: String,
    /// The kind of the node.
    pub kind: KindOfNode,
    /// The bytes of a file's content.
    pub size: Option<u64>,
    /// Where a symbolic link points.
    pub target: Option<String>,
}

/// An entry of a folder.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EntryRecord {
    /// The name.
    pub name: String,
    /// What lies there.
    pub node: NodeRecord,
}

/// What is on the disk after a fetch.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FetchedRecord {
    /// The CID of the fetched content.
    pub cid: String,
    /// The files.
    pub files: u64,
    /// The bytes of content.
    pub bytes: u64,
    /// The bytes that came from a gateway.
    pub bytes_fetched: u64,
}

/// The maximum size of a buffer on the other side, with room for metadata.
const MOST_TO_CROSS: u64 = i32::MAX as u64 - (1 << 20);

impl ReadSettings {
    /// Limits what is read to what can cross at once.
    pub(crate) fn into_memory(self) -> Result<ReadOptions> {
        let mut options = ReadOptions::try_from(self)?.into_memory();
        options.most_bytes = options.most_bytes.map(|most| most.min(MOST_TO_CROSS));
        Ok(options)
    }
}

impl TryFrom<ReadSettings> for ReadOptions {
    type Error = w3pin::Error;

    fn try_from(settings: ReadSettings) -> Result<Self> {
        let mut options = Self::new().start(count("start", settings.start)?);
        if let Some(end) = settings.end {
            options = options.end(count("end", end)?);
        }
        if let Some(bytes) = settings.most_bytes {
            options = options.most_bytes(count("most_bytes", bytes)?);
        }
        Ok(options)
    }
}

impl TryFrom<FetchSettings> for FetchOptions {
    type Error = w3pin::Error;

    fn try_from(settings: FetchSettings) -> Result<Self> {
        let mut options = Self::new()
            .overwrite(settings.overwrite)
            .symlinks(settings.symlinks.into());
        if let Some(concurrency) = settings.concurrency {
            options = options.concurrency(count("concurrency", concurrency)?);
        }
        if let Some(bytes) = settings.most_bytes {
            options = options.most_bytes(count("most_bytes", bytes)?);
        }
        if let Some(entries) = settings.most_entries {
            options = options.most_entries(count("most_entries", entries)?);
        }
        options.on_progress = settings.progress.map(|feed| feed.listener());
        Ok(options)
    }
}

/// Parses a word.
#[uniffi::export]
pub fn symlink_policy_of(word: String) -> Result<FetchedSymlinks, Failure> {
    match word.parse()? {
        SymlinkPolicy::Inside => Ok(FetchedSymlinks::Inside),
        SymlinkPolicy::All => Ok(FetchedSymlinks::All),
        SymlinkPolicy::Skip => Ok(FetchedSymlinks::Skip),
        _ => {
            let reason = format!("{word} isn't known to this package");
            Err(w3pin::Error::invalid_input("symlinks", reason).into())
        }
    }
}

impl From<FetchedSymlinks> for SymlinkPolicy {
    fn from(symlinks: FetchedSymlinks) -> Self {
        match symlinks {
            FetchedSymlinks::Inside => Self::Inside,
            FetchedSymlinks::All => Self::All,
            FetchedSymlinks::Skip => Self::Skip,
        }
    }
}

impl NodeRecord {
    fn new(cid: &w3pin::Cid, kind: NodeKind, size: Option<u64>) -> Self {
        let (kind, target) = match kind {
            NodeKind::File => (KindOfNode::File, None),
            NodeKind::Folder => (KindOfNode::Folder, None),
            NodeKind::Symlink(target) => (KindOfNode::Symlink, Some(target)),
            NodeKind::Unavailable => (KindOfNode::Unavailable, None),
            _ => (KindOfNode::Block, None),
        };
        Self {
            cid: cid.to_string(),
            kind,
            size,
            target,
        }
    }
}

impl From<Node> for NodeRecord {
    fn from(node: Node) -> Self {
        Self::new(&node.cid, node.kind, node.size)
    }
}

impl From<FolderEntry> for EntryRecord {
    fn from(entry: FolderEntry) -> Self {
        Self {
            name: entry.name,
            node: NodeRecord::new(&entry.cid, entry.kind, entry.size),
        }
    }
}

impl From<Fetched> for FetchedRecord {
    fn from(fetched: Fetched) -> Self {
        Self {
            cid: fetched.cid.to_string(),
            files: fetched.files,
            bytes: fetched.bytes,
            bytes_fetched: fetched.bytes_fetched,
        }
    }
}
