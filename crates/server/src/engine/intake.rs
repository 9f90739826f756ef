//! How content enters an engine: it is taken in, then staged, then named by a transaction.

use bytes::Bytes;
use redb::WriteTransaction;
use w3pin_unixfs::{Block, BlockSink, Cid};

use crate::{content_key::ContentKey, dag_shape::DagShape, error::StoreError, records::PinRecord};

/// Content that is being taken in, as the engine stores it: as blocks, or as the files that they
/// are made from. Callers provide both. If it is dropped before it is [finished](Self::finish),
/// nothing is kept.
pub(crate) enum Intake {
    Blocks(Box<dyn BlockIntake>),
    Files(Box<dyn FileIntake>),
}

/// Takes in blocks.
pub(crate) trait BlockIntake: Send {
    /// Takes the next block of the DAG, in parts, children before parents.
    fn block(&mut self, cid: &Cid, parts: &[&[u8]], links: &[Cid]) -> Result<(), StoreError>;

    /// Returns whether any received block is missing here, or its copy here is damaged.
    fn is_needed(&mut self) -> Result<bool, StoreError>;

    /// Ends the content, whose root is `root`, and makes it durable.
    fn finish(self: Box<Self>, root: &Cid, shape: DagShape) -> Result<Box<dyn Staged>, StoreError>;
}

/// Takes in files, which it converts to blocks itself.
pub(crate) trait FileIntake: Send {
    /// Starts a file; `path` is its full path, including the name of the root.
    fn file(&mut self, path: &str) -> Result<(), StoreError>;

    /// Takes the next bytes of the file.
    fn bytes(&mut self, bytes: &Bytes) -> Result<(), StoreError>;

    /// Ends the content, whose root must be `root`, and makes it durable.
    fn finish(self: Box<Self>, root: &Cid, shape: DagShape) -> Result<Box<dyn Staged>, StoreError>;
}

/// Content that is durable and that no record refers to yet. If it is dropped before it is
/// [kept](Self::keep), nothing is kept.
pub(crate) trait Staged: Send {
    /// Returns whether it replaced damaged copies, or provided missing content, when it arrived.
    fn mends(&self) -> bool {
        false
    }

    /// Does as much as possible in advance, so that the transaction is short.
    fn prepare(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Records in a transaction that the content has arrived, which completes the pins that wait
    /// for it.
    fn arrive(
        &mut self,
        transaction: &WriteTransaction,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// Also adds a pin to the content, in the same transaction.
    fn pin(
        &mut self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// Also re-adds a pin that existed before the content arrived, in the same transaction.
    fn pin_again(
        &mut self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// Called right before the commit. From here on the records may refer to the content, even if
    /// the commit reports a failure. The value is dropped afterwards.
    fn keep(&mut self);
}

impl Intake {
    /// Starts a file; `path` is its full path, including the name of the root.
    pub(crate) fn file(&mut self, path: &str) -> Result<(), StoreError> {
        match self {
            Self::Blocks(_) => Ok(()),
            Self::Files(files) => files.file(path),
        }
    }

    /// Takes the next bytes of the file.
    pub(crate) fn bytes(&mut self, bytes: &Bytes) -> Result<(), StoreError> {
        match self {
            Self::Blocks(_) => Ok(()),
            Self::Files(files) => files.bytes(bytes),
        }
    }

    /// Takes the next block of the DAG, in parts, children before parents.
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

    /// Returns whether the received content is missing or damaged in the engine, as far as it can
    /// tell.
    pub(crate) fn is_needed(&mut self) -> Result<bool, StoreError> {
        match self {
            Self::Blocks(blocks) => blocks.is_needed(),
            Self::Files(_) => Ok(false),
        }
    }

    /// Ends the content, whose root is `root`, and makes it durable.
    pub(crate) fn finish(self, root: &Cid, shape: DagShape) -> Result<Box<dyn Staged>, StoreError> {
        match self {
            Self::Blocks(blocks) => blocks.finish(root, shape),
            Self::Files(files) => files.finish(root, shape),
        }
    }
}

/// Passes the blocks of a file or folder to an intake.
pub(crate) struct IntakeBlocks<'a>(pub(crate) &'a mut Intake);

impl BlockSink for IntakeBlocks<'_> {
    type Error = StoreError;

    fn put(&mut self, block: Block<'_>) -> Result<(), StoreError> {
        self.0.block(&block.cid, &block.parts(), block.links())
    }
}
