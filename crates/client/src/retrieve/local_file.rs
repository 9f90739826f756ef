//! Compares content with a file on disk.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    sync::{Arc, Mutex, PoisonError},
};

use w3pin_core::Leaf;
use w3pin_unixfs::leaf_matches;

use crate::blocking::blocking;

/// A file that may contain some of the content.
#[derive(Clone)]
pub(crate) struct LocalFile(Arc<Mutex<File>>);

impl LocalFile {
    pub(crate) fn new(file: File) -> Self {
        Self(Arc::new(Mutex::new(file)))
    }

    /// Returns whether the file contains this part, at its position. An unreadable part counts as
    /// missing.
    pub(crate) async fn has(&self, leaf: Leaf) -> bool {
        let file = Arc::clone(&self.0);
        let compared = blocking(move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            let mut bytes = Vec::new();
            let read = file
                .seek(SeekFrom::Start(leaf.offset))
                .and_then(|_| (&mut *file).take(leaf.size).read_to_end(&mut bytes));
            let whole = read.is_ok_and(|length| length as u64 == leaf.size);
            Ok(whole && leaf_matches(leaf.cid.as_cid(), &bytes))
        });
        compared.await.unwrap_or(false)
    }
}
