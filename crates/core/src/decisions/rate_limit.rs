//! How fast requests may go out.

use std::{num::NonZeroU32, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);

/// How many requests a client sends in a minute, all of its clones together. A sixth of them may go out at
/// once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// As many as there are.
    Unlimited,
    /// At most this many in any minute.
    PerMinute(NonZeroU32),
}

impl Default for RateLimit {
    /// The service's own limit, 180.
    fn default() -> Self {
        Self::PerMinute(const { NonZeroU32::new(180).unwrap() })
    }
}

/// A token bucket. A sixth of a minute's requests may go out at once; the rest is spread so that no
/// minute sees more than its number.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter {
    /// Time between requests once the burst is used up, and how far ahead of it the burst may run.
    schedule: Option<(Duration, Duration)>,
    /// When the next request would go out if there were no burst, since the caller's start.
    next: Duration,
}

impl RateLimiter {
    /// Starts with the whole burst at hand.
    pub(crate) fn new(rate_limit: RateLimit) -> Self {
        let schedule = match rate_limit {
            RateLimit::Unlimited => None,
            RateLimit::PerMinute(limit) => {
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
