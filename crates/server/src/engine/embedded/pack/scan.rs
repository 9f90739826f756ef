use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use super::{FIRST_MAGIC, HEADER, Origin, checksum, is_plausible};
use crate::content_key::ContentKey;

/// A block in a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: ContentKey,
    pub(crate) offset: u64,
    pub(crate) length: u32,
}

/// Why a pack can't be read further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScanError {
    #[error("it can't be read: {0}")]
    Io(#[from] io::Error),
    #[error("unexpected data at byte {0}")]
    Odd(u64),
}

/// Reads the entry headers of a pack, one after the other.
pub(crate) struct PackScan {
    input: BufReader<File>,
    length: u64,
    /// The position of the next header.
    position: u64,
    has_checksums: bool,
}

impl PackScan {
    pub(crate) fn open(path: &Path) -> Result<Self, ScanError> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut scan = Self {
            input: BufReader::with_capacity(16 << 10, file),
            length,
            position: 0,
            has_checksums: true,
        };
        let header = scan.peek()?.unwrap_or([0; HEADER]);
        if Origin::parse(&header).is_some() {
            scan.position = HEADER as u64;
        } else if scan.peek()?.is_some_and(|magic| magic == *FIRST_MAGIC) {
            scan.position = FIRST_MAGIC.len() as u64;
            scan.has_checksums = false;
        } else {
            return Err(ScanError::Odd(0));
        }
        scan.input.seek(SeekFrom::Start(scan.position))?;
        Ok(scan)
    }

    /// Returns the bytes at the position, or `None` if the file ends before.
    fn peek<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut bytes = [0; N];
        self.input.seek(SeekFrom::Start(self.position))?;
        match self.input.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Returns the next entry without reading its block. After an error there are no more.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, ScanError> {
        if self.position == self.length {
            return Ok(None);
        }
        let position = self.position;
        let entry = self.entry().map_err(|cause| match cause.kind() {
            io::ErrorKind::UnexpectedEof => ScanError::Odd(position),
            _ => ScanError::Io(cause),
        })?;
        let entry = entry.ok_or(ScanError::Odd(position))?;
        self.input.seek_relative(entry.length.into())?;
        self.position = entry.offset + u64::from(entry.length);
        Ok(Some(entry))
    }

    fn entry(&mut self) -> io::Result<Option<Entry>> {
        let mut expected = [0; 4];
        if self.has_checksums {
            self.input.read_exact(&mut expected)?;
        }
        let mut lengths = [0; 6];
        self.input.read_exact(&mut lengths)?;
        let [a, b, c, d, e, f] = lengths;
        let (length, key_length) = (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f]));
        if !is_plausible(key_length.into(), length) {
            return Ok(None);
        }
        let mut head = lengths.to_vec();
        head.resize(6 + usize::from(key_length), 0);
        self.input.read_exact(&mut head[6..])?;
        let key = ContentKey::from_bytes(head[6..].to_vec());
        let is_right = if self.has_checksums {
            checksum(self.position, &head) == u32::from_le_bytes(expected)
        } else {
            key.to_cid().is_ok()
        };
        let head_bytes = head.len() + if self.has_checksums { 4 } else { 0 };
        let offset = self.position + head_bytes as u64;
        let is_whole = offset + u64::from(length) <= self.length;
        Ok((is_right && is_whole).then_some(Entry {
            key,
            offset,
            length,
        }))
    }

    /// Skips invalid data up to the next header with a valid checksum. Returns whether there is
    /// one.
    pub(crate) fn skip_odd(&mut self) -> io::Result<bool> {
        if !self.has_checksums {
            return Ok(false);
        }
        if self.position < HEADER as u64 {
            self.position = HEADER as u64;
        }
        let mut next = self.position + 1;
        // The search reads pieces that overlap by the longest header.
        let mut piece = vec![0; 256 << 10];
        while next < self.length {
            self.input.seek(SeekFrom::Start(next))?;
            let count = read_up_to(&mut self.input, &mut piece)?;
            for at in 0..count.saturating_sub(10) {
                if is_head(next + at as u64, &piece[at..count]) {
                    self.position = next + at as u64;
                    self.input.seek(SeekFrom::Start(self.position))?;
                    return Ok(true);
                }
            }
            if count < piece.len() {
                return Ok(false);
            }
            next += (count - 128) as u64;
        }
        Ok(false)
    }

    /// Starts a scan of a file whose header can't be read, at the first valid entry.
    pub(crate) fn salvage(path: &Path) -> Result<Option<Self>, ScanError> {
        match Self::open(path) {
            Err(ScanError::Odd(_)) => {
                let file = File::open(path)?;
                let length = file.metadata()?.len();
                let mut scan = Self {
                    input: BufReader::new(file),
                    length,
                    position: 0,
                    has_checksums: true,
                };
                let found = scan.begin_at_header()? || scan.skip_odd()?;
                Ok(found.then_some(scan))
            }
            scan => scan.map(Some),
        }
    }

    fn begin_at_header(&mut self) -> io::Result<bool> {
        self.position = HEADER as u64;
        self.input.seek(SeekFrom::Start(self.position))?;
        let found = matches!(self.entry(), Ok(Some(_)));
        self.input.seek(SeekFrom::Start(self.position))?;
        Ok(found)
    }
}

fn is_head(position: u64, bytes: &[u8]) -> bool {
    let Some((expected, rest)) = bytes.split_first_chunk() else {
        return false;
    };
    let [a, b, c, d, e, f, ..] = *rest else {
        return false;
    };
    let (length, key_length) = (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f]));
    is_plausible(key_length.into(), length)
        && rest
            .get(..6 + usize::from(key_length))
            .is_some_and(|head| checksum(position, head) == u32::from_le_bytes(*expected))
}

fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match input.read(&mut buffer[count..])? {
            0 => break,
            more => count += more,
        }
    }
    Ok(count)
}
