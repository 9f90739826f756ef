//! Telling the app how far an upload is.

use std::sync::Arc;

use w3pin::{OnProgress, Progress};

use crate::error::ForeignFailure;

/// How far an upload is.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TransferProgress {
    /// Bytes of content sent so far.
    pub bytes_sent: u64,
    /// Bytes of content in all, where known.
    pub bytes_total: Option<u64>,
    /// The file being sent.
    pub file: Option<String>,
}

/// Is told how far an upload is, at most ten times a second and once at its end.
#[uniffi::export(with_foreign)]
pub trait ProgressListener: Send + Sync {
    /// Called from any thread. What it throws is ignored.
    fn on_progress(&self, progress: TransferProgress) -> Result<(), ForeignFailure>;
}

/// The listener as the client calls it.
pub(crate) fn on_progress(listener: Arc<dyn ProgressListener>) -> OnProgress {
    Arc::new(move |progress: &Progress| {
        // An upload doesn't fail because its progress bar did.
        let _ = listener.on_progress(TransferProgress {
            bytes_sent: progress.bytes_sent,
            bytes_total: progress.bytes_total,
            file: progress.file.as_deref().map(str::to_owned),
        });
    })
}
