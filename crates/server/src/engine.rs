//! The interface between the records and whatever stores the content.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use redb::WriteTransaction;
use tokio::runtime::Handle;
use w3pin_unixfs::{Cid, Profile};

use crate::{
    backend::Backend,
    content_key::ContentKey,
    dag_source::DagSource,
    error::StoreError,
    limits::Limits,
    records::{PinRecord, Records},
};

mod cluster;
mod embedded;
mod intake;
mod kubo;
mod remote;
mod settle;

use self::{cluster::Cluster, embedded::Embedded, kubo::Kubo, remote::Remote};
pub(crate) use self::{
    embedded::parts as packs,
    intake::{BlockIntake, FileIntake, Intake, IntakeBlocks, Staged},
};

/// Stores the content of the pins in the records.
///
/// Changes that belong to a pin are made in the pin's own transaction, so that records and content
/// agree if the process is killed at any moment.
pub(crate) trait Engine: fmt::Debug + Send + Sync {
    /// Starts taking in content of this form. Called and used on a thread that may block.
    fn intake(&self, form: Form) -> Result<Intake, StoreError>;

    /// Adds a pin to the content. If the content is complete already, sets the record's shape.
    fn pin(
        &self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// Removes a pin from the content.
    fn unpin(
        &self,
        transaction: &WriteTransaction,
        record: &PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// Called once the changes made by `pin` and `unpin` are durable.
    fn wake(&self);

    /// Returns a block's bytes, or `None` if the engine doesn't have it.
    fn block(&self, cid: Cid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;

    /// Like `block`, for callers on a blocking thread that read many blocks.
    fn read_block(&self, cid: Cid) -> Result<Option<Vec<u8>>, StoreError> {
        Handle::current().block_on(self.block(cid))
    }

    /// Returns the addresses of the peer that fetches content, if there is one.
    fn delegates(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(async { Vec::new() })
    }

    /// Returns the number of bytes that can still be written, if the engine knows.
    fn free_bytes(&self) -> Option<u64>;
}

/// The form in which content arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The files of an upload.
    Files,
    /// A single CAR file with all blocks of one root.
    Car,
}

/// Fails if the folder holds content, which new records wouldn't know.
pub(crate) fn require_no_content(folder: &Path) -> Result<(), StoreError> {
    embedded::require_no_packs(folder)
}

/// Opens the engine that stores the content of a data folder.
pub(crate) fn open(
    backend: &Backend,
    folder: &Path,
    records: &Arc<Records>,
    profile: Profile,
    limits: &Limits,
    scrub: Option<Duration>,
    source: Option<Arc<dyn DagSource>>,
) -> Result<Box<dyn Engine>, StoreError> {
    let records = Arc::clone(records);
    Ok(match backend {
        Backend::Embedded => Box::new(Embedded::open(folder, records, scrub, source, limits)?),
        Backend::Kubo { rpc } => {
            let node = Kubo::new(rpc, profile);
            Box::new(Remote::open(node, records, limits)?)
        }
        Backend::Cluster {
            rest,
            rpc,
            replication,
        } => {
            let kubo = Kubo::new(rpc, profile);
            let node = Cluster::new(rest, kubo, *replication, &profile)?;
            Box::new(Remote::open(node, records, limits)?)
        }
    })
}
