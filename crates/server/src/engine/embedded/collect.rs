//! Frees what no pin needs, in small transactions on a thread of its own.
//!
//! A block that loses its last reference is noted as garbage in the same transaction. From there it
//! is removed, which takes its references to the blocks below, and so on down. A pack without blocks
//! is deleted, one that is mostly dead is rewritten. Being killed in between costs nothing: garbage
//! is in the records, and a file that no record names goes at the next start.

use std::{
    collections::BTreeSet,
    fs, io,
    sync::{Arc, atomic::Ordering, mpsc},
    thread::JoinHandle,
};

use redb::{ReadableTable, WriteTransaction};

use super::{
    inner::Inner,
    pack::{self, PackScan},
    references,
};
use crate::{content_key::ContentKey, error::StoreError, records::tables};

/// Blocks that are removed in one transaction.
const STEP: usize = 1024;

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
    let thread = std::thread::Builder::new().name("w3pin-collector".to_owned()).spawn(move || {
        let mut packs = inner.known_packs().unwrap_or_default();
        loop {
            if let Err(cause) = inner.collect(&mut packs) {
                tracing::error!(%cause, "freeing unpinned blocks failed; it is tried again later");
            }
            match receiver.recv() {
                Ok(Wake::Garbage) => {}
                Ok(Wake::Pack(id)) => {
                    packs.insert(id);
                }
                Err(mpsc::RecvError) => return,
            }
        }
    })?;
    Ok((sender, thread))
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
        while !self.is_closing() && self.remove_garbage(packs)? {}
        while !self.is_closing()
            && let Some(id) = packs.pop_first()
        {
            self.compact(id)?;
        }
        Ok(())
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Removes some garbage; says whether there was any.
    fn remove_garbage(&self, shrunk: &mut BTreeSet<u64>) -> Result<bool, StoreError> {
        let (removed, emptied) = self.records.write(|transaction| {
            let mut removed = 0;
            let mut emptied = Vec::new();
            while removed < STEP {
                let key = {
                    let mut garbage = transaction.open_table(tables::GARBAGE)?;
                    garbage
                        .pop_first()?
                        .map(|(key, _)| ContentKey::from_bytes(key.value().to_vec()))
                };
                let Some(key) = key else { break };
                removed += 1;
                if let Some(pack) = self.remove_block(transaction, &key)? {
                    shrunk.insert(pack);
                    if transaction.open_table(tables::PACKS)?.get(pack)?.is_none() {
                        emptied.push(pack);
                    }
                }
            }
            Ok((removed, emptied))
        })?;
        for pack in emptied {
            self.delete_pack(pack);
        }
        Ok(removed > 0)
    }

    /// Removes a block, unless it has been taken up again; gives the pack that lost it.
    fn remove_block(
        &self,
        transaction: &WriteTransaction,
        key: &ContentKey,
    ) -> Result<Option<u64>, StoreError> {
        let place = {
            let blocks = transaction.open_table(tables::BLOCKS)?;
            blocks.get(key.as_bytes())?.map(|place| place.value())
        };
        let Some(place @ (pack, _, length, 0)) = place else {
            return Ok(None);
        };
        let block = self.read(place)?;
        let cid = key.to_cid()?;
        let node = w3pin_unixfs::decode(&cid, &block)
            .map_err(|_| StoreError::Damaged("a block can't be decoded"))?;
        for link in node.links() {
            references::release(transaction, &ContentKey::of(&link.cid))?;
        }
        transaction
            .open_table(tables::BLOCKS)?
            .remove(key.as_bytes())?;
        let mut packs = transaction.open_table(tables::PACKS)?;
        let sizes = packs.get(pack)?.map(|sizes| sizes.value());
        let Some((bytes, live)) = sizes else {
            return Err(StoreError::Damaged("a block is in a pack that isn't here"));
        };
        match live.saturating_sub(pack::entry_bytes(key, length)) {
            0 => packs.remove(pack)?,
            live => packs.insert(pack, (bytes, live))?,
        };
        Ok(Some(pack))
    }

    /// Rewrites a pack if that is worth it.
    fn compact(&self, old: u64) -> Result<(), StoreError> {
        let sizes = self.records.read(|transaction| {
            let packs = transaction.open_table(tables::PACKS)?;
            Ok(packs.get(old)?.map(|sizes| sizes.value()))
        })?;
        match sizes {
            Some((bytes, live)) if pack::is_mostly_dead(bytes, live) => {}
            _ => return Ok(()),
        }
        let mut pack = self.new_pack()?;
        let mut scan = PackScan::open(&pack::path_of(&self.blocks, old))?;
        while let Some((key, offset, length)) = scan.next()? {
            let place = self.place(&key)?;
            if place.is_some_and(|place| (place.0, place.1) == (old, offset)) {
                pack.append(&key, &[&self.read((old, offset, length, 0))?])?;
            }
            if self.is_closing() {
                return Ok(());
            }
        }
        pack.sync(&self.blocks)?;

        let (new, bytes) = (pack.id(), pack.bytes());
        self.records.write(|transaction| {
            let mut blocks = transaction.open_table(tables::BLOCKS)?;
            let mut live = 0;
            let mut scan = PackScan::open(&pack::path_of(&self.blocks, new))?;
            while let Some((key, offset, length)) = scan.next()? {
                // It may have been removed since it was copied.
                let place = blocks.get(key.as_bytes())?.map(|place| place.value());
                if let Some((pack, _, _, references)) = place
                    && pack == old
                {
                    blocks.insert(key.as_bytes(), (new, offset, length, references))?;
                    live += pack::entry_bytes(&key, length);
                }
            }
            let mut packs = transaction.open_table(tables::PACKS)?;
            packs.remove(old)?;
            if live > 0 {
                packs.insert(new, (bytes, live))?;
                pack.keep();
            }
            Ok(())
        })?;
        self.delete_pack(old);
        Ok(())
    }

    /// Deletes a pack that no record names. Where that fails, the next start does it.
    fn delete_pack(&self, id: u64) {
        let path = pack::path_of(&self.blocks, id);
        // Before, since Windows deletes no open file; after, since it may have been opened again.
        self.open_packs.forget(id);
        if let Err(cause) = fs::remove_file(&path) {
            tracing::warn!(%cause, path = %path.display(), "a freed pack file stays for now");
        }
        self.open_packs.forget(id);
    }
}
