//! How fast requests may go out.

use std::{num::NonZeroU32, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);

/// How many requests a client sends a minute, all of its clones together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pacing {
    /// As many as there are.
    Off,
    /// At most this many in any minute.
    PerMinute(NonZeroU32),
}

impl Default for Pacing {
    /// The service's own limit, 180.
    fn default() -> Self {
        Self::PerMinute(const { NonZeroU32::new(180).unwrap() })
    }
}

/// A token bucket. A sixth of a minute's requests may go out at once; the rest is spread so that no
/// minute sees more than its number.
///
/// ```
/// use std::time::Duration;
/// use w3pin_core::{Pacer, Pacing};
///
/// let mut pacer = Pacer::new(Pacing::default());
/// let start = Duration::ZERO;
/// assert!((0..30).all(|_| pacer.reserve(start).is_zero()));
/// assert_eq!(pacer.reserve(start), Duration::from_millis(400));
/// ```
#[derive(Clone, Debug)]
pub struct Pacer {
    /// Time between requests once the burst is used up, and how far ahead of it the burst may run.
    schedule: Option<(Duration, Duration)>,
    /// When the next request would go out if there were no burst, since the caller's start.
    next: Duration,
}

impl Pacer {
    /// Starts with the whole burst at hand.
    #[must_use]
    pub fn new(pacing: Pacing) -> Self {
        let schedule = match pacing {
            Pacing::Off => None,
            Pacing::PerMinute(limit) => {
                let burst = (limit.get() / 6).max(1);
                // A minute that begins with a whole burst sees the burst and what follows of it.
                let following = (limit.get() - burst).max(1);
                let interval = MINUTE / following;
                Some((interval, interval * (burst - 1)))
            }
        };
        Self {
            schedule,
            next: Duration::ZERO,
        }
    }

    /// Takes one request's turn, and tells how long to wait for it. `now` is the time since a moment
    /// of the caller's choice, always the same.
    pub fn reserve(&mut self, now: Duration) -> Duration {
        let Some((interval, ahead)) = self.schedule else {
            return Duration::ZERO;
        };
        let turn = self.next.max(now);
        self.next = turn + interval;
        (turn - now).saturating_sub(ahead)
    }
}
