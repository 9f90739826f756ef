//! Reads local content a second time.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use w3pin_core::{Error, ErrorKind, Result};
use w3pin_dag::read_exact_at;

use crate::{
    Content, Symlinks,
    open::{OpenFolder, open_file},
    walk,
};

/// What a file's chunks are read from.
pub(super) enum Source {
    File(PathBuf),
    Folder(OpenFolder),
    Bytes(Bytes),
    Files(BTreeMap<String, Bytes>),
}

/// An open file of the content.
pub(super) struct Chunks {
    name: String,
    bytes: Stored,
}

enum Stored {
    OnDisk(File),
    InMemory(Bytes),
}

impl Source {
    pub(super) fn new(content: &Content, symlinks: Symlinks) -> Result<Self> {
        Ok(match content {
            Content::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Content::Files(files) => Self::Files(files.clone()),
            Content::Path(path) if path.is_dir() => {
                let folder = OpenFolder::new(path, symlinks == Symlinks::Follow);
                Self::Folder(folder.map_err(|cause| walk::unreadable(path, cause))?)
            }
            Content::Path(path) => Self::File(path.clone()),
        })
    }

    /// Opens a file by its path in the content.
    pub(super) fn open(&self, below: &str) -> Result<Chunks> {
        let on_disk = |path: &Path, file: io::Result<File>| -> Result<(String, Stored)> {
            let file = file.map_err(|cause| walk::unreadable(path, cause))?;
            Ok((path.display().to_string(), Stored::OnDisk(file)))
        };
        let (name, bytes) = match self {
            Self::File(path) => on_disk(path, open_file(path))?,
            Self::Folder(folder) => on_disk(&folder.path_of(below), folder.file(below))?,
            Self::Bytes(bytes) => (below.to_owned(), Stored::InMemory(bytes.clone())),
            Self::Files(files) => {
                let bytes = files.get(below).cloned().unwrap_or_default();
                (below.to_owned(), Stored::InMemory(bytes))
            }
        };
        Ok(Chunks { name, bytes })
    }
}

impl Chunks {
    /// Reads up to `most` bytes from `offset`.
    pub(super) fn read(&self, offset: u64, most: usize) -> Result<Bytes> {
        match &self.bytes {
            Stored::InMemory(bytes) => {
                let from = usize::try_from(offset).map_or(bytes.len(), |it| it.min(bytes.len()));
                Ok(bytes.slice(from..bytes.len().min(from.saturating_add(most))))
            }
            Stored::OnDisk(file) => {
                let unreadable = |cause| walk::unreadable(Path::new(&self.name), cause);
                let length = file.metadata().map_err(unreadable)?.len();
                let there = length.saturating_sub(offset).min(most as u64);
                let mut bytes = vec![0; usize::try_from(there).unwrap_or(most)];
                match read_exact_at(file, &mut bytes, offset) {
                    Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                        Err(self.changed())
                    }
                    read => read.map(|()| bytes.into()).map_err(unreadable),
                }
            }
        }
    }

    /// Returns the error for content that has changed since its CID was computed.
    pub(super) fn changed(&self) -> Error {
        let reason = "the content changed while it was packed";
        Error::new(ErrorKind::LocalIo, reason).with_path(self.name.clone())
    }
}
