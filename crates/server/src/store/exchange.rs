//! Writes the data of an import.

use cid::Cid;
use redb::ReadableTable as _;

use super::Store;
use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    engine::Intake,
    error::StoreError,
    records::{self, PinRecord, tables},
};

impl Store {
    /// Adds a pin of another data folder, which waits for its content. Returns whether it was
    /// added: existing pins are left alone, and an account's pins of the same content are limited.
    pub(crate) fn take_record(&self, mut record: PinRecord, cid: &Cid) -> Result<bool, StoreError> {
        let key = ContentKey::of(cid);
        self.records.write(|transaction| {
            let id = record.id.as_u128();
            if transaction.open_table(tables::PINS)?.get(id)?.is_some() {
                return Ok(false);
            }
            if record.unpinned.is_some() {
                records::append(transaction, &record)?;
                return Ok(true);
            }
            record.size = None;
            record.waiting = None;
            if !records::may_insert(transaction, record.account, &key, None)? {
                return Ok(false);
            }
            self.engine.pin(transaction, &mut record, &key)?;
            records::insert(transaction, &record, &key, None)?;
            Ok(true)
        })
    }

    /// Makes content durable that pins wait for.
    pub(crate) fn commit_content(
        &self,
        intake: Intake,
        root: &Cid,
        shape: DagShape,
    ) -> Result<(), StoreError> {
        let mut staged = intake.finish(root, shape)?;
        self.records.write(|transaction| {
            staged.arrive(transaction, &ContentKey::of(root))?;
            staged.keep();
            Ok(())
        })
    }
}
