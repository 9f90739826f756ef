//! How stubborn a client is, as Python sees it.

use pyo3::{prelude::*, types::PyTuple};
use w3pin::WaitPolicy;

use crate::convert::{optional_seconds, optional_whole, seconds};

/// How often calls are tried, and how long is waited between two tries.
///
/// Times are in seconds or a ``timedelta``. What isn't given is as by default: five tries within
/// two minutes, with waits of up to 0.5, 1, 2 and 4 seconds.
#[pyclass(module = "w3pin", frozen, eq)]
#[derive(Clone, PartialEq)]
pub(crate) struct RetryPolicy(pub(crate) w3pin::RetryPolicy);

#[pymethods]
impl RetryPolicy {
    #[new]
    #[pyo3(signature = (attempts=None, *, base_delay=None, max_delay=None, budget=None))]
    fn new(
        attempts: Option<&Bound<'_, PyAny>>,
        base_delay: Option<&Bound<'_, PyAny>>,
        max_delay: Option<&Bound<'_, PyAny>>,
        budget: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut policy = w3pin::RetryPolicy::default();
        if let Some(attempts) = optional_whole("attempts", attempts)? {
            policy = policy.attempts(attempts);
        }
        if let Some(delay) = base_delay {
            policy = policy.base_delay(seconds("base_delay", delay)?);
        }
        if let Some(delay) = max_delay {
            policy = policy.max_delay(seconds("max_delay", delay)?);
        }
        if let Some(budget) = budget {
            policy = policy.budget(seconds("budget", budget)?);
        }
        Ok(Self(policy))
    }

    /// Tries in all, the first one included.
    #[getter]
    fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The longest wait before the second try; it doubles with every further one.
    #[getter]
    fn base_delay(&self) -> f64 {
        self.0.base_delay.as_secs_f64()
    }

    /// The longest wait before any try.
    #[getter]
    fn max_delay(&self) -> f64 {
        self.0.max_delay.as_secs_f64()
    }

    /// No try begins later than this after the call began.
    #[getter]
    fn budget(&self) -> f64 {
        self.0.budget.as_secs_f64()
    }

    fn __hash__(&self) -> u64 {
        u64::from(self.0.attempts)
    }

    fn __repr__(&self) -> String {
        format!(
            "RetryPolicy({}, base_delay={:?}, max_delay={:?}, budget={:?})",
            self.attempts(),
            self.base_delay(),
            self.max_delay(),
            self.budget()
        )
    }

    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyAny>)> {
        let fields = pyo3::types::PyDict::new(py);
        fields.set_item("base_delay", self.base_delay())?;
        fields.set_item("max_delay", self.max_delay())?;
        fields.set_item("budget", self.budget())?;
        Ok((PyTuple::new(py, [self.attempts()])?, fields.into_any()))
    }
}

/// The policy of one wait.
pub(crate) fn wait_policy(
    deadline: Option<&Bound<'_, PyAny>>,
    first_delay: Option<&Bound<'_, PyAny>>,
    max_delay: Option<&Bound<'_, PyAny>>,
) -> PyResult<WaitPolicy> {
    let mut policy = WaitPolicy::default();
    if let Some(deadline) = optional_seconds("deadline", deadline)? {
        policy = policy.deadline(deadline);
    }
    if let Some(delay) = optional_seconds("first_delay", first_delay)? {
        policy = policy.first_delay(delay);
    }
    if let Some(delay) = optional_seconds("max_delay", max_delay)? {
        policy = policy.max_delay(delay);
    }
    Ok(policy)
}
