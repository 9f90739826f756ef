use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::limits::Limits;

/// Measures how fast bytes arrive from or go to a client.
///
/// Time spent waiting for the client adds up, and bytes that move at the minimum rate or faster pay
/// it back. A client that owes the maximum is too slow, whether it stalls or trickles. The server's
/// own delays aren't counted.
#[derive(Debug)]
pub(crate) struct Pace {
    least_rate: u64,
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    owed: Duration,
    waiting_since: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            least_rate: limits.least_rate.max(1),
            patience: limits.stall_timeout,
            state: Mutex::default(),
        }
    }

    /// Returns the most that a client may owe.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Starts a new request or response.
    pub(crate) fn begin(&self) {
        *self.lock() = State::default();
    }

    /// Starts waiting for the client. Returns how long to wait at most.
    pub(crate) fn wait(&self, now: Instant) -> Duration {
        let mut state = self.lock();
        state.waiting_since.get_or_insert(now);
        self.patience.saturating_sub(state.owed(now))
    }

    /// Records that the client made progress and moved this many bytes.
    pub(crate) fn moved(&self, bytes: usize, now: Instant) {
        let mut state = self.lock();
        let earned = Duration::from_secs_f64(bytes as f64 / self.least_rate as f64);
        state.owed = state.owed(now).saturating_sub(earned);
        state.waiting_since = None;
    }

    /// Returns the time that the client owes.
    pub(crate) fn owed(&self, now: Instant) -> Duration {
        self.lock().owed(now)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn owed(&self, now: Instant) -> Duration {
        let waiting = self
            .waiting_since
            .map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        self.owed.saturating_add(waiting)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Pace;
    use crate::limits::Limits;

    fn pace() -> (Pace, Instant) {
        let limits = Limits {
            least_rate: 1000,
            stall_timeout: Duration::from_secs(30),
            ..Limits::default()
        };
        (Pace::new(&limits), Instant::now())
    }

    #[test]
    fn a_byte_now_and_then_is_as_slow_as_none() {
        let (pace, start) = pace();
        let mut now = start;
        let mut waits = 0;
        while pace.wait(now) > Duration::from_secs(10) {
            now += Duration::from_secs(10);
            pace.moved(1, now);
            waits += 1;
        }
        assert_eq!(waits, 3);
    }

    #[test]
    fn the_least_rate_is_fast_enough_for_ever() {
        let (pace, start) = pace();
        let mut now = start;
        for _ in 0..1000 {
            assert!(pace.wait(now) >= Duration::from_secs(29));
            now += Duration::from_secs(1);
            pace.moved(1000, now);
        }
        // A burst doesn't earn credit for a later pause.
        pace.wait(now);
        pace.moved(100_000_000, now);
        pace.wait(now);
        assert_eq!(
            pace.owed(now + Duration::from_secs(31)),
            Duration::from_secs(31)
        );
    }

    #[test]
    fn only_waiting_counts() {
        let (pace, now) = pace();
        pace.wait(now);
        pace.moved(0, now);
        assert_eq!(pace.owed(now + Duration::from_secs(99)), Duration::ZERO);
    }
}
