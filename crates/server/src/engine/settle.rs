//! Works on jobs: fetches content that a pin needs, and releases content that none needs anymore.
//! Runs on its own thread, since access to the records blocks.

use std::{collections::HashSet, sync::Arc, thread::JoinHandle, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use w3pin_unixfs::Cid;

use crate::{
    content_key::ContentKey,
    error::StoreError,
    records::{Job, Jobs, Waiting, now},
};

/// The number of concurrent removals. Retrievals have their own limit, since they may take long.
const REMOVALS: usize = 8;
/// The delay before a job is retried after the records or the disk failed.
const BROKEN: Duration = Duration::from_secs(30);

/// Fetches and releases content. Every operation may be repeated.
pub(super) trait Keeper: Send + Sync + 'static {
    /// The first and the longest delay before a retry.
    const PAUSES: [Duration; 2];

    /// Returns the jobs.
    fn jobs(&self) -> &Jobs;

    /// Returns a channel that signals changes of the records.
    fn changed(&self) -> &watch::Sender<()>;

    /// Returns how long content may take to arrive before the pin fails.
    fn retrieval_timeout(&self) -> Duration;

    /// Fetches content, and records when it has arrived. Dropping the future cancels it.
    fn retrieve(
        &self,
        key: &ContentKey,
        cid: &Cid,
    ) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// Ends a job whose content can't be fetched.
    fn give_up(
        &self,
        job: &Job,
        cid: &Cid,
        reason: &str,
    ) -> impl Future<Output = Result<Step, StoreError>> + Send;

    /// Releases content that no pin needs.
    fn remove(
        &self,
        key: &ContentKey,
        cid: &Cid,
    ) -> impl Future<Output = Result<Step, StoreError>> + Send;
}

/// Why content didn't arrive.
pub(super) enum Trouble {
    /// It may arrive later.
    Passing(String),
    /// It will never arrive.
    Final(String),
    /// The records or the disk failed.
    Store(StoreError),
}

/// The result of a step.
pub(super) enum Step {
    Done,
    /// The job may have changed; check it again.
    Again,
    /// Retry later, for this reason.
    Later(String),
}

impl From<StoreError> for Trouble {
    fn from(cause: StoreError) -> Self {
        Self::Store(cause)
    }
}

/// Works on jobs until it is dropped.
#[derive(Debug)]
pub(super) struct Settler {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Settler {
    /// Starts with the existing jobs, and fetches up to `retrievals` contents at once.
    pub(super) fn start<K: Keeper>(keeper: &Arc<K>, retrievals: usize) -> Result<Self, StoreError> {
        let keeper = Arc::clone(keeper);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("w3pin-settler".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = settle_all(&keeper, retrievals) => {}
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

async fn settle_all<K: Keeper>(keeper: &Arc<K>, retrievals: usize) {
    let retrievals = Arc::new(Semaphore::new(retrievals));
    let removals = Arc::new(Semaphore::new(REMOVALS));
    let mut changed = keeper.changed().subscribe();
    let mut running = HashSet::new();
    let mut tasks = JoinSet::new();
    loop {
        changed.mark_unchanged();
        let jobs = keeper.jobs().all().unwrap_or_else(|cause| {
            tracing::error!(%cause, "failed to read the jobs; trying again later");
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
            tasks.spawn(settle(Arc::clone(keeper), job.key, slot));
        }
        tokio::select! {
            changed = changed.changed() => if changed.is_err() {
                return;
            },
            Some(done) = tasks.join_next() => match done {
                Ok(key) => drop(running.remove(&key)),
                Err(cause) => tracing::error!(%cause, "a job failed"),
            },
        }
    }
}

/// Does the job for this content and returns the content.
async fn settle<K: Keeper>(
    keeper: Arc<K>,
    key: ContentKey,
    _slot: OwnedSemaphorePermit,
) -> ContentKey {
    let mut pause = K::PAUSES[0];
    let mut last = None;
    loop {
        let mut changed = keeper.changed().subscribe();
        let rest = match step(&*keeper, &key, last.as_deref()).await {
            Ok(Step::Done) => return key,
            Ok(Step::Again) => {
                (pause, last) = (K::PAUSES[0], None);
                continue;
            }
            Ok(Step::Later(cause)) => {
                if last.is_none() {
                    let cid = key.to_cid().map(|cid| cid.to_string());
                    let cid = cid.unwrap_or_default();
                    tracing::warn!(%cause, %cid, "failed to fetch or release content; trying again later");
                }
                last = Some(cause);
                let rest = pause;
                pause = K::PAUSES[1].min(pause * 2);
                rest
            }
            Err(cause) => {
                tracing::error!(%cause, "a job failed; trying again later");
                BROKEN
            }
        };
        match keeper.jobs().get(&key) {
            Ok(Some(job)) if job.held => {
                let left = time_left(&job, keeper.retrieval_timeout(), now());
                tokio::select! {
                    // Right after the deadline, when it is given up.
                    () = sleep(rest.min(left.unwrap_or(rest)) + Duration::from_millis(1)) => {}
                    _ = until_unneeded(&*keeper, &key, &mut changed) => {}
                }
            }
            _ => sleep(rest).await,
        }
    }
}

async fn step<K: Keeper>(
    keeper: &K,
    key: &ContentKey,
    last: Option<&str>,
) -> Result<Step, StoreError> {
    let mut changed = keeper.changed().subscribe();
    let jobs = keeper.jobs();
    let Some(job) = jobs.get(key)? else {
        return Ok(Step::Done);
    };
    let cid = key.to_cid()?;
    if !job.held {
        return keeper.remove(key, &cid).await;
    }
    jobs.delay(key, &Waiting::Retrieving)?;
    let limit = keeper.retrieval_timeout();
    // An acknowledged upload is never given up.
    let is_upload = jobs.is_upload(key)?;
    let left = match time_left(&job, limit, now()) {
        Some(left) => left,
        None if is_upload => limit.max(BROKEN),
        None => {
            let mut reason = format!("the content wasn't found within {}", humantime(limit));
            if let Some(last) = last {
                reason = format!("{reason}: {last}");
            }
            return keeper.give_up(&job, &cid, &reason).await;
        }
    };
    tokio::select! {
        retrieved = timeout(left, keeper.retrieve(key, &cid)) => match retrieved {
            Ok(Ok(())) | Err(_) => Ok(Step::Again),
            Ok(Err(Trouble::Passing(cause))) => Ok(Step::Later(cause)),
            Ok(Err(Trouble::Final(cause))) if is_upload => Ok(Step::Later(cause)),
            Ok(Err(Trouble::Final(cause))) => keeper.give_up(&job, &cid, &cause).await,
            Ok(Err(Trouble::Store(cause))) => Err(cause),
        },
        unneeded = until_unneeded(keeper, key, &mut changed) => {
            unneeded?;
            Ok(Step::Again)
        }
    }
}

async fn until_unneeded<K: Keeper>(
    keeper: &K,
    key: &ContentKey,
    changed: &mut watch::Receiver<()>,
) -> Result<(), StoreError> {
    loop {
        if changed.changed().await.is_err() {
            return std::future::pending().await;
        }
        // A missing job was completed by an upload of the same content.
        if !keeper.jobs().get(key)?.is_some_and(|job| job.held) {
            return Ok(());
        }
    }
}

/// Returns how long a job may still take, or `None` if its time is up.
fn time_left(job: &Job, limit: Duration, now: i64) -> Option<Duration> {
    let spent = Duration::from_nanos(now.saturating_sub(job.since).try_into().unwrap_or(0));
    limit.checked_sub(spent).filter(|left| !left.is_zero())
}

/// Formats a duration in the largest unit that expresses it exactly.
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
        // A clock that was set back doesn't shorten the time.
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
