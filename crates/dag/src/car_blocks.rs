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

/// The number of bytes to read at a time.
const BUFFER: usize = 1 << 20;

/// A CAR file with an index of its blocks. The blocks aren't verified against their CIDs.
pub struct CarBlocks {
    file: File,
    header: Header,
    index: BlockIndex,
    blocks: u64,
    bytes: u64,
}

/// Indexes the blocks of a CAR while its bytes arrive.
pub struct CarBlocksBuilder {
    decoder: CarDecoder,
    header: Option<Header>,
    index: BlockIndexBuilder,
    blocks: u64,
}

/// Why the blocks of a CAR can't be indexed or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CarBlocksError {
    /// It isn't a CAR, or is truncated.
    #[error(transparent)]
    Car(#[from] CarError),
    /// The file can't be read.
    #[error("the CAR can't be read ({0})")]
    Unreadable(#[source] io::Error),
    /// The index can't be stored.
    #[error("the index of the CAR's blocks can't be stored ({0})")]
    Unkept(#[source] io::Error),
}

impl CarBlocksBuilder {
    /// Creates a builder that stores the index in `spool`, and up to `held` entries in memory,
    /// which take 32 bytes each.
    #[must_use]
    pub fn new(spool: Spool, held: usize) -> Self {
        Self {
            decoder: CarDecoder::new(),
            header: None,
            index: BlockIndexBuilder::new(spool, held),
            blocks: 0,
        }
    }

    /// Adds the next bytes of the CAR.
    pub fn push(&mut self, bytes: Bytes) {
        self.decoder.push(bytes);
    }

    /// Indexes and returns the next complete block, or `None` if more bytes are needed.
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
                    // A block with an identity hash is contained in its CID.
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

    /// Returns the header, once it has arrived.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Returns the memory in use, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.decoder.held() + self.index.memory()
    }

    /// Returns the blocks of the CAR, which is stored in `file`.
    ///
    /// # Errors
    /// [`CarBlocksError::Car`] if it is truncated.
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
    /// The number of entries that [`read`](Self::read) keeps in memory, which take 32 MiB.
    pub const HELD: usize = 1 << 20;

    /// Reads a CAR file once to index its blocks.
    ///
    /// # Errors
    /// If it can't be read, isn't a CAR or is truncated.
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

    /// Returns the header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the number of blocks, counting repeated ones each time.
    #[must_use]
    pub fn block_count(&self) -> u64 {
        self.blocks
    }

    /// Returns the number of bytes, up to the end of the last block.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the file.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Returns the memory of the index, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.index.memory()
    }

    /// Returns the first location of a block, and its number among all. A block with an identity hash has no
    /// location.
    ///
    /// # Errors
    /// [`CarBlocksError::Unkept`] if the temporary file can't be read.
    pub fn find(&self, cid: &Cid) -> Result<Option<(u64, Place)>, CarBlocksError> {
        let found = self.index.find(Key::of_bytes(cid));
        found.map_err(CarBlocksError::Unkept)
    }

    /// Returns the bytes at a location.
    ///
    /// # Errors
    /// [`CarBlocksError::Unreadable`].
    pub fn bytes_at(&self, place: Place) -> Result<Bytes, CarBlocksError> {
        let mut bytes = vec![0; place.length as usize];
        read_exact_at(&self.file, &mut bytes, place.offset).map_err(CarBlocksError::Unreadable)?;
        Ok(bytes.into())
    }

    /// Returns the bytes of a block, taken from its CID if that contains them.
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

    /// Reads the file again, block by block.
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

/// Reads a file from its start, independent of other readers.
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
