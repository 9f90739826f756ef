use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::{Durability, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::{
    database::{caught, damaged},
    database_file::DatabaseFile,
    group::{Group, Lost, Outcome},
};
use crate::error::StoreError;

/// The size of the database's cache in bytes.
const CACHE_BYTES: usize = 16 << 20;

/// A database file as it was opened once. After a failure it is opened anew.
pub(super) struct OpenDatabase {
    /// The last durable state, while newer transactions aren't durable yet. Dropped before the
    /// database.
    durable: RwLock<Option<Arc<ReadTransaction>>>,
    group: Mutex<Group>,
    database: redb::Database,
    file: DatabaseFile,
    /// Whether a write transaction failed, so that the state in memory may be inconsistent.
    suspect: AtomicBool,
}

impl OpenDatabase {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let file = DatabaseFile::open(path)?;
        let database = caught(|| {
            redb::Database::builder()
                .set_cache_size(CACHE_BYTES)
                .create_with_backend(file.clone())
                .map_err(damaged)
        });
        match database {
            Ok(database) => Ok(Self {
                durable: RwLock::default(),
                group: Mutex::default(),
                database,
                file,
                suspect: AtomicBool::new(false),
            }),
            Err(_) if file.is_full() => Err(StoreError::Full),
            Err(cause) => Err(cause),
        }
    }

    /// Verifies all checksums. Returns whether they were right.
    pub(super) fn check_integrity(&mut self) -> Result<bool, StoreError> {
        caught(|| self.database.check_integrity().map_err(damaged))
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.file.has_failed() && !self.suspect.load(Ordering::Relaxed)
    }

    pub(super) fn is_in_place(&self) -> bool {
        self.file.is_in_place()
    }

    /// Rejects all further changes of the file.
    pub(super) fn retire(&self) {
        self.file.retire();
    }

    /// Converts an error, taking earlier failures of the file into account.
    pub(super) fn explain(&self, cause: StoreError) -> StoreError {
        match cause {
            StoreError::Database(_) if self.file.is_full() => StoreError::Full,
            cause => cause,
        }
    }

    /// Reads from the last durable state.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = {
            let durable = self.durable.read().unwrap_or_else(PoisonError::into_inner);
            match &*durable {
                Some(durable) => Arc::clone(durable),
                None => Arc::new(self.database.begin_read()?),
            }
        };
        work(&transaction)
    }

    /// Commits a transaction, which is durable now or, if an outcome is returned, once that says
    /// so. The caller lets one writer in at a time; `others_wait` tells whether another one
    /// follows.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
        others_wait: impl FnOnce() -> bool,
    ) -> Result<(T, Option<Arc<Outcome>>), StoreError> {
        let mut group = self.group.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_in_place() {
            group.end(Err(Lost::Failed));
            return Err(StoreError::RecordsGone);
        }
        match caught(|| self.end_of(work, &group, others_wait)) {
            Ok(End::Durable(result)) => {
                *self.durable.write().unwrap_or_else(PoisonError::into_inner) = None;
                group.end(Ok(()));
                Ok((result?, None))
            }
            Ok(End::Open(done)) => Ok((done, Some(group.join()))),
            Ok(End::Refused(cause)) => Err(cause),
            Err(cause) => {
                self.suspect.store(true, Ordering::Relaxed);
                let cause = self.explain(cause);
                group.end(Err(Lost::from(&cause)));
                Err(cause)
            }
        }
    }

    fn end_of<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
        group: &Group,
        others_wait: impl FnOnce() -> bool,
    ) -> Result<End<T>, StoreError> {
        let mut transaction = self.database.begin_write()?;
        let result = work(&transaction);
        let is_followed = group.has_room() && others_wait();
        match result {
            Ok(done) if is_followed => {
                self.keep_durable()?;
                transaction
                    .set_durability(Durability::None)
                    .map_err(redb::Error::from)?;
                transaction.commit()?;
                Ok(End::Open(done))
            }
            Ok(done) => {
                transaction.commit()?;
                Ok(End::Durable(Ok(done)))
            }
            Err(cause) => {
                transaction.abort()?;
                if is_followed || group.is_empty() {
                    return Ok(End::Refused(cause));
                }
                self.database.begin_write()?.commit()?;
                Ok(End::Durable(Err(cause)))
            }
        }
    }

    /// Keeps the last durable state for readers, before a transaction that isn't durable.
    fn keep_durable(&self) -> Result<(), StoreError> {
        let mut durable = self.durable.write().unwrap_or_else(PoisonError::into_inner);
        if durable.is_none() {
            *durable = Some(Arc::new(self.database.begin_read()?));
        }
        Ok(())
    }
}

/// How a transaction ended.
enum End<T> {
    /// All that was committed is durable.
    Durable(Result<T, StoreError>),
    /// It is committed, and made durable by a transaction that follows.
    Open(T),
    /// Nothing was committed.
    Refused(StoreError),
}

#[cfg(test)]
mod tests {
    use redb::{ReadableTableMetadata, TableDefinition};
    use tempfile::TempDir;

    use super::{Arc, OpenDatabase, Outcome, StoreError};

    const NUMBERS: TableDefinition<'_, u64, ()> = TableDefinition::new("numbers");

    struct Fixture {
        database: OpenDatabase,
        _folder: TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            let folder = TempDir::new().unwrap();
            let database = OpenDatabase::open(&folder.path().join("records")).unwrap();
            let fixture = Self {
                database,
                _folder: folder,
            };
            fixture.insert(0, false).unwrap();
            fixture
        }

        fn insert(
            &self,
            number: u64,
            others_wait: bool,
        ) -> Result<Option<Arc<Outcome>>, StoreError> {
            let written = self.database.write(
                |transaction| {
                    transaction.open_table(NUMBERS)?.insert(number, ())?;
                    Ok(())
                },
                || others_wait,
            );
            written.map(|((), outcome)| outcome)
        }

        fn refuse(&self, others_wait: bool) {
            let written = self.database.write::<()>(
                |transaction| {
                    transaction.open_table(NUMBERS)?.insert(99, ())?;
                    Err(StoreError::NotFound)
                },
                || others_wait,
            );
            assert!(matches!(written, Err(StoreError::NotFound)));
        }

        fn count(&self) -> u64 {
            let count = self
                .database
                .read(|transaction| Ok(transaction.open_table(NUMBERS)?.len()?));
            count.unwrap()
        }
    }

    #[test]
    fn transactions_followed_by_others_are_durable_and_seen_with_the_last() {
        let fixture = Fixture::new();
        let outcomes = [1, 2].map(|number| fixture.insert(number, true).unwrap().unwrap());
        assert_eq!(fixture.count(), 1);
        assert!(fixture.insert(3, false).unwrap().is_none());
        assert_eq!(fixture.count(), 4);
        for outcome in outcomes {
            outcome.wait().unwrap();
        }
    }

    #[test]
    fn a_refused_transaction_keeps_none_from_being_durable() {
        let fixture = Fixture::new();
        let outcome = fixture.insert(1, true).unwrap().unwrap();
        fixture.refuse(true);
        assert_eq!(fixture.count(), 1);
        fixture.refuse(false);
        assert_eq!(fixture.count(), 2);
        outcome.wait().unwrap();
        fixture.refuse(false);
        assert_eq!(fixture.count(), 2);
    }

    #[test]
    fn groups_end_even_if_there_is_always_another_writer() {
        let fixture = Fixture::new();
        let outcomes: Vec<_> = (1..200)
            .map(|number| fixture.insert(number, true))
            .collect();
        assert!(fixture.count() > 1);
        let mut outcomes = outcomes.into_iter().map(Result::unwrap);
        assert!(outcomes.any(|outcome| outcome.is_none()));
    }

    #[test]
    fn a_failure_is_told_to_all_whose_changes_are_lost() {
        let fixture = Fixture::new();
        let outcome = fixture.insert(1, true).unwrap().unwrap();
        let written = fixture
            .database
            .write::<()>(|_| panic!("as if a page was damaged"), || true);
        assert!(matches!(written, Err(StoreError::RecordsDamaged(_))));
        assert!(matches!(outcome.wait(), Err(StoreError::Io(_))));
        assert!(!fixture.database.is_usable());
        // The same if the database is closed because a reader failed.
        let fixture = Fixture::new();
        let outcome = fixture.insert(1, true).unwrap().unwrap();
        fixture.database.retire();
        drop(fixture);
        assert!(matches!(outcome.wait(), Err(StoreError::Io(_))));
    }
}
