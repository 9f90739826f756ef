//! Frees what no pin needs, in small transactions on a thread of its own.
//!
//! A block that loses its last reference is noted as garbage in the same transaction. From there it
//! is removed, which takes its references to the blocks below, and so on down. A pack without blocks
//! is doomed in the transaction that takes its last, and deleted once no record names it, which is
//! looked for block by block. Being killed in between costs nothing: garbage and doomed packs are in
//! the records.

use std::{
    collections::BTreeSet,
    io,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread::JoinHandle,
    time::Duration,
};

use redb::{ReadableTable, WriteTransaction};

use super::{
    inner::{Inner, each_block, links},
    pack::{self, PackScan},
    references,
};
use crate::{
    content_key::ContentKey,
    error::{StoreError, unless_damaged},
    folder::sync_folder,
    records::{note_damage, tables},
};

/// Blocks, and links from them, that are removed in one transaction.
const STEP: usize = 1024;
/// How long what failed is left alone.
const RETRY: Duration = Duration::from_secs(60);

/// What there may be to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wake {
    Garbage,
    /// This pack is worth a look.
    Pack(u64),
}

pub(super) fn start(inner: &Arc<Inner>) -> io::Result<(mpsc::Sender<Wake>, JoinHandle<()>)> {
    let (sender, receiver) = mpsc::channel();
    let inner = Arc::clone(inner);
    let work = move || {
        let mut packs = inner.known_packs().unwrap_or_default();
        loop {
            let collected = inner.collect(&mut packs);
            let wake = match &collected {
                Ok(()) => receiver.recv().map_err(RecvTimeoutError::from),
                Err(cause) => {
                    tracing::error!(%cause, "not all was freed; it is tried again later");
                    receiver.recv_timeout(RETRY)
                }
            };
            match wake {
                Ok(Wake::Garbage) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Wake::Pack(id)) => {
                    packs.insert(id);
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    };
    let thread = std::thread::Builder::new().name("w3pin-collector".to_owned());
    Ok((sender, thread.spawn(work)?))
}

impl Inner {
    fn known_packs(&self) -> Result<BTreeSet<u64>, StoreError> {
        self.records.read(|transaction| {
            let packs = transaction.open_table(tables::PACKS)?;
            packs.iter()?.map(|entry| Ok(entry?.0.value())).collect()
        })
    }

    /// Frees all there is to free; `packs` are worth a look and gain those that lose blocks.
    fn collect(&self, packs: &mut BTreeSet<u64>) -> Result<(), StoreError> {
        while !self.must_stop() && self.remove_garbage(packs)? {}
        self.delete_doomed()?;
        let mut is_full = false;
        for id in std::mem::take(packs) {
            if self.is_closing() {
                break;
            }
            // One pack that can't be rewritten doesn't keep the others from it.
            match self.compact(id) {
                Ok(()) => {}
                Err(StoreError::Full) => {
                    is_full = true;
                    packs.insert(id);
                }
                Err(cause) => {
                    let pack = self.packs.path(id);
                    tracing::error!(%cause, pack = %pack.display(), "a pack stays as it is");
                }
            }
        }
        self.delete_doomed()?;
        if is_full {
            Err(StoreError::Full)
        } else {
            Ok(())
        }
    }

    /// Removes some garbage; says whether there was any.
    fn remove_garbage(&self, shrunk: &mut BTreeSet<u64>) -> Result<bool, StoreError> {
        let (removed, packs) = self.records.write_freeing(|transaction| {
            let mut removed = 0;
            let mut packs = BTreeSet::new();
            // Whoever names a pack in steps wakes the collector in the end.
            while removed < STEP && !self.staging.is_under_way() {
                let key = {
                    let mut garbage = transaction.open_table(tables::GARBAGE)?;
                    let first = garbage.pop_first()?;
                    first.map(|(key, _)| ContentKey::from_bytes(key.value().to_vec()))
                };
                let Some(key) = key else { break };
                let (pack, links) = self.remove_block(transaction, &key)?;
                removed += 1 + links;
                packs.extend(pack);
            }
            Ok((removed, packs))
        })?;
        shrunk.extend(packs);
        Ok(removed > 0)
    }

    /// Removes a block, unless it has been taken up again; gives the pack that lost it, and how many
    /// links the block had.
    fn remove_block(
        &self,
        transaction: &WriteTransaction,
        key: &ContentKey,
    ) -> Result<(Option<u64>, usize), StoreError> {
        let place = {
            let blocks = transaction.open_table(tables::BLOCKS)?;
            blocks.get(key.as_bytes())?.map(|place| place.value())
        };
        let Some(place @ (pack, _, length, 0)) = place else {
            return Ok((None, 0));
        };
        let count = match unless_damaged(links(key, || self.packs.read(key, place)))? {
            Some(links) => {
                for link in &links {
                    references::release(transaction, link)?;
                }
                links.len()
            }
            // What it linked to can't be told, so both stay until it is mended or the records are made
            // anew.
            None => {
                let cid = key.to_cid()?;
                tracing::error!(%cid, "a damaged block can't be freed; see w3pin fsck --repair");
                note_damage(transaction, key)?;
                return Ok((None, 0));
            }
        };
        transaction
            .open_table(tables::BLOCKS)?
            .remove(key.as_bytes())?;
        transaction
            .open_table(tables::DAMAGED)?
            .remove(key.as_bytes())?;
        references::forget_place(transaction, pack, pack::entry_bytes(key, length))?;
        Ok((Some(pack), count))
    }

    /// Deletes the packs that no block is in.
    fn delete_doomed(&self) -> Result<(), StoreError> {
        if self.staging.is_under_way() {
            return Ok(());
        }
        let doomed: Vec<u64> = self.records.read(|transaction| {
            let doomed = transaction.open_table(tables::DOOMED)?;
            doomed.iter()?.map(|entry| Ok(entry?.0.value())).collect()
        })?;
        let mut gone = Vec::new();
        for id in doomed {
            if self.is_needed(id)? {
                let pack = self.packs.path(id);
                tracing::error!(pack = %pack.display(), "a pack stays: the records miscount it");
            } else if self.packs.delete(id) {
                gone.push(id);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        // A pack that came back after a power loss would be one that no record knows.
        sync_folder(self.packs.folder())?;
        self.records.write_freeing(|transaction| {
            let mut doomed = transaction.open_table(tables::DOOMED)?;
            for id in &gone {
                doomed.remove(id)?;
            }
            Ok(())
        })
    }

    /// Whether a record names a block in this pack, whatever its count says.
    fn is_needed(&self, id: u64) -> Result<bool, StoreError> {
        if let Ok(mut scan) = PackScan::open(&self.packs.path(id)) {
            loop {
                match scan.next() {
                    Ok(Some(entry)) => match self.place(&entry.key)? {
                        Some((pack, ..)) if pack == id => return Ok(true),
                        _ => {}
                    },
                    Ok(None) => return Ok(false),
                    Err(_) => break,
                }
            }
        }
        // What the pack says isn't to be relied on.
        let mut is_needed = false;
        each_block(&self.records, None, |_, (pack, ..)| {
            is_needed = pack == id;
            Ok(!is_needed)
        })?;
        Ok(is_needed)
    }
}
