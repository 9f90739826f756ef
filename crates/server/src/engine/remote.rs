//! Stores content on an IPFS node or cluster.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use redb::WriteTransaction;
use tokio::sync::watch;
use w3pin_unixfs::{Cid, verify_block};

mod addresses;
mod form_writer;
mod intake;
mod last_line;
mod node;
mod rpc;
mod settle;

use self::{addresses::Addresses, form_writer::FormWriter, intake::RemoteIntake, node::Shared};
pub(super) use self::{
    node::{Node, forms},
    rpc::{Answer, Rpc, RpcBody},
};
use super::{Engine, Form, Intake, settle::Settler};
use crate::{
    content_key::ContentKey,
    error::{RpcError, StoreError},
    limits::Limits,
    records::{Jobs, PinRecord, Records},
};

/// Lets a node store the content.
#[derive(Debug)]
pub(crate) struct Remote<N: Node> {
    /// Declared first, so that it is dropped before the fields that it uses.
    _settler: Settler,
    shared: Arc<Shared<N>>,
    addresses: Addresses,
}

impl<N: Node> Remote<N> {
    pub(crate) fn open(
        node: N,
        records: Arc<Records>,
        limits: &Limits,
    ) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared {
            node: Arc::new(node),
            jobs: Jobs::new(records),
            changed: watch::Sender::new(()),
            adding: Arc::default(),
            timeout: limits.node_timeout,
            retrieval_timeout: limits.retrieval_timeout,
        });
        let _settler = Settler::start(&shared, limits.retrievals)?;
        let addresses = Addresses::default();
        Ok(Self {
            _settler,
            shared,
            addresses,
        })
    }
}

impl<N: Node> Engine for Remote<N> {
    fn intake(&self, form: Form) -> Result<Intake, StoreError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        let writer = FormWriter::new(u128::from_ne_bytes(random));
        let intake = RemoteIntake::begin(&self.shared, form, writer);
        Ok(Intake::Files(Box::new(intake)))
    }

    fn pin(
        &self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
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
        record: &PinRecord,
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

    fn delegates(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(self.addresses.of(&*self.shared.node))
    }

    fn free_bytes(&self) -> Option<u64> {
        None
    }
}
