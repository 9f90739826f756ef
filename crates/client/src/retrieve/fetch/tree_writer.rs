//! Writes a tree that arrives in one response.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use w3pin_core::{Piece, Result, TreeItem};

use super::{
    Fetch, disk,
    names::{allow, place},
    part_file::PartFile,
    part_writer::PartWriter,
    small_files::{SmallFile, SmallFiles},
};
use crate::blocking::blocking;

/// Writes the items of a tree in order of arrival. Symbolic links are left for the end.
pub(super) struct TreeWriter {
    fetch: Arc<Fetch>,
    target: PathBuf,
    current: Option<Current>,
    small_files: SmallFiles,
    links: Vec<(PathBuf, String)>,
}

/// The file that is being received.
struct Current {
    size: u64,
    received: u64,
    file: CurrentFile,
}

enum CurrentFile {
    Small(SmallFile),
    Large(PartFile, PartWriter),
}

impl TreeWriter {
    pub(super) fn new(fetch: &Arc<Fetch>, target: &Path) -> Self {
        Self {
            fetch: Arc::clone(fetch),
            target: target.to_owned(),
            current: None,
            small_files: SmallFiles::new(fetch),
            links: Vec::new(),
        }
    }

    pub(super) async fn take(&mut self, item: TreeItem) -> Result<()> {
        if let TreeItem::Piece(piece) = item {
            return self.piece(piece).await;
        }
        self.end_file().await?;
        match item {
            TreeItem::Folder { path, .. } if !path.is_empty() => {
                let folder = place(&self.target, &path)?;
                blocking(move || disk::folder(&folder)).await?;
            }
            TreeItem::File { path, cid, size } => {
                let target = place(&self.target, &path)?;
                let size = size.unwrap_or_default();
                let file = if size <= SmallFile::MOST_BYTES {
                    CurrentFile::Small(SmallFile::new(target, cid))
                } else {
                    let part = blocking(move || PartFile::open(target, &cid)).await?;
                    CurrentFile::Large(part.clone(), PartWriter::new(part))
                };
                self.current = Some(Current {
                    size,
                    received: 0,
                    file,
                });
            }
            TreeItem::Symlink { path, target, .. } => {
                let place = place(&self.target, &path)?;
                let allowed = allow(&path, &target, self.fetch.options.symlinks)?;
                self.links.extend(allowed.then_some((place, target)));
            }
            _ => {}
        }
        Ok(())
    }

    /// Waits until everything is written. Returns the links that have yet to be created.
    ///
    /// An incomplete file is kept as a part file.
    pub(super) async fn finish(mut self) -> Result<Vec<(PathBuf, String)>> {
        let last = self.end_file().await;
        self.small_files.finish().await?;
        last.map(|()| self.links)
    }

    async fn piece(&mut self, piece: Piece) -> Result<()> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        current.received += piece.bytes.len() as u64;
        match &mut current.file {
            CurrentFile::Small(file) => file.pieces.push(piece.bytes),
            CurrentFile::Large(_, writer) => {
                let written = writer.take(piece).await?;
                self.fetch.meter.wrote(written);
            }
        }
        Ok(())
    }

    /// Names the current file if it is complete.
    async fn end_file(&mut self) -> Result<()> {
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        let is_whole = current.received == current.size;
        match current.file {
            CurrentFile::Small(file) if is_whole => self.small_files.add(file).await,
            CurrentFile::Small(_) => Ok(()),
            CurrentFile::Large(part, mut writer) => {
                let written = writer.end().await?;
                self.fetch.meter.wrote(written);
                if is_whole {
                    let replace = self.fetch.options.overwrite;
                    blocking(move || part.finish(current.size, replace)).await?;
                    self.fetch.meter.file();
                }
                Ok(())
            }
        }
    }
}
