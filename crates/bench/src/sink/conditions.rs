use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

/// What stands between the sink and its clients.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Conditions {
    /// Milliseconds before each answer
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) latency_ms: u64,
    /// Bytes a second that each connection takes at most
    #[arg(long, value_name = "BYTES")]
    pub(crate) bandwidth: Option<u64>,
    /// How many of a hundred requests are answered 503, and as many again reset
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(..=50))]
    pub(crate) faults: u64,
    #[arg(skip)]
    requests: AtomicU64,
}

/// What is done to a request.
pub(crate) enum Fault {
    Busy,
    Reset,
}

impl Conditions {
    /// What is done to the next request: spread evenly, and the same in each run.
    pub(crate) fn fault(&self) -> Option<Fault> {
        if self.faults == 0 {
            return None;
        }
        // 37 and 100 have no common factor, so each hundred requests meet each number once.
        let number = self.requests.fetch_add(1, Ordering::Relaxed) * 37 % 100;
        if number < self.faults {
            Some(Fault::Busy)
        } else if number < self.faults * 2 {
            Some(Fault::Reset)
        } else {
            None
        }
    }

    /// Waits where `bytes` since `began` were more than the bandwidth allows.
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
