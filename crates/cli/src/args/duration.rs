use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Far beyond what anyone waits for, and far below what overflows a clock.
const LONGEST: Duration = DAY.saturating_mul(36_500);

/// A time as a person writes it. A number alone counts seconds.
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
