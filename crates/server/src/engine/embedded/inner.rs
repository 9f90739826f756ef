//! What uploads, readers and the collector share: blocks by their CID.

use std::{
    collections::HashMap,
    fs::File,
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use super::pack::{self, PackWriter};
use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    error::StoreError,
    records::{Records, tables},
};

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) records: Arc<Records>,
    pub(super) blocks: PathBuf,
    pub(super) next_pack: AtomicU64,
    pub(super) open_packs: OpenPacks,
    pub(super) closing: AtomicBool,
}

impl Inner {
    pub(super) fn new_pack(&self) -> io::Result<PackWriter> {
        let id = self.next_pack.fetch_add(1, Ordering::Relaxed);
        PackWriter::create(&self.blocks, id)
    }

    pub(super) fn block(&self, key: &ContentKey) -> Result<Option<Vec<u8>>, StoreError> {
        // A pack may be compacted away between the look-up and the read; then the block has moved.
        for _ in 0..8 {
            let Some(place) = self.place(key)? else {
                return Ok(None);
            };
            match self.read(place) {
                Err(StoreError::Io(cause)) if cause.kind() == io::ErrorKind::NotFound => {}
                block => return block.map(Some),
            }
        }
        Err(StoreError::Damaged("a pack file is missing"))
    }

    /// Where a block lies.
    pub(super) fn place(&self, key: &ContentKey) -> Result<Option<tables::Place>, StoreError> {
        self.records.read(|transaction| {
            let blocks = transaction.open_table(tables::BLOCKS)?;
            Ok(blocks.get(key.as_bytes())?.map(|place| place.value()))
        })
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

/// What a root block says of its DAG.
pub(super) fn shape(key: &ContentKey, block: &[u8]) -> Result<DagShape, StoreError> {
    let cid = key.to_cid()?;
    let node = w3pin_unixfs::decode(&cid, block)
        .map_err(|_| StoreError::Damaged("a block can't be decoded"))?;
    Ok(DagShape::of(&node, block.len()))
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
