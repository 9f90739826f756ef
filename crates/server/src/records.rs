//! Accounts, pins and the places of content: an embedded database whose transactions are durable when
//! they are acknowledged.

use std::{fmt, path::Path};

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use crate::{backend::Backend, error::StoreError};

mod accounts;
mod jobs;
mod pin_record;
mod pins;
pub(crate) mod tables;

pub(crate) use self::{
    accounts::{Account, KeptAccount},
    jobs::{Job, Jobs},
    pin_record::{Metadata, PinRecord, Waiting, now},
    pins::{PinFilter, append, complete_wanting, get, insert, new_record, put},
};

const FILE: &str = "records.redb";
/// Memory that the database may use for its cache.
const CACHE_BYTES: usize = 16 << 20;

/// The database of a data folder. One process at a time has it.
pub(crate) struct Records {
    database: Database,
}

impl Records {
    /// Whether a folder has any.
    pub(crate) fn are_in(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// Opens those of a folder, made where there are none, for content that `backend` keeps.
    pub(crate) fn open(folder: &Path, backend: &Backend) -> Result<Self, StoreError> {
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(folder.join(FILE))
            .map_err(|cause| match cause {
                redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse,
                cause => StoreError::from(redb::Error::from(cause)),
            })?;
        let records = Self { database };
        records.write(|transaction| tables::create(transaction, backend))?;
        Ok(records)
    }

    /// Reads them as they are at one moment.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        work(&self.database.begin_read()?)
    }

    /// Changes them, durably when this returns, or not at all where `work` fails.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.database.begin_write()?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Records")
    }
}
