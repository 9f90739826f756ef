//! Waits until content is pinned.

use std::time::Duration;

use crate::{Error, ErrorKind, Pin, PinStatus};

/// The shortest delay between two checks, to prevent a flood of requests.
const SHORTEST_DELAY: Duration = Duration::from_millis(1);

/// How long to wait for a pin, and how often to check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitPolicy {
    /// How long to wait in total; 10 minutes unless set. The last check is at the deadline, and has
    /// the time limit of a call.
    pub deadline: Duration,
    /// The delay between the first two checks, which grows by half with each further one; 1 second
    /// unless set.
    pub first_delay: Duration,
    /// The longest delay between two checks; 30 seconds unless set.
    pub max_delay: Duration,
}

impl Default for WaitPolicy {
    /// Returns the defaults: ten minutes in total, with checks after one second at first and every
    /// thirty seconds later.
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(600),
            first_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(30),
        }
    }
}

/// The next step after a check of a pin.
#[derive(Debug)]
pub(crate) enum WaitStep {
    /// It is pinned.
    Done,
    /// Check again after this delay.
    Again(Duration),
    /// It has failed, or won't be pinned in time.
    Failed(Error),
}

impl WaitPolicy {
    /// Sets how long to wait in total.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the delay between the first two checks.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// Sets the longest delay between two checks.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Decides after check number `look`, counted from 1, `elapsed` after the start.
    pub(crate) fn step(&self, pin: &Pin, look: u32, elapsed: Duration) -> WaitStep {
        if pin.pinned || (pin.status == PinStatus::Done && pin.date_unpinned.is_none()) {
            return WaitStep::Done;
        }
        if pin.status.is_failure() {
            return WaitStep::Failed(Error::new(
                ErrorKind::Api,
                format!(
                    "the service gave up on pin {}: its status is {}",
                    pin.id, pin.status
                ),
            ));
        }
        if pin.date_unpinned.is_some() {
            return WaitStep::Failed(Error::new(
                ErrorKind::Api,
                format!("pin {} was unpinned, so it won't become pinned", pin.id),
            ));
        }
        let left = self.deadline.saturating_sub(elapsed);
        if left.is_zero() {
            return WaitStep::Failed(self.expired(pin));
        }
        let growth = 1.5_f64.powi(look.saturating_sub(1).min(64) as i32);
        let delay = self.first_delay.as_secs_f64() * growth;
        let delay = Duration::try_from_secs_f64(delay).unwrap_or(self.max_delay);
        WaitStep::Again(delay.min(self.max_delay).max(SHORTEST_DELAY).min(left))
    }

    fn expired(&self, pin: &Pin) -> Error {
        Error::new(
            ErrorKind::Timeout,
            format!(
                "pin {} is still {} after {} s; it may become pinned later, so ask again",
                pin.id,
                pin.status,
                self.deadline.as_secs()
            ),
        )
    }
}
