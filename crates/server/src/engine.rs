//! What keeps the content: the seam between the records, and where bytes lie.

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

/// Keeps content for the pins that the records hold.
///
/// What belongs to a pin is noted in the pin's own transaction, so that records and content agree
/// after a process is killed at any moment.
pub(crate) trait Engine: fmt::Debug + Send + Sync {
    /// Content begins to come in this form. Called, and used, on a thread that may block.
    fn intake(&self, form: Form) -> Result<Intake, StoreError>;

    /// One more pin needs the content; where that is complete already, the record gets its shape.
    fn pin(
        &self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// One pin less needs the content.
    fn unpin(
        &self,
        transaction: &WriteTransaction,
        record: &PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError>;

    /// What the two calls above noted is durable now.
    fn wake(&self);

    /// A block's bytes, or none where the engine doesn't have it.
    fn block(&self, cid: Cid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;

    /// The same on a thread that may block, for whoever reads many.
    fn read_block(&self, cid: Cid) -> Result<Option<Vec<u8>>, StoreError> {
        Handle::current().block_on(self.block(cid))
    }

    /// The addresses of the peer that fetches content, where there is one.
    fn delegates(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(async { Vec::new() })
    }

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

/// Refuses to make new records in a folder whose content others named.
pub(crate) fn require_no_content(folder: &Path) -> Result<(), StoreError> {
    embedded::require_no_packs(folder)
}

/// The engine that keeps the content of a data folder.
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
