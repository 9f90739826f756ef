//! Blocks by their CID.

use std::{
    collections::HashMap,
    fs::File,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use cid::Cid;
use redb::ReadableDatabase;

use super::{Inner, Store, StoreError, pack, tables};

/// What names a block here: codec and multihash, the same for every version and base of a CID.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ContentKey(Vec<u8>);

impl ContentKey {
    pub(crate) fn of(cid: &Cid) -> Self {
        let hash = cid.hash();
        let mut key = Vec::with_capacity(20 + hash.digest().len());
        key.extend_from_slice(&cid.codec().to_be_bytes());
        key.extend_from_slice(&hash.code().to_be_bytes());
        key.extend_from_slice(hash.digest());
        Self(key)
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The CID that this is the key of, so that the block can be decoded.
    pub(super) fn to_cid(&self) -> Result<Cid, StoreError> {
        let damaged = StoreError::Damaged("a key is not of a block");
        let Some((codec, rest)) = self.0.split_first_chunk() else {
            return Err(damaged);
        };
        let Some((code, digest)) = rest.split_first_chunk() else {
            return Err(damaged);
        };
        match cid::multihash::Multihash::wrap(u64::from_be_bytes(*code), digest) {
            Ok(hash) => Ok(Cid::new_v1(u64::from_be_bytes(*codec), hash)),
            Err(_) => Err(damaged),
        }
    }
}

impl Store {
    /// A block's bytes, or none where it isn't here.
    pub(crate) fn block(&self, cid: &Cid) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.block(&ContentKey::of(cid))
    }
}

impl Inner {
    pub(super) fn block(&self, key: &ContentKey) -> Result<Option<Vec<u8>>, StoreError> {
        // A pack may be compacted away between the look-up and the read; then the block has moved.
        for _ in 0..8 {
            let place = {
                let transaction = self.database.begin_read()?;
                let blocks = transaction.open_table(tables::BLOCKS)?;
                redb::ReadableTable::get(&blocks, key.as_bytes())?.map(|place| place.value())
            };
            let Some(place) = place else { return Ok(None) };
            match self.read(place) {
                Err(StoreError::Io(cause)) if cause.kind() == io::ErrorKind::NotFound => {}
                block => return block.map(Some),
            }
        }
        Err(StoreError::Damaged("a pack file is missing"))
    }

    pub(super) fn read(&self, place: tables::Place) -> Result<Vec<u8>, StoreError> {
        let (pack, offset, length, _) = place;
        let file = self
            .open_packs
            .get(pack, || File::open(pack::path_of(&self.blocks, pack)))?;
        let mut block = vec![0; length as usize];
        read_exact_at(&file, &mut block, offset)?;
        Ok(block)
    }
}

/// Pack files that were read lately.
#[derive(Debug, Default)]
pub(super) struct OpenPacks(Mutex<HashMap<u64, Arc<File>>>);

impl OpenPacks {
    const COUNT: usize = 64;

    fn get(&self, id: u64, open: impl FnOnce() -> io::Result<File>) -> io::Result<Arc<File>> {
        let mut packs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = packs.get(&id) {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(open()?);
        if packs.len() == Self::COUNT {
            packs.clear();
        }
        packs.insert(id, Arc::clone(&file));
        Ok(file)
    }

    pub(super) fn forget(&self, id: u64) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                buffer = &mut buffer[count..];
                offset += count as u64;
            }
        }
    }
    Ok(())
}
