//! Writes the small files of a folder in batches.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use tokio::task::JoinSet;
use w3pin_core::{Cid, Error, ErrorKind, Result};

use super::{Fetch, whole_file::WholeFiles};

/// A file that is kept in memory until it is complete.
pub(super) struct SmallFile {
    pub(super) target: PathBuf,
    pub(super) cid: Cid,
    pub(super) pieces: Vec<Bytes>,
}

impl SmallFile {
    /// The largest small file. After an interruption it is fetched again as a whole.
    pub(super) const MOST_BYTES: u64 = 256 * 1024;

    pub(super) fn new(target: PathBuf, cid: Cid) -> Self {
        Self {
            target,
            cid,
            pieces: Vec::new(),
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.len() as u64).sum()
    }
}

/// Writes small files on several threads, since creating a file takes longer than writing its
/// bytes.
pub(super) struct SmallFiles {
    fetch: Arc<Fetch>,
    batch: Vec<SmallFile>,
    bytes: u64,
    writing: JoinSet<Result<()>>,
}

/// The number of files that a thread writes before it takes more.
const BATCH_FILES: usize = 64;
const BATCH_BYTES: u64 = 512 * 1024;
/// More threads only wait for each other, since a folder is locked for each new entry.
const THREADS: usize = 2;

impl SmallFiles {
    pub(super) fn new(fetch: &Arc<Fetch>) -> Self {
        Self {
            fetch: Arc::clone(fetch),
            batch: Vec::new(),
            bytes: 0,
            writing: JoinSet::new(),
        }
    }

    /// Adds a file whose folder exists.
    pub(super) async fn add(&mut self, file: SmallFile) -> Result<()> {
        self.bytes += file.size();
        self.batch.push(file);
        if self.batch.len() < BATCH_FILES && self.bytes < BATCH_BYTES {
            return Ok(());
        }
        self.write();
        while self.writing.len() > THREADS {
            self.written().await?;
        }
        Ok(())
    }

    /// Writes the remaining files and waits for all writes.
    pub(super) async fn finish(&mut self) -> Result<()> {
        self.write();
        let mut finished = Ok(());
        while !self.writing.is_empty() {
            finished = finished.and(self.written().await);
        }
        finished
    }

    fn write(&mut self) {
        let (fetch, batch) = (Arc::clone(&self.fetch), std::mem::take(&mut self.batch));
        self.bytes = 0;
        if batch.is_empty() {
            return;
        }
        self.writing.spawn_blocking(move || {
            let mut files = WholeFiles::default();
            batch.iter().try_for_each(|file| {
                files.write(file, fetch.options.overwrite)?;
                fetch.meter.wrote(file.size());
                fetch.meter.file();
                Ok(())
            })
        });
    }

    async fn written(&mut self) -> Result<()> {
        match self.writing.join_next().await {
            None => Ok(()),
            Some(Ok(written)) => written,
            Some(Err(_)) => Err(Error::new(ErrorKind::LocalIo, "writing files failed")),
        }
    }
}
