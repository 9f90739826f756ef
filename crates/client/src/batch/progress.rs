//! The progress of a batch.

use std::{
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use crate::{
    Content, OnProgress, PinOptions, Progress, batch::BatchItem, progress::INTERVAL, walk,
};

/// Adds up the progress of all items. Reported values never decrease, and reporting ends with the
/// batch, whatever the results are.
#[derive(Clone)]
pub(super) struct BatchProgress(Arc<Shared>);

struct Shared {
    on_progress: OnProgress,
    state: Mutex<State>,
}

struct State {
    items: Vec<Item>,
    sent: u64,
    /// The sum of the known sizes, and the number of unknown ones.
    total: u64,
    unknown: usize,
    done: usize,
    told: Option<Instant>,
}

#[derive(Clone, Copy, Default)]
struct Item {
    size: Option<u64>,
    sent: u64,
    ended: bool,
}

impl BatchProgress {
    pub(super) fn new(on_progress: OnProgress, items: usize) -> Self {
        Self(Arc::new(Shared {
            on_progress,
            state: Mutex::new(State {
                items: vec![Item::default(); items],
                sent: 0,
                total: 0,
                unknown: items,
                done: 0,
                told: None,
            }),
        }))
    }

    /// Determines the sizes of all items in advance, so that a progress bar doesn't jump.
    pub(super) fn measure(&self, items: &[BatchItem<Content>], options: &PinOptions) {
        let sizes: Vec<_> = items.iter().map(|item| size(item, options)).collect();
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, size) in sizes.into_iter().enumerate() {
            state.set_size(index, size);
        }
    }

    /// Returns the progress function for an item's upload.
    pub(super) fn of_item(&self, index: usize) -> OnProgress {
        let batch = self.clone();
        Arc::new(move |progress: &Progress| batch.told(index, progress))
    }

    /// Marks an item as ended: its unsent bytes no longer count.
    pub(super) fn ended(&self, index: usize) {
        let progress = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(item) = state.items.get_mut(index).filter(|item| !item.ended) else {
                return;
            };
            item.ended = true;
            let sent = item.sent;
            state.set_size(index, Some(sent));
            state.done += 1;
            let last = state.done == state.items.len();
            if !last && !state.is_due() {
                return;
            }
            state.progress(None)
        };
        (self.0.on_progress)(&progress);
    }

    fn told(&self, index: usize, of_item: &Progress) {
        let progress = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(item) = state.items.get_mut(index) else {
                return;
            };
            let more = of_item.bytes_sent.saturating_sub(item.sent);
            item.sent += more;
            if of_item.bytes_total.is_some() {
                state.set_size(index, of_item.bytes_total);
            }
            state.sent += more;
            if !state.is_due() {
                return;
            }
            state.progress(of_item.file.clone())
        };
        (self.0.on_progress)(&progress);
    }
}

impl State {
    fn set_size(&mut self, index: usize, size: Option<u64>) {
        let Some(item) = self.items.get_mut(index) else {
            return;
        };
        match std::mem::replace(&mut item.size, size) {
            Some(before) => self.total = self.total.saturating_sub(before),
            None => self.unknown -= 1,
        }
        match size {
            Some(size) => self.total = self.total.saturating_add(size),
            None => self.unknown += 1,
        }
    }

    /// Returns whether the next report is due.
    fn is_due(&self) -> bool {
        self.told.is_none_or(|told| told.elapsed() >= INTERVAL)
    }

    fn progress(&mut self, file: Option<Arc<str>>) -> Progress {
        self.told = Some(Instant::now());
        Progress {
            bytes_sent: self.sent,
            bytes_total: (self.unknown == 0).then_some(self.total),
            file,
            items_done: self.done as u64,
            items_total: self.items.len() as u64,
        }
    }
}

/// Returns the size of an item, if it can be determined without reading it.
fn size(item: &BatchItem<Content>, options: &PinOptions) -> Option<u64> {
    match item.subject.as_ref().ok()? {
        Content::Bytes(bytes) => Some(bytes.len() as u64),
        Content::Files(files) => Some(files.values().map(|bytes| bytes.len() as u64).sum()),
        Content::Path(path) => {
            let metadata = fs::metadata(path).ok()?;
            if metadata.is_dir() {
                Some(walk::survey(path, &options.walk).ok()?.bytes)
            } else {
                Some(metadata.len())
            }
        }
    }
}
