//! Finds differences between the old records and the new ones.

use redb::{Key, ReadableTable, TableDefinition};

use super::{Fsck, ProblemKind};
use crate::{
    content_key::ContentKey,
    engine::packs::{NOWHERE, each_block},
    error::StoreError,
    records::{OldRecords, tables},
};

/// The number of wrong counts of each kind to list.
const NAMED: u64 = 10;

impl Fsck<'_> {
    pub(super) fn compare(&mut self) -> Result<(), StoreError> {
        let Some(old) = &self.old else {
            return Ok(());
        };
        // Garbage counts until it is freed, and so do the named blocks of an interrupted upload.
        let is_pending = has_rows(old, tables::GARBAGE)? || has_rows(old, tables::STAGED)?;
        let mut wrong = Wrong::default();
        each_block(&self.new, None, |key, new| {
            match old.place(key) {
                _ if new.0 == NOWHERE => {}
                Some(before) if before.3 == new.3 || is_pending && before.3 > new.3 => {}
                Some(before) => wrong.note(|| {
                    let (before, new) = (before.3, new.3);
                    format!("{} is referenced {new} times, not {before}", name(key))
                }),
                None => wrong.note(|| format!("{} is stored, but not in the records", name(key))),
            }
            Ok(true)
        })?;
        let (unneeded, miscounted) = if is_pending {
            Default::default()
        } else {
            (self.unneeded(old)?, self.miscounted(old)?)
        };
        for wrong in [wrong, unneeded, miscounted] {
            for what in &wrong.named {
                self.report.problem(ProblemKind::Count, what);
            }
            if wrong.count > NAMED {
                let more = wrong.count - NAMED;
                let what = format!("{more} more of this kind");
                self.report.problem(ProblemKind::Count, what);
            }
        }
        Ok(())
    }

    fn unneeded(&self, old: &OldRecords) -> Result<Wrong, StoreError> {
        self.new.read(|transaction| {
            let blocks = transaction.open_table(tables::BLOCKS)?;
            let mut wrong = Wrong::default();
            old.each(tables::BLOCKS, |key, _| {
                if blocks.get(key)?.is_none() {
                    let key = ContentKey::from_bytes(key.to_vec());
                    wrong.note(|| format!("{} is stored, but not needed", name(&key)));
                }
                Ok(())
            })?;
            Ok(wrong)
        })
    }

    fn miscounted(&self, old: &OldRecords) -> Result<Wrong, StoreError> {
        self.new.read(|transaction| {
            let mut wrong = Wrong::default();
            for row in transaction.open_table(tables::PACKS)?.iter()? {
                let (id, new) = row?;
                let (id, new) = (id.value(), new.value().1);
                let before = old.pack_sizes(id).map(|before| before.1);
                if let Some(before) = before.filter(|before| *before != new) {
                    wrong.note(|| {
                        let path = self.packs.path(id);
                        format!("{} holds {new} bytes, not {before}", path.display())
                    });
                }
            }
            Ok(wrong)
        })
    }
}

#[derive(Default)]
struct Wrong {
    count: u64,
    named: Vec<String>,
}

impl Wrong {
    fn note(&mut self, what: impl FnOnce() -> String) {
        self.count += 1;
        if self.count <= NAMED {
            self.named.push(what());
        }
    }
}

fn has_rows<K: Key + 'static>(
    old: &OldRecords,
    table: TableDefinition<'_, K, ()>,
) -> Result<bool, StoreError> {
    let mut any = false;
    old.each(table, |_, ()| {
        any = true;
        Ok(())
    })?;
    Ok(any)
}

fn name(key: &ContentKey) -> String {
    key.to_cid()
        .map_or_else(|_| "a block".to_owned(), |cid| cid.to_string())
}
