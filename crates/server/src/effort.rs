//! Lowers the priority of threads that work for heavy users.

use std::{
    cell::Cell,
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, sync::oneshot};

use crate::party::{Holder, Party};

mod priority;

pub(crate) use self::priority::processor_time;
use self::priority::{low_priority, set_priority};

/// The recent processor time from which a party's threads get a lower priority: about a third of a
/// processor over some time, or a single task of this length.
const MUCH: Duration = Duration::from_millis(150);
/// The recent processor time below which a party's threads get the usual priority again. It is less
/// than a flood gets at low priority; otherwise its priority would oscillate.
const LITTLE: Duration = Duration::from_millis(20);
/// The time after which half of the used time is forgotten.
const HALF_LIFE: Duration = Duration::from_millis(350);
/// The number of holders to remember before those that have been idle longest are forgotten.
const REMEMBERED: usize = 256;

/// The recent processor use of each party.
#[derive(Debug)]
pub(crate) struct Efforts {
    lately: Mutex<HashMap<Holder, Lately>>,
    /// The `nice` value of a low-priority thread.
    low_priority: i32,
}

#[derive(Clone, Copy, Debug)]
struct Lately {
    used: Duration,
    at: Instant,
    is_much: bool,
}

/// Work done for a party on its own thread.
#[derive(Debug)]
pub(crate) struct Effort {
    efforts: Arc<Efforts>,
    who: Party,
    /// The part of the thread's time that has been counted.
    counted: Cell<Duration>,
    makes_way: Cell<bool>,
}

impl Effort {
    /// Call this every few milliseconds of work. Once the party has used much, it lowers the
    /// thread's priority, on systems where threads have one. That can't be undone, so don't call it
    /// while holding a lock that others wait for.
    pub(crate) fn check(&self) {
        if self.count() && !self.makes_way.replace(true) {
            self.efforts.make_way();
        }
    }

    /// Adds the time used since the last call. Returns whether the party's recent use is high.
    fn count(&self) -> bool {
        let all = processor_time();
        let more = all.saturating_sub(self.counted.replace(all));
        self.efforts.add(&self.who, more, Instant::now())
    }
}

impl Drop for Effort {
    fn drop(&mut self) {
        self.count();
    }
}

impl Default for Efforts {
    fn default() -> Self {
        Self {
            lately: Mutex::default(),
            low_priority: low_priority(),
        }
    }
}

impl Efforts {
    /// Whether threads have their own priorities on this system.
    pub(crate) const CAN_MAKE_WAY: bool = cfg!(target_os = "linux");

    /// Lowers the priority of the current thread permanently.
    pub(crate) fn make_way(&self) {
        if let Err(cause) = set_priority(self.low_priority) {
            tracing::debug!(%cause, "failed to lower a thread's priority");
        }
    }

    /// Returns whether a party has used much recently and hasn't become light again.
    pub(crate) fn is_much(&self, who: &Party) -> bool {
        self.count(who, Duration::ZERO)
    }

    /// Adds the time that a step of work has used. Returns whether the party's recent use is high.
    pub(crate) fn count(&self, who: &Party, used: Duration) -> bool {
        self.add(who, used, Instant::now())
    }

    /// Runs work on a thread that isn't reused.
    ///
    /// # Errors
    ///
    /// If the system has no more threads, or the work panicked.
    pub(crate) async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        work: impl FnOnce(&Effort) -> T + Send + 'static,
    ) -> io::Result<T> {
        let (sender, result) = oneshot::channel();
        let (efforts, runtime) = (Arc::clone(self), Handle::current());
        let thread = std::thread::Builder::new().name("w3pin-work".to_owned());
        thread.spawn(move || {
            let _entered = runtime.enter();
            let effort = Effort {
                efforts,
                who,
                counted: Cell::new(Duration::ZERO),
                makes_way: Cell::new(false),
            };
            effort.check();
            // The receiver may be gone.
            let _ = sender.send(work(&effort));
        })?;
        result
            .await
            .map_err(|_| io::Error::other("the work panicked"))
    }

    /// Adds to the use of a party's holders. Returns whether the use of any of them is high.
    fn add(&self, who: &Party, more: Duration, now: Instant) -> bool {
        let mut all = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > REMEMBERED {
            all.retain(|_, lately| !lately.left(now).is_zero());
        }
        let mut is_much = false;
        for holder in who.holders() {
            let lately = all.entry(holder).or_insert(Lately {
                used: Duration::ZERO,
                at: now,
                is_much: false,
            });
            lately.used = lately.left(now) + more;
            lately.at = now;
            lately.is_much = lately.used >= if lately.is_much { LITTLE } else { MUCH };
            is_much |= lately.is_much;
        }
        is_much
    }
}

impl Lately {
    /// Returns the part that still counts.
    fn left(self, now: Instant) -> Duration {
        let halves = now.saturating_duration_since(self.at).as_secs_f64() / HALF_LIFE.as_secs_f64();
        let left = self.used.mul_f64((-halves).exp2());
        // Otherwise it would never reach zero.
        if left < Duration::from_micros(1) {
            Duration::ZERO
        } else {
            left
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, Instant},
    };

    use super::{Efforts, HALF_LIFE, LITTLE, MUCH, REMEMBERED};
    use crate::party::{Network, Party};

    fn stranger(number: u32) -> Party {
        Party::stranger(Network::of(std::net::Ipv4Addr::from(number).into()))
    }

    #[test]
    fn what_was_used_counts_less_and_less() {
        let (efforts, now) = (Efforts::default(), Instant::now());
        let add = |number, used, at| efforts.add(&stranger(number), used, at);
        assert!(!add(1, MUCH / 2, now));
        assert!(!add(2, MUCH / 2, now));
        assert!(!add(2, MUCH / 2, now + HALF_LIFE));
        assert!(add(1, MUCH / 2, now));
        // It counts until it is little, and then starts again from zero.
        assert!(add(1, Duration::ZERO, now + 2 * HALF_LIFE));
        assert!(!add(1, Duration::ZERO, now + 4 * HALF_LIFE));
        assert!(!add(1, LITTLE, now + 4 * HALF_LIFE));
    }

    #[test]
    fn the_smallest_steps_add_up() {
        let (efforts, now) = (Efforts::default(), Instant::now());
        let steps = (0..200_000).map(|_| efforts.add(&stranger(1), Duration::from_micros(1), now));
        assert!(steps.last().unwrap());
    }

    #[test]
    fn what_is_long_past_is_forgotten() {
        let (efforts, now) = (Efforts::default(), Instant::now());
        for number in 0..=REMEMBERED as u32 {
            efforts.add(&stranger(number), MUCH, now);
        }
        efforts.add(&stranger(0), MUCH, now + 100 * HALF_LIFE);
        assert_eq!(efforts.lately.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_panics_is_an_error() {
        let efforts = Arc::new(Efforts::default());
        assert_eq!(efforts.work(stranger(1), |_| 1).await.unwrap(), 1);
        let panicked = efforts.work(stranger(1), |_| -> i32 { panic!("as a test does") });
        assert!(panicked.await.is_err());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn who_uses_much_makes_way() {
        let efforts = Arc::new(Efforts::default());
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let (before, lower) = (niceness(), (niceness() + super::priority::NICENESS).min(19));
        let little = efforts.work(stranger(1), move |_| niceness());
        assert_eq!(little.await.unwrap(), before);
        let much = efforts.work(stranger(1), move |effort| {
            let began = super::processor_time();
            while super::processor_time() < began + 2 * MUCH {}
            effort.check();
            niceness()
        });
        assert_eq!(much.await.unwrap(), lower);
        // Also for a fresh start, and for nobody else.
        for (who, expected) in [(1, lower), (2, before)] {
            let next = efforts.work(stranger(who), move |_| niceness());
            assert_eq!(next.await.unwrap(), expected);
        }
        assert_eq!(niceness(), before, "other threads are as before");
    }
}
