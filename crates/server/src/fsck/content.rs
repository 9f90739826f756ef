//! Finds the blocks in the packs.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    io,
    path::Path,
};

use redb::ReadableTable;

use super::{Fsck, LostPin, ProblemKind};
use crate::{
    content_key::ContentKey,
    engine::packs::{
        self, NOWHERE, PackFile, PackScan, ScanError, each_block, entry_bytes, is_medium,
    },
    error::{StoreError, unless_damaged},
    records::{self, OldRecords, Records, note_damage, tables},
};

/// The number of blocks that are written in one transaction.
const STEP: usize = 4096;

type Row = (ContentKey, tables::Place);

impl Fsck<'_> {
    /// Reads all packs, and looks for blocks of the old records that weren't found that way.
    pub(super) fn take_blocks(&mut self) -> Result<(), StoreError> {
        let files = self.packs.files()?;
        for file in files {
            let id = file.id();
            let is_named = self.old.as_ref().is_some_and(|old| old.names_pack(id));
            match file {
                // The next start deletes half-written packs.
                PackFile::Index(_) => continue,
                PackFile::Part(_) if !is_named => continue,
                PackFile::Pack(_) | PackFile::Part(_) => {}
            }
            let path = file.path_in(self.packs.folder());
            if !is_named {
                self.unknown_packs.insert(id);
                let what = format!("no record refers to {}", path.display());
                self.report.problem(ProblemKind::UnknownPack, what);
            }
            self.report.packs += 1;
            self.take_pack(id, &path)?;
        }
        self.take_named_blocks()
    }

    fn take_pack(&mut self, id: u64, path: &Path) -> Result<(), StoreError> {
        let odd = |cause: &ScanError| format!("{}: {cause}", path.display());
        let mut scan = match PackScan::open(path) {
            Ok(scan) => scan,
            Err(cause) if is_passing(&cause) => return Err(unreadable(path, &cause)),
            Err(cause) => {
                self.report.problem(ProblemKind::Pack, odd(&cause));
                self.odd_packs.insert(id);
                match PackScan::salvage(path) {
                    Ok(Some(scan)) => scan,
                    _ => return Ok(()),
                }
            }
        };
        let mut found = Vec::new();
        loop {
            let entry = match scan.next() {
                Ok(Some(entry)) => entry,
                Ok(None) => break,
                Err(cause) if is_passing(&cause) => return Err(unreadable(path, &cause)),
                Err(cause) => {
                    self.report.problem(ProblemKind::Pack, odd(&cause));
                    self.odd_packs.insert(id);
                    if scan.skip_odd().unwrap_or(false) {
                        continue;
                    }
                    break;
                }
            };
            let place = (id, entry.offset, entry.length, 0);
            if unless_damaged(self.packs.read(&entry.key, place))?.is_some() {
                found.push((entry.key, place));
            }
            if found.len() == STEP {
                insert(&self.new, self.old.as_ref(), &mut found)?;
            }
        }
        insert(&self.new, self.old.as_ref(), &mut found)
    }

    /// Adds the blocks that the old records list but no scan has found: intact if they can still be
    /// read, else damaged.
    fn take_named_blocks(&mut self) -> Result<(), StoreError> {
        let Self {
            old: Some(old),
            new,
            packs,
            ..
        } = self
        else {
            return Ok(());
        };
        new.write(|transaction| {
            let mut blocks = transaction.open_table(tables::BLOCKS)?;
            let mut bad = Vec::new();
            old.each(tables::BLOCKS, |key, place| {
                if blocks.get(key)?.is_none() {
                    let (pack, offset, length, _) = place;
                    blocks.insert(key, (pack, offset, length, 0))?;
                    let key = ContentKey::from_bytes(key.to_vec());
                    if unless_damaged(packs.read(&key, place))?.is_none() {
                        bad.push(key);
                    }
                }
                Ok(())
            })?;
            for key in bad {
                note_damage(transaction, &key)?;
            }
            Ok(())
        })
    }

    /// Counts the needed bytes of each pack. Packs of the old records that have none are marked as
    /// doomed, unless they are corrupt.
    pub(super) fn count_packs(&mut self) -> Result<(), StoreError> {
        let mut live = BTreeMap::<u64, u64>::new();
        let Self { new, report, .. } = self;
        let damaged: HashSet<_> = new.damaged()?.into_iter().collect();
        each_block(new, None, |key, (pack, _, length, _)| {
            if pack != NOWHERE {
                *live.entry(pack).or_default() += entry_bytes(key, length);
            }
            if !damaged.contains(key) {
                report.blocks += 1;
                report.bytes += u64::from(length);
            }
            Ok(true)
        })?;
        let files = self.packs.files()?;
        let here: BTreeSet<u64> = files.iter().map(PackFile::id).collect();
        self.new.write(|transaction| {
            let mut packs = transaction.open_table(tables::PACKS)?;
            for (id, live) in &live {
                let length = self.packs.path(*id).metadata().map(|file| file.len());
                let before = self.old.as_ref().and_then(|old| old.pack_sizes(*id));
                let bytes = before.map_or_else(|| length.unwrap_or(0), |sizes| sizes.0);
                packs.insert(*id, (bytes, *live))?;
            }
            let mut doomed = transaction.open_table(tables::DOOMED)?;
            for id in here {
                let is_named = self.old.as_ref().is_some_and(|old| old.names_pack(id));
                if is_named && !live.contains_key(&id) {
                    doomed.insert(id, ())?;
                }
            }
            Ok(())
        })
    }

    /// Finds the pins that have lost a block.
    pub(super) fn find_lost(&mut self) -> Result<(), StoreError> {
        let damage = packs::survey(&self.new, &self.packs, &self.new.damaged()?, &|| false)?;
        self.new
            .write(|transaction| records::mark_damaged_pins(transaction, &damage))?;
        for key in self.new.damaged()? {
            let what = format!("{} is damaged or missing", key.to_cid()?);
            self.report.problem(ProblemKind::Block, what);
        }
        for (id, block) in self.new.damaged_pins()? {
            let record = self.new.any_pin(id)?;
            self.report.lost.push(LostPin {
                id: record.id.to_string(),
                cid: record.cid,
                block: block.to_cid()?.to_string(),
            });
        }
        Ok(())
    }
}

/// Returns whether an error says nothing about the content of a pack.
fn is_passing(cause: &ScanError) -> bool {
    let ScanError::Io(cause) = cause else {
        return false;
    };
    cause.kind() != io::ErrorKind::NotFound && !is_medium(cause)
}

fn unreadable(path: &Path, cause: &ScanError) -> StoreError {
    StoreError::Io(io::Error::other(format!("{}: {cause}", path.display())))
}

/// Returns the packs that records refer to.
pub(super) fn named_packs(records: &Records) -> Result<BTreeSet<u64>, StoreError> {
    records.read(|transaction| {
        let mut named = BTreeSet::new();
        for pack in transaction.open_table(tables::PACKS)?.iter()? {
            named.insert(pack?.0.value());
        }
        for pack in transaction.open_table(tables::DOOMED)?.iter()? {
            named.insert(pack?.0.value());
        }
        Ok(named)
    })
}

/// Records the locations of blocks. Of two copies, the one in the old records is used.
fn insert(new: &Records, old: Option<&OldRecords>, found: &mut Vec<Row>) -> Result<(), StoreError> {
    new.write(|transaction| {
        let mut blocks = transaction.open_table(tables::BLOCKS)?;
        for (key, place) in found.drain(..) {
            let is_named = || {
                let before = old.and_then(|old| old.place(&key));
                before.is_some_and(|before| (before.0, before.1) == (place.0, place.1))
            };
            if blocks.get(key.as_bytes())?.is_none() || is_named() {
                blocks.insert(key.as_bytes(), place)?;
            }
        }
        Ok(())
    })
}
