//! Content on an IPFS node, or a cluster of them.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use redb::{Database, WriteTransaction};
use tokio::sync::{RwLock, watch};
use w3pin_unixfs::{Cid, verify_block};

mod error;
mod intake;
mod last_line;
mod multipart;
mod rpc;
mod settle;

pub use self::error::RpcError;
pub(crate) use self::rpc::{Answer, Rpc, RpcBody};
use self::{intake::RemoteIntake, multipart::Multipart, settle::Settler};
use super::{DagShape, Engine, Form, Intake};
use crate::{
    Limits,
    content_key::ContentKey,
    record::{Record, Waiting},
    store::{Jobs, StoreError},
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

    /// A block that the node has.
    fn block(&self, cid: &Cid) -> impl Future<Output = Result<Option<Vec<u8>>, RpcError>> + Send;
}

/// Lets a node keep the content.
#[derive(Debug)]
pub(crate) struct Remote<N: Node> {
    /// Before the rest, which it uses as long as it is there.
    _settler: Settler,
    shared: Arc<Shared<N>>,
}

#[derive(Debug)]
struct Shared<N> {
    node: Arc<N>,
    jobs: Jobs,
    /// Tells those who work on jobs that the records have changed.
    changed: watch::Sender<()>,
    /// Held for reading while an upload becomes a pin, and for writing while content is unpinned, so
    /// that what has just been added isn't taken away.
    adding: Arc<RwLock<()>>,
    timeout: Duration,
    retrieval_timeout: Duration,
}

impl<N: Node> Remote<N> {
    pub(crate) fn open(
        node: N,
        database: Arc<Database>,
        limits: &Limits,
    ) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared {
            node: Arc::new(node),
            jobs: Jobs::new(database),
            changed: watch::Sender::new(()),
            adding: Arc::default(),
            timeout: limits.node_timeout,
            retrieval_timeout: limits.retrieval_timeout,
        });
        let _settler = Settler::start(&shared, limits.retrievals)?;
        Ok(Self { _settler, shared })
    }
}

impl<N: Node> Engine for Remote<N> {
    fn intake(&self, form: Form) -> Result<Box<dyn Intake>, StoreError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        let multipart = Multipart::new(u128::from_ne_bytes(random));
        Ok(Box::new(RemoteIntake::begin(&self.shared, form, multipart)))
    }

    fn pin(
        &self,
        transaction: &WriteTransaction,
        record: &mut Record,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        match Jobs::shape(transaction, key)? {
            Some(shape) => {
                record.complete(shape);
                Jobs::hold(transaction, record, key)
            }
            None => Jobs::want(transaction, record, key),
        }
    }

    fn unpin(
        &self,
        transaction: &WriteTransaction,
        record: &Record,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        Jobs::release(transaction, record, key)
    }

    fn wake(&self) {
        self.shared.changed.send_replace(());
    }

    fn block(&self, cid: Cid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let call = "block/get";
            let block = tokio::time::timeout(self.shared.timeout, self.shared.node.block(&cid))
                .await
                .unwrap_or(Err(RpcError::Timeout { call }))?;
            match block {
                Some(block) if verify_block(&cid, &block).is_err() => {
                    Err(RpcError::Unreadable { call }.into())
                }
                block => Ok(block),
            }
        })
    }

    fn free_bytes(&self) -> Option<u64> {
        None
    }
}

impl From<RpcError> for StoreError {
    fn from(cause: RpcError) -> Self {
        Self::Node(cause)
    }
}

/// The CIDs by which a node may know this content. To a node, version 0 and version 1 are two pins.
pub(crate) fn forms(cid: &Cid) -> impl Iterator<Item = Cid> + use<> {
    let v1 = Cid::new_v1(cid.codec(), *cid.hash());
    [Some(v1), Cid::new_v0(*cid.hash()).ok()]
        .into_iter()
        .flatten()
        .filter(move |form| form.codec() == v1.codec())
}
