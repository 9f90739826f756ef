//! What an export reads and an import writes.

use cid::Cid;
use redb::{ReadableDatabase, ReadableTable};

use super::{Store, StoreError, pins, tables};
use crate::{content_key::ContentKey, engine::Intake, record::Record};

impl Store {
    /// The ids of all pins, those of each account in the order they were made.
    pub(crate) fn pin_ids(&self) -> Result<Vec<u128>, StoreError> {
        let transaction = self.database.begin_read()?;
        let order = transaction.open_table(tables::PINS_BY_ACCOUNT)?;
        order.iter()?.map(|entry| Ok(entry?.1.value())).collect()
    }

    /// A pin of any account.
    pub(crate) fn record(&self, id: u128) -> Result<Record, StoreError> {
        let transaction = self.database.begin_read()?;
        let pins = transaction.open_table(tables::PINS)?;
        pins::parse(pins.get(id)?.ok_or(StoreError::NotFound)?.value())
    }

    /// Adds a pin of another data folder, which waits for its content. Says whether it did: one that
    /// is here, or whose content its account has pinned, is left alone.
    pub(crate) fn take_record(&self, mut record: Record, cid: &Cid) -> Result<bool, StoreError> {
        let key = ContentKey::of(cid);
        let transaction = self.database.begin_write()?;
        let id = record.id.as_u128();
        if transaction.open_table(tables::PINS)?.get(id)?.is_some() {
            return Ok(false);
        }
        if record.unpinned.is_some() {
            pins::append(&transaction, &record)?;
        } else {
            record.size = None;
            record.waiting = None;
            let account = record.account.as_u128();
            let live = transaction.open_table(tables::LIVE_PINS)?;
            if live.get((account, key.as_bytes()))?.is_some() {
                return Ok(false);
            }
            drop(live);
            self.engine.pin(&transaction, &mut record, &key)?;
            pins::insert(&transaction, &record, &key)?;
        }
        transaction.commit()?;
        Ok(true)
    }

    /// Whether a pin waits for this content.
    pub(crate) fn is_wanted(&self, cid: &Cid) -> Result<bool, StoreError> {
        let key = ContentKey::of(cid);
        let transaction = self.database.begin_read()?;
        let wanted = transaction.open_table(tables::WANTED)?;
        let mut range = wanted.range((key.as_bytes(), 0)..=(key.as_bytes(), u128::MAX))?;
        Ok(range.next().transpose()?.is_some())
    }

    /// Makes content durable that pins wait for.
    pub(crate) fn commit_content(
        &self,
        mut intake: Box<dyn Intake>,
        root: &Cid,
    ) -> Result<(), StoreError> {
        let transaction = self.database.begin_write()?;
        intake.arrive(&transaction, &ContentKey::of(root))?;
        intake.keep();
        Ok(transaction.commit()?)
    }
}
