//! Blocks by where they lie.

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

/// The pack of blocks that are known by their names alone.
pub(crate) const NOWHERE: u64 = u64::MAX;

/// The folder of the packs.
#[derive(Debug)]
pub(crate) struct Packs {
    folder: PathBuf,
    open: Mutex<HashMap<u64, Arc<File>>>,
}

impl Packs {
    /// Packs that were read lately and stay open.
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

    /// All files that are the store's by their names; none where there is no folder.
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

    /// Where a pack is, whichever of its names it has.
    pub(crate) fn path(&self, id: u64) -> PathBuf {
        let pack = PackFile::Pack(id).path_in(&self.folder);
        let part = PackFile::Part(id).path_in(&self.folder);
        if !pack.exists() && part.exists() {
            return part;
        }
        pack
    }

    /// A block, which is the one that its key names, or else damaged: its pack may be gone, too.
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
            return Err(damaged("it is gone"));
        }
        let file = match self.file(pack) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                return Err(damaged("its pack is gone"));
            }
            file => file?,
        };
        if length > LONGEST_BLOCK {
            return Err(damaged("the records are wrong about its length"));
        }
        let mut block = vec![0; length as usize];
        match read_exact_at(&file, &mut block, offset) {
            Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(damaged("its pack ends before it"));
            }
            Err(cause) if is_medium(&cause) => return Err(damaged("the disk can't read it")),
            result => result?,
        }
        verify_block(&cid, &block).map_err(|_| damaged("its bytes have changed"))?;
        Ok(block)
    }

    fn file(&self, id: u64) -> io::Result<Arc<File>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&id) {
            return Ok(Arc::clone(file));
        }
        // A pack may get its last name between the first two looks.
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

    /// Deletes a pack that no record names; says whether it is gone.
    pub(super) fn delete(&self, id: u64) -> bool {
        let path = self.path(id);
        // Before, since Windows deletes no open file; after, since it may have been opened again.
        self.forget(id);
        let result = fs::remove_file(&path);
        self.forget(id);
        match result {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%cause, path = %path.display(), "a freed pack stays for now");
                false
            }
            _ => true,
        }
    }
}

/// Whether the disk itself fails at this place.
pub(crate) fn is_medium(cause: &io::Error) -> bool {
    // ERROR_CRC, or EIO
    cause.raw_os_error() == Some(if cfg!(windows) { 23 } else { 5 })
}
