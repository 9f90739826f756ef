use std::{
    io,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::error::StoreError;

/// The most transactions that become durable together.
const MOST: usize = 64;
/// The time from which a group waits for no further transaction.
const LONGEST: Duration = Duration::from_millis(5);

/// Transactions that are committed and become durable together, by the commit that follows them:
/// syncing the disk takes longer than all else, and one sync serves all writers that waited for
/// each other.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// When the first of them was committed, and how many there are.
    begun: Option<(Instant, usize)>,
    outcome: Arc<Outcome>,
}

impl Group {
    pub(super) fn is_empty(&self) -> bool {
        self.begun.is_none()
    }

    pub(super) fn has_room(&self) -> bool {
        self.begun
            .is_none_or(|(since, size)| size < MOST && since.elapsed() < LONGEST)
    }

    /// Adds a transaction that was committed. It is durable once the returned outcome says so.
    pub(super) fn join(&mut self) -> Arc<Outcome> {
        let (_, size) = self.begun.get_or_insert_with(|| (Instant::now(), 0));
        *size += 1;
        Arc::clone(&self.outcome)
    }

    /// Ends this group, whose transactions are durable or lost, and begins the next.
    pub(super) fn end(&mut self, result: Result<(), Lost>) {
        if self.begun.take().is_some() {
            std::mem::take(&mut self.outcome).tell(result);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end(Err(Lost::Failed));
    }
}

/// Why transactions of a group aren't durable.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lost {
    Full,
    Failed,
}

impl From<&StoreError> for Lost {
    fn from(cause: &StoreError) -> Self {
        match cause {
            StoreError::Full => Self::Full,
            _ => Self::Failed,
        }
    }
}

impl From<Lost> for StoreError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Full => Self::Full,
            Lost::Failed => Self::Io(io::Error::other(
                "the records failed before the change was durable",
            )),
        }
    }
}

/// What becomes of a group.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    result: Mutex<Option<Result<(), Lost>>>,
    told: Condvar,
}

impl Outcome {
    pub(super) fn wait(&self) -> Result<(), StoreError> {
        let mut result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = *result {
                return Ok(result?);
            }
            result = self
                .told
                .wait(result)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn tell(&self, result: Result<(), Lost>) {
        let mut told = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        *told = Some(result);
        self.told.notify_all();
    }
}
