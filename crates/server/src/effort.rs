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

/// The recent processor time from which on the threads of a party have a lower priority: about a third of a processor's over
/// some time, or one piece of work of this length.
const MUCH: Duration = Duration::from_millis(150);
/// The recent processor time below which they have their usual one again: less than a flood gets at a low priority, which would
/// come and go with it else.
const LITTLE: Duration = Duration::from_millis(20);
/// Half of what was used counts no more after this time.
const HALF_LIFE: Duration = Duration::from_millis(350);
/// How much lower than the process's own the priority of such work is, on the scale of `nice`: it gets all the time that
/// nobody else wants, and about a tenth of what somebody else wants as well.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;
/// Holders that are remembered before those are forgotten whose use is long past.
const REMEMBERED: usize = 256;

/// Who has lately used how much of the processors.
#[derive(Debug)]
pub(crate) struct Efforts {
    lately: Mutex<HashMap<Holder, Lately>>,
    /// What a thread of low priority has, on the scale of `nice`.
    low_priority: i32,
}

#[derive(Clone, Copy, Debug)]
struct Lately {
    used: Duration,
    at: Instant,
    is_much: bool,
}

/// The work that is done for somebody on a thread of its own.
#[derive(Debug)]
pub(crate) struct Effort {
    efforts: Arc<Efforts>,
    who: Party,
    /// What of the thread's time was counted.
    counted: Cell<Duration>,
    makes_way: Cell<bool>,
}

impl Effort {
    /// To be called every few milliseconds of work. Once its party has used much, the thread has a lower priority, where the
    /// system has such for threads. There is no way back, so whoever holds what others wait for mustn't call it.
    pub(crate) fn check(&self) {
        if self.count() && !self.makes_way.replace(true) {
            self.efforts.make_way();
        }
    }

    /// Counts what was used since this was called last; says whether that is much, with what its party has used lately.
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
    /// Whether threads have priorities of their own here.
    pub(crate) const CAN_MAKE_WAY: bool = cfg!(target_os = "linux");

    /// Lowers the priority of the current thread for ever.
    pub(crate) fn make_way(&self) {
        if let Err(cause) = set_priority(self.low_priority) {
            tracing::debug!(%cause, "a thread keeps its priority");
        }
    }

    /// Whether a party has used much lately, and not yet little.
    pub(crate) fn is_much(&self, who: &Party) -> bool {
        self.count(who, Duration::ZERO)
    }

    /// Counts what a step of work for a party has used; says whether that is much, with what it has used lately.
    pub(crate) fn count(&self, who: &Party, used: Duration) -> bool {
        self.add(who, used, Instant::now())
    }

    /// Works on a thread that nothing else runs on afterwards.
    ///
    /// # Errors
    ///
    /// Where the system has no more threads, or the work panicked.
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
            // Whoever wanted it may be gone.
            let _ = sender.send(work(&effort));
        })?;
        result
            .await
            .map_err(|_| io::Error::other("the work panicked"))
    }

    /// Adds to what the holders of a party have used; says whether one of them has used much.
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
    /// What of it still counts.
    fn left(self, now: Instant) -> Duration {
        let halves = now.saturating_duration_since(self.at).as_secs_f64() / HALF_LIFE.as_secs_f64();
        let left = self.used.mul_f64((-halves).exp2());
        // Else it would never be nothing.
        if left < Duration::from_micros(1) {
            Duration::ZERO
        } else {
            left
        }
    }
}

/// What the current thread has used of a processor, where the system tells.
#[cfg(target_os = "linux")]
pub(crate) fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(time.tv_sec.unsigned_abs(), nanoseconds)
}

#[cfg(target_os = "linux")]
fn low_priority() -> i32 {
    // Where it isn't known, low enough.
    let own = rustix::process::getpriority_process(None).unwrap_or(0);
    (own + NICENESS).min(19)
}

/// On Linux a priority is a thread's own, and not its process's.
#[cfg(target_os = "linux")]
fn set_priority(priority: i32) -> io::Result<()> {
    Ok(rustix::process::setpriority_process(None, priority)?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn processor_time() -> Duration {
    Duration::ZERO
}

#[cfg(not(target_os = "linux"))]
fn low_priority() -> i32 {
    0
}

#[cfg(not(target_os = "linux"))]
fn set_priority(_: i32) -> io::Result<()> {
    Ok(())
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
        // Until it is little, and then from the beginning.
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
        let (before, lower) = (niceness(), (niceness() + super::NICENESS).min(19));
        let little = efforts.work(stranger(1), move |_| niceness());
        assert_eq!(little.await.unwrap(), before);
        let much = efforts.work(stranger(1), move |effort| {
            let began = super::processor_time();
            while super::processor_time() < began + 2 * MUCH {}
            effort.check();
            niceness()
        });
        assert_eq!(much.await.unwrap(), lower);
        // Also from the beginning, and nobody else's.
        for (who, expected) in [(1, lower), (2, before)] {
            let next = efforts.work(stranger(who), move |_| niceness());
            assert_eq!(next.await.unwrap(), expected);
        }
        assert_eq!(niceness(), before, "other threads are as before");
    }
}
