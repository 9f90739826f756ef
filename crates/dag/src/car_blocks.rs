//! The blocks of a CAR.

use std::{
    fs::File,
    io::{self, BufReader, Read},
};

use bytes::Bytes;
use thiserror::Error;
use w3pin_car::{CarDecoder, CarError, CarItem, CarReader, Header};
use w3pin_unixfs::{Cid, IDENTITY};

use crate::{
    block_index::{BlockIndex, BlockIndexBuilder, Key, Place},
    spool::{Spool, read_at, read_exact_at},
};

/// How much is read at a time.
const BUFFER: usize = 1 << 20;

/// A CAR file whose blocks are found by their CIDs. That a block is the one its CID names isn't checked.
pub struct CarBlocks {
    file: File,
    header: Header,
    index: BlockIndex,
    blocks: u64,
    bytes: u64,
}

/// Notes where the blocks of a CAR are, as its bytes come.
pub struct CarBlocksBuilder {
    decoder: CarDecoder,
    header: Option<Header>,
    index: BlockIndexBuilder,
    blocks: u64,
}

/// Why the blocks of a CAR can't be found.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CarBlocksError {
    /// It isn't a CAR, or is cut off.
    #[error(transparent)]
    Car(#[from] CarError),
    /// The file can't be read.
    #[error("the CAR can't be read ({0})")]
    Unreadable(#[source] io::Error),
    /// There is no room for what was found out.
    #[error("no room to note where the blocks of the CAR are ({0})")]
    Unkept(#[source] io::Error),
}

impl CarBlocksBuilder {
    /// Keeps notes in `spool`, and up to so many of them in memory, which takes 32 bytes for each.
    #[must_use]
    pub fn new(spool: Spool, held: usize) -> Self {
        Self {
            decoder: CarDecoder::new(),
            header: None,
            index: BlockIndexBuilder::new(spool, held),
            blocks: 0,
        }
    }

    /// Takes the next bytes of the CAR.
    pub fn push(&mut self, bytes: Bytes) {
        self.decoder.push(bytes);
    }

    /// Notes the next block that is whole, and gives it. None means that more bytes are needed.
    ///
    /// # Errors
    /// The first thing that is wrong with the CAR, and if there is no room.
    pub fn next_block(&mut self) -> Result<Option<(Cid, Bytes)>, CarBlocksError> {
        loop {
            match self.decoder.next()? {
                None => return Ok(None),
                Some(CarItem::Header(header)) => self.header = Some(header),
                Some(CarItem::Block { cid, bytes }) => {
                    self.blocks += 1;
                    // One with an identity hash is read out of its CID.
                    if cid.hash().code() != IDENTITY {
                        let place = Place {
                            offset: self.decoder.offset() - bytes.len() as u64,
                            length: bytes.len() as u32,
                        };
                        let noted = self.index.add(Key::of_bytes(&cid), place);
                        noted.map_err(CarBlocksError::Unkept)?;
                    }
                    return Ok(Some((cid, bytes)));
                }
            }
        }
    }

    /// What the CAR says of itself, once that has come.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The memory that this takes, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.decoder.held() + self.index.memory()
    }

    /// The blocks of the CAR, all of which is in `file`.
    ///
    /// # Errors
    /// [`CarBlocksError::Car`] if it is cut off.
    pub fn finish(self, file: File) -> Result<CarBlocks, CarBlocksError> {
        self.decoder.finish()?;
        Ok(CarBlocks {
            file,
            bytes: self.decoder.offset(),
            header: self.header.ok_or(CarError::Empty)?,
            index: self.index.finish(),
            blocks: self.blocks,
        })
    }
}

impl CarBlocks {
    /// The entries of an index that [`read`](Self::read) holds in memory, which takes 32 MiB.
    pub const HELD: usize = 1 << 20;

    /// Reads a CAR file once to find out where its blocks are.
    ///
    /// # Errors
    /// If it can't be read, isn't a CAR or is cut off.
    pub fn read(file: File) -> Result<Self, CarBlocksError> {
        let mut blocks = CarBlocksBuilder::new(Spool::new(None), Self::HELD);
        let mut offset = 0;
        loop {
            let mut bytes = vec![0; BUFFER];
            let read = match read_at(&file, &mut bytes, offset) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                read => read.map_err(CarBlocksError::Unreadable)?,
            };
            if read == 0 {
                return blocks.finish(file);
            }
            bytes.truncate(read);
            offset += read as u64;
            blocks.push(bytes.into());
            while blocks.next_block()?.is_some() {}
        }
    }

    /// What the CAR says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many blocks it has, one that is repeated counted each time.
    #[must_use]
    pub fn block_count(&self) -> u64 {
        self.blocks
    }

    /// Its bytes, up to the end of the last block.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The memory that finding its blocks takes, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.index.memory()
    }

    /// Where a block is, of several places the first, and its number among all. One with an identity hash is
    /// nowhere.
    ///
    /// # Errors
    /// [`CarBlocksError::Unkept`] if the temporary file can't be read.
    pub fn find(&self, cid: &Cid) -> Result<Option<(u64, Place)>, CarBlocksError> {
        let found = self.index.find(Key::of_bytes(cid));
        found.map_err(CarBlocksError::Unkept)
    }

    /// The bytes at a place.
    ///
    /// # Errors
    /// [`CarBlocksError::Unreadable`].
    pub fn bytes_at(&self, place: Place) -> Result<Bytes, CarBlocksError> {
        let mut bytes = vec![0; place.length as usize];
        read_exact_at(&self.file, &mut bytes, place.offset).map_err(CarBlocksError::Unreadable)?;
        Ok(bytes.into())
    }

    /// The bytes of a block, out of its CID where that holds them.
    ///
    /// # Errors
    /// The errors of [`find`](Self::find) and [`bytes_at`](Self::bytes_at).
    pub fn block(&self, cid: &Cid) -> Result<Option<Bytes>, CarBlocksError> {
        if cid.hash().code() == IDENTITY {
            return Ok(Some(Bytes::copy_from_slice(cid.hash().digest())));
        }
        let found = self.find(cid)?;
        found.map(|(_, place)| self.bytes_at(place)).transpose()
    }

    /// Reads the file once more, block by block.
    ///
    /// # Errors
    /// The errors of [`CarReader::open`].
    pub fn reader(&self) -> io::Result<CarReader<impl io::BufRead + '_>> {
        let file = FromStart {
            file: &self.file,
            offset: 0,
        };
        CarReader::open(BufReader::with_capacity(BUFFER, file))
    }
}

/// A file from its beginning, whoever else reads it.
struct FromStart<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = read_at(self.file, bytes, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}
