//! Small files of a folder, written many at a time.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use tokio::task::JoinSet;
use w3pin_core::{Cid, Error, ErrorKind, Result};

use super::{Fetch, whole_file::WholeFiles};

/// A file that is kept in memory until all of it is there.
pub(super) struct SmallFile {
    pub(super) target: PathBuf,
    pub(super) cid: Cid,
    pub(super) pieces: Vec<Bytes>,
}

impl SmallFile {
    /// The largest that counts as small. After an interruption all of it is fetched again.
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

/// Writes small files on several threads, since making a file costs more than its bytes do.
pub(super) struct SmallFiles {
    fetch: Arc<Fetch>,
    batch: Vec<SmallFile>,
    bytes: u64,
    writing: JoinSet<Result<()>>,
}

/// What one thread writes before it takes more.
const BATCH_FILES: usize = 64;
const BATCH_BYTES: u64 = 512 * 1024;
/// More threads only wait for each other, as a folder takes one entry at a time.
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

    /// Takes a file whose folder exists.
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

    /// Writes what is left, and waits until all is written.
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
            Some(Err(_)) => Err(Error::new(
                ErrorKind::LocalIo,
                "the writing of files failed",
            )),
        }
    }
}
