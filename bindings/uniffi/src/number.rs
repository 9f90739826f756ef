//! Numbers and times as they cross, signed as the languages have them.

use std::time::Duration;

use w3pin::{Error, Result};

/// A count that the other side may have made negative or too large.
pub(crate) fn count<N: TryFrom<i64>>(field: &'static str, number: i64) -> Result<N> {
    number.try_into().map_err(|_| {
        let reason = if number < 0 {
            format!("{field} is {number}, and can't be negative")
        } else {
            format!("{field} is {number}, which is too large")
        };
        Error::invalid_input(field, reason)
    })
}

/// A time in nanoseconds, of which the most, 292 years, is for ever.
pub(crate) fn time(field: &'static str, nanoseconds: i64) -> Result<Duration> {
    u64::try_from(nanoseconds)
        .map(Duration::from_nanos)
        .map_err(|_| {
            let time = Duration::from_nanos(nanoseconds.unsigned_abs());
            Error::invalid_input(
                field,
                format!("{field} is -{time:?}, and can't be negative"),
            )
        })
}

/// A time in nanoseconds, or the most there is.
pub(crate) fn nanoseconds(time: Duration) -> i64 {
    time.as_nanos().try_into().unwrap_or(i64::MAX)
}
