//! Writes an upload's blocks to a pack, which the transaction of its pin refers to.

use std::{
    collections::HashSet,
    sync::{Arc, mpsc},
};

use redb::{ReadableTableMetadata, WriteTransaction};
use w3pin_unixfs::Cid;

mod naming;

use self::naming::{Mending, NAMED_AT_ONCE, count_bytes, name_blocks, next_step};
use super::{
    collect::Wake,
    inner::Inner,
    pack::{self, PackWriter},
    references,
    staging::{self, StagingTurn},
};
use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    engine::{BlockIntake, Staged},
    error::StoreError,
    records::{PinRecord, tables},
};

/// The number of existing copies that are compared in one transaction.
const STEP: usize = 256;

/// Blocks that are being written to a pack.
pub(super) struct PackIntake {
    inner: Arc<Inner>,
    wake: Option<mpsc::Sender<Wake>>,
    pack: PackWriter,
    /// The result of checking existing copies against their keys.
    compared: Option<Compared>,
}

#[derive(Clone, Default)]
struct Compared {
    /// Blocks whose existing copies are damaged.
    damaged: HashSet<ContentKey>,
    /// Whether any block is new.
    any_new: bool,
}

/// A pack that is complete and durable.
struct StagedPack {
    inner: Arc<Inner>,
    wake: Option<mpsc::Sender<Wake>>,
    pack: PackWriter,
    shape: DagShape,
    mending: Mending,
    /// The bytes of blocks that have no intact copy yet.
    live: u64,
    /// Held if blocks are named before the transaction of the pin.
    turn: Option<StagingTurn>,
    kept: bool,
}

impl PackIntake {
    pub(super) fn new(
        inner: &Arc<Inner>,
        wake: Option<mpsc::Sender<Wake>>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            inner: Arc::clone(inner),
            wake,
            pack: inner.new_pack()?,
            compared: None,
        })
    }

    /// Returns the pack, for content whose blocks arrive parents first.
    pub(super) fn pack(&mut self) -> &mut PackWriter {
        &mut self.pack
    }

    /// Compares the existing copies of the received blocks with their keys, outside of any
    /// transaction.
    fn compare(&mut self) -> Result<Compared, StoreError> {
        if let Some(compared) = &self.compared {
            return Ok(compared.clone());
        }
        let Self { inner, pack, .. } = self;
        let mut compared = Compared::default();
        let mut keys = Vec::with_capacity(STEP);
        for packed in pack.packed()? {
            keys.push(packed?.key);
            if keys.len() == STEP {
                compare(inner, &mut keys, &mut compared)?;
            }
        }
        compare(inner, &mut keys, &mut compared)?;
        self.compared = Some(compared.clone());
        Ok(compared)
    }
}

fn compare(
    inner: &Inner,
    keys: &mut Vec<ContentKey>,
    compared: &mut Compared,
) -> Result<(), StoreError> {
    let here = inner.records.read(|transaction| {
        let blocks = transaction.open_table(tables::BLOCKS)?;
        let mut here = Vec::new();
        for key in keys.iter() {
            if blocks.get(key.as_bytes())?.is_some() {
                here.push(key.clone());
            }
        }
        Ok(here)
    })?;
    compared.any_new |= here.len() < keys.len();
    keys.clear();
    for key in here {
        match inner.block(&key) {
            Ok(_) => {}
            Err(StoreError::DamagedBlock { .. }) => {
                compared.damaged.insert(key);
            }
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

impl BlockIntake for PackIntake {
    fn block(&mut self, cid: &Cid, parts: &[&[u8]], links: &[Cid]) -> Result<(), StoreError> {
        Ok(self.pack.put(cid, parts, links)?)
    }

    fn is_needed(&mut self) -> Result<bool, StoreError> {
        let compared = self.compare()?;
        Ok(compared.any_new || !compared.damaged.is_empty())
    }

    fn finish(
        mut self: Box<Self>,
        _: &Cid,
        shape: DagShape,
    ) -> Result<Box<dyn Staged>, StoreError> {
        let Compared { damaged, .. } = self.compare()?;
        self.pack.sync()?;
        let Self {
            inner, wake, pack, ..
        } = *self;
        Ok(Box::new(StagedPack {
            inner,
            wake,
            pack,
            shape,
            mending: Mending { damaged, mended: 0 },
            live: 0,
            turn: None,
            kept: false,
        }))
    }
}

impl Staged for StagedPack {
    fn mends(&self) -> bool {
        self.live > 0
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        if self.pack.weight() <= NAMED_AT_ONCE {
            return Ok(());
        }
        self.turn = Some(StagingTurn::take(&self.inner));
        let (id, bytes) = (self.pack.id(), self.pack.bytes());
        let mut packed = self.pack.packed()?;
        loop {
            let step = next_step(&mut packed)?;
            if step.is_empty() {
                return Ok(());
            }
            self.live += self.inner.records.write(|transaction| {
                let mending = &mut self.mending;
                let live = name_blocks(&self.inner, transaction, id, &step, mending)?;
                count_bytes(transaction, (id, bytes), live)?;
                staging::note(transaction, id)?;
                Ok(live)
            })?;
        }
    }

    fn arrive(&mut self, transaction: &WriteTransaction, _: &ContentKey) -> Result<(), StoreError> {
        let (id, bytes) = (self.pack.id(), self.pack.bytes());
        if self.turn.is_some() {
            staging::done(transaction, id)?;
        } else {
            let mut packed = self.pack.packed()?;
            let mut step = next_step(&mut packed)?;
            while !step.is_empty() {
                let mending = &mut self.mending;
                self.live += name_blocks(&self.inner, transaction, id, &step, mending)?;
                step = next_step(&mut packed)?;
            }
            count_bytes(transaction, (id, bytes), self.live)?;
        }
        if self.mending.mended > 0 && transaction.open_table(tables::DAMAGED)?.is_empty()? {
            let mut pins = transaction.open_table(tables::DAMAGED_PINS)?;
            pins.retain(|_, _| false)?;
        }
        Ok(())
    }

    fn pin(
        &mut self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        record.complete(self.shape);
        references::add(&mut transaction.open_table(tables::BLOCKS)?, key, 1)
    }

    /// It is already counted as a reference, or it was waiting and is complete now.
    fn pin_again(
        &mut self,
        _: &WriteTransaction,
        _: &mut PinRecord,
        _: &ContentKey,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    fn keep(&mut self) {
        // If all blocks were here already, dropping the pack deletes it.
        self.kept = self.live > 0;
    }
}

impl Drop for StagedPack {
    fn drop(&mut self) {
        let mended = self.mending.mended;
        let was_staged = self.turn.is_some();
        if was_staged && let Err(cause) = self.inner.give_up_staged() {
            tracing::error!(%cause, "failed to delete an interrupted upload; the next start deletes it");
        }
        if was_staged || self.kept {
            self.inner.settle(&mut self.pack);
        }
        self.turn = None;
        // Content that a retrieval waits for may have arrived.
        self.inner.changed.send_replace(());
        if mended > 0 && self.kept {
            tracing::info!(
                blocks = mended,
                "damaged blocks were repaired from another copy"
            );
            self.inner.damage.look_again();
        }
        let Some(wake) = &self.wake else { return };
        if was_staged {
            let _ = wake.send(Wake::Garbage);
        }
        let is_worth_a_look = mended > 0 || pack::is_mostly_dead(self.pack.bytes(), self.live);
        if self.kept && is_worth_a_look {
            let _ = wake.send(Wake::Pack(self.pack.id()));
        }
    }
}
