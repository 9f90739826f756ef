//! Stores content in files on this machine.
//!
//! The blocks are in `blocks/*.pack`, one file for each upload, written and synced before the
//! transaction that refers to them. Until then a pack is named `*.part` and is deleted when the
//! folder is opened unless a record refers to it. So a process that is killed at any moment leaves
//! exactly what it acknowledged. Every block is compared with its digest when it is read.

use std::{
    path::Path,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use futures_util::future::BoxFuture;
use redb::{ReadableTable, WriteTransaction};
use w3pin_unixfs::Cid;

mod collect;
mod compact;
mod damage;
mod inner;
mod intake;
mod pack;
mod packs;
mod references;
mod retrieval;
mod staging;
mod strays;
mod warden;

use self::{
    collect::Wake,
    damage::DamageReports,
    inner::{Inner, each_block},
    intake::PackIntake,
    packs::Packs,
    retrieval::Retrieval,
};
use super::{Engine, Form, Intake, settle::Settler};
use crate::{
    content_key::ContentKey,
    dag_source::DagSource,
    error::StoreError,
    folder::{free_bytes, own_private_folder, sync_folder},
    limits::Limits,
    records::{Jobs, PinRecord, Records, tables},
};

/// The parts that check the packs of a stopped server.
pub(crate) mod parts {
    pub(crate) use super::{
        BLOCKS,
        damage::survey,
        inner::{each_block, links, shape},
        pack::{Origin, PackFile, PackScan, ScanError, entry_bytes},
        packs::{NOWHERE, Packs, is_medium},
        strays::set_aside,
    };
}

/// Stores blocks in pack files in the data folder.
#[derive(Debug)]
pub(crate) struct Embedded {
    inner: Arc<Inner>,
    collector: Option<(mpsc::Sender<Wake>, JoinHandle<()>)>,
    warden: Option<JoinHandle<()>>,
    /// Fetches content that is pinned by CID, if there is a source.
    retrieval: Option<Settler>,
}

/// Fails if there are packs, which new records wouldn't know.
pub(super) fn require_no_packs(folder: &Path) -> Result<(), StoreError> {
    match strays::packs_in(&folder.join(BLOCKS))? {
        0 => Ok(()),
        packs => Err(StoreError::RecordsMissing { packs }),
    }
}

/// The folder of the packs.
pub(crate) const BLOCKS: &str = "blocks";

impl Embedded {
    /// Opens the blocks in `folder`, which are all read once per `scrub`. Content that is pinned by
    /// CID comes from `source`.
    pub(crate) fn open(
        folder: &Path,
        records: Arc<Records>,
        scrub: Option<Duration>,
        source: Option<Arc<dyn DagSource>>,
        limits: &Limits,
    ) -> Result<Self, StoreError> {
        let blocks = folder.join(BLOCKS);
        own_private_folder(&blocks)?;
        sync_folder(&blocks)?;
        sync_folder(folder)?;
        let packs = Packs::in_folder(blocks);
        let next_pack = strays::settle(&records, &packs)?;
        // One more wake-up can be queued while the warden is busy.
        let (wake, woken) = mpsc::sync_channel(1);
        let inner = Inner::new(records, packs, next_pack, DamageReports::new(wake));
        let inner = Arc::new(inner);
        inner.give_up_staged()?;
        report_missing(&inner)?;
        if inner.records.any_damaged()? {
            inner.damage.look_again();
        }
        let (wake, collector) = collect::start(&inner)?;
        let mut opened = Self {
            inner,
            collector: Some((wake.clone(), collector)),
            warden: None,
            retrieval: None,
        };
        opened.warden = Some(warden::start(&opened.inner, woken, scrub)?);
        if let Some(source) = source {
            let retrieval = Retrieval::new(&opened.inner, wake, source, limits);
            retrieval.begin()?;
            opened.retrieval = Some(Settler::start(&Arc::new(retrieval), limits.retrievals)?);
        }
        Ok(opened)
    }

    /// Tells the collector that there may be something to free.
    fn wake_collector(&self, wake: Wake) {
        if let Some((collector, _)) = &self.collector {
            let _ = collector.send(wake);
        }
    }
}

/// Reports the blocks of missing or truncated packs.
fn report_missing(inner: &Inner) -> Result<(), StoreError> {
    let missing = strays::missing(&inner.records, &inner.packs)?;
    if missing.is_empty() {
        return Ok(());
    }
    for id in &missing {
        let path = inner.packs.path(*id);
        tracing::error!(path = %path.display(), "a pack is missing or truncated; run w3pin fsck");
    }
    each_block(&inner.records, None, |key, place| {
        if missing.contains(&place.0)
            && let Err(cause) = inner.packs.read(key, place)
        {
            inner.damage.report(key, &cause);
        }
        Ok(true)
    })
}

impl Engine for Embedded {
    fn intake(&self, _: Form) -> Result<Intake, StoreError> {
        let wake = self.collector.as_ref().map(|(wake, _)| wake.clone());
        Ok(Intake::Blocks(Box::new(PackIntake::new(
            &self.inner,
            wake,
        )?)))
    }

    fn pin(
        &self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        let mut blocks = transaction.open_table(tables::BLOCKS)?;
        let place = blocks.get(key.as_bytes())?.map(|place| place.value());
        if let Some(place) = place {
            match self.inner.packs.read(key, place) {
                Ok(block) => {
                    record.complete(inner::shape(key, &block)?);
                    return references::add(&mut blocks, key, 1);
                }
                // The pin waits for another copy.
                Err(cause @ StoreError::DamagedBlock { .. }) => {
                    self.inner.damage.report(key, &cause);
                }
                Err(cause) => return Err(cause),
            }
        }
        if self.retrieval.is_some() {
            return Jobs::want_here(transaction, record, key);
        }
        let mut wanted = transaction.open_table(tables::WANTED)?;
        wanted.insert((key.as_bytes(), record.id.as_u128()), ())?;
        Ok(())
    }

    fn unpin(
        &self,
        transaction: &WriteTransaction,
        record: &PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        let mut wanted = transaction.open_table(tables::WANTED)?;
        let waited = wanted.remove((key.as_bytes(), record.id.as_u128()))?;
        if waited.is_some() {
            return Ok(());
        }
        references::release(transaction, key)
    }

    fn wake(&self) {
        self.wake_collector(Wake::Garbage);
        self.inner.changed.send_replace(());
        // A new pin may refer to damaged content.
        if self.inner.records.any_damaged().unwrap_or(true) {
            self.inner.damage.look_again();
        }
    }

    fn block(&self, cid: Cid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        let inner = Arc::clone(&self.inner);
        let read = tokio::task::spawn_blocking(move || inner.block(&ContentKey::of(&cid)));
        Box::pin(async {
            read.await
                .unwrap_or(Err(StoreError::Damaged("reading a block panicked")))
        })
    }

    fn read_block(&self, cid: Cid) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.block(&ContentKey::of(&cid))
    }

    fn free_bytes(&self) -> Option<u64> {
        free_bytes(self.inner.packs.folder())
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        // Dropped before the collector, which ends when nothing can wake it anymore.
        self.retrieval = None;
        self.inner.close();
        self.inner.damage.look_again();
        if let Some(warden) = self.warden.take() {
            let _ = warden.join();
        }
        if let Some((wake, thread)) = self.collector.take() {
            drop(wake);
            let _ = thread.join();
        }
    }
}
