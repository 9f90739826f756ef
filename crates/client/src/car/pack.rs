//! Packs local content into a CAR, piece by piece.

use std::{io, path::PathBuf};

use bytes::Bytes;
use w3pin_car::{header, section_head};
use w3pin_core::{Error, ErrorKind, Result};
use w3pin_dag::{BlockIndex, BlockIndexBuilder, CarBlocks, Key, Marked, Place, Spool};
use w3pin_unixfs::{Block, BlockSink, Cid, DecodeError, FileBuilder, Kind, Profile, decode};

use super::{
    PackedCar,
    source::{Chunks, Source},
};
use crate::{CidOptions, Content, import::import};

/// The CAR of local content, generated on demand: a header with the root, then all blocks, depth
/// first and each once.
///
/// The content is read twice: first to compute the root CID, which comes first in the file, then
/// for the chunks of its files. Blocks with links, which are about 0.005 % of the content, are
/// stored in between.
pub(super) struct CarPieces {
    source: Source,
    profile: Profile,
    blocks: Spool,
    index: BlockIndex,
    sent: Marked,
    /// What remains to be walked, the deepest last.
    levels: Vec<Level>,
    /// The file that is being read.
    file: Option<Chunks>,
    root: Option<Wanted>,
    header: Option<Bytes>,
    packed: PackedCar,
}

/// What remains of a block with links.
enum Level {
    Folder(std::vec::IntoIter<(Cid, String)>),
    File(std::vec::IntoIter<(Cid, Part)>),
}

/// A part of the file that is being read.
#[derive(Clone, Copy)]
struct Part {
    offset: u64,
    size: u64,
}

struct Wanted {
    cid: Cid,
    what: What,
}

enum What {
    /// The content at this path, which can include more shards of a folder.
    Entry(String),
    Part(Part),
}

/// Marks blocks that aren't stored, since they are chunks of files.
const CHUNK: Place = Place {
    offset: u64::MAX,
    length: 0,
};

impl CarPieces {
    /// Computes the CID of the content. `folder` has space for temporary files.
    pub(super) fn new(
        content: Content,
        options: &CidOptions,
        folder: Option<PathBuf>,
    ) -> Result<Self> {
        let mut kept = Kept {
            blocks: Spool::new(folder.clone()),
            index: BlockIndexBuilder::new(Spool::new(folder), CarBlocks::HELD),
        };
        let root = import(content.clone(), options, &mut kept)?;
        kept.link(&root.cid).map_err(unkept)?;
        let source = Source::new(&content, options.walk.symlinks)?;
        let cid = root.cid;
        Ok(Self {
            source,
            profile: options.profile,
            blocks: kept.blocks,
            index: kept.index.finish(),
            sent: Marked::default(),
            levels: Vec::new(),
            file: None,
            root: Some(Wanted {
                cid,
                what: What::Entry(String::new()),
            }),
            header: Some(header(&[cid]).into()),
            packed: PackedCar {
                cid: cid.into(),
                blocks: 0,
                bytes: 0,
            },
        })
    }

    /// Returns what has been packed so far, which is everything after the last piece.
    pub(super) fn packed(self) -> PackedCar {
        self.packed
    }

    /// Returns the next piece, or `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>> {
        if let Some(header) = self.header.take() {
            self.packed.bytes += header.len() as u64;
            return Ok(Some(header));
        }
        while let Some(wanted) = self.root.take().or_else(|| self.next_link()) {
            let found = self.index.find(Key::of_node(&wanted.cid)).map_err(unkept)?;
            let (number, place) = found.ok_or_else(lost)?;
            if !self.sent.insert(number) {
                continue;
            }
            let cid = wanted.cid;
            let block = if place == CHUNK {
                self.chunk(wanted)?
            } else {
                self.with_links(wanted, place)?
            };
            let mut piece = section_head(&cid, block.len());
            piece.extend_from_slice(&block);
            self.packed.blocks += 1;
            self.packed.bytes += piece.len() as u64;
            return Ok(Some(piece.into()));
        }
        Ok(None)
    }

    fn next_link(&mut self) -> Option<Wanted> {
        loop {
            let next = match self.levels.last_mut()? {
                Level::Folder(links) => links.next().map(|(cid, path)| (cid, What::Entry(path))),
                Level::File(links) => links.next().map(|(cid, part)| (cid, What::Part(part))),
            };
            if let Some((cid, what)) = next {
                return Some(Wanted { cid, what });
            }
            self.levels.pop();
        }
    }

    /// Returns a stored block, whose links come next.
    fn with_links(&mut self, wanted: Wanted, place: Place) -> Result<Vec<u8>> {
        let mut block = vec![0; place.length as usize];
        self.blocks.read(place.offset, &mut block).map_err(unkept)?;
        let node = decode(&wanted.cid, &block).map_err(unreadable)?;
        let level = match (node.kind(), wanted.what) {
            (Kind::Directory | Kind::HamtShard, What::Entry(above)) => {
                let is_shard = node.kind() == Kind::HamtShard;
                let links = node.links().iter().map(|link| {
                    // Names are preceded by the two digits of their bucket; those of shards consist
                    // of only these.
                    let name = link.name.get(2..).filter(|_| is_shard);
                    let path = match name.unwrap_or(link.name) {
                        "" => above.clone(),
                        name if above.is_empty() => name.to_owned(),
                        name => format!("{above}/{name}"),
                    };
                    (link.cid, path)
                });
                Level::Folder(links.collect::<Vec<_>>().into_iter())
            }
            (Kind::File, what) => {
                let mut offset = match what {
                    What::Entry(path) => {
                        self.file = Some(self.source.open(&path)?);
                        0
                    }
                    What::Part(part) => part.offset,
                };
                let links = node.children().map(|(link, size)| {
                    let part = Part { offset, size };
                    offset += size;
                    (link.cid, part)
                });
                Level::File(links.collect::<Vec<_>>().into_iter())
            }
            _ => return Ok(block),
        };
        self.levels.push(level);
        Ok(block)
    }

    /// Returns a block that is a chunk of a file.
    fn chunk(&mut self, wanted: Wanted) -> Result<Vec<u8>> {
        let (file, bytes) = match wanted.what {
            What::Entry(path) => {
                let file = self.file.insert(self.source.open(&path)?);
                let bytes = file.read(0, self.profile.chunk_size())?;
                (file, bytes)
            }
            What::Part(Part { offset, size }) => {
                let file = self.file.as_mut().ok_or_else(lost)?;
                let size = usize::try_from(size).map_err(|_| lost())?;
                let bytes = file.read(offset, size)?;
                (file, bytes)
            }
        };
        let mut chunk = FileBuilder::with_sink(&self.profile, Only::default());
        let made = chunk.update(&bytes).and_then(|()| chunk.finish());
        match made {
            Ok((node, Only(block))) if node.cid == wanted.cid => Ok(block),
            _ => Err(file.changed()),
        }
    }
}

/// The stored part of an import: blocks with links, and which others exist.
struct Kept {
    blocks: Spool,
    index: BlockIndexBuilder,
}

impl Kept {
    /// Records a block that may be a chunk.
    fn link(&mut self, cid: &Cid) -> io::Result<()> {
        self.index.add(Key::of_node(cid), CHUNK)
    }
}

impl BlockSink for Kept {
    type Error = io::Error;

    fn put(&mut self, block: Block<'_>) -> io::Result<()> {
        let bytes = block.to_vec();
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let offset = self.blocks.append(&bytes)?;
        let place = Place { offset, length };
        self.index.add(Key::of_node(&block.cid), place)?;
        block.links().iter().try_for_each(|cid| self.link(cid))
    }
}

/// The only block of a chunk.
#[derive(Default)]
struct Only(Vec<u8>);

impl BlockSink for Only {
    type Error = io::Error;

    fn put(&mut self, block: Block<'_>) -> io::Result<()> {
        self.0 = block.to_vec();
        Ok(())
    }
}

fn unkept(cause: io::Error) -> Error {
    let reason = format!("blocks can't be stored temporarily ({cause})");
    Error::new(ErrorKind::LocalIo, reason).with_source(cause)
}

/// A custom profile may produce blocks that are too large for any service.
fn unreadable(cause: DecodeError) -> Error {
    match cause {
        DecodeError::TooLarge(length) => {
            let reason =
                format!("it produces a block of {length} bytes, larger than any service accepts");
            Error::invalid_input("profile", reason)
        }
        _ => lost(),
    }
}

fn lost() -> Error {
    Error::new(ErrorKind::LocalIo, "blocks of the content were lost")
}
