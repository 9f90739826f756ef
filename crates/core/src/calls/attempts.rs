//! Counts the attempts of a call, and decides whether it may retry.

use std::time::Duration;

use super::{call::Delivery, port::Port};
use crate::{Error, ErrorKind, Result, RetryPolicy, Sent};

/// How long an attempt waits for a refusal before it sends its body, if the previous attempt broke
/// within the body: the service may have refused it based on its head and closed the connection
/// before its response was read.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a reused connection may break without counting as an attempt.
const STALE_CONNECTIONS: u32 = 3;

/// The attempts of a call at one request.
pub(crate) struct Attempts<'a, I> {
    port: &'a Port<I>,
    policy: RetryPolicy,
    began: Duration,
    made: u32,
    stale: u32,
    sending: Duration,
    pause: Duration,
    fresh_connection: bool,
}

/// The parameters of an attempt.
pub(crate) struct Attempt {
    /// The number of the attempt, counted from 1.
    pub(crate) number: u32,
    /// How long to wait between head and body.
    pub(crate) pause: Duration,
    /// Whether a new connection is required.
    pub(crate) fresh_connection: bool,
}

/// A failed attempt.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    delivery: Delivery,
    /// Whether there was no response at all.
    silent: bool,
    retryable: bool,
}

impl Failed {
    /// Returns a failure without a response.
    pub(crate) fn silent(error: Error, delivery: Delivery) -> Self {
        Self {
            retryable: error.is_retryable(),
            error,
            delivery,
            silent: true,
        }
    }

    /// Returns a failure whose response is a refusal, or is inconclusive.
    pub(crate) fn refused(error: Error, delivery: Delivery) -> Self {
        Self {
            silent: false,
            ..Self::silent(error, delivery)
        }
    }

    /// Returns the failure of a request that couldn't be sent.
    pub(crate) fn unsent(error: Error) -> Self {
        Self::refused(error, Delivery::unsent())
    }

    /// Makes a lost response retryable, since the request is idempotent.
    pub(crate) fn idempotent(mut self) -> Self {
        self.retryable |= self.may_have_acted();
        self
    }

    /// Returns whether the service may have acted nevertheless.
    pub(crate) fn may_have_acted(&self) -> bool {
        self.delivery.sent.may_have_acted(&self.error)
    }

    /// Returns whether a reused connection broke before any response; most likely the service had
    /// already closed it.
    pub(crate) fn is_stale(&self) -> bool {
        self.silent && self.delivery.reused_connection && self.error.kind() == ErrorKind::Transport
    }
}

impl<'a, I> Attempts<'a, I> {
    /// Starts the first attempt.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the policy allows none.
    pub(crate) fn new(port: &'a Port<I>, policy: RetryPolicy) -> Result<Self> {
        policy.check()?;
        Ok(Self {
            port,
            policy,
            began: port.now(),
            made: 0,
            stale: 0,
            sending: Duration::ZERO,
            pause: Duration::ZERO,
            fresh_connection: false,
        })
    }

    pub(crate) fn port(&self) -> &'a Port<I> {
        self.port
    }

    pub(crate) fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    /// Starts the next attempt.
    pub(crate) fn start(&mut self) -> Attempt {
        self.made += 1;
        Attempt {
            number: self.made,
            pause: std::mem::take(&mut self.pause),
            fresh_connection: std::mem::take(&mut self.fresh_connection),
        }
    }

    /// Records the time that an attempt spent sending content, which doesn't count against the
    /// budget.
    pub(crate) fn ended(&mut self, delivery: Delivery) {
        self.sending = self.sending.saturating_add(delivery.sending);
    }

    /// Waits until the next attempt after a failure that either had no effect or may be repeated.
    /// Returns the error if there is no next attempt.
    ///
    /// `repeatable` says whether the content can be read again.
    pub(crate) async fn again(&mut self, failed: Failed, repeatable: bool) -> Result<()> {
        if !repeatable && failed.delivery.sent != Sent::Nothing {
            return Err(failed.error);
        }
        if self.forgive_stale(&failed) {
            return Ok(());
        }
        if !failed.retryable || self.is_last() {
            return Err(failed.error);
        }
        let delay = self
            .policy
            .delay(self.made, self.port.entropy())
            .max(failed.error.retry_after().unwrap_or_default());
        if !self.allow(delay) {
            return Err(failed.error);
        }
        if failed.delivery.sent == Sent::Part && failed.error.kind() == ErrorKind::Transport {
            self.pause = PAUSE;
        }
        self.port.sleep(delay).await;
        Ok(())
    }

    /// Doesn't count an attempt on a stale connection, unless that happens too often.
    pub(crate) fn forgive_stale(&mut self, failed: &Failed) -> bool {
        let forgiven =
            failed.is_stale() && self.stale < STALE_CONNECTIONS && self.allow(Duration::ZERO);
        if forgiven {
            self.stale += 1;
            self.made -= 1;
            self.fresh_connection = true;
        }
        forgiven
    }

    /// Returns whether no attempt is left.
    pub(crate) fn is_last(&self) -> bool {
        self.made >= self.policy.attempts
    }

    /// Returns whether the budget and the call's time limit allow this delay.
    pub(crate) fn allow(&self, delay: Duration) -> bool {
        let now = self.port.now();
        let spent = now
            .saturating_sub(self.began)
            .saturating_sub(self.sending)
            .saturating_add(delay);
        let in_time = self
            .port
            .limit()
            .is_none_or(|limit| now.saturating_add(delay) < limit.deadline);
        spent <= self.policy.budget && in_time
    }
}
