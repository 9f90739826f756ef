//! Runs blocking work on a suitable thread.

use std::panic::resume_unwind;

use w3pin_core::{Error, ErrorKind, Result};

/// Runs `work` on a thread where it may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(Error::new(
                ErrorKind::LocalIo,
                "the runtime is shutting down, so the content can't be read",
            )),
        },
    }
}
