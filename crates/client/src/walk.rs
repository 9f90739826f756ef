//! A folder's files, found before anything is sent.

use std::path::{Path, PathBuf};

use w3pin_core::Result;

/// What becomes of symbolic links in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symlinks {
    /// One is an error.
    #[default]
    Refuse,
    /// What they point to is taken in their place.
    Follow,
    /// They are left out.
    Skip,
    /// They stay links. An upload can't send them.
    Preserve,
}

/// Which entries of a folder count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkOptions {
    pub(crate) hidden: bool,
    pub(crate) symlinks: Symlinks,
}

/// A folder as it is uploaded.
pub(crate) struct Folder {
    pub(crate) name: String,
    pub(crate) files: Vec<LocalFile>,
    pub(crate) empty_folders: Vec<String>,
    pub(crate) symlinks: Vec<(String, String)>,
    pub(crate) bytes: u64,
}

/// One file of it.
pub(crate) struct LocalFile {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) length: u64,
}

/// Finds them.
pub(crate) fn walk(_root: &Path, _options: &WalkOptions) -> Result<Folder> {
    unimplemented!()
}
