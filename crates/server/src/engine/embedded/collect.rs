//! Frees what no pin needs, in small transactions on its own thread.
//!
//! A block that loses its last reference is recorded as garbage in the same transaction. When it is
//! removed later, so are its references to the blocks below, and so on down the DAG. A pack is
//! marked as doomed in the transaction that removes its last block, and deleted once no record
//! refers to it, which is checked block by block. Nothing is lost if the process is killed in
//! between: garbage and doomed packs are in the records.

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

/// The number of blocks and links that are removed in one transaction.
const STEP: usize = 1024;
/// The delay before a failed step is retried.
const RETRY: Duration = Duration::from_secs(60);

/// A reason to look for work.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wake {
    Garbage,
    /// This pack may have become sparse.
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
                    tracing::error!(%cause, "failed to free unused content; trying again later");
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

    /// Frees everything that can be freed; `packs` are the candidates for compaction, to which
    /// packs that lose blocks are added.
    fn collect(&self, packs: &mut BTreeSet<u64>) -> Result<(), StoreError> {
        while !self.must_stop() && self.remove_garbage(packs)? {}
        self.delete_doomed()?;
        let mut is_full = false;
        for id in std::mem::take(packs) {
            if self.is_closing() {
                break;
            }
            // A pack that can't be rewritten doesn't block the others.
            match self.compact(id) {
                Ok(()) => {}
                Err(StoreError::Full) => {
                    is_full = true;
                    packs.insert(id);
                }
                Err(cause) => {
                    let pack = self.packs.path(id);
                    tracing::error!(%cause, pack = %pack.display(), "failed to compact a pack");
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

    /// Removes some garbage. Returns whether there was any.
    fn remove_garbage(&self, shrunk: &mut BTreeSet<u64>) -> Result<bool, StoreError> {
        let (removed, packs) = self.records.write_freeing(|transaction| {
            let mut removed = 0;
            let mut packs = BTreeSet::new();
            // An upload that names a pack in steps wakes the collector when it ends.
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

    /// Removes a block, unless it is referenced again. Returns the pack that lost it and the number
    /// of its links.
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
            // Its links are unknown, so it and its children stay until it or the records are
            // repaired.
            None => {
                let cid = key.to_cid()?;
                tracing::error!(%cid, "a damaged block can't be freed; run w3pin fsck --repair");
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

    /// Deletes packs without blocks.
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
                tracing::error!(pack = %pack.display(), "a pack can't be deleted: the records count it wrongly; run w3pin fsck --repair");
            } else if self.packs.delete(id) {
                gone.push(id);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        // After a power loss, a pack that reappears must not be unknown to the records.
        sync_folder(self.packs.folder())?;
        self.records.write_freeing(|transaction| {
            let mut doomed = transaction.open_table(tables::DOOMED)?;
            for id in &gone {
                doomed.remove(id)?;
            }
            Ok(())
        })
    }

    /// Returns whether any record refers to a block in this pack, whatever its count says.
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
        // The pack's own count isn't trusted here.
        let mut is_needed = false;
        each_block(&self.records, None, |_, (pack, ..)| {
            is_needed = pack == id;
            Ok(!is_needed)
        })?;
        Ok(is_needed)
    }
}
