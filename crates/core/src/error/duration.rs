//! Formats durations in words.

use std::time::Duration;

/// Formats a duration in its largest unit: `90 seconds`, `1 hour`, `3 days`.
pub(crate) fn plain_duration(duration: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0));
    let (count, unit) = if seconds < 2 * MINUTE && seconds != MINUTE {
        (seconds, "second")
    } else if seconds < HOUR {
        (seconds.div_ceil(MINUTE), "minute")
    } else if seconds < DAY {
        (seconds.div_ceil(HOUR), "hour")
    } else {
        (seconds.div_ceil(DAY), "day")
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
