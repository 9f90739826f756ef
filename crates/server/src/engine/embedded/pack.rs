//! Pack files: the blocks of one upload, one behind the other.
//!
//! A pack is the eight bytes of [`MAGIC`] and then, for each block, its length (u32), the length of its
//! key (u16), the key and the block, all numbers little-endian.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    path::{Path, PathBuf},
};

use cid::Cid;

use crate::{content_key::ContentKey, folder::sync_folder};

const MAGIC: &[u8; 8] = b"w3pack\0\x01";
const ENTRY_HEAD: u64 = 6;

/// Larger blocks go to the file at once; smaller ones are gathered.
const WRITE_BUFFER: usize = 128 << 10;
/// Keys that are remembered so that content that repeats is written once.
const RECENT_KEYS: usize = 8192;
/// Bytes of the index that stay in memory.
const INDEX_BUFFER: usize = 256 << 10;

/// Writes a pack, and deletes it unless it is [kept](Self::keep).
#[derive(Debug)]
pub(crate) struct PackWriter {
    id: u64,
    path: PathBuf,
    file: BufWriter<File>,
    position: u64,
    recent: HashSet<ContentKey>,
    index: Index,
    kept: bool,
}

/// A block in a pack and what it links to.
pub(super) struct Packed {
    pub(super) key: ContentKey,
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) links: Vec<ContentKey>,
}

impl PackWriter {
    pub(super) fn create(folder: &Path, id: u64) -> io::Result<Self> {
        let path = path_of(folder, id);
        let mut file = BufWriter::with_capacity(WRITE_BUFFER, File::create_new(&path)?);
        file.write_all(MAGIC)?;
        let index = Index {
            path: path.with_extension("index"),
            memory: Vec::new(),
            file: None,
        };
        Ok(Self {
            id,
            path,
            file,
            position: MAGIC.len() as u64,
            recent: HashSet::new(),
            index,
            kept: false,
        })
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn bytes(&self) -> u64 {
        self.position
    }

    /// Appends a block; gives its offset.
    pub(super) fn append(&mut self, key: &ContentKey, parts: &[&[u8]]) -> io::Result<u64> {
        let length = block_length(parts)?;
        let key = key.as_bytes();
        let key_length = u16::try_from(key.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&key_length.to_le_bytes())?;
        self.file.write_all(key)?;
        for part in parts {
            self.file.write_all(part)?;
        }
        let offset = self.position + ENTRY_HEAD + u64::from(key_length);
        self.position = offset + u64::from(length);
        Ok(offset)
    }

    /// Appends a block and notes its links, unless it was put lately.
    pub(super) fn put(&mut self, cid: &Cid, parts: &[&[u8]], links: &[Cid]) -> io::Result<()> {
        let key = ContentKey::of(cid);
        if self.recent.contains(&key) {
            return Ok(());
        }
        let offset = self.append(&key, parts)?;
        self.index.push(&key, offset, block_length(parts)?, links)?;
        if self.recent.len() == RECENT_KEYS {
            self.recent.clear();
        }
        self.recent.insert(key);
        Ok(())
    }

    /// Makes the file and its name durable.
    pub(super) fn sync(&mut self, folder: &Path) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()?;
        sync_folder(folder)
    }

    /// The blocks, in the order they were put.
    pub(super) fn packed(&mut self) -> io::Result<impl Iterator<Item = io::Result<Packed>> + '_> {
        self.index.entries()
    }

    /// Leaves the file to the records.
    pub(super) fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for PackWriter {
    fn drop(&mut self) {
        if self.index.file.is_some() {
            let _ = fs::remove_file(&self.index.path);
        }
        if !self.kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Bytes that a block takes in a pack.
pub(super) fn entry_bytes(key: &ContentKey, length: u32) -> u64 {
    ENTRY_HEAD + key.as_bytes().len() as u64 + u64::from(length)
}

/// Whether rewriting a pack frees more than half of it.
pub(super) fn is_mostly_dead(bytes: u64, live: u64) -> bool {
    live < bytes / 2
}

fn block_length(parts: &[&[u8]]) -> io::Result<u32> {
    u32::try_from(parts.iter().map(|part| part.len()).sum::<usize>()).map_err(io::Error::other)
}

/// What was put in a pack, in memory while it is short and in a file beside it when it grows.
#[derive(Debug)]
struct Index {
    path: PathBuf,
    memory: Vec<u8>,
    file: Option<File>,
}

impl Index {
    fn push(
        &mut self,
        key: &ContentKey,
        offset: u64,
        length: u32,
        links: &[Cid],
    ) -> io::Result<()> {
        let memory = &mut self.memory;
        put_key(memory, key);
        memory.extend_from_slice(&offset.to_le_bytes());
        memory.extend_from_slice(&length.to_le_bytes());
        let count = u32::try_from(links.len()).map_err(io::Error::other)?;
        memory.extend_from_slice(&count.to_le_bytes());
        for link in links {
            put_key(memory, &ContentKey::of(link));
        }
        if self.memory.len() >= INDEX_BUFFER {
            self.spill()
        } else {
            Ok(())
        }
    }

    fn spill(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(
                File::options()
                    .read(true)
                    .write(true)
                    .create_new(true)
                    .open(&self.path)?,
            ),
        };
        file.write_all(&self.memory)?;
        self.memory.clear();
        Ok(())
    }

    fn entries(&mut self) -> io::Result<impl Iterator<Item = io::Result<Packed>> + '_> {
        let spilled: Box<dyn Read> = match &mut self.file {
            Some(file) => {
                file.rewind()?;
                Box::new(file)
            }
            None => Box::new(io::empty()),
        };
        let mut input = BufReader::with_capacity(64 << 10, spilled.chain(&self.memory[..]));
        Ok(std::iter::from_fn(move || {
            next_entry(&mut input).transpose()
        }))
    }
}

fn put_key(output: &mut Vec<u8>, key: &ContentKey) {
    // A key is a codec and a digest of at most 64 bytes.
    output.push(key.as_bytes().len() as u8);
    output.extend_from_slice(key.as_bytes());
}

fn next_entry(input: &mut impl io::BufRead) -> io::Result<Option<Packed>> {
    if input.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let key = take_key(input)?;
    let offset = u64::from_le_bytes(take(input)?);
    let length = u32::from_le_bytes(take(input)?);
    let count = u32::from_le_bytes(take(input)?);
    let links = (0..count)
        .map(|_| take_key(input))
        .collect::<io::Result<_>>()?;
    Ok(Some(Packed {
        key,
        offset,
        length,
        links,
    }))
}

fn take_key(input: &mut impl Read) -> io::Result<ContentKey> {
    let [length] = take(input)?;
    let mut key = vec![0; length.into()];
    input.read_exact(&mut key)?;
    Ok(ContentKey::from_bytes(key))
}

fn take<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads the heads of a pack's blocks, one after the other.
pub(super) struct PackScan {
    input: BufReader<File>,
    position: u64,
}

impl PackScan {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut input = BufReader::new(File::open(path)?);
        if take(&mut input)? != *MAGIC {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not a pack file",
            ));
        }
        Ok(Self {
            input,
            position: MAGIC.len() as u64,
        })
    }

    /// The next block's key, offset and length; the block itself is skipped.
    pub(super) fn next(&mut self) -> io::Result<Option<(ContentKey, u64, u32)>> {
        if io::BufRead::fill_buf(&mut self.input)?.is_empty() {
            return Ok(None);
        }
        let length = u32::from_le_bytes(take(&mut self.input)?);
        let key_length = u16::from_le_bytes(take(&mut self.input)?);
        let mut key = vec![0; key_length.into()];
        self.input.read_exact(&mut key)?;
        let offset = self.position + ENTRY_HEAD + u64::from(key_length);
        self.position = offset + u64::from(length);
        self.input.seek_relative(length.into())?;
        Ok(Some((ContentKey::from_bytes(key), offset, length)))
    }
}

pub(super) fn path_of(folder: &Path, id: u64) -> PathBuf {
    folder.join(format!("{id:016x}.pack"))
}

/// What a file in the blocks folder is.
pub(super) enum PackFile {
    /// The pack of this number.
    Blocks(u64),
    /// The index of a pack that is being written.
    Index,
}

/// What a file is by its name, or none where it isn't the store's.
pub(super) fn kind_of(path: &Path) -> Option<PackFile> {
    let id = u64::from_str_radix(path.file_stem()?.to_str()?, 16).ok()?;
    match path.extension()?.to_str()? {
        "pack" => Some(PackFile::Blocks(id)),
        "index" => Some(PackFile::Index),
        _ => None,
    }
}
