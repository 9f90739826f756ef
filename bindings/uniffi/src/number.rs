//! Converts numbers and times, which are signed in the other languages.

use std::time::Duration;

use w3pin::{Error, Result};

/// Converts a count, which may be negative or too large.
pub(crate) fn count<N: TryFrom<i64>>(field: &'static str, number: i64) -> Result<N> {
    number.try_into().map_err(|_| {
        let reason = if number < 0 {
            format!("{field} is {number}; it can't be negative")
        } else {
            format!("{field} is {number}, which is too large")
        };
        Error::invalid_input(field, reason)
    })
}

/// Converts a time in nanoseconds; the maximum, 292 years, means no limit.
pub(crate) fn time(field: &'static str, nanoseconds: i64) -> Result<Duration> {
    u64::try_from(nanoseconds)
        .map(Duration::from_nanos)
        .map_err(|_| {
            let time = Duration::from_nanos(nanoseconds.unsigned_abs());
            Error::invalid_input(field, format!("{field} is -{time:?}; it can't be negative"))
        })
}

/// Returns a time in nanoseconds, or the maximum.
pub(crate) fn nanoseconds(time: Duration) -> i64 {
    time.as_nanos().try_into().unwrap_or(i64::MAX)
}
