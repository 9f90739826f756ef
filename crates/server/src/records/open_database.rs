use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
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

    /// Fails all whose transactions aren't durable, because none that follows can make them so.
    pub(super) fn give_up(&self) {
        self.group().end(Err(Lost::Failed));
    }

    /// Commits a transaction, or nothing if `work` fails. The caller lets one writer in at a time;
    /// `has_follower` tells whether another one waits, which makes this transaction durable with
    /// its own.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
        has_follower: impl FnOnce() -> bool,
    ) -> Result<Written<T>, StoreError> {
        let mut group = self.group();
        if !self.is_in_place() {
            group.end(Err(Lost::Failed));
            return Err(StoreError::RecordsGone);
        }
        match caught(|| self.transact(work, &group, has_follower)) {
            Ok((result, IsDurable(true))) => {
                *self.durable.write().unwrap_or_else(PoisonError::into_inner) = None;
                group.end(Ok(()));
                Ok(Written {
                    result,
                    outcome: None,
                })
            }
            Ok((result, IsDurable(false))) => Ok(Written {
                result,
                outcome: Some(group.join()),
            }),
            Err(cause) => {
                self.suspect.store(true, Ordering::Relaxed);
                let cause = self.explain(cause);
                group.end(Err(Lost::from(&cause)));
                Err(cause)
            }
        }
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
        group: &Group,
        has_follower: impl FnOnce() -> bool,
    ) -> Result<(Result<T, StoreError>, IsDurable), StoreError> {
        let mut transaction = self.database.begin_write()?;
        let result = work(&transaction);
        let is_followed = group.has_room() && has_follower();
        if result.is_err() {
            transaction.abort()?;
            // What it was refused for may be a transaction that isn't durable.
            if !is_followed && !group.is_empty() {
                self.database.begin_write()?.commit()?;
            }
            return Ok((result, IsDurable(!is_followed || group.is_empty())));
        }
        if is_followed {
            self.keep_durable()?;
            transaction
                .set_durability(Durability::None)
                .map_err(redb::Error::from)?;
        }
        transaction.commit()?;
        Ok((result, IsDurable(!is_followed)))
    }

    /// Keeps the last durable state for readers, before a transaction that isn't durable.
    fn keep_durable(&self) -> Result<(), StoreError> {
        let mut durable = self.durable.write().unwrap_or_else(PoisonError::into_inner);
        if durable.is_none() {
            *durable = Some(Arc::new(self.database.begin_read()?));
        }
        Ok(())
    }

    fn group(&self) -> MutexGuard<'_, Group> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether all that was committed so far is durable.
struct IsDurable(bool);

/// A transaction that was committed or refused.
pub(super) struct Written<T> {
    result: Result<T, StoreError>,
    /// That of the transactions before it, and of itself, if these aren't durable yet.
    outcome: Option<Arc<Outcome>>,
}

impl<T> Written<T> {
    /// Returns its result once that can't change anymore.
    pub(super) fn wait(self) -> Result<T, StoreError> {
        if let Some(outcome) = self.outcome {
            outcome.wait()?;
        }
        self.result
    }
}

#[cfg(test)]
mod tests {
    use redb::{ReadableTableMetadata, TableDefinition};
    use tempfile::TempDir;

    use super::{OpenDatabase, StoreError, Written};

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
            fixture.insert(0, false).unwrap().wait().unwrap();
            fixture
        }

        fn insert(&self, number: u64, has_follower: bool) -> Result<Written<()>, StoreError> {
            self.database.write(
                |transaction| {
                    transaction.open_table(NUMBERS)?.insert(number, ())?;
                    Ok(())
                },
                || has_follower,
            )
        }

        /// Returns what a transaction that follows has to make durable.
        fn pending(&self, number: u64) -> Written<()> {
            let written = self.insert(number, true).unwrap();
            assert!(written.outcome.is_some());
            written
        }

        fn refuse(&self, has_follower: bool) -> Written<()> {
            let written = self.database.write(
                |transaction| {
                    transaction.open_table(NUMBERS)?.insert(99, ())?;
                    Err(StoreError::NotFound)
                },
                || has_follower,
            );
            written.unwrap()
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
        let pending = [1, 2].map(|number| fixture.pending(number));
        assert_eq!(fixture.count(), 1);
        let last = fixture.insert(3, false).unwrap();
        assert!(last.outcome.is_none());
        assert_eq!(fixture.count(), 4);
        for written in pending {
            written.wait().unwrap();
        }
    }

    #[test]
    fn a_refused_transaction_keeps_none_from_being_durable() {
        let fixture = Fixture::new();
        let pending = fixture.pending(1);
        let refused = fixture.refuse(true);
        assert_eq!(fixture.count(), 1);
        let last = fixture.refuse(false);
        assert_eq!(fixture.count(), 2);
        pending.wait().unwrap();
        for refused in [refused, last, fixture.refuse(true)] {
            assert!(matches!(refused.wait(), Err(StoreError::NotFound)));
        }
        assert_eq!(fixture.count(), 2);
    }

    #[test]
    fn groups_end_even_if_there_is_always_another_writer() {
        let fixture = Fixture::new();
        let mut written = (1..200).map(|number| fixture.insert(number, true).unwrap());
        assert!(written.any(|written| written.outcome.is_none()));
        assert!(fixture.count() > 1);
    }

    #[test]
    fn a_failure_is_told_to_all_whose_changes_are_lost() {
        let fixture = Fixture::new();
        // The refusal may be due to a change that is lost.
        let pending = [fixture.pending(1), fixture.refuse(true)];
        let written = fixture
            .database
            .write::<()>(|_| panic!("as if a page was damaged"), || true);
        assert!(matches!(written, Err(StoreError::RecordsDamaged(_))));
        for written in pending {
            assert!(matches!(written.wait(), Err(StoreError::Io(_))));
        }
        assert!(!fixture.database.is_usable());
        // The same if no further transaction is possible, or the database is closed.
        for close in [false, true] {
            let fixture = Fixture::new();
            let pending = fixture.pending(1);
            if close {
                fixture.database.retire();
                drop(fixture);
            } else {
                fixture.database.give_up();
            }
            assert!(matches!(pending.wait(), Err(StoreError::Io(_))));
        }
    }
}
