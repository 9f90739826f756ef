//! Does the jobs: pins on the node what a pin needs, unpins what none does any more. It runs on a
//! thread of its own, since the records block.

use std::{collections::HashSet, sync::Arc, thread::JoinHandle, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use w3pin_unixfs::Cid;

use super::node::{Node, Shared};
use crate::{
    content_key::ContentKey,
    error::{RpcError, StoreError},
    records::{Job, Waiting, now},
};

/// Contents that are unpinned at once. Pinning has a limit of its own, since it may take long.
const REMOVALS: usize = 8;
/// How long a node that can't be reached is left alone, the first time and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(30)];

/// Does the jobs until it is dropped.
#[derive(Debug)]
pub(super) struct Settler {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Settler {
    pub(super) fn start<N: Node>(
        shared: &Arc<Shared<N>>,
        retrievals: usize,
    ) -> Result<Self, StoreError> {
        let shared = Arc::clone(shared);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("w3pin-settler".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = settle_all(&shared, retrievals) => {}
                        _ = stopped => {}
                    }
                });
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Settler {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn settle_all<N: Node>(shared: &Arc<Shared<N>>, retrievals: usize) {
    let retrievals = Arc::new(Semaphore::new(retrievals));
    let removals = Arc::new(Semaphore::new(REMOVALS));
    let mut changed = shared.changed.subscribe();
    let mut running = HashSet::new();
    let mut tasks = JoinSet::new();
    loop {
        changed.mark_unchanged();
        let jobs = shared.jobs.all().unwrap_or_else(|cause| {
            tracing::error!(%cause, "the jobs can't be read; it is tried again later");
            Vec::new()
        });
        for job in jobs {
            let lane = if job.held { &retrievals } else { &removals };
            if running.contains(&job.key) {
                continue;
            }
            let Ok(slot) = Arc::clone(lane).try_acquire_owned() else {
                continue;
            };
            running.insert(job.key.clone());
            tasks.spawn(settle(Arc::clone(shared), job.key, slot));
        }
        tokio::select! {
            changed = changed.changed() => if changed.is_err() {
                return;
            },
            Some(done) = tasks.join_next() => match done {
                Ok(key) => drop(running.remove(&key)),
                Err(cause) => tracing::error!(%cause, "a job was not done"),
            },
        }
    }
}

/// Does what there is to do about this content; gives the content back.
async fn settle<N: Node>(
    shared: Arc<Shared<N>>,
    key: ContentKey,
    _slot: OwnedSemaphorePermit,
) -> ContentKey {
    let mut pause = PAUSES[0];
    loop {
        match step(&shared, &key).await {
            Ok(Step::Done) => return key,
            Ok(Step::Again) => pause = PAUSES[0],
            Ok(Step::Later(cause)) => {
                tracing::warn!(%cause, "the node failed; it is asked again later");
                sleep(pause).await;
                pause = PAUSES[1].min(pause * 2);
            }
            Err(cause) => {
                tracing::error!(%cause, "a job can't be done; it is tried again later");
                sleep(PAUSES[1]).await;
            }
        }
    }
}

enum Step {
    Done,
    /// The aim may have changed.
    Again,
    Later(RpcError),
}

async fn step<N: Node>(shared: &Shared<N>, key: &ContentKey) -> Result<Step, StoreError> {
    let mut changed = shared.changed.subscribe();
    let Some(job) = shared.jobs.get(key)? else {
        return Ok(Step::Done);
    };
    let cid = key.to_cid()?;
    if !job.held {
        return remove(shared, key, &cid).await;
    }
    shared.jobs.delay(key, &Waiting::Retrieving)?;
    let limit = shared.retrieval_timeout;
    // What was acknowledged to whoever uploaded it is never given up.
    let is_upload = shared.jobs.is_upload(key)?;
    let left = match time_left(&job, limit, now()) {
        Some(left) => left,
        None if is_upload => limit.max(PAUSES[1]),
        None => {
            let reason = format!("the content wasn't found within {}", humantime(limit));
            return give_up(shared, &job, &cid, &reason).await;
        }
    };
    let report = |waiting| {
        if let Err(cause) = shared.jobs.delay(key, &waiting) {
            tracing::error!(%cause, "how far a pin is can't be noted");
        }
    };
    let fetched = async {
        shared.node.pin(&cid, report).await?;
        shared.node.shape(&cid).await
    };
    tokio::select! {
        fetched = timeout(left, fetched) => match fetched {
            Ok(Ok(shape)) => {
                shared.jobs.pinned(key, shape)?;
                Ok(Step::Again)
            }
            Ok(Err(cause)) if is_upload || cause.is_passing() => Ok(Step::Later(cause)),
            Ok(Err(cause)) => give_up(shared, &job, &cid, &cause.to_string()).await,
            Err(_) => Ok(Step::Again),
        },
        unneeded = until_unneeded(shared, key, &mut changed) => {
            unneeded?;
            Ok(Step::Again)
        }
    }
}

/// Ends a pin that isn't to be had, on the node as well.
async fn give_up<N: Node>(
    shared: &Shared<N>,
    job: &Job,
    cid: &Cid,
    reason: &str,
) -> Result<Step, StoreError> {
    let _lock = shared.adding.write().await;
    // An upload may have brought it, or another pin have asked for it again.
    if shared.jobs.get(&job.key)?.as_ref() != Some(job) {
        return Ok(Step::Again);
    }
    if !shared.jobs.is_complete(&job.key)?
        && let Ok(Err(cause)) = timeout(shared.timeout, shared.node.unpin(cid)).await
        && cause.is_passing()
    {
        return Ok(Step::Later(cause));
    }
    shared.jobs.failed(&job.key, reason)?;
    Ok(Step::Again)
}

async fn remove<N: Node>(
    shared: &Shared<N>,
    key: &ContentKey,
    cid: &Cid,
) -> Result<Step, StoreError> {
    let _lock = shared.adding.write().await;
    // An upload may have made a pin of it by now.
    match shared.jobs.get(key)? {
        Some(job) if !job.held => {}
        _ => return Ok(Step::Again),
    }
    match timeout(shared.timeout, shared.node.unpin(cid)).await {
        Ok(Ok(())) => {
            shared.jobs.unpinned(key)?;
            Ok(Step::Again)
        }
        Ok(Err(cause)) => Ok(Step::Later(cause)),
        Err(_) => Ok(Step::Later(RpcError::Timeout { call: "pin/rm" })),
    }
}

async fn until_unneeded<N: Node>(
    shared: &Shared<N>,
    key: &ContentKey,
    changed: &mut watch::Receiver<()>,
) -> Result<(), StoreError> {
    loop {
        if changed.changed().await.is_err() {
            return std::future::pending().await;
        }
        // A job that is gone was done by an upload of the same content.
        if !shared.jobs.get(key)?.is_some_and(|job| job.held) {
            return Ok(());
        }
    }
}

/// How long a job may still take, or none where its time is over.
fn time_left(job: &Job, limit: Duration, now: i64) -> Option<Duration> {
    let spent = Duration::from_nanos(now.saturating_sub(job.since).try_into().unwrap_or(0));
    limit.checked_sub(spent).filter(|left| !left.is_zero())
}

/// A duration in the largest unit that tells it whole.
fn humantime(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds % 3600, seconds % 60) {
        (0, _) if seconds > 0 => format!("{} h", seconds / 3600),
        (_, 0) if seconds > 0 => format!("{} min", seconds / 60),
        _ if duration.subsec_millis() > 0 => format!("{} ms", duration.as_millis()),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{humantime, time_left};
    use crate::{content_key::ContentKey, records::Job};

    #[test]
    fn a_job_has_its_time_from_when_it_was_last_asked_for() {
        let job = Job {
            key: ContentKey::from_bytes(Vec::new()),
            since: 1_000,
            held: true,
        };
        let limit = Duration::from_nanos(100);
        assert_eq!(time_left(&job, limit, 1_000), Some(limit));
        assert_eq!(time_left(&job, limit, 1_099), Some(Duration::from_nanos(1)));
        assert_eq!(time_left(&job, limit, 1_100), None);
        // A clock that was set back takes nothing away.
        assert_eq!(time_left(&job, limit, 5), Some(limit));
    }

    #[test]
    fn durations_are_told_in_whole_units() {
        let cases = [
            (86_400_000, "24 h"),
            (90_000, "90 s"),
            (120_000, "2 min"),
            (250, "250 ms"),
        ];
        for (milliseconds, expected) in cases {
            assert_eq!(humantime(Duration::from_millis(milliseconds)), expected);
        }
    }
}
