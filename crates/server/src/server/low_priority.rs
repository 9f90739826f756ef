use std::{io, sync::Arc};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::{effort::Efforts, turns::processors};

/// Threads of low priority for what connections of heavy users need, where the system has such.
#[derive(Debug)]
pub(super) struct LowPriority(Option<Runtime>);

impl LowPriority {
    pub(super) fn new(efforts: &Arc<Efforts>) -> io::Result<Self> {
        if !Efforts::CAN_MAKE_WAY {
            return Ok(Self(None));
        }
        let efforts = Arc::clone(efforts);
        let runtime = Builder::new_multi_thread()
            .worker_threads(processors())
            .thread_name("w3pin-low")
            .on_thread_start(move || efforts.make_way())
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    pub(super) fn handle(&self) -> Option<Handle> {
        self.0.as_ref().map(|runtime| runtime.handle().clone())
    }
}

impl Drop for LowPriority {
    fn drop(&mut self) {
        // Waiting for its threads would block the one that drops it.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
