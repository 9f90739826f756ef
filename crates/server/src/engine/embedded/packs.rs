//! Reads blocks by their location.

use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use w3pin_unixfs::verify_block;

use super::pack::{LONGEST_BLOCK, PackFile};
use crate::{content_key::ContentKey, error::StoreError, folder::read_exact_at, records::tables};

/// The pack number of blocks whose location is unknown.
pub(crate) const NOWHERE: u64 = u64::MAX;

/// The folder of the packs.
#[derive(Debug)]
pub(crate) struct Packs {
    folder: PathBuf,
    open: Mutex<HashMap<u64, Arc<File>>>,
}

impl Packs {
    /// The number of recently read packs to keep open.
    const OPEN: usize = 16;

    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            open: Mutex::default(),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns all files of the store; none if the folder doesn't exist.
    pub(crate) fn files(&self) -> io::Result<Vec<PackFile>> {
        let mut files = Vec::new();
        let entries = match fs::read_dir(&self.folder) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(files),
            entries => entries?,
        };
        for entry in entries {
            files.extend(PackFile::parse(&entry?.path()));
        }
        files.sort();
        Ok(files)
    }

    /// Returns the path of a pack under whichever name it has.
    pub(crate) fn path(&self, id: u64) -> PathBuf {
        let pack = PackFile::Pack(id).path_in(&self.folder);
        let part = PackFile::Part(id).path_in(&self.folder);
        if !pack.exists() && part.exists() {
            return part;
        }
        pack
    }

    /// Reads a block and checks it against its key. A block whose pack is missing is damaged too.
    pub(crate) fn read(
        &self,
        key: &ContentKey,
        place: tables::Place,
    ) -> Result<Vec<u8>, StoreError> {
        let (pack, offset, length, _) = place;
        let cid = key.to_cid()?;
        let damaged = |reason| StoreError::DamagedBlock {
            cid: cid.to_string(),
            reason,
        };
        if pack == NOWHERE {
            return Err(damaged("it is missing"));
        }
        let file = match self.file(pack) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                return Err(damaged("its pack is missing"));
            }
            file => file?,
        };
        if length > LONGEST_BLOCK {
            return Err(damaged("its length doesn't match the records"));
        }
        let mut block = vec![0; length as usize];
        match read_exact_at(&file, &mut block, offset) {
            Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(damaged("its pack is truncated"));
            }
            Err(cause) if is_medium(&cause) => return Err(damaged("the disk can't read it")),
            result => result?,
        }
        verify_block(&cid, &block).map_err(|_| damaged("its bytes don't match its CID"))?;
        Ok(block)
    }

    fn file(&self, id: u64) -> io::Result<Arc<File>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&id) {
            return Ok(Arc::clone(file));
        }
        // A pack may get its final name between the first two attempts.
        let names = [PackFile::Pack(id), PackFile::Part(id), PackFile::Pack(id)];
        let mut file = Err(io::ErrorKind::NotFound.into());
        for name in names {
            file = File::open(name.path_in(&self.folder));
            match &file {
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                _ => break,
            }
        }
        let file = Arc::new(file?);
        if open.len() == Self::OPEN {
            open.clear();
        }
        open.insert(id, Arc::clone(&file));
        Ok(file)
    }

    fn forget(&self, id: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&id);
    }

    /// Deletes a pack that no record refers to. Returns whether it is gone.
    pub(super) fn delete(&self, id: u64) -> bool {
        let path = self.path(id);
        // Before, since Windows doesn't delete open files; and after, since it may have been
        // reopened.
        self.forget(id);
        let result = fs::remove_file(&path);
        self.forget(id);
        match result {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%cause, path = %path.display(), "failed to delete a freed pack; trying again later");
                false
            }
            _ => true,
        }
    }
}

/// Returns whether the disk itself fails at this place.
pub(crate) fn is_medium(cause: &io::Error) -> bool {
    // ERROR_CRC, or EIO
    cause.raw_os_error() == Some(if cfg!(windows) { 23 } else { 5 })
}
