//! The progress of an upload.

use std::{sync::Arc, time::Duration};

/// Called with the progress of an upload, by the task that awaits the upload, which is blocked
/// until it returns.
pub type OnProgress = Arc<dyn Fn(&Progress) + Send + Sync>;

/// The progress of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The bytes of content sent so far; never decreases.
    pub bytes_sent: u64,
    /// The total bytes of content, if known.
    pub bytes_total: Option<u64>,
    /// The file being sent.
    pub file: Option<Arc<str>>,
    /// The items of a batch that have completed or failed.
    pub items_done: u64,
    /// The number of items in a batch; 1 for a single upload.
    pub items_total: u64,
}

/// At most ten times a second.
pub(crate) const INTERVAL: Duration = Duration::from_millis(100);

/// Reports progress to the caller.
pub(crate) struct Reporter {
    on_progress: OnProgress,
    told: Option<Progress>,
    total: Option<u64>,
}

impl Reporter {
    pub(crate) fn new(on_progress: OnProgress, total: Option<u64>) -> Self {
        Self {
            on_progress,
            told: None,
            total,
        }
    }

    /// Reports that `sent` bytes of content have been sent, the last of them of `file`.
    pub(crate) fn report(&mut self, sent: u64, file: Option<&str>) {
        if self.told.as_ref().is_none_or(|told| told.bytes_sent < sent) {
            self.tell(sent, file, 0);
        }
    }

    /// Reports that everything has been sent.
    pub(crate) fn finish(&mut self, sent: u64, file: Option<&str>) {
        self.total.get_or_insert(sent);
        self.tell(sent, file, 1);
    }

    fn tell(&mut self, sent: u64, file: Option<&str>, items_done: u64) {
        let told = self.told.take().and_then(|told| told.file);
        let same = told.filter(|told| Some(&**told) == file);
        let progress = Progress {
            bytes_sent: sent,
            bytes_total: self.total,
            file: same.or_else(|| file.map(Arc::from)),
            items_done,
            items_total: 1,
        };
        (self.on_progress)(&progress);
        self.told = Some(progress);
    }
}
