//! Walks everything below a path.

use std::collections::VecDeque;

use w3pin_unixfs::RAW;

use super::{
    content::{Piece, read},
    entries::{Entry, FolderStep, FolderWalk},
    lane::Lane,
    resolve::{Found, NodeKind, found, resolve},
};
use crate::{Cid, Error, ErrorKind, IpfsPath, Result, calls::port::Port, wire::fetch_car::Scope};

/// An item of a tree. Paths are relative to its root and separated by `/`; the root's own is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeItem {
    /// A folder, which precedes its entries.
    Folder {
        /// Its path.
        path: String,
        /// Its CID.
        cid: Cid,
    },
    /// A file. If contents are read, its pieces follow, in order and without gaps.
    File {
        /// Its path.
        path: String,
        /// Its CID.
        cid: Cid,
        /// Its size in bytes; `None` if that is only in its block, which wasn't read.
        size: Option<u64>,
    },
    /// A part of the current file.
    Piece(Piece),
    /// A symbolic link. Its target isn't followed.
    Symlink {
        /// Its path.
        path: String,
        /// Its CID.
        cid: Cid,
        /// Its target.
        target: String,
    },
}

impl From<Piece> for TreeItem {
    fn from(piece: Piece) -> Self {
        Self::Piece(piece)
    }
}

/// Limits for reading a tree, whose size is chosen by its creator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TreeLimits {
    /// The maximum number of files, folders and links; 1,000,000 unless set.
    pub most_entries: u64,
    /// The maximum number of bytes in all files together; 1 TiB unless set.
    pub most_bytes: u64,
    /// The most nested folders; 256 unless set.
    pub most_levels: usize,
}

impl Default for TreeLimits {
    fn default() -> Self {
        Self {
            most_entries: 1_000_000,
            most_bytes: 1 << 40,
            most_levels: 256,
        }
    }
}

/// How reading a tree ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeEnd {
    /// The whole tree was read.
    Whole,
    /// No gateway serves all of it in one response, or the response broke off: reading the rest
    /// file by file is better.
    Interrupted,
}

/// Walks a tree in the order of links, and reads its files if requested.
pub(crate) async fn tree(
    port: Port<TreeItem>,
    lane: Lane<TreeItem>,
    path: IpfsPath,
    contents: bool,
    limits: TreeLimits,
) -> Result<TreeEnd> {
    let walk = Tree {
        port,
        lane,
        contents,
        limits,
        entries: 0,
        bytes: 0,
    };
    walk.run(path).await
}

struct Tree {
    port: Port<TreeItem>,
    lane: Lane<TreeItem>,
    contents: bool,
    limits: TreeLimits,
    entries: u64,
    bytes: u64,
}

/// A folder that is being walked.
struct Level {
    walk: FolderWalk,
    waiting: VecDeque<Entry>,
    path: String,
}

impl Tree {
    async fn run(mut self, path: IpfsPath) -> Result<TreeEnd> {
        let scope = if self.contents {
            Scope::All
        } else {
            Scope::Entity
        };
        self.lane.open(path.clone(), scope, Vec::new()).await;
        if self.contents && !self.lane.is_streaming() {
            return Ok(TreeEnd::Interrupted);
        }
        let opened = self.lane.opened();
        let root = resolve(&mut self.lane, &path).await?;
        let mut levels = Vec::new();
        levels.extend(self.enter(String::new(), root).await?);
        while let Some(level) = levels.last_mut() {
            let Some(entry) = level.waiting.pop_front() else {
                match level.walk.next() {
                    Some(FolderStep::Entries(entries)) => level.waiting.extend(entries),
                    Some(FolderStep::Shard(cid)) => {
                        let block = self.lane.block(&cid).await?;
                        level.walk.enter(&cid, &block)?;
                    }
                    None => drop(levels.pop()),
                }
                continue;
            };
            if self.contents && !(self.lane.is_streaming() && self.lane.opened() == opened) {
                return Ok(TreeEnd::Interrupted);
            }
            self.entries += 1;
            if self.entries > self.limits.most_entries {
                let most = self.limits.most_entries;
                let reason = format!("{path} has more than {most} entries");
                return Err(Error::invalid_input("most_entries", reason));
            }
            let place = if level.path.is_empty() {
                entry.name
            } else {
                format!("{}/{}", level.path, entry.name)
            };
            if !self.contents && entry.cid.as_cid().codec() == RAW {
                let (cid, path) = (entry.cid, place);
                self.port
                    .give(TreeItem::File {
                        path,
                        cid,
                        size: None,
                    })
                    .await;
                continue;
            }
            let below = self.look_at(place, entry.cid).await?;
            if levels.len() >= self.limits.most_levels && below.is_some() {
                let most = self.limits.most_levels;
                let reason = format!("{path} has more than {most} nested folders");
                return Err(Error::invalid_input("most_levels", reason));
            }
            levels.extend(below);
        }
        self.lane.finish().await;
        Ok(TreeEnd::Whole)
    }

    /// Yields the node at a path, and walks a folder.
    async fn look_at(&mut self, path: String, cid: Cid) -> Result<Option<Level>> {
        let found = found(&mut self.lane, cid.clone()).await;
        let found = found.map_err(|error| error.of_content(&path, &cid))?;
        self.enter(path, found).await
    }

    /// Yields a node, and walks a folder.
    async fn enter(&mut self, path: String, found: Found) -> Result<Option<Level>> {
        let cid = found.node.cid.clone();
        match &found.node.kind {
            NodeKind::Folder => {
                let item = TreeItem::Folder {
                    path: path.clone(),
                    cid,
                };
                self.port.give(item).await;
                Ok(Some(Level {
                    walk: FolderWalk::new(found)?,
                    waiting: VecDeque::new(),
                    path,
                }))
            }
            NodeKind::Symlink(target) => {
                let target = target.clone();
                self.port
                    .give(TreeItem::Symlink { path, cid, target })
                    .await;
                Ok(None)
            }
            NodeKind::Unavailable => {
                let reason = format!("no gateway has {cid}");
                Err(Error::new(ErrorKind::NotFound, reason))
            }
            NodeKind::File | NodeKind::Block => {
                let size = found.node.size;
                self.bytes = self.bytes.saturating_add(size.unwrap_or_default());
                if self.bytes > self.limits.most_bytes {
                    let most = self.limits.most_bytes;
                    let reason = format!("there are more than {most} bytes to read");
                    return Err(Error::invalid_input("most_bytes", reason));
                }
                let (place, known) = (path.clone(), cid.clone());
                self.port.give(TreeItem::File { path, cid, size }).await;
                if self.contents {
                    let read = read(&self.port, &mut self.lane, found, 0..u64::MAX).await;
                    read.map_err(|error| error.of_content(&place, &known))?;
                }
                Ok(None)
            }
        }
    }
}

/// Rejects an entry whose name would lead out of the folder that it is written to, or to a device.
///
/// `windows` says whether the file system is that of Windows, which has more special names.
///
/// # Errors
/// [`Decode`](ErrorKind::Decode), with the name.
pub fn check_name(name: &str, windows: bool) -> Result<()> {
    let refuse = |why: &str| {
        let reason = format!(
            "the name {:?} can't be written to disk: {why}",
            crate::printable(name)
        );
        Err(Error::new(ErrorKind::Decode, reason))
    };
    if matches!(name, "" | "." | "..") || name.contains(['/', '\0']) {
        return refuse("it leads out of the folder");
    }
    if !windows {
        return Ok(());
    }
    if name.contains(['\\', ':', '*', '?', '"', '<', '>', '|']) || name.contains(|it| it < ' ') {
        return refuse("it contains a character that Windows doesn't allow");
    }
    if name.ends_with(['.', ' ']) {
        return refuse("Windows removes trailing dots and spaces");
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            matches!(
                rest,
                "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
            )
        })
    };
    let reserved = matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$");
    if reserved || numbered("COM") || numbered("LPT") {
        return refuse("it is the name of a device");
    }
    Ok(())
}
