use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs::File,
    io,
    path::Path,
    sync::{Mutex, PoisonError},
};

use redb::StorageBackend;

use crate::folder::read_exact_at;

const PAGE: u64 = 4096;

/// A database file that is never changed: writes are kept in memory.
#[derive(Debug)]
pub(super) struct Overlay {
    file: File,
    kept: u64,
    changed: Mutex<Changed>,
}

#[derive(Debug)]
struct Changed {
    length: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let kept = file.metadata()?.len();
        let changed = Changed {
            length: kept,
            pages: BTreeMap::new(),
        };
        Ok(Self {
            file,
            kept,
            changed: Mutex::new(changed),
        })
    }

    /// Returns a page of the file, padded with zeros after its end.
    fn page(&self, number: u64) -> io::Result<Vec<u8>> {
        let mut page = vec![0; PAGE as usize];
        let start = number * PAGE;
        let there = self.kept.saturating_sub(start).min(PAGE);
        read_exact_at(&self.file, &mut page[..there as usize], start)?;
        Ok(page)
    }
}

/// Calls `part` for each page that a range touches, with the range in the page and that in the
/// whole.
fn each_page(
    offset: u64,
    length: usize,
    mut part: impl FnMut(u64, std::ops::Range<usize>, std::ops::Range<usize>) -> io::Result<()>,
) -> io::Result<()> {
    let mut done = 0;
    while done < length {
        let at = offset + done as u64;
        let in_page = (at % PAGE) as usize;
        let count = (PAGE as usize - in_page).min(length - done);
        part(at / PAGE, in_page..in_page + count, done..done + count)?;
        done += count;
    }
    Ok(())
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(changed.length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        let end = offset.checked_add(out.len() as u64);
        if end.is_none_or(|end| end > changed.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        each_page(offset, out.len(), |number, in_page, whole| {
            match changed.pages.get(&number) {
                Some(page) => out[whole].copy_from_slice(&page[in_page]),
                None => out[whole].copy_from_slice(&self.page(number)?[in_page]),
            }
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.length = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        each_page(offset, data.len(), |number, in_page, whole| {
            let page = match changed.pages.entry(number) {
                Entry::Occupied(page) => page.into_mut(),
                Entry::Vacant(place) => place.insert(self.page(number)?),
            };
            page[in_page].copy_from_slice(&data[whole]);
            Ok(())
        })
    }
}
