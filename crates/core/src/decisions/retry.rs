//! Decides whether and when to retry a failed request.

use std::time::Duration;

use crate::{Error, ErrorKind, Result};

/// How often a call is attempted, and how long to wait in between.
///
/// Transient failures are retried with exponential backoff and full jitter; a service that asks for a
/// longer delay (`Retry-After`) gets it.
///
/// ```
/// use std::time::Duration;
/// use w3pin_core::RetryPolicy;
///
/// let patient = RetryPolicy::default().attempts(8).budget(Duration::from_secs(600));
/// assert_eq!(patient.base_delay, Duration::from_millis(500));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The maximum number of attempts, at least 1.
    pub attempts: u32,
    /// The longest delay before the second attempt, which doubles with each further one; half a
    /// second unless set.
    pub base_delay: Duration,
    /// The longest delay before any attempt; 30 seconds unless set.
    ///
    /// A pin whose response was lost is searched for as long as this before the request is sent
    /// again. A service that lists a new pin later than that may receive the request twice.
    pub max_delay: Duration,
    /// How long after the start of the call a new attempt may begin; 2 minutes unless set.
    pub budget: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            base_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(30),
            budget: Duration::from_secs(120),
        }
    }
}

impl RetryPolicy {
    /// Returns a policy without retries.
    #[must_use]
    pub fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// Sets the maximum number of attempts, at least 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the longest delay before the second attempt; it doubles with each further one.
    #[must_use]
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// Sets the longest delay before any attempt.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets how long after the start of the call a new attempt may start.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// Rejects a policy without attempts.
    pub(crate) fn check(&self) -> Result<()> {
        if self.attempts == 0 {
            return Err(Error::invalid_input(
                "attempts",
                "attempts is 0; the least is 1",
            ));
        }
        Ok(())
    }

    /// Returns the delay after this many failures, counted from 1: a random part of the longest
    /// delay, so that clients that failed together don't retry together. `entropy` is any random
    /// number.
    pub(crate) fn delay(&self, failures: u32, entropy: u64) -> Duration {
        let nanos = u64::try_from(self.longest_delay(failures).as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(((u128::from(nanos) * u128::from(entropy)) >> 64) as u64)
    }

    /// Returns the longest delay, which grows exponentially.
    pub(crate) fn longest_delay(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        self.base_delay
            .saturating_mul(1 << doublings)
            .min(self.max_delay)
    }
}

/// How much of a request may have reached the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sent {
    /// Nothing: there was no connection.
    Nothing,
    /// The start. The service can't have acted on it.
    Part,
    /// Everything. The service may have acted, and its response may be lost.
    Everything,
}

impl Sent {
    /// Returns whether the service may have acted despite this error: its response is lost or
    /// inconclusive.
    pub(crate) fn may_have_acted(self, error: &Error) -> bool {
        self == Self::Everything
            && match error.kind() {
                ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Decode => true,
                ErrorKind::Api => error
                    .status()
                    // A full disk is a definite refusal.
                    .is_some_and(|status| status >= 500 && status != 507),
                _ => false,
            }
    }
}
