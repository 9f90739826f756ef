//! Measures and limits a fetch.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use w3pin_core::{Cid, Error, Result};

use super::{FetchProgress, Fetched, OnFetchProgress};

/// Counts for all parts of a fetch.
pub(super) struct Meter {
    on_progress: Option<OnFetchProgress>,
    most_bytes: u64,
    counts: Mutex<Counts>,
}

struct Counts {
    progress: FetchProgress,
    fetched: u64,
    promised: u64,
    told: Option<Instant>,
}

const INTERVAL: Duration = Duration::from_millis(100);

impl Meter {
    pub(super) fn new(
        on_progress: Option<OnFetchProgress>,
        bytes_total: Option<u64>,
        most_bytes: u64,
    ) -> Self {
        Self {
            on_progress,
            most_bytes,
            counts: Mutex::new(Counts {
                progress: FetchProgress {
                    bytes_total,
                    ..FetchProgress::default()
                },
                fetched: 0,
                promised: 0,
                told: None,
            }),
        }
    }

    /// Reserves bytes that will be written.
    pub(super) fn promise(&self, bytes: u64) -> Result<()> {
        let mut counts = self.lock();
        counts.promised = counts.promised.saturating_add(bytes);
        if counts.promised > self.most_bytes {
            let most = self.most_bytes;
            let reason = format!("there are more than {most} bytes to fetch");
            return Err(Error::invalid_input("most_bytes", reason));
        }
        Ok(())
    }

    /// Starts counting again, since everything on disk is checked again.
    pub(super) fn restart(&self) {
        let mut counts = self.lock();
        counts.promised = 0;
        (counts.progress.bytes, counts.progress.files) = (0, 0);
    }

    /// Counts written bytes.
    pub(super) fn wrote(&self, bytes: u64) {
        self.tell(|counts| {
            counts.fetched += bytes;
            counts.progress.bytes += bytes;
        });
    }

    /// Counts bytes that existed already.
    pub(super) fn found(&self, bytes: u64) {
        self.tell(|counts| counts.progress.bytes += bytes);
    }

    /// Counts a complete file.
    pub(super) fn file(&self) {
        self.tell(|counts| counts.progress.files += 1);
    }

    /// Sends the final report.
    pub(super) fn finish(&self) {
        let mut counts = self.lock();
        counts.told = None;
        drop(counts);
        self.tell(|_| {});
    }

    pub(super) fn fetched(&self, cid: Cid) -> Fetched {
        let counts = self.lock();
        Fetched {
            cid,
            files: counts.progress.files,
            bytes: counts.progress.bytes,
            bytes_fetched: counts.fetched,
        }
    }

    fn tell(&self, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.lock();
        change(&mut counts);
        let Some(on_progress) = &self.on_progress else {
            return;
        };
        if counts.told.is_none_or(|told| told.elapsed() >= INTERVAL) {
            counts.told = Some(Instant::now());
            let progress = counts.progress;
            drop(counts);
            on_progress(&progress);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
