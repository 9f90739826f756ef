//! The local content.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::PathBuf,
};

use bytes::Bytes;
use w3pin_core::{Error, ErrorKind, Result};

use super::{changed, survey, unreadable};
use crate::{Content, WalkOptions, open::open_file};

/// A file or a folder.
pub(super) enum Local {
    File(LocalFile),
    Folder(LocalFolder),
}

/// The content of a file.
pub(super) struct LocalFile {
    pub(super) name: String,
    pub(super) length: u64,
    place: Place,
}

enum Place {
    Path(PathBuf),
    Bytes(Bytes),
}

/// The entries of a folder by name.
#[derive(Default)]
pub(super) struct LocalFolder {
    pub(super) entries: BTreeMap<String, LocalEntry>,
    bytes: u64,
}

pub(super) enum LocalEntry {
    File(LocalFile),
    Folder(LocalFolder),
    /// A link and its target.
    Link(String),
}

impl Local {
    pub(super) fn open(content: Content, options: &WalkOptions) -> Result<Self> {
        let path = match content {
            Content::Bytes(bytes) => {
                return Ok(Self::File(LocalFile {
                    name: "the bytes".to_owned(),
                    length: bytes.len() as u64,
                    place: Place::Bytes(bytes),
                }));
            }
            Content::Files(mut files) => {
                crate::walk::retain(&mut files, options)?;
                return in_memory(files).map(Self::Folder);
            }
            Content::Path(path) => path,
        };
        if path.as_os_str().is_empty() {
            return Err(Error::invalid_input("path", "the path is empty"));
        }
        let metadata = fs::metadata(&path).map_err(|cause| unreadable(&path, cause))?;
        if !metadata.is_dir() && !metadata.is_file() {
            return Err(Error::invalid_input(
                "path",
                "this is a pipe, socket or device, not a regular file",
            )
            .with_path(path.display().to_string()));
        }
        if metadata.is_file() {
            return Ok(Self::File(LocalFile {
                name: path.display().to_string(),
                length: metadata.len(),
                place: Place::Path(path),
            }));
        }
        let mut found = survey(&path, options)?;
        let mut root = LocalFolder {
            bytes: found.bytes,
            ..LocalFolder::default()
        };
        for file in std::mem::take(&mut found.files) {
            let place = Place::Path(found.path(&file.name));
            let below = found.below(&file.name).to_owned();
            let entry = LocalEntry::File(LocalFile {
                name: file.name,
                length: file.length,
                place,
            });
            root.insert(&below, entry);
        }
        for (name, target) in &found.symlinks {
            root.insert(found.below(name), LocalEntry::Link(target.clone()));
        }
        for name in &found.empty_folders {
            match found.below(name) {
                "" => {}
                below => root.insert(below, LocalEntry::Folder(LocalFolder::default())),
            }
        }
        Ok(Self::Folder(root))
    }

    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::File(file) => file.length,
            Self::Folder(folder) => folder.bytes,
        }
    }

    /// Returns the number of files, folders and links in it.
    pub(super) fn entries(&self) -> u64 {
        match self {
            Self::File(_) => 0,
            Self::Folder(folder) => folder.count(),
        }
    }
}

fn in_memory(files: BTreeMap<String, Bytes>) -> Result<LocalFolder> {
    let mut root = LocalFolder::default();
    for (path, bytes) in files {
        let length = bytes.len() as u64;
        root.bytes = root.bytes.saturating_add(length);
        let entry = LocalEntry::File(LocalFile {
            name: path.clone(),
            length,
            place: Place::Bytes(bytes),
        });
        root.insert(&path, entry);
    }
    Ok(root)
}

impl LocalFolder {
    fn insert(&mut self, path: &str, entry: LocalEntry) {
        let mut folder = self;
        let mut rest = path;
        while let Some((name, below)) = rest.split_once('/') {
            let inner = folder
                .entries
                .entry(name.to_owned())
                .or_insert_with(|| LocalEntry::Folder(Self::default()));
            // Neither a walk nor a folder in memory has paths below a file or a link.
            let LocalEntry::Folder(inner) = inner else {
                return;
            };
            (folder, rest) = (inner, below);
        }
        folder.entries.insert(rest.to_owned(), entry);
    }

    fn count(&self) -> u64 {
        let below = self.entries.values().map(|entry| match entry {
            LocalEntry::Folder(folder) => 1 + folder.count(),
            LocalEntry::File(_) | LocalEntry::Link(_) => 1,
        });
        below.sum()
    }

    /// Returns whether it contains nothing but empty folders.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.values().all(|entry| match entry {
            LocalEntry::Folder(folder) => folder.is_empty(),
            LocalEntry::File(_) | LocalEntry::Link(_) => false,
        })
    }
}

impl LocalFile {
    /// Returns a reader that starts at `offset`.
    pub(super) fn reader(&self, offset: u64) -> Result<LocalReader> {
        match &self.place {
            Place::Bytes(bytes) => {
                let start = usize::try_from(offset)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                Ok(LocalReader::Bytes(bytes.slice(start..)))
            }
            Place::Path(path) => {
                let open = || {
                    let mut file = open_file(path)?;
                    file.seek(SeekFrom::Start(offset))?;
                    Ok(file)
                };
                let file = open().map_err(|cause| unreadable(path, cause))?;
                Ok(LocalReader::File {
                    file,
                    path: path.clone(),
                })
            }
        }
    }
}

/// Reads a file sequentially.
pub(super) enum LocalReader {
    Bytes(Bytes),
    File { file: File, path: PathBuf },
}

impl LocalReader {
    /// Fills `piece` with the next bytes.
    pub(super) fn read(&mut self, piece: &mut [u8]) -> Result<()> {
        match self {
            Self::Bytes(bytes) => {
                let next = bytes.split_to(piece.len().min(bytes.len()));
                piece[..next.len()].copy_from_slice(&next);
                Ok(())
            }
            Self::File { file, path } => file
                .read_exact(piece)
                .map_err(|cause: io::Error| changed(path, cause)),
        }
    }

    /// Checks that the file ends here: otherwise only a part of it was compared.
    pub(super) fn end(&mut self) -> Result<()> {
        let Self::File { file, path } = self else {
            return Ok(());
        };
        match file.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(Error::new(
                ErrorKind::LocalIo,
                "the file became longer while it was compared",
            )
            .with_path(path.display().to_string())),
            Err(cause) => Err(unreadable(path, cause)),
        }
    }
}
