use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use redb::StorageBackend;

use crate::{
    error::is_full,
    folder::{allocate, open_private_file, read_exact_at, write_all_at},
};

/// The number of bytes to allocate at once when the file grows.
const ALLOCATED: u64 = 256 << 10;

/// FILE_SHARE_READ and FILE_SHARE_WRITE
#[cfg(windows)]
const READ_AND_WRITE: u32 = 3;

/// The database's file, which remembers failures. It isn't locked, since the data folder is.
#[derive(Clone, Debug)]
pub(super) struct DatabaseFile(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    file: File,
    /// The length in bytes, which changes only through this handle.
    length: AtomicU64,
    failed: AtomicBool,
    full: AtomicBool,
    /// Whether another handle has taken over.
    retired: AtomicBool,
}

impl DatabaseFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        // On Windows others can read and write it, but not remove or replace it.
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, READ_AND_WRITE);
        let file = open_private_file(&options, path)?;
        Ok(Self(Arc::new(Shared {
            path: path.to_owned(),
            length: AtomicU64::new(file.metadata()?.len()),
            file,
            failed: AtomicBool::new(false),
            full: AtomicBool::new(false),
            retired: AtomicBool::new(false),
        })))
    }

    /// Returns whether the path still refers to this file, and its length hasn't changed. Otherwise
    /// writes would be lost without any error.
    pub(super) fn is_in_place(&self) -> bool {
        let Shared {
            path, file, length, ..
        } = &*self.0;
        let (Ok(named), Ok(open)) = (fs::metadata(path), file.metadata()) else {
            return false;
        };
        is_same(&named, &open) && open.len() >= length.load(Ordering::Relaxed)
    }

    /// Returns whether any operation failed, after which the database refuses to continue.
    pub(super) fn has_failed(&self) -> bool {
        self.0.failed.load(Ordering::Relaxed)
    }

    /// Returns whether the first failure was a full disk.
    pub(super) fn is_full(&self) -> bool {
        self.0.full.load(Ordering::Relaxed)
    }

    /// Rejects all further changes.
    pub(super) fn retire(&self) {
        self.0.retired.store(true, Ordering::Relaxed);
    }

    /// Fails if the file was truncated: a write after the new end would extend it, with a hole in
    /// place of the lost data.
    fn require_whole(&self, file: &File) -> io::Result<()> {
        if file.metadata()?.len() < self.0.length.load(Ordering::Relaxed) {
            return Err(io::Error::other("the file was truncated"));
        }
        Ok(())
    }

    fn access<T>(&self, access: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
        let Shared {
            file,
            failed,
            full,
            retired,
            ..
        } = &*self.0;
        if retired.load(Ordering::Relaxed) {
            return Err(io::Error::other("the database was reopened"));
        }
        access(file).inspect_err(|cause| {
            if !failed.swap(true, Ordering::Relaxed) {
                tracing::error!(%cause, "the database's file failed");
                full.store(is_full(cause), Ordering::Relaxed);
            }
        })
    }
}

impl StorageBackend for DatabaseFile {
    fn len(&self) -> io::Result<u64> {
        self.access(|file| Ok(file.metadata()?.len()))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.access(|file| read_exact_at(file, out, offset))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.access(|file| {
            self.require_whole(file)?;
            // A full disk is usually detected here, and not later when an expected page is written.
            // The file doubles when it grows, which may be more than there is space for.
            let before = file.metadata()?.len();
            if len > before {
                allocate(file, before, (len - before).min(ALLOCATED))?;
            }
            file.set_len(len)?;
            self.0.length.store(len, Ordering::Relaxed);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.access(File::sync_data)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.access(|file| {
            self.require_whole(file)?;
            write_all_at(file, data, offset)
        })
    }
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// On other systems the open file can't be replaced.
#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}
