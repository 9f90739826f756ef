//! Uploads in progress.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::{
    connections::PATIENCE,
    pace::Pace,
    party::Party,
    turns::{Turn, Turns},
};

/// How often waiting uploads look for a slow one to abort.
const LOOK: Duration = Duration::from_millis(250);

/// A limit on concurrent uploads. If others wait, stalled ones are aborted.
#[derive(Debug)]
pub(crate) struct Uploads {
    turns: Arc<Turns>,
    running: Mutex<Vec<Weak<Running>>>,
}

/// An upload in progress.
#[derive(Debug)]
pub(crate) struct Upload {
    running: Arc<Running>,
    _turn: Turn,
}

#[derive(Debug)]
struct Running {
    pace: Arc<Pace>,
    cut: Notify,
}

impl Uploads {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            turns: Turns::new(count),
            running: Mutex::default(),
        }
    }

    /// Waits until there is room for an upload with this pace.
    pub(crate) async fn begin(&self, who: Party, pace: Arc<Pace>) -> Upload {
        let taking = self.turns.take(who);
        tokio::pin!(taking);
        let turn = loop {
            tokio::select! {
                biased;
                turn = &mut taking => break turn,
                () = tokio::time::sleep(LOOK) => self.cut_slowest(),
            }
        };
        let running = Arc::new(Running {
            pace,
            cut: Notify::new(),
        });
        let mut all = self.lock();
        all.retain(|upload| upload.strong_count() > 0);
        all.push(Arc::downgrade(&running));
        Upload {
            running,
            _turn: turn,
        }
    }

    /// Aborts the slowest upload, if it is too slow.
    fn cut_slowest(&self) {
        let now = Instant::now();
        let running = self.lock();
        let owed = running.iter().filter_map(|upload| {
            let upload = upload.upgrade()?;
            Some((upload.pace.owed(now), upload))
        });
        let slowest = owed.max_by_key(|(owed, _)| *owed);
        if let Some((owed, upload)) = slowest
            && owed >= PATIENCE
        {
            upload.cut.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Running>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    /// Waits until the upload must make room for others.
    pub(crate) async fn cut(&self) {
        self.running.cut.notified().await;
    }
}
