use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

/// The simulated network conditions between the sink and its clients.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Conditions {
    /// Milliseconds before each response
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) latency_ms: u64,
    /// The maximum bytes per second of each connection
    #[arg(long, value_name = "BYTES")]
    pub(crate) bandwidth: Option<u64>,
    /// The percentage of requests answered with 503; the same percentage is reset
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(..=50))]
    pub(crate) faults: u64,
    #[arg(skip)]
    requests: AtomicU64,
}

/// The fault injected into a request.
pub(crate) enum Fault {
    Busy,
    Reset,
}

impl Conditions {
    /// Returns the fault of the next request: evenly spread, and the same in each run.
    pub(crate) fn fault(&self) -> Option<Fault> {
        if self.faults == 0 {
            return None;
        }
        // 37 and 100 are coprime, so each number occurs once per hundred requests.
        let number = self.requests.fetch_add(1, Ordering::Relaxed) * 37 % 100;
        if number < self.faults {
            Some(Fault::Busy)
        } else if number < self.faults * 2 {
            Some(Fault::Reset)
        } else {
            None
        }
    }

    /// Sleeps if `bytes` since `began` exceed the bandwidth.
    pub(crate) fn pace(&self, bytes: u64, began: Instant) {
        if let Some(bandwidth) = self.bandwidth.filter(|bandwidth| *bandwidth > 0) {
            #[expect(clippy::cast_precision_loss, reason = "a wait needs no such precision")]
            let due = Duration::from_secs_f64(bytes as f64 / bandwidth as f64);
            thread::sleep(due.saturating_sub(began.elapsed()));
        }
    }
}

impl Clone for Conditions {
    fn clone(&self) -> Self {
        Self {
            latency_ms: self.latency_ms,
            bandwidth: self.bandwidth,
            faults: self.faults,
            requests: AtomicU64::new(0),
        }
    }
}
