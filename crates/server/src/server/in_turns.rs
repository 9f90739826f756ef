use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::low_priority::LowPriority;
use crate::{
    connections::Peer,
    effort::{Efforts, processor_time},
    turns::{Turns, processors},
};

/// State shared by all connections of a server.
#[derive(Clone)]
pub(super) struct Shares {
    /// The turns of light users and of heavy users: nobody waits for a turn that a low-priority
    /// thread holds.
    turns: [Arc<Turns>; 2],
    efforts: Arc<Efforts>,
    low_priority: Arc<LowPriority>,
}

impl Shares {
    pub(super) fn new(efforts: &Arc<Efforts>, low_priority: &Arc<LowPriority>) -> Self {
        let turns = || Turns::with_most(processors(), processors());
        Self {
            turns: [turns(), turns()],
            efforts: Arc::clone(efforts),
            low_priority: Arc::clone(low_priority),
        }
    }
}

/// Serves a connection, each step of which waits for a turn of its party. Returns `None` if a step
/// panicked.
///
/// Reading, parsing and responding is done by the runtime's threads, in whose queue all connections
/// are equal: a party with many connections, or with expensive requests, would get most of the
/// time. Turns give each party an equal chance. The steps of parties that have used much recently
/// run on low-priority threads, if available, so that others don't have to wait until the system
/// preempts them. Without contention nothing is slower.
pub(super) async fn in_turns<F>(shares: Shares, peer: Peer, connection: F) -> Option<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let low_priority = Arc::clone(&shares.low_priority);
    let mut steps = Steps {
        shares,
        peer,
        connection: Box::pin(connection),
        uncounted: Duration::ZERO,
        counted: Instant::now(),
    };
    loop {
        if let Some(output) = steps.take(false).await {
            return Some(output);
        }
        let Some(low_priority) = low_priority.handle() else {
            if let Some(output) = steps.take(true).await {
                return Some(output);
            }
            continue;
        };
        // Ends with this connection's own task.
        let mut elsewhere = JoinSet::new();
        let slow = async move { (steps.take(true).await, steps) };
        elsewhere.spawn_on(slow, low_priority);
        let (output, back) = elsewhere.join_next().await?.ok()?;
        if output.is_some() {
            return output;
        }
        steps = back;
    }
}

/// Steps are counted together until they have used this much time, or this much time has passed.
const COUNTED_BY: Duration = Duration::from_millis(1);
const COUNTED_EVERY: Duration = Duration::from_millis(20);

struct Steps<F> {
    shares: Shares,
    peer: Peer,
    connection: Pin<Box<F>>,
    /// The time that steps have used since `counted`.
    uncounted: Duration,
    counted: Instant,
}

impl<F: Future> Steps<F> {
    /// Runs until the end, or until the party changes between light and heavy use.
    async fn take(&mut self, is_much: bool) -> Option<F::Output> {
        while self.shares.efforts.is_much(&self.peer.party()) == is_much {
            loop {
                if let Poll::Ready(output) = self.next(is_much).await {
                    return Some(output);
                }
                woken().await;
                if self.uncounted >= COUNTED_BY || self.counted.elapsed() >= COUNTED_EVERY {
                    self.count();
                    break;
                }
            }
        }
        None
    }

    async fn next(&mut self, is_much: bool) -> Poll<F::Output> {
        let turns = &self.shares.turns[usize::from(is_much)];
        let turn = turns.take(self.peer.party()).await;
        let before = processor_time();
        let step = poll_fn(|context| Poll::Ready(self.connection.as_mut().poll(context))).await;
        self.uncounted += processor_time().saturating_sub(before);
        drop(turn);
        step
    }
}

impl<F> Steps<F> {
    fn count(&mut self) {
        let used = std::mem::take(&mut self.uncounted);
        self.shares.efforts.count(&self.peer.party(), used);
        self.counted = Instant::now();
    }
}

impl<F> Drop for Steps<F> {
    fn drop(&mut self) {
        self.count();
    }
}

/// Waits until what was polled last wants to be polled again.
async fn woken() {
    let mut has_waited = false;
    poll_fn(|_| {
        if std::mem::replace(&mut has_waited, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::{
        net::Ipv4Addr,
        sync::Arc,
        task::Poll,
        time::{Duration, Instant},
    };

    use super::{LowPriority, Shares, in_turns, poll_fn, processor_time};
    use crate::{connections::Connections, effort::Efforts, limits::Limits, pace::Pace};

    /// Returns the names of the threads that run a connection's steps, each followed by its pause.
    async fn threads_of(steps: Vec<(Duration, Duration)>) -> Vec<String> {
        let efforts = Arc::new(Efforts::default());
        let shares = Shares::new(&efforts, &LowPriority::new(&efforts));
        let pace = Arc::new(Pace::new(&Limits::default()));
        let address = Ipv4Addr::LOCALHOST.into();
        let place = Connections::new(1).add(address, &pace);
        let connection = async move {
            let mut threads = Vec::new();
            for (works, waits) in steps {
                let begun = processor_time();
                while processor_time() < begun + works {}
                threads.push(std::thread::current().name().unwrap().to_owned());
                tokio::time::sleep(waits).await;
            }
            threads
        };
        let peer = place.peer(address);
        in_turns(shares, peer, connection).await.unwrap()
    }

    #[tokio::test]
    async fn who_uses_much_is_served_by_threads_of_low_priority_until_it_uses_little() {
        let [much, moment] = [200, 1].map(Duration::from_millis);
        let threads = threads_of(vec![
            (moment, moment),
            (much, moment),
            (moment, Duration::from_secs(2)),
            (moment, moment),
            (moment, moment),
        ]);
        let is_low: Vec<_> = threads.await.iter().map(|it| it == "w3pin-low").collect();
        assert_eq!(is_low[..3], [false, false, true]);
        assert!(!is_low[4], "{is_low:?}");
    }

    #[tokio::test]
    async fn a_connection_whose_task_ends_ends_elsewhere_too() {
        let efforts = Arc::new(Efforts::default());
        let low_priority = LowPriority::new(&efforts);
        let shares = Shares::new(&efforts, &low_priority);
        let pace = Arc::new(Pace::new(&Limits::default()));
        let address = Ipv4Addr::LOCALHOST.into();
        let peer = Connections::new(1).add(address, &pace).peer(address);
        efforts.count(&peer.party(), Duration::from_secs(1));
        let kept = Arc::new(());
        let held = Arc::clone(&kept);
        let begun = Arc::new(tokio::sync::Notify::new());
        let noted = Arc::clone(&begun);
        let task = tokio::spawn(in_turns(shares, peer, async move {
            let _held = held;
            noted.notify_one();
            poll_fn::<(), _>(|_| Poll::Pending).await;
        }));
        begun.notified().await;
        task.abort();
        let end = Instant::now() + Duration::from_secs(30);
        while Arc::strong_count(&kept) > 1 {
            assert!(Instant::now() < end, "the connection is still there");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
