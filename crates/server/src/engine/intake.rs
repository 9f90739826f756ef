//! How content gets into an engine: it is taken in, then staged, then named by a transaction.

use bytes::Bytes;
use redb::WriteTransaction;
use w3pin_unixfs::{Block, BlockSink, Cid};

use crate::{content_key::ContentKey, dag_shape::DagShape, error::StoreError, records::PinRecord};

/// Content that is being taken in, as the engine keeps it: as blocks, or as the files they are made of.
/// Whoever feeds it gives both. Dropped before it is [finished](Self::finish), it leaves nothing.
pub(crate) enum Intake {
    Blocks(Box<dyn BlockIntake>),
    Files(Box<dyn FileIntake>),
}

/// Takes in blocks.
pub(crate) trait BlockIntake: Send {
    /// The next block of the DAG, in parts, children before parents.
    fn block(&mut self, cid: &Cid, parts: &[&[u8]], links: &[Cid]) -> Result<(), StoreError>;

    /// Whether a block that came is missing here, or the copy of it that is here is damaged.
    fn is_needed(&mut self) -> Result<bool, StoreError>;

    /// All content came, and this is its root. Makes it durable.
    fn finish(self: Box<Self>, root: &Cid, shape: DagShape) -> Result<Box<dyn Staged>, StoreError>;
}

/// Takes in files, of which it makes blocks itself.
pub(crate) trait FileIntake: Send {
    /// A file begins, `path` being its whole path, the root's name included.
    fn file(&mut self, path: &str) -> Result<(), StoreError>;

    /// The next bytes of that file.
    fn bytes(&mut self, bytes: &Bytes) -> Result<(), StoreError>;

    /// All content came, and this must be its root. Makes it durable.
    fn finish(self: Box<Self>, root: &Cid, shape: DagShape) -> Result<Box<dyn Staged>, StoreError>;
}

/// Content that is durable and that no record names yet. Dropped before it is [kept](Self::keep), it
/// leaves nothing.
pub(crate) trait Staged: Send {
    /// Whether it replaced copies that are damaged, or brought what was missing, when it arrived.
    fn mends(&self) -> bool {
        false
    }

    /// Notes what can be noted beforehand, so that the transaction is short.
    fn prepare(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

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
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// Notes that besides, a pin needs it that did so before it came. The transaction is the same.
    fn pin_again(
        &mut self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// The transaction is about to be committed. From here on the records may need the content, even
    /// where the commit reports a failure. It is dropped after that.
    fn keep(&mut self);
}

impl Intake {
    /// A file begins, `path` being its whole path, the root's name included.
    pub(crate) fn file(&mut self, path: &str) -> Result<(), StoreError> {
        match self {
            Self::Blocks(_) => Ok(()),
            Self::Files(files) => files.file(path),
        }
    }

    /// The next bytes of that file.
    pub(crate) fn bytes(&mut self, bytes: &Bytes) -> Result<(), StoreError> {
        match self {
            Self::Blocks(_) => Ok(()),
            Self::Files(files) => files.bytes(bytes),
        }
    }

    /// The next block of the DAG, in parts, children before parents.
    pub(crate) fn block(
        &mut self,
        cid: &Cid,
        parts: &[&[u8]],
        links: &[Cid],
    ) -> Result<(), StoreError> {
        match self {
            Self::Blocks(blocks) => blocks.block(cid, parts, links),
            Self::Files(_) => Ok(()),
        }
    }

    /// Whether what came is missing or damaged where it is kept, as far as the engine can tell.
    pub(crate) fn is_needed(&mut self) -> Result<bool, StoreError> {
        match self {
            Self::Blocks(blocks) => blocks.is_needed(),
            Self::Files(_) => Ok(false),
        }
    }

    /// All content came, and this is its root. Makes it durable.
    pub(crate) fn finish(self, root: &Cid, shape: DagShape) -> Result<Box<dyn Staged>, StoreError> {
        match self {
            Self::Blocks(blocks) => blocks.finish(root, shape),
            Self::Files(files) => files.finish(root, shape),
        }
    }
}

/// Hands the blocks of a file or folder to an intake.
pub(crate) struct IntakeBlocks<'a>(pub(crate) &'a mut Intake);

impl BlockSink for IntakeBlocks<'_> {
    type Error = StoreError;

    fn put(&mut self, block: Block<'_>) -> Result<(), StoreError> {
        self.0.block(&block.cid, &block.parts(), block.links())
    }
}
