//! Pins and their content in one data folder: the [records](crate::records), and an
//! [engine](crate::engine) that stores the content.

use std::sync::Arc;

use cid::Cid;
use redb::WriteTransaction;
use uuid::Uuid;
use w3pin_unixfs::Node;

use crate::{
    config::ServerConfig,
    content_key::ContentKey,
    dag_shape::DagShape,
    engine::{self, Engine, Intake},
    error::StoreError,
    folder::{create_private_folder, sync_folder},
    records::{self, Metadata, PinRecord, Records, tables},
};

mod exchange;

/// An open data folder. Only one process can open it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) records: Arc<Records>,
    pub(crate) engine: Box<dyn Engine>,
}

/// The root of an upload.
#[derive(Debug)]
pub(crate) struct UploadRoot {
    pub(crate) cid: Cid,
    pub(crate) shape: DagShape,
}

impl UploadRoot {
    /// Returns the root of files.
    pub(crate) fn of(node: &Node, is_dir: bool) -> Self {
        Self {
            cid: node.cid,
            shape: DagShape {
                size: node.dag_size,
                is_dir,
            },
        }
    }
}

impl Store {
    /// Opens the data folder of a configuration, creating it if needed.
    pub(crate) fn open(config: &ServerConfig) -> Result<Self, StoreError> {
        let ServerConfig {
            data: folder,
            backend,
            profile,
            limits,
            scrub,
            source,
            ..
        } = config;
        create_private_folder(folder)?;
        let may_be_made = || engine::require_no_content(folder);
        let records = Arc::new(Records::open(folder, backend, may_be_made)?);
        sync_folder(folder)?;
        let engine = engine::open(
            backend,
            folder,
            &records,
            *profile,
            limits,
            *scrub,
            source.clone(),
        )?;
        Ok(Self { records, engine })
    }

    /// Makes the staged content and a pin of its root durable. Both are once this returns.
    pub(crate) fn commit_upload(
        &self,
        mut intake: Intake,
        root: &UploadRoot,
        account: Uuid,
        metadata: Metadata,
    ) -> Result<PinRecord, StoreError> {
        let UploadRoot { cid, shape } = root;
        let key = ContentKey::of(cid);
        // Checked before the engine does the work, and again below, within the transaction.
        if let Some(id) = self.records.live_pin(account, &key)?
            && self.records.any_pin(id).is_ok_and(|pin| pin.size.is_some())
            && !intake.is_needed()?
        {
            return Err(StoreError::AlreadyPinned);
        }
        let mut staged = intake.finish(cid, *shape)?;
        staged.prepare()?;
        self.records.write(|transaction| {
            let live = records::live_pin(transaction, account, &key)?;
            staged.arrive(transaction, &key)?;
            if let Some(pin) = &live
                && pin.size.is_some()
                && !staged.mends()
            {
                return Err(StoreError::AlreadyPinned);
            }
            if live.is_some() {
                // A pin that was waiting for its content, or whose content was damaged.
                let mut record = records::live_pin(transaction, account, &key)?
                    .ok_or(StoreError::Damaged("a live pin is missing"))?;
                record.by_cid = false;
                staged.pin_again(transaction, &mut record, &key)?;
                records::put(transaction, &record)?;
                staged.keep();
                return Ok(record);
            }
            let mut record = records::new_record(transaction, account, cid, metadata)?;
            record.is_dir = shape.is_dir;
            staged.pin(transaction, &mut record, &key)?;
            records::insert(transaction, &record, &key, None)?;
            staged.keep();
            Ok(record)
        })
    }

    /// Pins content by its CID. If the content isn't here, the pin waits for it. Fails if the
    /// account has already pinned it.
    pub(crate) fn pin_by_cid(
        &self,
        account: Uuid,
        cid: &w3pin_core::Cid,
        metadata: Metadata,
    ) -> Result<PinRecord, StoreError> {
        let key = ContentKey::of(cid.as_cid());
        let record = self.records.write(|transaction| {
            if records::live_pin(transaction, account, &key)?.is_some() {
                return Err(StoreError::AlreadyPinned);
            }
            self.add_pin(transaction, account, cid, metadata, None)
        })?;
        self.engine.wake();
        Ok(record)
    }

    /// Like `pin_by_cid`, even if the account has already pinned the content, and replacing the pin
    /// `replaced`, if given: both happen or neither.
    pub(crate) fn pin_another(
        &self,
        account: Uuid,
        cid: &w3pin_core::Cid,
        metadata: Metadata,
        replaced: Option<Uuid>,
    ) -> Result<PinRecord, StoreError> {
        let record = self.records.write(|transaction| {
            // Before the other is removed, so that content that both need is kept.
            let record = self.add_pin(transaction, account, cid, metadata, replaced)?;
            if let Some(id) = replaced {
                self.end_pin(transaction, account, id)?;
            }
            Ok(record)
        })?;
        self.engine.wake();
        Ok(record)
    }

    fn add_pin(
        &self,
        transaction: &WriteTransaction,
        account: Uuid,
        cid: &w3pin_core::Cid,
        metadata: Metadata,
        ending: Option<Uuid>,
    ) -> Result<PinRecord, StoreError> {
        let key = ContentKey::of(cid.as_cid());
        let mut record = records::new_record(transaction, account, cid.as_cid(), metadata)?;
        cid.as_str().clone_into(&mut record.cid);
        record.by_cid = true;
        self.engine.pin(transaction, &mut record, &key)?;
        records::insert(transaction, &record, &key, ending)?;
        Ok(record)
    }

    /// Removes a pin. Its record is kept; its blocks are freed unless another pin needs them.
    pub(crate) fn unpin(&self, account: Uuid, id: Uuid) -> Result<PinRecord, StoreError> {
        let end = |transaction: &_| self.end_pin(transaction, account, id);
        let record = self.records.write_freeing(end)?;
        self.engine.wake();
        Ok(record)
    }

    fn end_pin(
        &self,
        transaction: &WriteTransaction,
        account: Uuid,
        id: Uuid,
    ) -> Result<PinRecord, StoreError> {
        let mut record = records::get_or_salvage(
            &transaction.open_table(tables::PINS)?,
            &transaction.open_table(tables::LIVE_PINS)?,
            account,
            id.as_u128(),
        )?;
        if record.account != account || record.unpinned.is_some() {
            return Err(StoreError::NotFound);
        }
        let cid: Cid = record
            .cid
            .parse()
            .map_err(|_| StoreError::Damaged("a record has no CID"))?;
        let key = ContentKey::of(&cid);
        self.engine.unpin(transaction, &record, &key)?;
        transaction.open_table(tables::LIVE_PINS)?.remove((
            account.as_u128(),
            key.as_bytes(),
            id.as_u128(),
        ))?;
        // The clock may have been set back since.
        record.unpinned = Some(records::now().max(record.created));
        records::put(transaction, &record)?;
        Ok(record)
    }
}
