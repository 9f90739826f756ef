//! Pins and their content in one data folder: the [records](crate::records), and an
//! [engine](crate::engine) that keeps what they name.

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

/// The data folder, open. One process at a time has it.
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
    /// The root of files.
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
    /// Opens the folder of a configuration, made where there is none.
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

    /// Makes what was taken in and a pin of its root durable. When this returns, they are.
    pub(crate) fn commit_upload(
        &self,
        mut intake: Intake,
        root: &UploadRoot,
        account: Uuid,
        metadata: Metadata,
    ) -> Result<PinRecord, StoreError> {
        let UploadRoot { cid, shape } = root;
        let key = ContentKey::of(cid);
        // Refused before the engine has to work for it, and again below, where nobody can come
        // between.
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
                // A pin that waited for its content, or whose content was damaged.
                let mut record = records::live_pin(transaction, account, &key)?
                    .ok_or(StoreError::Damaged("a live pin is gone"))?;
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

    /// Pins content by its CID, which holds it where it is here and waits for it where it isn't, unless the
    /// account has pinned it already.
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

    /// The same whatever the account has pinned already, and in place of another of its pins, if one is
    /// `replaced`: both happen or neither.
    pub(crate) fn pin_another(
        &self,
        account: Uuid,
        cid: &w3pin_core::Cid,
        metadata: Metadata,
        replaced: Option<Uuid>,
    ) -> Result<PinRecord, StoreError> {
        let record = self.records.write(|transaction| {
            // Before the other ends, so that what both need stays.
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

    /// Ends a pin. Its record stays; its blocks go unless another pin holds them.
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
