//! How often a call has tried, and whether it may try again.

use std::time::Duration;

use super::{call::Delivery, port::Port};
use crate::{Error, ErrorKind, Result, RetryPolicy, Sent};

/// How long an attempt waits for a refusal before its body, where the attempt before broke in its body:
/// the service may have refused it by its head and closed, so that only the broken connection was seen.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a connection that an earlier request had used may break without that counting as an attempt.
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

/// How an attempt is to be made.
pub(crate) struct Attempt {
    /// Which it is, counted from 1.
    pub(crate) number: u32,
    /// How long to wait between head and body.
    pub(crate) pause: Duration,
    /// Whether no connection that was used before will do.
    pub(crate) fresh_connection: bool,
}

/// An attempt that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    delivery: Delivery,
    /// Whether there was no response at all.
    silent: bool,
    retryable: bool,
}

impl Failed {
    /// No response came.
    pub(crate) fn silent(error: Error, delivery: Delivery) -> Self {
        Self {
            retryable: error.is_retryable(),
            error,
            delivery,
            silent: true,
        }
    }

    /// The response is a refusal, or tells nothing.
    pub(crate) fn refused(error: Error, delivery: Delivery) -> Self {
        Self {
            silent: false,
            ..Self::silent(error, delivery)
        }
    }

    /// The request couldn't be sent.
    pub(crate) fn unsent(error: Error) -> Self {
        Self::refused(error, Delivery::unsent())
    }

    /// Makes it worth another attempt where the response is lost: twice has the effect of once.
    pub(crate) fn idempotent(mut self) -> Self {
        self.retryable |= self.may_have_acted();
        self
    }

    /// Whether the service may have acted all the same.
    pub(crate) fn may_have_acted(&self) -> bool {
        self.delivery.sent.may_have_acted(&self.error)
    }

    /// Whether a connection that an earlier request had used broke before any response: most likely the
    /// service had closed it by then.
    pub(crate) fn is_stale(&self) -> bool {
        self.silent && self.delivery.reused_connection && self.error.kind() == ErrorKind::Transport
    }
}

impl<'a, I> Attempts<'a, I> {
    /// The first attempt starts now.
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

    /// Counts the time that an attempt spent sending content, which the budget leaves out.
    pub(crate) fn ended(&mut self, delivery: Delivery) {
        self.sending = self.sending.saturating_add(delivery.sending);
    }

    /// Waits until the next attempt at a request whose failure tells that nothing was done, or that may
    /// be sent twice. Gives up with the error where there is no next attempt.
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

    /// Leaves an attempt on a stale connection uncounted, unless that happens too often.
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

    /// Whether no attempt is left.
    pub(crate) fn is_last(&self) -> bool {
        self.made >= self.policy.attempts
    }

    /// Whether the budget and the call's time limit leave room for this delay.
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
