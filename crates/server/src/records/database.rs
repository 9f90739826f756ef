//! The database file: it is reopened after failures, and panics of the database library are caught
//! here.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    path::{Path, PathBuf},
    sync::{Once, PoisonError, RwLock},
};

use redb::{ReadTransaction, WriteTransaction};

use super::{open_database::OpenDatabase, reserve::Reserve, turnstile::Turnstile};
use crate::error::StoreError;

/// A database that survives a full disk and a damaged file.
pub(super) struct Database {
    path: PathBuf,
    reserve: Reserve,
    /// Serializes writers.
    turnstile: Turnstile,
    open: RwLock<Option<OpenDatabase>>,
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
            let mut open = OpenDatabase::open(&database.path)?;
            if !open.check_integrity()? {
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
        let read = || self.with_open(|open| open.read(&work));
        match read() {
            Err(_) if !self.is_usable() => read(),
            result => result,
        }
    }

    /// Checks that reads and writes are possible, without performing any.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.with_open(|open| match open.is_in_place() {
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
        let written = {
            let _inside = self.turnstile.enter();
            self.with_open(|open| open.write(work, || self.turnstile.has_waiting()))?
        };
        written.wait()
    }

    fn is_usable(&self) -> bool {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().is_some_and(OpenDatabase::is_usable)
    }

    fn with_open<T>(
        &self,
        work: impl FnOnce(&OpenDatabase) -> Result<T, StoreError>,
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
            if current.as_ref().is_some_and(OpenDatabase::is_usable) {
                return Ok(());
            }
            // Reopening would accept the current file in place of the previous one.
            if let Some(open) = current.as_ref()
                && !open.is_in_place()
            {
                open.give_up();
                return Err(StoreError::RecordsGone);
            }
            if let Some(failed) = current.take() {
                tracing::warn!("the records failed; reopening them");
                failed.retire();
                let _ = caught(|| {
                    drop(failed);
                    Ok(())
                });
            }
            *current = Some(OpenDatabase::open(&self.path)?);
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

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{fs, sync::mpsc, thread, time::Duration};

    use tempfile::TempDir;

    use super::{Database, Reserve, StoreError};

    /// It could wait forever for those that follow it.
    #[test]
    fn a_writer_learns_that_the_records_are_gone_before_its_change_is_durable() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("records");
        let database = Database::open(&path, Reserve::none()).unwrap();
        let (began, has_begun) = mpsc::channel();
        thread::scope(|scope| {
            let first = scope.spawn(|| {
                database.write(|_| {
                    began.send(()).unwrap();
                    while !database.turnstile.has_waiting() {
                        thread::sleep(Duration::from_millis(1));
                    }
                    fs::remove_file(&path).unwrap();
                    Ok(())
                })
            });
            has_begun.recv().unwrap();
            let second = database.write(|_| Ok(()));
            assert!(matches!(second, Err(StoreError::RecordsGone)), "{second:?}");
            let first = first.join().unwrap();
            assert!(matches!(first, Err(StoreError::Io(_))), "{first:?}");
        });
    }
}
