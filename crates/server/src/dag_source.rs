use std::fmt;

use futures_util::stream::BoxStream;
use w3pin_core::{Cid, DagBlock, DagLimits, Result};

/// A source of content that is pinned by CID, such as untrusted gateways.
pub trait DagSource: fmt::Debug + Send + Sync {
    /// Streams all blocks of a DAG, depth first, each once and checked by its CID. Dropping the
    /// stream cancels the work. The stream is polled within a tokio runtime.
    ///
    /// An [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) error means that the DAG can't be
    /// fetched this way at all, because it exceeds the limits or has an unsupported codec; the pin
    /// then fails. After any other error the DAG is requested again until its time is up.
    fn dag(&self, root: Cid, limits: DagLimits) -> BoxStream<'static, Result<DagBlock>>;
}
