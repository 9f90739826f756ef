//! Numbers and times.

use std::{num::NonZeroU32, time::Duration};

use pyo3::{
    exceptions::PyOverflowError,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyDelta, PyString, PyType},
};
use w3pin::{RateLimit, RetryPolicy};

use super::{invalid, text, wrong_type};

/// Converts an integer.
pub(crate) fn count<T: TryFrom<u64>>(name: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    let py = value.py();
    let too_large = || invalid(py, name, format!("{name} is too large"));
    // Python treats True as 1, which is never intended.
    if value.is_instance_of::<PyBool>() {
        return Err(wrong_type(name, "an int", value));
    }
    match value.extract::<u64>() {
        Ok(number) => T::try_from(number).map_err(|_| too_large()),
        Err(cause) if !cause.is_instance_of::<PyOverflowError>(py) => {
            Err(wrong_type(name, "an int", value))
        }
        Err(_) if value.lt(0)? => Err(invalid(py, name, format!("{name} is negative"))),
        Err(_) => Err(too_large()),
    }
}

/// Converts a time in seconds or a `timedelta`. An infinite time, or one that exceeds Rust's range,
/// becomes the longest possible one.
pub(crate) fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let py = value.py();
    let takes = "seconds or a datetime.timedelta";
    let seconds = if value.is_instance_of::<PyDelta>() {
        value.call_method0("total_seconds")?.extract::<f64>()?
    } else if value.is_instance_of::<PyBool>() {
        return Err(wrong_type(name, takes, value));
    } else {
        match value.extract::<f64>() {
            Ok(seconds) => seconds,
            Err(cause) if !cause.is_instance_of::<PyOverflowError>(py) => {
                return Err(wrong_type(name, takes, value));
            }
            Err(_) if value.lt(0)? => f64::NEG_INFINITY,
            Err(_) => f64::INFINITY,
        }
    };
    if seconds.is_nan() {
        return Err(invalid(py, name, format!("{name} is not a number")));
    }
    if seconds < 0.0 {
        return Err(invalid(py, name, format!("{name} is negative")));
    }
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// Converts requests per minute, or no limit.
pub(crate) fn rate_limit(name: &str, value: &Bound<'_, PyAny>) -> PyResult<RateLimit> {
    if value.is_instance_of::<PyString>() {
        if text(name, value)? == "unlimited" {
            return Ok(RateLimit::Unlimited);
        }
        return Err(invalid(
            value.py(),
            name,
            format!("{name} is neither a number of requests a minute nor \"unlimited\""),
        ));
    }
    let limit: u32 = count(name, value)?;
    NonZeroU32::new(limit)
        .map(RateLimit::PerMinute)
        .ok_or_else(|| {
            let reason = format!("{name} is 0; the least is 1, and \"unlimited\" is no limit");
            invalid(value.py(), name, reason)
        })
}

/// Converts a `RetryPolicy`; unset fields have their defaults.
pub(crate) fn retry(name: &str, value: &Bound<'_, PyAny>) -> PyResult<RetryPolicy> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(value.py(), "w3pin._inputs", "RetryPolicy")?;
    if !value.is_instance(class)? {
        return Err(wrong_type(
            name,
            "a RetryPolicy, such as RetryPolicy(attempts=3)",
            value,
        ));
    }
    let mut policy = RetryPolicy::default();
    let set = |field: &str| -> PyResult<Option<Bound<'_, PyAny>>> {
        Ok(Some(value.getattr(field)?).filter(|value| !value.is_none()))
    };
    if let Some(attempts) = set("attempts")? {
        policy = policy.attempts(count("attempts", &attempts)?);
    }
    if let Some(delay) = set("base_delay")? {
        policy = policy.base_delay(seconds("base_delay", &delay)?);
    }
    if let Some(delay) = set("max_delay")? {
        policy = policy.max_delay(seconds("max_delay", &delay)?);
    }
    if let Some(budget) = set("budget")? {
        policy = policy.budget(seconds("budget", &budget)?);
    }
    Ok(policy)
}
