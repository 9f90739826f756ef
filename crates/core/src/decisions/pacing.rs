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
#[derive(Clone, Debug)]
pub(crate) struct Pacer {
    /// Time between requests once the burst is used up, and how far ahead of it the burst may run.
    schedule: Option<(Duration, Duration)>,
    /// When the next request would go out if there were no burst, since the caller's start.
    next: Duration,
}

impl Pacer {
    /// Starts with the whole burst at hand.
    pub(crate) fn new(pacing: Pacing) -> Self {
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
    pub(crate) fn reserve(&mut self, now: Duration) -> Duration {
        let Some((interval, ahead)) = self.schedule else {
            return Duration::ZERO;
        };
        let turn = self.next.max(now);
        self.next = turn.saturating_add(interval);
        (turn - now).saturating_sub(ahead)
    }
}
