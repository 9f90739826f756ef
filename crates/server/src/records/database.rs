//! The database file: opened again after it failed, and the one place where a panic of the database
//! library ends.

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

/// Memory that the database may use for its cache.
const CACHE_BYTES: usize = 16 << 20;

/// A database that survives its disk being full and its file being damaged.
pub(super) struct Database {
    path: PathBuf,
    reserve: Reserve,
    /// Those who write.
    turnstile: Turnstile,
    open: RwLock<Option<Open>>,
}

struct Open {
    database: redb::Database,
    file: DatabaseFile,
    /// A write transaction panicked, so that what is in memory may be half changed.
    suspect: AtomicBool,
}

impl Open {
    fn is_usable(&self) -> bool {
        !self.file.has_failed() && !self.suspect.load(Ordering::Relaxed)
    }

    /// What an error means, given what happened to the file before.
    fn explain(&self, cause: StoreError) -> StoreError {
        match cause {
            StoreError::Database(_) if self.file.is_full() => StoreError::Full,
            cause => cause,
        }
    }
}

impl Database {
    /// Opens a file, made where there is none, after all of its checksums were compared.
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
                    "the records were damaged and are now as they were before their last change"
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

    /// Reads, a second time where the database had to be opened again.
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

    /// Writes durably, or not at all. On a full disk this fails rather than take what is reserved.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.reserve.refill()?;
        self.transact(work)
    }

    /// Writes what makes room, for which the disk may be full.
    pub(super) fn write_freeing<T>(
        &self,
        work: impl Fn(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_room(|| self.transact(&work))
    }

    /// Does something again with the reserve given up, if the disk is full.
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
            // Opening what is there now would take it for what was there before.
            if current
                .as_ref()
                .is_some_and(|open| !open.file.is_in_place())
            {
                return Err(StoreError::RecordsGone);
            }
            if let Some(failed) = current.take() {
                tracing::warn!("the records failed; they are opened again");
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

/// An error of opening, where anything but the disk says that the file isn't as it was written.
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

/// The library asserts what its files hold, so that a damaged one makes it panic. That is an error, and
/// told as one.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |panic| {
            if IS_CAUGHT.get() {
                tracing::error!(%panic, "the database isn't as it was written");
            } else {
                hook(panic);
            }
        }));
    });
    let was_caught = IS_CAUGHT.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_CAUGHT.set(was_caught);
    result.unwrap_or_else(|_| {
        let cause = "a page holds what the database never writes";
        Err(StoreError::RecordsDamaged(cause.to_owned()))
    })
}

thread_local! {
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}
