use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, task::JoinSet};

use crate::{
    connections::Peer,
    effort::{Efforts, processor_time},
    turns::{Turns, processors},
};

/// What the connections of a server share.
#[derive(Clone)]
pub(super) struct Shares {
    /// The turns of those who use little, and of those who use much: nobody waits for a turn that a thread of low priority has.
    turns: [Arc<Turns>; 2],
    efforts: Arc<Efforts>,
    low_priority: Option<Handle>,
}

impl Shares {
    pub(super) fn new(efforts: &Arc<Efforts>, low_priority: Option<Handle>) -> Self {
        let turns = || Turns::with_most(processors(), processors());
        Self {
            turns: [turns(), turns()],
            efforts: Arc::clone(efforts),
            low_priority,
        }
    }
}

/// Serves a connection, of which each step waits for a turn of its party. Gives nothing where a step panicked.
///
/// What is read, parsed and answered on connections is work of the runtime's threads, and in their queue all connections are
/// equal: whoever has the most of them, or sends what takes the most steps, would have the most done. Here one
/// step of each party is as near as one of any other's. The steps of a party that has used much lately are taken by the
/// threads of low priority, where there are such: others don't wait until the system takes a processor away from
/// it. Nothing is slower where nobody else waits.
pub(super) async fn in_turns<F>(shares: Shares, peer: Peer, connection: F) -> Option<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let low_priority = shares.low_priority.clone();
    let mut steps = Steps {
        shares,
        peer,
        connection: Box::pin(connection),
        uncounted: Duration::ZERO,
        counted: Instant::now(),
    };
    let Some(low_priority) = low_priority else {
        return Some(steps.all().await);
    };
    loop {
        if let Some(output) = steps.while_much_is_used(false).await {
            return Some(output);
        }
        // Ends with this connection's own task.
        let mut elsewhere = JoinSet::new();
        let slow = async move { (steps.while_much_is_used(true).await, steps) };
        elsewhere.spawn_on(slow, &low_priority);
        let (output, back) = elsewhere.join_next().await?.ok()?;
        if output.is_some() {
            return output;
        }
        steps = back;
    }
}

/// Steps are counted together while they have used less than this, and for no longer than `LATELY`.
const LITTLE: Duration = Duration::from_millis(1);
const LATELY: Duration = Duration::from_millis(20);

struct Steps<F> {
    shares: Shares,
    peer: Peer,
    connection: Pin<Box<F>>,
    /// What the steps have used since they were `counted`.
    uncounted: Duration,
    counted: Instant,
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

impl<F: Future> Steps<F> {
    async fn all(&mut self) -> F::Output {
        loop {
            if let Poll::Ready(output) = self.next(false).await {
                return output;
            }
            woken().await;
        }
    }

    /// Goes on until the party uses little instead of much, or the reverse.
    async fn while_much_is_used(&mut self, is_much: bool) -> Option<F::Output> {
        while self.shares.efforts.is_much(&self.peer.party(), is_much) == is_much {
            loop {
                if let Poll::Ready(output) = self.next(is_much).await {
                    return Some(output);
                }
                woken().await;
                if self.uncounted >= LITTLE || self.counted.elapsed() >= LATELY {
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
