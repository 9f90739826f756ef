//! Fetches content that is pinned by CID from a source and stores it like an upload.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use tokio::{
    sync::{Semaphore, watch},
    time,
};
use w3pin_core::{DagBlock, DagLimits, ErrorKind, printable};
use w3pin_unixfs::Cid;

use super::{
    collect::Wake,
    inner::{self, Inner},
    intake::PackIntake,
    pack::Unlisted,
    references,
};
use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    dag_source::DagSource,
    engine::{
        BlockIntake,
        settle::{Keeper, Step, Trouble},
    },
    error::StoreError,
    folder::free_bytes,
    limits::Limits,
    memory::MemoryPlan,
    records::{Job, Jobs},
};

/// The bytes written between two checks of the free disk space.
const LOOK: u64 = 16 << 20;
/// The maximum length, in characters, of the reason why content didn't arrive.
const LONGEST_REASON: usize = 300;
/// While others wait, content that arrives at less than this multiple of the minimum rate counts as
/// stalled.
const RATE_WHERE_OTHERS_WAIT: u64 = 32;

/// Fetches content from a source.
#[derive(Debug)]
pub(super) struct Retrieval {
    inner: Arc<Inner>,
    wake: mpsc::Sender<Wake>,
    source: Arc<dyn DagSource>,
    jobs: Jobs,
    timeout: Duration,
    free_disk_bytes: u64,
    limits: DagLimits,
    /// As many at once as there is memory for. Those that wait for a retry don't take any.
    turns: Semaphore,
    /// The number of retrievals that wait for a turn.
    waiting: AtomicUsize,
    /// How long content may arrive slowly while others wait, and the rate in bytes per second that
    /// counts as slow.
    slow: (Duration, u64),
}

impl Retrieval {
    pub(super) fn new(
        inner: &Arc<Inner>,
        wake: mpsc::Sender<Wake>,
        source: Arc<dyn DagSource>,
        limits: &Limits,
    ) -> Self {
        let memory = MemoryPlan::new(limits, 0, true);
        let mut dag_limits = DagLimits::default();
        dag_limits.most_blocks = memory.retrieval_blocks;
        dag_limits.most_bytes = limits.retrieval_bytes;
        Self {
            inner: Arc::clone(inner),
            wake,
            source,
            jobs: Jobs::new(Arc::clone(&inner.records)),
            timeout: limits.retrieval_timeout,
            free_disk_bytes: limits.free_disk_bytes,
            limits: dag_limits,
            turns: Semaphore::new(memory.retrievals),
            waiting: AtomicUsize::new(0),
            slow: (
                limits.stall_timeout.max(Duration::from_millis(100)),
                limits.least_rate.saturating_mul(RATE_WHERE_OTHERS_WAIT),
            ),
        }
    }

    /// Picks up pins that had to wait for their content without a source.
    pub(super) fn begin(&self) -> Result<(), StoreError> {
        self.jobs.take_up_waiting()
    }

    /// Receives all blocks of a DAG.
    async fn take_in(&self, root: &Cid) -> Result<Incoming, Trouble> {
        self.require_free_disk()?;
        let mut incoming = Incoming {
            intake: PackIntake::new(&self.inner, Some(self.wake.clone()))?,
            above: Vec::new(),
            shape: None,
        };
        let mut looked_at = 0;
        let (window, rate) = self.slow;
        let mut latest = (Instant::now(), 0);
        let mut blocks = self.source.dag((*root).into(), self.limits);
        loop {
            match time::timeout(window, blocks.next()).await {
                Ok(None) => break,
                Ok(Some(block)) => incoming.put(root, &block?)?,
                Err(_) => {}
            }
            let bytes = incoming.intake.pack().bytes();
            if bytes - looked_at > LOOK {
                self.require_free_disk()?;
                looked_at = bytes;
            }
            let (since, had) = latest;
            if since.elapsed() >= window {
                let is_slow = ((bytes - had) as f64) < rate as f64 * since.elapsed().as_secs_f64();
                if is_slow && self.waiting.load(Ordering::Relaxed) > 0 {
                    let reason = "it arrives slowly, and others are waiting".to_owned();
                    return Err(Trouble::Passing(reason));
                }
                latest = (Instant::now(), bytes);
            }
        }
        incoming.list_down_to(0)?;
        Ok(incoming)
    }

    fn require_free_disk(&self) -> Result<(), StoreError> {
        match free_bytes(self.inner.packs.folder()) {
            Some(free) if free < self.free_disk_bytes => Err(StoreError::Full),
            _ => Ok(()),
        }
    }
}

impl Keeper for Retrieval {
    /// A gateway that doesn't have the content is asked rarely, since requests are rate limited.
    const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5 * 60)];

    fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    fn changed(&self) -> &watch::Sender<()> {
        &self.inner.changed
    }

    fn retrieval_timeout(&self) -> Duration {
        self.timeout
    }

    async fn retrieve(&self, key: &ContentKey, cid: &Cid) -> Result<(), Trouble> {
        let waits = Waits::new(&self.waiting);
        let Ok(_turn) = self.turns.acquire().await else {
            return Err(Trouble::Passing("the server is shutting down".to_owned()));
        };
        drop(waits);
        let incoming = self.take_in(cid).await.map_err(unless_lasting)?;
        let (inner, key, cid) = (Arc::clone(&self.inner), key.clone(), *cid);
        tokio::task::spawn_blocking(move || incoming.commit(&inner, &key, &cid))
            .await
            .unwrap_or(Err(StoreError::Damaged("keeping content panicked")))
            .map_err(|cause| unless_lasting(cause.into()))
    }

    async fn give_up(&self, job: &Job, _: &Cid, reason: &str) -> Result<Step, StoreError> {
        // Another pin may have requested it again.
        if self.jobs.get(&job.key)?.as_ref() == Some(job) {
            self.jobs.failed(&job.key, reason)?;
        }
        Ok(Step::Again)
    }

    /// The collector frees what a removed pin held.
    async fn remove(&self, key: &ContentKey, _: &Cid) -> Result<Step, StoreError> {
        self.jobs.unpinned(key)?;
        Ok(Step::Again)
    }
}

/// Counts as waiting until dropped.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl From<w3pin_core::Error> for Trouble {
    fn from(cause: w3pin_core::Error) -> Self {
        // The text may come from a gateway, and is stored with the pin.
        let text = cause.to_string();
        let reason = printable(&text).chars().take(LONGEST_REASON).collect();
        match cause.kind() {
            ErrorKind::InvalidInput => Self::Final(reason),
            _ => Self::Passing(reason),
        }
    }
}

/// A full disk and an inconsistent DAG fail a pin, as they fail an upload.
fn unless_lasting(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Store(cause @ (StoreError::Full | StoreError::Damaged(_))) => {
            Trouble::Final(cause.to_string())
        }
        trouble => trouble,
    }
}

/// A DAG that arrives parents first, while its blocks are entered children first.
struct Incoming {
    intake: PackIntake,
    /// The blocks between the root and the latest one; each is listed once everything below it has
    /// arrived.
    above: Vec<Unlisted>,
    /// What the root says about the DAG.
    shape: Option<DagShape>,
}

impl Incoming {
    fn put(&mut self, root: &Cid, block: &DagBlock) -> Result<(), StoreError> {
        let DagBlock {
            cid,
            bytes,
            links,
            level,
        } = block;
        let key = ContentKey::of(cid);
        if self.shape.is_none() {
            if key != ContentKey::of(root) {
                return Err(StoreError::Damaged("the source returned a different root"));
            }
            self.shape = Some(inner::shape(&key, bytes)?);
        }
        self.list_down_to(*level)?;
        if self.above.len() != *level {
            return Err(StoreError::Damaged("the source skipped a level of the DAG"));
        }
        self.above
            .push(self.intake.pack().write(&key, &[bytes], links)?);
        Ok(())
    }

    /// Lists the blocks that have no more descendants to come.
    fn list_down_to(&mut self, level: usize) -> Result<(), StoreError> {
        while self.above.len() > level
            && let Some(block) = self.above.pop()
        {
            self.intake.pack().list(&block)?;
        }
        Ok(())
    }

    /// Makes the content durable and completes the pins that wait for it. If there are none
    /// anymore, nothing is kept.
    fn commit(self, inner: &Inner, key: &ContentKey, cid: &Cid) -> Result<(), StoreError> {
        let shape = self
            .shape
            .ok_or(StoreError::Damaged("the source returned no block"))?;
        let mut staged = Box::new(self.intake).finish(cid, shape)?;
        staged.prepare()?;
        let kept = inner.records.write(|transaction| {
            staged.arrive(transaction, key)?;
            if !references::are_there(transaction, key)? {
                return Err(StoreError::NotFound);
            }
            staged.keep();
            Ok(())
        });
        match kept {
            Err(StoreError::NotFound) => Ok(()),
            kept => kept,
        }
    }
}
