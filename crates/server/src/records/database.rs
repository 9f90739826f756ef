//! The database file: it is reopened after failures, and panics of the database library are caught
//! here.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    path::{Path, PathBuf},
    sync::{
        Once, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::{ReadTransaction, ReadableDatabase, WriteTransaction};

use super::{database_file::DatabaseFile, reserve::Reserve, turnstile::Turnstile};
use crate::error::StoreError;

/// The size of the database's cache in bytes.
const CACHE_BYTES: usize = 16 << 20;

/// A database that survives a full disk and a damaged file.
pub(super) struct Database {
    path: PathBuf,
    reserve: Reserve,
    /// Serializes writers.
    turnstile: Turnstile,
    open: RwLock<Option<Open>>,
}

struct Open {
    database: redb::Database,
    file: DatabaseFile,
    /// Whether a write transaction panicked, so that the state in memory may be inconsistent.
    suspect: AtomicBool,
}

impl Open {
    fn is_usable(&self) -> bool {
        !self.file.has_failed() && !self.suspect.load(Ordering::Relaxed)
    }

    /// Converts an error, taking earlier failures of the file into account.
    fn explain(&self, cause: StoreError) -> StoreError {
        match cause {
            StoreError::Database(_) if self.file.is_full() => StoreError::Full,
            cause => cause,
        }
    }
}

impl Database {
    /// Opens a file, creating it if needed, after verifying all of its checksums.
    pub(super) fn open(path: &Path, reserve: Reserve) -> Result<Self, StoreError> {
        let database = Self {
            path: path.to_owned(),
            reserve,
            turnstile: Turnstile::default(),
            open: RwLock::new(None),
        };
        database.with_room(|| {
            let mut open = open(&database.path)?;
            let intact = caught(|| open.database.check_integrity().map_err(damaged))?;
            if !intact {
                tracing::error!(
                    path = %database.path.display(),
                    "the records were damaged and have been restored to the state before their last change"
                );
            }
            *database
                .open
                .write()
                .unwrap_or_else(PoisonError::into_inner) = Some(open);
            Ok(())
        })?;
        Ok(database)
    }

    /// Reads; retries once if the database had to be reopened.
    pub(super) fn read<T>(
        &self,
        work: impl Fn(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let read = || self.with_open(|open| work(&open.database.begin_read()?));
        match read() {
            Err(_) if !self.is_usable() => read(),
            result => result,
        }
    }

    /// Checks that reads and writes are possible, without performing any.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.with_open(|open| match open.file.is_in_place() {
            true => Ok(()),
            false => Err(StoreError::RecordsGone),
        })
    }

    /// Writes durably, or not at all. On a full disk this fails instead of using the reserve.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.reserve.refill()?;
        self.transact(work)
    }

    /// Writes changes that free space, using the reserve on a full disk.
    pub(super) fn write_freeing<T>(
        &self,
        work: impl Fn(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_room(|| self.transact(&work))
    }

    /// Retries with the reserve released if the disk is full.
    fn with_room<T>(&self, work: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        match work() {
            Err(StoreError::Full) if self.reserve.release() => work(),
            result => result,
        }
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _inside = self.turnstile.enter();
        self.with_open(|open| {
            if !open.file.is_in_place() {
                return Err(StoreError::RecordsGone);
            }
            let mut has_returned = false;
            let result = caught(|| {
                let result = begin_and_commit(&open.database, work);
                has_returned = true;
                result
            });
            if !has_returned {
                open.suspect.store(true, Ordering::Relaxed);
            }
            result
        })
    }

    fn is_usable(&self) -> bool {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().is_some_and(Open::is_usable)
    }

    fn with_open<T>(
        &self,
        work: impl FnOnce(&Open) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !self.is_usable() {
            self.reopen()?;
        }
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = open.as_ref() else {
            return Err(StoreError::Damaged("the records aren't open"));
        };
        caught(|| work(open)).map_err(|cause| open.explain(cause))
    }

    fn reopen(&self) -> Result<(), StoreError> {
        self.with_room(|| {
            let mut current = self.open.write().unwrap_or_else(PoisonError::into_inner);
            if current.as_ref().is_some_and(Open::is_usable) {
                return Ok(());
            }
            // Reopening would accept the current file in place of the previous one.
            if current
                .as_ref()
                .is_some_and(|open| !open.file.is_in_place())
            {
                return Err(StoreError::RecordsGone);
            }
            if let Some(failed) = current.take() {
                tracing::warn!("the records failed; reopening them");
                failed.file.retire();
                let _ = caught(|| {
                    drop(failed);
                    Ok(())
                });
            }
            *current = Some(open(&self.path)?);
            Ok(())
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = open.take() {
            let _ = caught(|| {
                drop(open);
                Ok(())
            });
        }
    }
}

fn begin_and_commit<T>(
    database: &redb::Database,
    work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = database.begin_write()?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

fn open(path: &Path) -> Result<Open, StoreError> {
    let file = DatabaseFile::open(path)?;
    let database = caught(|| {
        redb::Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create_with_backend(file.clone())
            .map_err(damaged)
    });
    match database {
        Ok(database) => Ok(Open {
            database,
            file,
            suspect: AtomicBool::new(false),
        }),
        Err(_) if file.is_full() => Err(StoreError::Full),
        Err(cause) => Err(cause),
    }
}

/// Converts an error from opening: unless the disk failed, the file is corrupt.
pub(super) fn damaged(cause: redb::DatabaseError) -> StoreError {
    match StoreError::from(redb::Error::from(cause)) {
        StoreError::Database(cause) => StoreError::RecordsDamaged(cause.to_string()),
        StoreError::Io(cause)
            if matches!(
                cause.kind(),
                std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof
            ) =>
        {
            StoreError::RecordsDamaged(cause.to_string())
        }
        cause => cause,
    }
}

/// Runs `work` and converts panics to errors: the library asserts the content of its files, so a
/// damaged file makes it panic.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |panic| {
            if IS_CAUGHT.get() {
                tracing::error!(%panic, "the database is corrupt");
            } else {
                hook(panic);
            }
        }));
    });
    let was_caught = IS_CAUGHT.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_CAUGHT.set(was_caught);
    result.unwrap_or_else(|_| {
        let cause = "a page has invalid content";
        Err(StoreError::RecordsDamaged(cause.to_owned()))
    })
}

thread_local! {
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}
