//! Blocks, as the packs have them, and who needs them.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    io,
    path::Path,
};

use redb::{ReadableTable, WriteTransaction};
use w3pin_core::Credentials;

use super::{Fsck, LostPin, ProblemKind, Recovered};
use crate::{
    content_key::ContentKey,
    engine::packs::{
        self, NOWHERE, PackFile, PackScan, Packs, ScanError, each_block, entry_bytes, is_medium,
        links,
    },
    error::{StoreError, unless_damaged},
    records::{self, Metadata, OldRecords, Records, note_damage, tables},
};

/// Blocks that are written in one transaction.
const STEP: usize = 4096;

type Row = (ContentKey, tables::Place);

impl Fsck<'_> {
    /// Reads all packs, and looks for blocks of the old records that weren't found so.
    pub(super) fn take_blocks(&mut self) -> Result<(), StoreError> {
        let files = self.packs.files()?;
        for file in files {
            let id = file.id();
            let is_named = self.old.as_ref().is_some_and(|old| old.names_pack(id));
            match file {
                // What was left half written is the next start's to delete.
                PackFile::Index(_) => continue,
                PackFile::Part(_) if !is_named => continue,
                PackFile::Pack(_) | PackFile::Part(_) => {}
            }
            let path = file.path_in(self.packs.folder());
            if !is_named {
                self.unknown_packs.insert(id);
                let what = format!("no record names {}", path.display());
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

    /// Takes what the old records name and no scan has found: good where it can be read all the same,
    /// and else known to be damaged.
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

    /// Counts the references to what pins reach.
    pub(super) fn count_references(&mut self) -> Result<(), StoreError> {
        let roots = std::mem::take(&mut self.roots);
        let waiting = std::mem::take(&mut self.waiting);
        let Self { new, packs, .. } = self;
        new.write(|transaction| {
            let mut ahead = Vec::new();
            for root in &roots {
                refer(transaction, root, &mut ahead)?;
            }
            walk(transaction, packs, &mut ahead)?;
            for (key, id) in &waiting {
                if !is_intact(transaction, key)? {
                    continue;
                }
                let place = place(transaction, key)?;
                let shape = packs::shape(key, &packs.read(key, place.unwrap_or_default())?)?;
                refer(transaction, key, &mut ahead)?;
                walk(transaction, packs, &mut ahead)?;
                let mut wanted = transaction.open_table(tables::WANTED)?;
                wanted.remove((key.as_bytes(), *id))?;
                drop(wanted);
                let mut record = records::any_pin(transaction, *id)?;
                record.complete(shape);
                records::put(transaction, &record)?;
            }
            Ok(())
        })
    }

    /// Pins what no record knows: the roots of packs without records.
    pub(super) fn recover(&mut self) -> Result<(), StoreError> {
        let roots = self.unknown_roots()?;
        if roots.is_empty() {
            return Ok(());
        }
        let (credentials, is_generated) = match self.config.accounts.first() {
            Some(credentials) => (credentials.clone(), false),
            None => (records::generate_credentials()?, true),
        };
        let account = self.new.let_in(&credentials, is_generated)?;
        let Self { new, packs, .. } = self;
        let mut pinned = 0;
        new.write(|transaction| {
            let mut ahead = Vec::new();
            for root in &roots {
                let cid = root.to_cid()?;
                let mut record = records::new_record(account.id, &cid, Metadata::default());
                record.metadata.name = Some("recovered".to_owned());
                let place = place(transaction, root)?;
                let block = packs.read(root, place.unwrap_or_default())?;
                // What can't be decoded is no root that a server wrote.
                let Ok(shape) = packs::shape(root, &block) else {
                    continue;
                };
                if records::live_pin(transaction, account.id, root)?.is_some() {
                    continue;
                }
                record.complete(shape);
                records::insert(transaction, &record, root)?;
                refer(transaction, root, &mut ahead)?;
                walk(transaction, packs, &mut ahead)?;
                pinned += 1;
            }
            Ok(())
        })?;
        self.report.recovered = Some(Recovered {
            pins: pinned,
            generated: Some(credentials).filter(|_: &Credentials| is_generated),
        });
        Ok(())
    }

    /// The blocks in unknown packs that nothing needs and no other of them links to.
    fn unknown_roots(&self) -> Result<Vec<ContentKey>, StoreError> {
        let mut linked = HashSet::new();
        let mut candidates = Vec::new();
        each_block(&self.new, None, |key, place| {
            if place.3 == 0 && self.unknown_packs.contains(&place.0) {
                let links = unless_damaged(links(key, || self.packs.read(key, place)))?;
                linked.extend(links.unwrap_or_default());
                candidates.push(key.clone());
            }
            Ok(true)
        })?;
        candidates.retain(|key| !linked.contains(key));
        Ok(candidates)
    }

    /// Drops the blocks that nothing reaches. Where a damaged block hides what it links to, all that
    /// was needed before counts as needed still.
    pub(super) fn drop_unneeded(&mut self) -> Result<(), StoreError> {
        let mut hides = false;
        for key in self.new.damaged()? {
            hides |= !key.is_raw() && self.references(&key)? > 0;
        }
        let mut after: Option<ContentKey> = None;
        loop {
            let mut rows: Vec<Row> = Vec::new();
            each_block(&self.new, after.clone(), |key, place| {
                rows.push((key.clone(), place));
                Ok(rows.len() < STEP)
            })?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            after = Some(last.clone());
            self.new.write(|transaction| {
                let mut blocks = transaction.open_table(tables::BLOCKS)?;
                let mut damaged = transaction.open_table(tables::DAMAGED)?;
                for (key, (pack, offset, length, references)) in &rows {
                    if *references > 0 {
                        continue;
                    }
                    let before = self.old.as_ref().and_then(|old| old.place(key));
                    match before {
                        Some((.., before)) if hides && before > 0 => {
                            blocks.insert(key.as_bytes(), (*pack, *offset, *length, before))?;
                        }
                        _ => {
                            blocks.remove(key.as_bytes())?;
                            damaged.remove(key.as_bytes())?;
                        }
                    }
                }
                Ok(())
            })?;
        }
    }

    fn references(&self, key: &ContentKey) -> Result<u64, StoreError> {
        self.new.read(|transaction| {
            let blocks = transaction.open_table(tables::BLOCKS)?;
            Ok(blocks
                .get(key.as_bytes())?
                .map_or(0, |place| place.value().3))
        })
    }

    /// Counts what is needed in each pack. Packs of the old records in which that is nothing are
    /// doomed, unless they aren't as they were written.
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

    /// Finds the pins of which a block is lost.
    pub(super) fn find_lost(&mut self) -> Result<(), StoreError> {
        let damage = packs::survey(&self.new, &self.packs, &self.new.damaged()?, &|| false)?;
        self.new
            .write(|transaction| records::mark_damaged_pins(transaction, &damage))?;
        for key in self.new.damaged()? {
            let what = format!("{} is damaged or gone", key.to_cid()?);
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

/// Whether this says nothing about what is in the pack.
fn is_passing(cause: &ScanError) -> bool {
    let ScanError::Io(cause) = cause else {
        return false;
    };
    cause.kind() != io::ErrorKind::NotFound && !is_medium(cause)
}

fn unreadable(path: &Path, cause: &ScanError) -> StoreError {
    StoreError::Io(io::Error::other(format!("{}: {cause}", path.display())))
}

/// The packs that records name.
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

/// Notes where blocks are. Of two copies, that counts which the old records name.
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

fn place(
    transaction: &WriteTransaction,
    key: &ContentKey,
) -> Result<Option<tables::Place>, StoreError> {
    let blocks = transaction.open_table(tables::BLOCKS)?;
    Ok(blocks.get(key.as_bytes())?.map(|place| place.value()))
}

fn is_intact(transaction: &WriteTransaction, key: &ContentKey) -> Result<bool, StoreError> {
    let is_here = place(transaction, key)?.is_some_and(|place| place.0 != NOWHERE);
    let damaged = transaction.open_table(tables::DAMAGED)?;
    Ok(is_here && damaged.get(key.as_bytes())?.is_none())
}

/// Counts one more reference to a block. The first makes what it links to count as well.
fn refer(
    transaction: &WriteTransaction,
    key: &ContentKey,
    ahead: &mut Vec<ContentKey>,
) -> Result<(), StoreError> {
    let before = place(transaction, key)?;
    let (pack, offset, length, references) = before.unwrap_or((NOWHERE, 0, 0, 0));
    transaction
        .open_table(tables::BLOCKS)?
        .insert(key.as_bytes(), (pack, offset, length, references + 1))?;
    if before.is_none() {
        note_damage(transaction, key)?;
    } else if references == 0 && !key.is_raw() {
        ahead.push(key.clone());
    }
    Ok(())
}

fn walk(
    transaction: &WriteTransaction,
    packs: &Packs,
    ahead: &mut Vec<ContentKey>,
) -> Result<(), StoreError> {
    while let Some(key) = ahead.pop() {
        let place = place(transaction, &key)?.unwrap_or_default();
        let links = unless_damaged(links(&key, || packs.read(&key, place)))?;
        for link in links.unwrap_or_default() {
            refer(transaction, &link, ahead)?;
        }
    }
    Ok(())
}
