//! Determines which blocks pins need.

use std::collections::HashSet;

use redb::{ReadableTable, WriteTransaction};
use w3pin_core::Credentials;

use super::{Fsck, Recovered};
use crate::{
    content_key::ContentKey,
    engine::packs::{self, NOWHERE, Packs, each_block, links},
    error::{StoreError, unless_damaged},
    records::{self, Metadata, note_damage, tables},
};

/// The number of blocks that are processed in one transaction.
const STEP: usize = 4096;

impl Fsck<'_> {
    /// Counts the references to all blocks that pins reach.
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

    /// Pins the roots of packs that no record knows.
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
                let mut record =
                    records::new_record(transaction, account.id, &cid, Metadata::default())?;
                record.metadata.name = Some("recovered".to_owned());
                let place = place(transaction, root)?;
                let block = packs.read(root, place.unwrap_or_default())?;
                // A root that was written by a server can be decoded.
                let Ok(shape) = packs::shape(root, &block) else {
                    continue;
                };
                if records::live_pin(transaction, account.id, root)?.is_some() {
                    continue;
                }
                record.complete(shape);
                records::insert(transaction, &record, root, None)?;
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

    /// Returns the blocks in unknown packs that nothing needs and that no other of them links to.
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

    /// Removes unreachable blocks. If a damaged block hides its links, everything that was needed
    /// before is kept.
    pub(super) fn drop_unneeded(&mut self) -> Result<(), StoreError> {
        let mut hides = false;
        for key in self.new.damaged()? {
            hides |= !key.is_raw() && self.references(&key)? > 0;
        }
        let mut after: Option<ContentKey> = None;
        loop {
            let mut rows: Vec<(ContentKey, tables::Place)> = Vec::new();
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

/// Counts one more reference to a block. With the first one, its links are counted too.
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
