//! Reads records that may be damaged as far as possible, without changing them.

use std::{io, path::Path};

use redb::{Key, ReadableDatabase, ReadableTable, TableDefinition, Value};

use super::{
    codec,
    database::{caught, damaged},
    overlay::Overlay,
    tables::{self, Place},
};
use crate::{content_key::ContentKey, error::StoreError, records::PinRecord};

/// The records of a folder before they are rebuilt.
pub(crate) struct OldRecords {
    database: redb::Database,
    /// What is wrong with the file, if anything.
    pub(crate) damage: Option<String>,
}

impl OldRecords {
    /// Opens the records in this file, or returns what is wrong with it: it is missing, or isn't a database.
    ///
    /// # Errors
    ///
    /// If the file can't be read, which says nothing about its content, or a later version of the
    /// server wrote it.
    pub(crate) fn open(path: &Path) -> Result<Result<Self, StoreError>, StoreError> {
        let mut checked = match open(path)? {
            Ok(database) => database,
            Err(cause) => return Ok(Err(cause)),
        };
        let damage = match caught(|| checked.check_integrity().map_err(damaged)) {
            Ok(true) => None,
            Ok(false) => Some("some pages are corrupt".to_owned()),
            Err(cause) => Some(cause.to_string()),
        };
        let old = open(path)?.map(|database| Self { database, damage });
        if let Ok(old) = &old {
            tables::require_known(old.get(tables::SETTINGS, "version", |version| version))?;
        }
        Ok(old)
    }

    /// Calls `visit` with each readable row of a table; some rows may be visited twice. Returns
    /// whether all rows were readable.
    ///
    /// The rows after a damaged page are read from the end backwards.
    pub(crate) fn each<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'_, K, V>,
        mut visit: impl FnMut(K::SelfType<'_>, V::SelfType<'_>) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        for backwards in [false, true] {
            let mut stopped = None;
            let read = caught(|| {
                let transaction = self.database.begin_read()?;
                let table = match transaction.open_table(table) {
                    // An earlier version had fewer tables.
                    Err(redb::TableError::TableDoesNotExist(_)) => return Ok(()),
                    table => table?,
                };
                let mut rows = table.iter()?;
                loop {
                    let row = if backwards {
                        rows.next_back()
                    } else {
                        rows.next()
                    };
                    let Some(row) = row else { return Ok(()) };
                    let (key, value) = row?;
                    if let Err(cause) = visit(key.value(), value.value()) {
                        stopped = Some(cause);
                        return Ok(());
                    }
                }
            });
            if let Some(cause) = stopped {
                return Err(cause);
            }
            if read.is_ok() {
                return Ok(!backwards);
            }
        }
        Ok(false)
    }

    /// Returns a row of a table, if it can be read.
    fn get<K: Key + 'static, V: Value + 'static, T>(
        &self,
        table: TableDefinition<'_, K, V>,
        key: K::SelfType<'_>,
        value: impl FnOnce(V::SelfType<'_>) -> T,
    ) -> Option<T> {
        let read = caught(|| {
            let transaction = self.database.begin_read()?;
            let table = transaction.open_table(table)?;
            Ok(table.get(key)?.map(|row| value(row.value())))
        });
        read.ok().flatten()
    }

    pub(crate) fn identity(&self) -> Option<u128> {
        self.get(tables::IDENTITY, "folder", |identity| identity)
    }

    pub(crate) fn session(&self) -> Option<u128> {
        self.get(tables::IDENTITY, "session", |session| session)
    }

    pub(crate) fn backend(&self) -> Option<u64> {
        self.get(tables::SETTINGS, "backend", |backend| backend)
    }

    pub(crate) fn place(&self, key: &ContentKey) -> Option<Place> {
        self.get(tables::BLOCKS, key.as_bytes(), |place| place)
    }

    pub(crate) fn names_pack(&self, id: u64) -> bool {
        self.get(tables::PACKS, id, |_| ()).is_some()
            || self.get(tables::DOOMED, id, |()| ()).is_some()
    }

    pub(crate) fn pack_sizes(&self, id: u64) -> Option<(u64, u64)> {
        self.get(tables::PACKS, id, |sizes| sizes)
    }

    /// Decodes a pin record; `None` if it is corrupt.
    pub(crate) fn pin_record(bytes: &[u8]) -> Option<PinRecord> {
        codec::decode(bytes)
    }
}

/// Opens a database without changing it, or returns what is wrong with it. A read failure is an
/// error.
fn open(path: &Path) -> Result<Result<redb::Database, StoreError>, StoreError> {
    let opened = caught(|| {
        let overlay = Overlay::open(path)?;
        redb::Database::builder()
            .create_with_backend(overlay)
            .map_err(damaged)
    });
    match opened {
        Err(StoreError::Io(cause)) if cause.kind() != io::ErrorKind::NotFound => Err(cause.into()),
        opened => Ok(opened),
    }
}
