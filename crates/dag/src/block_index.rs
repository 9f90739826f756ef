//! Finds blocks by their CIDs.

use std::io;

use w3pin_unixfs::Cid;

use crate::spool::Spool;

/// One of this many entries in the spool has its key in memory.
const FENCE: usize = 128;
const ENTRY: usize = 16 + 8 + 4;

/// Collects the locations of blocks. A limited number of entries is kept in memory, and the rest in
/// a temporary file.
pub struct BlockIndexBuilder {
    most_held: usize,
    held: Vec<Entry>,
    runs: Vec<Run>,
    spool: Spool,
}

/// An index of blocks by their keys.
pub struct BlockIndex {
    held: Vec<Entry>,
    runs: Vec<Run>,
    spool: Spool,
}

/// A key in place of a CID: 128 bits of its digest. Finding two blocks that agree in these takes
/// years of computation, and a block is compared with its whole digest when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(u128);

impl Key {
    /// Returns the key of a CID's multihash, which identifies a block's bytes.
    #[must_use]
    pub fn of_bytes(cid: &Cid) -> Self {
        let hash = cid.hash();
        let mut first = [0; 16];
        for (to, from) in first.iter_mut().zip(hash.digest()) {
            *to = *from;
        }
        let kind = u128::from(hash.code()) << 56 ^ u128::from(hash.size()) << 120;
        Self(u128::from_be_bytes(first) ^ kind)
    }

    /// Returns the key of a CID's multihash and codec, which determine how its bytes are decoded.
    #[must_use]
    pub fn of_node(cid: &Cid) -> Self {
        Self(Self::of_bytes(cid).0 ^ u128::from(cid.codec()))
    }
}

/// The location of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The offset in the file, in bytes.
    pub offset: u64,
    /// The length in bytes.
    pub length: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: Key,
    place: Place,
}

/// Sorted entries in the spool.
struct Run {
    start: u64,
    length: usize,
    fences: Vec<Key>,
}

impl BlockIndexBuilder {
    /// Creates a builder that keeps up to `most_held` entries in memory, which take 32 bytes each,
    /// and the rest in `spool`.
    #[must_use]
    pub fn new(spool: Spool, most_held: usize) -> Self {
        Self {
            most_held: most_held.max(2),
            held: Vec::new(),
            runs: Vec::new(),
            spool,
        }
    }

    /// Adds a block.
    ///
    /// # Errors
    /// If the temporary file can't be written.
    pub fn add(&mut self, key: Key, place: Place) -> io::Result<()> {
        self.held.push(Entry { key, place });
        if self.held.len() < self.most_held {
            return Ok(());
        }
        sort(&mut self.held);
        if self.held.len() > self.most_held / 2 {
            let run = Run::write(&self.held, &mut self.spool)?;
            self.runs.push(run);
            self.held.clear();
        }
        Ok(())
    }

    /// Returns the memory in use, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        memory(self.held.capacity(), &self.runs)
    }

    /// Returns the index.
    #[must_use]
    pub fn finish(mut self) -> BlockIndex {
        sort(&mut self.held);
        self.held.shrink_to_fit();
        BlockIndex {
            held: self.held,
            runs: self.runs,
            spool: self.spool,
        }
    }
}

impl BlockIndex {
    /// Returns the memory in use, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        memory(self.held.capacity(), &self.runs)
    }

    /// Returns the first location of a block, and its number among the entries.
    ///
    /// # Errors
    /// If the temporary file can't be read.
    pub fn find(&self, key: Key) -> io::Result<Option<(u64, Place)>> {
        let mut before = 0;
        for run in &self.runs {
            if let Some((number, place)) = run.find(key, &self.spool)? {
                return Ok(Some((before + number as u64, place)));
            }
            before += run.length as u64;
        }
        let found = first(&self.held, key);
        Ok(found.map(|(number, place)| (before + number as u64, place)))
    }
}

impl Run {
    fn write(entries: &[Entry], spool: &mut Spool) -> io::Result<Self> {
        let mut bytes = Vec::with_capacity(entries.len() * ENTRY);
        for Entry { key, place } in entries {
            bytes.extend(key.0.to_be_bytes());
            bytes.extend(place.offset.to_be_bytes());
            bytes.extend(place.length.to_be_bytes());
        }
        let fences = entries.iter().step_by(FENCE).map(|entry| entry.key);
        Ok(Self {
            start: spool.append(&bytes)?,
            length: entries.len(),
            fences: fences.collect(),
        })
    }

    fn find(&self, key: Key, spool: &Spool) -> io::Result<Option<(usize, Place)>> {
        // The entry may be after the last fence that is smaller, or at the next, which equals it.
        let fence = self.fences.partition_point(|fence| *fence < key);
        let from = fence.saturating_sub(1) * FENCE;
        let count = (2 * FENCE).min(self.length - from);
        let mut bytes = [0; 2 * FENCE * ENTRY];
        let bytes = &mut bytes[..count * ENTRY];
        spool.read(self.start + (from * ENTRY) as u64, bytes)?;
        let (entries, _) = bytes.as_chunks::<ENTRY>();
        let entries: Vec<_> = entries.iter().map(Entry::read).collect();
        Ok(first(&entries, key).map(|(number, place)| (from + number, place)))
    }
}

impl Entry {
    fn read(bytes: &[u8; ENTRY]) -> Self {
        let mut parts = ([0; 16], [0; 8], [0; 4]);
        parts.0.copy_from_slice(&bytes[..16]);
        parts.1.copy_from_slice(&bytes[16..24]);
        parts.2.copy_from_slice(&bytes[24..]);
        Self {
            key: Key(u128::from_be_bytes(parts.0)),
            place: Place {
                offset: u64::from_be_bytes(parts.1),
                length: u32::from_be_bytes(parts.2),
            },
        }
    }
}

fn memory(held: usize, runs: &[Run]) -> usize {
    let fences: usize = runs.iter().map(|run| run.fences.len()).sum();
    held * size_of::<Entry>() + fences * size_of::<Key>()
}

/// Sorts entries and keeps the first of each key.
fn sort(entries: &mut Vec<Entry>) {
    entries.sort_unstable();
    entries.dedup_by_key(|entry| entry.key);
}

fn first(entries: &[Entry], key: Key) -> Option<(usize, Place)> {
    let number = entries.partition_point(|entry| entry.key < key);
    let found = entries.get(number).filter(|entry| entry.key == key)?;
    Some((number, found.place))
}

/// A set of an index's blocks, with one bit each.
#[derive(Clone, Debug, Default)]
pub struct Marked(Vec<u64>);

impl Marked {
    /// Adds a block. Returns whether it is new.
    pub fn insert(&mut self, number: u64) -> bool {
        let (word, bit) = ((number / 64) as usize, 1 << (number % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }

    /// Returns the number of blocks.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Returns the memory in use, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.0.capacity() * size_of::<u64>()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::{BlockIndexBuilder, Key, Marked, Place, Spool};

    const HELD: usize = 1 << 12;

    #[test]
    fn entries_are_found_in_memory_and_in_the_spool() {
        let mut index = BlockIndexBuilder::new(Spool::new(None), HELD);
        let count = 2 * HELD as u64 + 1234;
        // Spread over all keys, each twice.
        let key = |number: u64| Key(u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 60);
        for number in (0..count).chain(0..1000) {
            let (offset, length) = (number, 7);
            index.add(key(number), Place { offset, length }).unwrap();
        }
        let index = index.finish();
        assert_eq!(index.runs.len(), 2);
        let mut marked = Marked::default();
        for number in (0..count).step_by(97).chain([0, HELD as u64, count - 1]) {
            let (at, place) = index.find(key(number)).unwrap().unwrap();
            assert_eq!((place.offset, place.length), (number, 7));
            marked.insert(at);
            assert!(!marked.insert(at));
        }
        for number in count..count + 1000 {
            assert_eq!(index.find(key(number)).unwrap(), None);
        }
        assert!(marked.count() >= count / 97);
    }
}
