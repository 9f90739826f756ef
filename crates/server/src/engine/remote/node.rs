//! The operations of a node, and the state that its users share.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use tokio::sync::{RwLock, watch};
use w3pin_unixfs::Cid;

use super::RpcBody;
use crate::{
    dag_shape::DagShape,
    engine::Form,
    error::RpcError,
    records::{Jobs, Waiting},
};

/// The operations of a node. Each may be repeated.
pub(crate) trait Node: fmt::Debug + Send + Sync + 'static {
    /// Whether adding content also pins it as configured.
    const ADDING_PINS: bool;

    /// Adds files or the content of a CAR. Returns the CID of the root.
    fn add(
        &self,
        form: Form,
        content_type: String,
        body: RpcBody,
    ) -> impl Future<Output = Result<Cid, RpcError>> + Send;

    /// Pins content. Returns when it is stored everywhere it should be. Calls `report` with the
    /// progress.
    fn pin(
        &self,
        cid: &Cid,
        report: impl Fn(Waiting) + Send,
    ) -> impl Future<Output = Result<(), RpcError>> + Send;

    /// Unpins content that is pinned or being pinned.
    fn unpin(&self, cid: &Cid) -> impl Future<Output = Result<(), RpcError>> + Send;

    /// Returns the shape of pinned content.
    fn shape(&self, cid: &Cid) -> impl Future<Output = Result<DagShape, RpcError>> + Send;

    /// Returns the addresses at which other peers reach the node.
    fn addresses(&self) -> impl Future<Output = Result<Vec<String>, RpcError>> + Send;

    /// Returns a block that the node has.
    fn block(&self, cid: &Cid) -> impl Future<Output = Result<Option<Vec<u8>>, RpcError>> + Send;
}

#[derive(Debug)]
pub(super) struct Shared<N> {
    pub(super) node: Arc<N>,
    pub(super) jobs: Jobs,
    /// Notifies the tasks that work on jobs that the records have changed.
    pub(super) changed: watch::Sender<()>,
    /// Held for reading while an upload becomes a pin, and for writing while content is unpinned,
    /// so that newly added content isn't removed.
    pub(super) adding: Arc<RwLock<()>>,
    pub(super) timeout: Duration,
    pub(super) retrieval_timeout: Duration,
}

/// Returns the CIDs under which a node may know this content. To a node, version 0 and version 1
/// are two pins.
pub(crate) fn forms(cid: &Cid) -> impl Iterator<Item = Cid> + use<> {
    let v1 = Cid::new_v1(cid.codec(), *cid.hash());
    [Some(v1), Cid::new_v0(*cid.hash()).ok()]
        .into_iter()
        .flatten()
        .filter(move |form| form.codec() == v1.codec())
}
