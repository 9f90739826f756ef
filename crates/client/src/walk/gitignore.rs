//! Applies the `.gitignore` files of a folder on disk.

use std::{
    collections::HashMap,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};
use w3pin_core::{Error, Result};

use super::unreadable;
use crate::open::OpenFolder;

/// Longer files aren't lists of patterns.
const LONGEST: u64 = 1024 * 1024;

/// The `.gitignore` files of a folder, each read when the first entry next to or below it is
/// visited.
#[derive(Debug)]
pub(super) struct Gitignores {
    root: PathBuf,
    read: Mutex<HashMap<PathBuf, Option<Arc<Gitignore>>>>,
    /// Why one of them can't be read: what it may exclude must not be sent.
    failed: Mutex<Option<Error>>,
}

impl Gitignores {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            read: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    /// Returns whether the closest file with a matching pattern excludes the entry.
    pub(super) fn leave_out(&self, path: &Path, is_folder: bool) -> bool {
        for folder in path.ancestors().skip(1) {
            if let Some(gitignore) = self.of(folder)
                && let Ok(below) = path.strip_prefix(folder)
            {
                match gitignore.matched(below, is_folder) {
                    Match::None => {}
                    decided => return decided.is_ignore(),
                }
            }
            if folder == self.root {
                break;
            }
        }
        false
    }

    /// Fails if one of the files couldn't be read.
    pub(super) fn check(&self) -> Result<()> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.take().map_or(Ok(()), Err)
    }

    fn of(&self, folder: &Path) -> Option<Arc<Gitignore>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(folder) {
            return known.clone();
        }
        let found = gitignore_in(folder).unwrap_or_else(|error| {
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert(error);
            None
        });
        let found = found.map(Arc::new);
        read.insert(folder.to_owned(), found.clone());
        found
    }
}

/// Parses a `.gitignore` file, for paths below its folder.
pub(super) fn gitignore(content: &[u8]) -> Result<Gitignore, ignore::Error> {
    let mut builder = GitignoreBuilder::new("");
    for line in String::from_utf8_lossy(content).lines() {
        // As in git, an invalid pattern excludes nothing.
        let _ = builder.add_line(None, line);
    }
    builder.build()
}

fn gitignore_in(folder: &Path) -> Result<Option<Gitignore>> {
    let path = folder.join(".gitignore");
    let fail = |cause: io::Error| Err(unreadable(&path, cause));
    match path.symlink_metadata() {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return fail(cause),
        Ok(metadata) if metadata.is_dir() => return Ok(None),
        Ok(_) => {}
    }
    // As in git, it isn't a link.
    let opened = OpenFolder::new(folder, false).and_then(|folder| folder.file(".gitignore"));
    let mut content = Vec::new();
    let read = opened.and_then(|file| file.take(LONGEST + 1).read_to_end(&mut content));
    if let Err(cause) = read {
        return fail(cause);
    }
    if content.len() as u64 > LONGEST {
        return fail(io::Error::other("it is longer than 1 MiB"));
    }
    gitignore(&content)
        .map(Some)
        .or_else(|cause| fail(io::Error::other(cause)))
}
