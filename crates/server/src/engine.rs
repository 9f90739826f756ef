//! What keeps the content: the seam between the routes with their records, and where bytes lie.

use std::fmt;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use redb::WriteTransaction;
use w3pin_unixfs::{Block, BlockSink, Cid, DagNode, Kind};

use crate::{content_key::ContentKey, record::Record, store::StoreError};

mod cluster;
mod embedded;
mod kubo;
mod remote;

pub use self::remote::RpcError;
pub(crate) use self::{cluster::Cluster, embedded::Embedded, kubo::Kubo, remote::Remote};

/// Keeps content for the pins that the records hold.
///
/// What belongs to a pin is noted in the pin's own transaction, so that records and content agree
/// after a process is killed at any moment.
pub(crate) trait Engine: fmt::Debug + Send + Sync {
    /// Content begins to come in this form. Called, and used, on a thread that may block.
    fn intake(&self, form: Form) -> Result<Box<dyn Intake>, StoreError>;

    /// One more pin needs the content; where that is complete already, the record gets its shape.
    fn pin(
        &self,
        transaction: &WriteTransaction,
        record: &mut Record,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// One pin less needs the content.
    fn unpin(
        &self,
        transaction: &WriteTransaction,
        record: &Record,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// What the two calls above noted is durable now.
    fn wake(&self);

    /// A block's bytes, or none where the engine doesn't have it.
    fn block(&self, cid: Cid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;

    /// Bytes that may still be written, where the engine can tell.
    fn free_bytes(&self) -> Option<u64>;
}

/// How content comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As the files of an upload.
    Files,
    /// As one file, a CAR with all blocks of one root.
    Car,
}

/// Content that is being taken in. Dropped before it is [kept](Self::keep), it leaves nothing.
pub(crate) trait Intake: Send {
    /// A file begins, `path` being its whole path, the root's name included.
    fn file(&mut self, path: &str) -> Result<(), StoreError>;

    /// The next bytes of that file.
    fn bytes(&mut self, bytes: &Bytes) -> Result<(), StoreError>;

    /// The next block of the DAG, in parts, children before parents.
    fn block(&mut self, cid: &Cid, parts: &[&[u8]], links: &[Cid]) -> Result<(), StoreError>;

    /// All content came, and this is its root. Makes it durable.
    fn finish(&mut self, root: &Cid, shape: DagShape) -> Result<(), StoreError>;

    /// Notes in a transaction that the content is here, which is what some pins waited for.
    fn arrive(
        &mut self,
        transaction: &WriteTransaction,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// Notes that besides, this pin needs it. The transaction is the same.
    fn pin(
        &mut self,
        transaction: &WriteTransaction,
        record: &mut Record,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// The transaction is about to be committed. From here on the records may need the content, even
    /// where the commit reports a failure. The intake is dropped after it.
    fn keep(&mut self);
}

/// Hands the blocks of a file or folder to an intake.
pub(crate) struct IntakeBlocks<'a>(pub(crate) &'a mut dyn Intake);

impl BlockSink for IntakeBlocks<'_> {
    type Error = StoreError;

    fn put(&mut self, block: Block<'_>) -> Result<(), StoreError> {
        self.0.block(&block.cid, &block.parts(), block.links())
    }
}

/// What a root says of its DAG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DagShape {
    pub(crate) size: u64,
    pub(crate) is_dir: bool,
}

impl DagShape {
    pub(crate) fn of(node: &DagNode<'_>, block_bytes: usize) -> Self {
        let below = node.links().iter().map(|link| link.dag_size);
        Self {
            size: below.fold(block_bytes as u64, u64::saturating_add),
            is_dir: matches!(node.kind(), Kind::Directory | Kind::HamtShard),
        }
    }
}
