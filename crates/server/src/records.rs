//! Accounts, pins and the locations of content: an embedded database whose transactions are durable
//! once they are acknowledged.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use redb::{ReadTransaction, WriteTransaction};

use self::{database::Database, reserve::Reserve};
use crate::{backend::Backend, error::StoreError, folder::FolderLock};

mod accounts;
mod codec;
mod damaged_pins;
mod database;
mod database_file;
mod group;
mod jobs;
mod lists;
mod old_records;
mod open_database;
mod overlay;
mod pin_record;
mod pins;
mod reserve;
mod search;
pub(crate) mod tables;
mod turnstile;

pub(crate) use self::{
    accounts::{Account, KeptAccount, KeyDigests, generate_credentials},
    damaged_pins::{damaged_blocks, mark_damaged_pins, note_damage},
    jobs::{Job, Jobs},
    old_records::OldRecords,
    pin_record::{Metadata, PinRecord, State, Waiting, now},
    pins::{
        PinFilter, PinPage, any_pin, append, bare_record, complete_wanting, get_or_salvage, insert,
        live_pin, may_insert, new_record, put,
    },
    search::{NameFilter, PinSearch},
};

const FILE: &str = "records.redb";

/// The database of a data folder. Only one process can open it.
pub(crate) struct Records {
    database: Database,
    identity: u128,
    session: Mutex<Option<u128>>,
    _lock: Option<FolderLock>,
}

impl Records {
    /// Returns whether a folder contains records.
    pub(crate) fn are_in(folder: &Path) -> bool {
        path_in(folder).is_file()
    }

    /// Opens the records of a folder, for content stored by `backend`. Missing ones are created,
    /// unless `first` returns an error.
    pub(crate) fn open(
        folder: &Path,
        backend: &Backend,
        first: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let lock = FolderLock::take(folder)?;
        let path = path_in(folder);
        if path.metadata().map_or(0, |file| file.len()) == 0 {
            first()?;
        }
        let database = Database::open(&path, Reserve::of(folder))?;
        let identity = match database.read(|transaction| tables::check(transaction, backend))? {
            Some(identity) => identity,
            None => {
                let identity = random()?;
                database.write(|transaction| {
                    let identity = tables::create(transaction, backend, identity)?;
                    lists::rebuild(transaction)?;
                    Ok(identity)
                })?
            }
        };
        Ok(Self {
            database,
            identity,
            session: Mutex::new(None),
            _lock: Some(lock),
        })
    }

    /// Creates new records in a separate file, in a folder that the caller has locked.
    pub(crate) fn make(
        path: &Path,
        backend: &Backend,
        identity: u128,
        session: Option<u128>,
    ) -> Result<Self, StoreError> {
        let database = Database::open(path, Reserve::none())?;
        database.write(|transaction| {
            tables::create(transaction, backend, identity)?;
            match session {
                Some(session) => tables::put_session(transaction, session),
                None => Ok(()),
            }
        })?;
        Ok(Self {
            database,
            identity,
            session: Mutex::new(session),
            _lock: None,
        })
    }

    /// Returns the unique identity of this data folder.
    pub(crate) fn identity(&self) -> u128 {
        self.identity
    }

    /// Returns the unique identity of this session. It is durable in the records before it is used
    /// elsewhere.
    pub(crate) fn session(&self) -> Result<u128, StoreError> {
        let mut known = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = *known {
            return Ok(session);
        }
        let session = random()?;
        self.write(|transaction| tables::put_session(transaction, session))?;
        *known = Some(session);
        Ok(session)
    }

    /// Returns the latest session that wrote content.
    pub(crate) fn last_session(&self) -> Result<Option<u128>, StoreError> {
        self.read(tables::session)
    }

    /// Reads from a consistent snapshot. `work` may run twice.
    pub(crate) fn read<T>(
        &self,
        work: impl Fn(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.database.read(work)
    }

    /// Checks that the records can be read and changed.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.database.check()
    }

    /// Changes the records: durably once this returns, or not at all if `work` fails.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.database.write(work)
    }

    /// Like `write`, for changes that free space, which must be possible on a full disk. `work` may
    /// run twice.
    pub(crate) fn write_freeing<T>(
        &self,
        work: impl Fn(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.database.write_freeing(work)
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Records")
    }
}

/// Returns the path of the records in a folder.
pub(crate) fn path_in(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

pub(crate) fn random() -> Result<u128, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(u128::from_ne_bytes(bytes))
}
