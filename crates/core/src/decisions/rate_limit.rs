//! Limits the rate of requests.

use std::{num::NonZeroU32, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);

/// How many requests a client and all of its clones send per minute. A sixth of them may be sent in
/// a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// No limit.
    Unlimited,
    /// At most this many in any minute.
    PerMinute(NonZeroU32),
}

impl Default for RateLimit {
    /// Returns the service's own limit, 180.
    fn default() -> Self {
        Self::PerMinute(const { NonZeroU32::new(180).unwrap() })
    }
}

/// A token bucket. A sixth of a minute's requests may be sent in a burst; the rest is spread so
/// that no minute exceeds the limit.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter {
    /// The time between requests after the burst, and how far ahead of that schedule the burst may
    /// be.
    schedule: Option<(Duration, Duration)>,
    /// When the next request would be sent without a burst, since the caller's start.
    next: Duration,
}

impl RateLimiter {
    /// Starts with a full burst.
    pub(crate) fn new(rate_limit: RateLimit) -> Self {
        let schedule = match rate_limit {
            RateLimit::Unlimited => None,
            RateLimit::PerMinute(limit) => {
                let burst = (limit.get() / 6).max(1);
                // A minute that starts with a full burst contains the burst and the requests that
                // follow.
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

    /// Takes the turn of one request. Returns how long to wait for it. `now` is the time since an
    /// arbitrary, fixed moment.
    pub(crate) fn reserve(&mut self, now: Duration) -> Duration {
        let Some((interval, ahead)) = self.schedule else {
            return Duration::ZERO;
        };
        let turn = self.next.max(now);
        self.next = turn.saturating_add(interval);
        (turn - now).saturating_sub(ahead)
    }
}
