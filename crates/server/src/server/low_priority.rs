use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::{effort::Efforts, turns::processors};

/// Low-priority threads for the connections of heavy users, on systems that support them. They are
/// started for the first heavy user.
#[derive(Debug)]
pub(super) struct LowPriority {
    efforts: Arc<Efforts>,
    runtime: OnceLock<Option<Runtime>>,
}

impl LowPriority {
    pub(super) fn new(efforts: &Arc<Efforts>) -> Arc<Self> {
        Arc::new(Self {
            efforts: Arc::clone(efforts),
            runtime: OnceLock::new(),
        })
    }

    /// Returns where to spawn low-priority work, or `None` if that isn't possible.
    pub(super) fn handle(&self) -> Option<&Handle> {
        let runtime = self.runtime.get_or_init(|| self.start());
        runtime.as_ref().map(Runtime::handle)
    }

    fn start(&self) -> Option<Runtime> {
        if !Efforts::CAN_MAKE_WAY {
            return None;
        }
        let efforts = Arc::clone(&self.efforts);
        let runtime = Builder::new_multi_thread()
            .worker_threads(processors())
            .thread_name("w3pin-low")
            .on_thread_start(move || efforts.make_way())
            .enable_all()
            .build();
        runtime
            .inspect_err(|cause| tracing::warn!(%cause, "failed to start low-priority threads for heavy users"))
            .ok()
    }
}

impl Drop for LowPriority {
    fn drop(&mut self) {
        // Waiting for its threads would block the caller.
        if let Some(Some(runtime)) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
