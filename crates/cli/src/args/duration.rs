use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Longer than anyone waits, and short enough not to overflow a clock.
const LONGEST: Duration = DAY.saturating_mul(36_500);

/// Parses a duration. A number without a unit is in seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let time = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => humantime::parse_duration(text)
            .map_err(|_| "give a time such as 500ms, 90s, 10m or 1h 30m")?,
    };
    if time > LONGEST {
        return Err("the longest time is 100 years".to_owned());
    }
    Ok(time)
}
