//! Whether, when and how a failed call is tried again.

use std::time::Duration;

use crate::{Effect, Error, ErrorKind};

/// How stubborn a client is.
///
/// ```
/// use std::time::Duration;
/// use w3pin_core::{Effect, Error, ErrorKind, Failure, RetryDecision, RetryPolicy, Sent};
///
/// let reset = Error::new(ErrorKind::Transport, "the connection broke");
/// let failure = Failure { effect: Effect::Pin, sent: Sent::Everything, attempt: 1, elapsed: Duration::ZERO };
/// let decision = RetryPolicy::default().decide(&reset, failure, 0);
/// assert!(matches!(decision, RetryDecision::Reconcile(_)), "the pin may have been made");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Tries in all, the first one included.
    pub attempts: u32,
    /// The longest wait before the second try; it doubles with every further one.
    pub base_delay: Duration,
    /// The longest wait before any try.
    pub max_delay: Duration,
    /// No try begins later than this after the call began.
    pub budget: Duration,
}

impl Default for RetryPolicy {
    /// Five tries within two minutes, with waits of up to 0.5, 1, 2 and 4 seconds.
    fn default() -> Self {
        Self {
            attempts: 5,
            base_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(30),
            budget: Duration::from_secs(120),
        }
    }
}

/// How much of a request may have reached the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sent {
    /// Nothing: there was no connection.
    Nothing,
    /// The beginning. The service can't have acted on it.
    Part,
    /// All of it. The service may have acted, and its answer may be lost.
    Everything,
}

impl Sent {
    /// Whether the service may have done what was asked although this is how the try failed: its
    /// answer is lost, or is one that doesn't tell.
    #[must_use]
    pub fn may_have_acted(self, error: &Error) -> bool {
        self == Self::Everything && answer_may_be_lost(error)
    }
}

/// What is known of a failed try, beside its error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What sending the call twice would do.
    pub effect: Effect,
    /// How much of it may have reached the service.
    pub sent: Sent,
    /// Which try it was, counted from 1.
    pub attempt: u32,
    /// Time since the call began. For an upload, time spent sending doesn't count.
    pub elapsed: Duration,
}

/// What to do about a failed try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDecision {
    /// Report the error.
    GiveUp,
    /// Wait, then send the call again.
    Retry(Duration),
    /// Wait, then look whether the call has had its effect, and only send it again if not.
    Reconcile(Duration),
}

impl RetryPolicy {
    /// Never tries twice.
    #[must_use]
    pub fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// Tries this often in all.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Waits up to this long before the second try, and twice as long before each further one.
    #[must_use]
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// Waits up to this long before any try.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Begins no try later than this after the call began.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// Decides from what came back, what was sent, and `entropy`, any random number.
    #[must_use]
    pub fn decide(&self, error: &Error, failure: Failure, entropy: u64) -> RetryDecision {
        let lost = failure.effect != Effect::Read && failure.sent.may_have_acted(error);
        if !(error.is_retryable() || lost) || failure.attempt >= self.attempts {
            return RetryDecision::GiveUp;
        }
        let reconcile = lost && failure.effect == Effect::Pin;
        let longest = self.longest_delay(failure.attempt);
        // A look that comes too early misses the pin that is being made.
        let shortest = if reconcile {
            longest / 2
        } else {
            Duration::ZERO
        };
        let delay = jitter(longest, entropy)
            .max(shortest)
            .max(error.retry_after().unwrap_or_default());
        if failure.elapsed.saturating_add(delay) > self.budget {
            return RetryDecision::GiveUp;
        }
        // What is unpinned twice is unpinned: the second answer, "not found", tells as much as a look.
        if reconcile {
            RetryDecision::Reconcile(delay)
        } else {
            RetryDecision::Retry(delay)
        }
    }

    /// Exponential backoff.
    fn longest_delay(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.base_delay
            .saturating_mul(1 << doublings)
            .min(self.max_delay)
    }
}

/// Full jitter: anything from nothing to the whole delay, so that clients that failed together don't
/// come back together.
fn jitter(longest: Duration, entropy: u64) -> Duration {
    let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(((u128::from(nanos) * u128::from(entropy)) >> 64) as u64)
}

/// Whether the service may have done what was asked although this is its answer. A refusal for too
/// many requests is certain: nothing was done.
fn answer_may_be_lost(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Decode => true,
        ErrorKind::Api => error.status().is_some_and(|status| status >= 500),
        _ => false,
    }
}
