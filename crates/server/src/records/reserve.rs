use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    error::{StoreError, is_full},
    folder::{allocate, create_private_file, free_bytes},
};

/// Disk space that is released when the disk is full, so that changes that free space can be
/// written.
#[derive(Debug)]
pub(super) struct Reserve {
    /// `None` for no reserve.
    path: Option<PathBuf>,
    is_whole: AtomicBool,
    filling: Mutex<()>,
}

impl Reserve {
    const BYTES: u64 = 16 << 20;

    /// Returns the reserve of a folder, created if there is space for it.
    pub(super) fn of(folder: &Path) -> Self {
        let path = folder.join("reserve");
        let kept = path.metadata().map_or(0, |file| file.len());
        let reserve = Self {
            path: Some(path),
            is_whole: AtomicBool::new(false),
            filling: Mutex::new(()),
        };
        reserve.is_whole.store(kept > 0, Ordering::Relaxed);
        if let Err(cause) = reserve.refill() {
            tracing::warn!(%cause, "there is no space for the reserve, so nothing can be pinned");
        }
        reserve
    }

    /// Returns no reserve, for records that are discarded if they can't be written.
    pub(super) fn none() -> Self {
        Self {
            path: None,
            is_whole: AtomicBool::new(true),
            filling: Mutex::new(()),
        }
    }

    /// Recreates the reserve after it was released.
    pub(super) fn refill(&self) -> Result<(), StoreError> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        if self.is_whole.load(Ordering::Relaxed) {
            return Ok(());
        }
        let _one_at_a_time = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_whole.load(Ordering::Relaxed) {
            return Ok(());
        }
        let free = path.parent().and_then(free_bytes).unwrap_or(u64::MAX);
        // A small disk gets a small reserve, to leave useful space.
        let mut bytes = Self::BYTES.min(free / 8);
        while bytes >= Self::BYTES / 16 {
            match fill(path, bytes) {
                Ok(()) => {
                    self.is_whole.store(true, Ordering::Relaxed);
                    return Ok(());
                }
                Err(cause) => {
                    let _ = fs::remove_file(path);
                    if !is_full(&cause) {
                        return Err(cause.into());
                    }
                }
            }
            bytes /= 2;
        }
        Err(StoreError::Full)
    }

    /// Releases the space. Returns whether there was any.
    pub(super) fn release(&self) -> bool {
        let Some(path) = &self.path else {
            return false;
        };
        let had = self.is_whole.swap(false, Ordering::Relaxed);
        if had {
            tracing::warn!("the disk is full: using the reserve to free space");
        }
        fs::remove_file(path).is_ok() || had
    }
}

fn fill(path: &Path, bytes: u64) -> std::io::Result<()> {
    let mut file = create_private_file(path)?;
    if allocate(&file, 0, bytes)? {
        return file.sync_data();
    }
    let piece = vec![0; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let length = left.min(piece.len() as u64);
        file.write_all(&piece[..usize::try_from(length).unwrap_or(0)])?;
        left -= length;
    }
    file.sync_data()
}
