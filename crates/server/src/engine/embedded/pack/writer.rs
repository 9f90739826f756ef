use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    ops::Range,
    path::{Path, PathBuf},
};

use cid::Cid;

use super::{Origin, PackFile, entry_head};
use crate::{content_key::ContentKey, folder::sync_folder};

/// Larger blocks are written at once; smaller ones are buffered.
const WRITE_BUFFER: usize = 128 << 10;
/// The number of bytes after which write-back to the disk is started.
const WRITE_OUT: u64 = 2 << 20;
/// The number of recent keys to remember, so that repeated content is written once.
const RECENT_KEYS: usize = 2048;
/// The bytes of the index to keep in memory.
const INDEX_BUFFER: usize = 64 << 10;

/// Writes a pack, and deletes it unless it is [kept](Self::keep).
#[derive(Debug)]
pub(crate) struct PackWriter {
    id: u64,
    folder: PathBuf,
    path: PathBuf,
    file: BufWriter<File>,
    position: u64,
    /// The position up to which write-back was started.
    written_out: u64,
    recent: HashSet<ContentKey>,
    index: Index,
    weight: usize,
    kept: bool,
}

/// A block that was written but isn't listed yet.
#[derive(Debug)]
pub(crate) struct Unlisted {
    line: Vec<u8>,
    weight: usize,
}

/// A block in a pack and its links.
pub(crate) struct Packed {
    pub(crate) key: ContentKey,
    pub(crate) offset: u64,
    pub(crate) length: u32,
    pub(crate) links: Vec<ContentKey>,
}

impl PackWriter {
    pub(crate) fn create(folder: &Path, id: u64, origin: Origin) -> io::Result<Self> {
        let path = PackFile::Part(id).path_in(folder);
        let mut file = BufWriter::with_capacity(WRITE_BUFFER, File::create_new(&path)?);
        let header = origin.header();
        file.write_all(&header)?;
        let index = Index {
            path: PackFile::Index(id).path_in(folder),
            memory: Vec::new(),
            file: None,
        };
        Ok(Self {
            id,
            folder: folder.to_owned(),
            path,
            file,
            position: header.len() as u64,
            written_out: 0,
            recent: HashSet::new(),
            index,
            weight: 0,
            kept: false,
        })
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.position
    }

    /// Returns the number of blocks and links.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    /// Appends a block and returns its offset.
    pub(crate) fn append(&mut self, key: &ContentKey, parts: &[&[u8]]) -> io::Result<u64> {
        let length = block_length(parts)?;
        let head = entry_head(self.position, key, length)?;
        self.file.write_all(&head)?;
        for part in parts {
            self.file.write_all(part)?;
        }
        let offset = self.position + head.len() as u64;
        self.position = offset + u64::from(length);
        if self.position - self.written_out >= WRITE_OUT {
            begin_to_write(self.file.get_ref(), self.written_out..self.position);
            self.written_out = self.position;
        }
        Ok(offset)
    }

    /// Appends a block and lists it, unless it was written recently.
    pub(crate) fn put(&mut self, cid: &Cid, parts: &[&[u8]], links: &[Cid]) -> io::Result<()> {
        let key = ContentKey::of(cid);
        if self.recent.contains(&key) {
            return Ok(());
        }
        let block = self.write(&key, parts, links)?;
        self.list(&block)?;
        if self.recent.len() == RECENT_KEYS {
            self.recent.clear();
        }
        self.recent.insert(key);
        Ok(())
    }

    /// Appends a block that must be [listed](Self::list) after its children.
    pub(crate) fn write(
        &mut self,
        key: &ContentKey,
        parts: &[&[u8]],
        links: &[Cid],
    ) -> io::Result<Unlisted> {
        let offset = self.append(key, parts)?;
        Ok(Unlisted {
            line: index_line(key, offset, block_length(parts)?, links)?,
            weight: 1 + links.len(),
        })
    }

    /// Adds a block to the list of the pack's blocks.
    pub(crate) fn list(&mut self, block: &Unlisted) -> io::Result<()> {
        self.index.push(&block.line)?;
        self.weight += block.weight;
        Ok(())
    }

    /// Makes the file and its name durable.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()?;
        sync_folder(&self.folder)
    }

    /// Returns the blocks in the order in which they were listed.
    pub(crate) fn packed(&mut self) -> io::Result<impl Iterator<Item = io::Result<Packed>> + '_> {
        self.index.entries()
    }

    /// Keeps the file, which now belongs to the records.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }

    /// Renames the pack once its transaction is durable. If the new name isn't durable, the next
    /// start repairs it.
    pub(crate) fn committed(&self) {
        let pack = PackFile::Pack(self.id).path_in(&self.folder);
        if let Err(cause) = fs::rename(&self.path, pack) {
            tracing::warn!(%cause, path = %self.path.display(), "failed to rename a pack");
        }
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

/// Starts writing a part of a file to the disk without waiting for it. Otherwise the final sync of
/// a large pack would write most of it at once, and the syncs of all others would queue behind it.
fn begin_to_write(file: &File, part: Range<u64>) {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Advice, fadvise};

        // Pages that aren't needed can be evicted later; they stay in memory until they are
        // written.
        let length = std::num::NonZero::new(part.end - part.start);
        let _ = fadvise(file, part.start, length, Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, part);
}

fn block_length(parts: &[&[u8]]) -> io::Result<u32> {
    u32::try_from(parts.iter().map(|part| part.len()).sum::<usize>()).map_err(io::Error::other)
}

/// The entries of a pack: in memory while there are few, and in a file next to the pack when there
/// are more.
#[derive(Debug)]
struct Index {
    path: PathBuf,
    memory: Vec<u8>,
    file: Option<File>,
}

impl Index {
    fn push(&mut self, line: &[u8]) -> io::Result<()> {
        self.memory.extend_from_slice(line);
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

/// Encodes an index entry.
fn index_line(key: &ContentKey, offset: u64, length: u32, links: &[Cid]) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    put_key(&mut line, key);
    line.extend_from_slice(&offset.to_le_bytes());
    line.extend_from_slice(&length.to_le_bytes());
    let count = u32::try_from(links.len()).map_err(io::Error::other)?;
    line.extend_from_slice(&count.to_le_bytes());
    for link in links {
        put_key(&mut line, &ContentKey::of(link));
    }
    Ok(line)
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
