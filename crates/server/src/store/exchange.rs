//! Writes the data of an import.

use cid::Cid;
use redb::{ReadableTable as _, WriteTransaction};

use super::Store;
use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    engine::Intake,
    error::StoreError,
    records::{self, PinRecord, tables},
};

impl Store {
    /// Adds pins of another data folder in one transaction, which wait for their content. Returns
    /// how many were added: existing pins are left alone, and an account's pins of the same content
    /// are limited.
    pub(crate) fn take_records(&self, records: Vec<(PinRecord, Cid)>) -> Result<u64, StoreError> {
        self.records.write(|transaction| {
            let mut taken = 0;
            for (record, cid) in records {
                taken += u64::from(self.take_record(transaction, record, &cid)?);
            }
            Ok(taken)
        })
    }

    fn take_record(
        &self,
        transaction: &WriteTransaction,
        mut record: PinRecord,
        cid: &Cid,
    ) -> Result<bool, StoreError> {
        let key = ContentKey::of(cid);
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
