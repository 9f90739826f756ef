//! Opening files so that what is read is what was looked at: an entry of a folder that is swapped for a
//! symbolic link or a pipe meanwhile is refused, not followed or waited for.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

#[cfg(unix)]
#[path = "open/unix.rs"]
mod system;
#[cfg(not(unix))]
#[path = "open/other.rs"]
mod system;

/// Opens the file at a path that the caller names. A link there is followed; anything but a file is
/// refused.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    only_a_file(system::open(path)?)
}

/// A folder that is held open while its files are read.
#[derive(Debug)]
pub(crate) struct OpenFolder {
    path: PathBuf,
    folder: system::Folder,
    follow_links: bool,
}

impl OpenFolder {
    /// Opens the folder at a path that the caller names. Links in it are only followed where that was
    /// asked for.
    pub(crate) fn new(path: &Path, follow_links: bool) -> io::Result<Self> {
        Ok(Self {
            folder: system::Folder::open(path)?,
            path: path.to_owned(),
            follow_links,
        })
    }

    /// Where a file of the folder is.
    pub(crate) fn path_of(&self, below: &str) -> PathBuf {
        let mut path = self.path.clone();
        path.extend(below.split('/'));
        path
    }

    /// Opens a file by its path in the folder, separated by `/`.
    pub(crate) fn file(&self, below: &str) -> io::Result<File> {
        let path = self.path_of(below);
        if self.follow_links {
            return open_file(&path);
        }
        only_a_file(self.folder.file(below, &path)?)
    }
}

fn only_a_file(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it has become something else than a file"))
    }
}
