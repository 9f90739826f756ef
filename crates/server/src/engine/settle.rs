//! Does the jobs: gets the content that a pin needs, and lets go of what none does any more. It runs on a
//! thread of its own, since the records block.

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

/// Contents that are let go of at once. Getting some has a limit of its own, since it may take long.
const REMOVALS: usize = 8;
/// How long a job is left alone that the records or the disk stood in the way of.
const BROKEN: Duration = Duration::from_secs(30);

/// Gets content, and lets it go. Everything may be asked for again.
pub(super) trait Keeper: Send + Sync + 'static {
    /// How long what failed is left alone, the first time and at most.
    const PAUSES: [Duration; 2];

    /// What there is to do.
    fn jobs(&self) -> &Jobs;

    /// Tells that the records have changed.
    fn changed(&self) -> &watch::Sender<()>;

    /// How long content may take to come, before it is given up.
    fn retrieval_timeout(&self) -> Duration;

    /// Gets content, and notes when it is here. Dropped, it stops.
    fn retrieve(
        &self,
        key: &ContentKey,
        cid: &Cid,
    ) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// Ends a job whose content isn't to be had.
    fn give_up(
        &self,
        job: &Job,
        cid: &Cid,
        reason: &str,
    ) -> impl Future<Output = Result<Step, StoreError>> + Send;

    /// Lets go of content that no pin needs.
    fn remove(
        &self,
        key: &ContentKey,
        cid: &Cid,
    ) -> impl Future<Output = Result<Step, StoreError>> + Send;
}

/// Why content didn't come.
pub(super) enum Trouble {
    /// It may come later.
    Passing(String),
    /// It never will.
    Final(String),
    /// The records or the disk stand in the way.
    Store(StoreError),
}

/// What a step has come to.
pub(super) enum Step {
    Done,
    /// The aim may have changed.
    Again,
    /// It is to be tried later, and why.
    Later(String),
}

impl From<StoreError> for Trouble {
    fn from(cause: StoreError) -> Self {
        Self::Store(cause)
    }
}

/// Does the jobs until it is dropped.
#[derive(Debug)]
pub(super) struct Settler {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Settler {
    /// Starts with the jobs that there are, and gets so many contents at once.
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
            tasks.spawn(settle(Arc::clone(keeper), job.key, slot));
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
                    tracing::warn!(%cause, %cid, "content is tried again later");
                }
                last = Some(cause);
                let rest = pause;
                pause = K::PAUSES[1].min(pause * 2);
                rest
            }
            Err(cause) => {
                tracing::error!(%cause, "a job can't be done; it is tried again later");
                BROKEN
            }
        };
        match keeper.jobs().get(&key) {
            Ok(Some(job)) if job.held => {
                let left = time_left(&job, keeper.retrieval_timeout(), now());
                tokio::select! {
                    // Just behind its end, when it is given up.
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
    // What was acknowledged to whoever uploaded it is never given up.
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
        // A job that is gone was done by an upload of the same content.
        if !keeper.jobs().get(key)?.is_some_and(|job| job.held) {
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
