use std::fmt;

use futures_util::stream::BoxStream;
use w3pin_core::{Cid, DagBlock, DagLimits, Result};

/// Where content comes from that is pinned by its CID, such as gateways that aren't trusted.
pub trait DagSource: fmt::Debug + Send + Sync {
    /// Gives all blocks of a DAG, depth first, each once, checked by its CID, until there are no more.
    /// Dropping the stream stops what it does. It is polled in a tokio runtime.
    ///
    /// An [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) says that the DAG can't be had in this way
    /// at all, because it is larger than the limits or of a kind that isn't read, and ends what waits for
    /// it. After any other error it is asked for again, until its time is over.
    fn dag(&self, root: Cid, limits: DagLimits) -> BoxStream<'static, Result<DagBlock>>;
}
