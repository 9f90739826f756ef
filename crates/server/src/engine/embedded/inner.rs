//! Block storage shared by uploads, readers, the collector and the warden.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;
use w3pin_core::ipld;
use w3pin_unixfs::Cid;

use super::{
    damage::DamageReports,
    pack::{Origin, PackWriter},
    packs::Packs,
    staging::Staging,
};
use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    error::StoreError,
    records::{Records, tables},
};

/// How long the collector may go on when the folder is being closed.
const CLOSING: Duration = Duration::from_secs(2);
/// The number of rows that are read in one transaction, so that a long walk doesn't keep pages from
/// being freed.
const ROWS: usize = 1024;

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) records: Arc<Records>,
    pub(super) packs: Packs,
    pub(super) next_pack: AtomicU64,
    pub(super) damage: DamageReports,
    pub(super) staging: Staging,
    /// Notifies the retrieval task that the records have changed.
    pub(super) changed: watch::Sender<()>,
    closing: OnceLock<Instant>,
}

impl Inner {
    pub(super) fn new(
        records: Arc<Records>,
        packs: Packs,
        next_pack: u64,
        damage: DamageReports,
    ) -> Self {
        Self {
            records,
            packs,
            next_pack: AtomicU64::new(next_pack),
            damage,
            staging: Staging::default(),
            changed: watch::Sender::new(()),
            closing: OnceLock::new(),
        }
    }

    pub(super) fn close(&self) {
        let _ = self.closing.set(Instant::now());
    }

    /// Returns whether the folder is being closed, so that nothing new is started.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.get().is_some()
    }

    /// Returns whether the collector's time to finish is over too.
    pub(super) fn must_stop(&self) -> bool {
        self.closing
            .get()
            .is_some_and(|since| since.elapsed() > CLOSING)
    }

    pub(super) fn new_pack(&self) -> Result<PackWriter, StoreError> {
        let origin = Origin {
            identity: self.records.identity(),
            session: self.records.session()?,
        };
        let id = self.next_pack.fetch_add(1, Ordering::Relaxed);
        Ok(PackWriter::create(self.packs.folder(), id, origin)?)
    }

    /// Returns a block, or `None` if it isn't stored here. Damage is reported.
    pub(super) fn block(&self, key: &ContentKey) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(mut place) = self.place(key)? else {
            return Ok(None);
        };
        loop {
            let cause = match self.packs.read(key, place) {
                Err(cause @ StoreError::DamagedBlock { .. }) => cause,
                read => return read.map(Some),
            };
            // It may have been compacted or repaired between lookup and read.
            let now = self.place(key)?;
            match now {
                None => return Ok(None),
                Some(now) if (now.0, now.1) != (place.0, place.1) => place = now,
                Some(_) => {
                    self.damage.report(key, &cause);
                    return Err(cause);
                }
            }
        }
    }

    /// Returns the location of a block.
    pub(super) fn place(&self, key: &ContentKey) -> Result<Option<tables::Place>, StoreError> {
        self.records.read(|transaction| {
            let blocks = transaction.open_table(tables::BLOCKS)?;
            Ok(blocks.get(key.as_bytes())?.map(|place| place.value()))
        })
    }
}

/// Calls `visit` with the key and location of each block after `after`, in the order of keys, until
/// it returns false. The records may change meanwhile.
pub(crate) fn each_block(
    records: &Records,
    after: Option<ContentKey>,
    mut visit: impl FnMut(&ContentKey, tables::Place) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut after = after;
    loop {
        let rows = blocks_after(records, after.as_ref(), ROWS)?;
        let Some((last, _)) = rows.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        for (key, place) in &rows {
            if !visit(key, *place)? {
                return Ok(());
            }
        }
    }
}

/// Returns up to `count` blocks after the given one, or from the start, with their locations.
pub(super) fn blocks_after(
    records: &Records,
    after: Option<&ContentKey>,
    count: usize,
) -> Result<Vec<(ContentKey, tables::Place)>, StoreError> {
    use std::ops::Bound::{Excluded, Unbounded};

    records.read(|transaction| {
        let blocks = transaction.open_table(tables::BLOCKS)?;
        let start = after.map_or(Unbounded, |key| Excluded(key.as_bytes()));
        let rows = blocks.range::<&[u8]>((start, Unbounded))?.take(count);
        rows.map(|row| {
            let (key, place) = row?;
            let key = ContentKey::from_bytes(key.value().to_vec());
            Ok((key, place.value()))
        })
        .collect()
    })
}

/// Returns what a root block says about its DAG. If it isn't UnixFS, that is only its own size.
pub(crate) fn shape(key: &ContentKey, block: &[u8]) -> Result<DagShape, StoreError> {
    let cid = key.to_cid()?;
    if let Ok(node) = w3pin_unixfs::decode(&cid, block) {
        return Ok(DagShape::of(&node, block.len()));
    }
    linked(&cid, block)?;
    Ok(DagShape {
        size: block.len() as u64,
        is_dir: false,
    })
}

/// Returns the links of a block. A raw block has none, so it isn't read.
pub(crate) fn links(
    key: &ContentKey,
    read: impl FnOnce() -> Result<Vec<u8>, StoreError>,
) -> Result<Vec<ContentKey>, StoreError> {
    if key.is_raw() {
        return Ok(Vec::new());
    }
    let links = linked(&key.to_cid()?, &read()?)?;
    Ok(links.iter().map(ContentKey::of).collect())
}

fn linked(cid: &Cid, block: &[u8]) -> Result<Vec<Cid>, StoreError> {
    ipld::links(cid, block).map_err(|_| StoreError::Damaged("a block can't be decoded"))
}
