//! What a node must be able to do, and what those who call it share.

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

/// What is asked of a node. Every call may be made again.
pub(crate) trait Node: fmt::Debug + Send + Sync + 'static {
    /// Whether content is pinned as it should be when it was added.
    const ADDING_PINS: bool;

    /// Adds files, or the content of a CAR; gives the CID of the root.
    fn add(
        &self,
        form: Form,
        content_type: String,
        body: RpcBody,
    ) -> impl Future<Output = Result<Cid, RpcError>> + Send;

    /// Pins, and is done when everything is where it should be. `report` is told how far it is.
    fn pin(
        &self,
        cid: &Cid,
        report: impl Fn(Waiting) + Send,
    ) -> impl Future<Output = Result<(), RpcError>> + Send;

    /// Unpins what may be pinned or on its way.
    fn unpin(&self, cid: &Cid) -> impl Future<Output = Result<(), RpcError>> + Send;

    /// The shape of pinned content.
    fn shape(&self, cid: &Cid) -> impl Future<Output = Result<DagShape, RpcError>> + Send;

    /// The addresses under which other peers reach the node.
    fn addresses(&self) -> impl Future<Output = Result<Vec<String>, RpcError>> + Send;

    /// A block that the node has.
    fn block(&self, cid: &Cid) -> impl Future<Output = Result<Option<Vec<u8>>, RpcError>> + Send;
}

#[derive(Debug)]
pub(super) struct Shared<N> {
    pub(super) node: Arc<N>,
    pub(super) jobs: Jobs,
    /// Tells those who work on jobs that the records have changed.
    pub(super) changed: watch::Sender<()>,
    /// Held for reading while an upload becomes a pin, and for writing while content is unpinned, so
    /// that what has just been added isn't taken away.
    pub(super) adding: Arc<RwLock<()>>,
    pub(super) timeout: Duration,
    pub(super) retrieval_timeout: Duration,
}

/// The CIDs by which a node may know this content. To a node, version 0 and version 1 are two pins.
pub(crate) fn forms(cid: &Cid) -> impl Iterator<Item = Cid> + use<> {
    let v1 = Cid::new_v1(cid.codec(), *cid.hash());
    [Some(v1), Cid::new_v0(*cid.hash()).ok()]
        .into_iter()
        .flatten()
        .filter(move |form| form.codec() == v1.codec())
}
