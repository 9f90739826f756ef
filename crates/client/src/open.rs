//! Opens files such that what is read is what was inspected: an entry of a folder that is meanwhile
//! replaced by a symbolic link or a pipe is an error, and isn't followed or waited for.

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

/// Opens the file at a path given by the caller. A symbolic link is followed; anything but a
/// regular file is an error.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    only_a_file(system::open(path)?)
}

/// A folder that is kept open while its files are read.
#[derive(Debug)]
pub(crate) struct OpenFolder {
    path: PathBuf,
    folder: system::Folder,
    follow_links: bool,
}

impl OpenFolder {
    /// Opens the folder at a path given by the caller. Links in it are only followed if requested.
    pub(crate) fn new(path: &Path, follow_links: bool) -> io::Result<Self> {
        Ok(Self {
            folder: system::Folder::open(path)?,
            path: path.to_owned(),
            follow_links,
        })
    }

    /// Returns the path of a file in the folder.
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
        Err(io::Error::other("it is no longer a regular file"))
    }
}
