//! The blocks of a body: large, even if the files in them are small.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use w3pin_core::Multipart;

/// The size of a block: two usual chunks, so that chunks are hashed two at a time in place, and
/// small enough that several blocks need little memory.
pub(super) const BLOCK: usize = 512 * 1024;

/// Returns the block size for this upload: no larger than its body, and half if no file has more
/// than one chunk, since there are no pairs to hash.
pub(super) fn block_size(plan: &Multipart) -> usize {
    let one_chunk = |length| length <= BLOCK as u64 / 2;
    let small = plan
        .parts()
        .iter()
        .all(|part| part.length().is_some_and(one_chunk));
    let usual = if small { BLOCK / 2 } else { BLOCK };
    let body = plan.content_length().unwrap_or(u64::MAX);
    usize::try_from(body).unwrap_or(usize::MAX).min(usual)
}

/// A complete block.
pub(super) struct Packed {
    pub(super) bytes: Bytes,
    /// The content in it, in order.
    pub(super) pieces: Vec<Piece>,
    /// The latest file that has started.
    pub(super) file: usize,
}

/// Bytes of a file.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) range: Range<usize>,
    /// The file that ends with this piece.
    pub(super) ends: Option<usize>,
}

/// Fills blocks, whose memory is reused when all users have dropped them.
pub(super) struct Packer {
    pool: Arc<Pool>,
    buffer: Option<Box<[u8]>>,
    filled: usize,
    pieces: Vec<Piece>,
    file: usize,
}

impl Packer {
    /// Creates blocks of this size.
    pub(super) fn new(size: usize) -> Self {
        Self {
            pool: Arc::new(Pool {
                size: size.max(1),
                free: Mutex::default(),
            }),
            buffer: None,
            filled: 0,
            pieces: Vec::new(),
            file: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.filled == 0 && self.pieces.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.filled == self.pool.size
    }

    /// Returns the buffer to write to.
    pub(super) fn room(&mut self) -> &mut [u8] {
        let buffer = self.buffer.get_or_insert_with(|| self.pool.take());
        &mut buffer[self.filled..]
    }

    /// Takes as many of these non-content bytes as fit. Returns how many.
    pub(super) fn separator(&mut self, bytes: &[u8]) -> usize {
        let room = self.room();
        let length = bytes.len().min(room.len());
        room[..length].copy_from_slice(&bytes[..length]);
        self.filled += length;
        length
    }

    /// Starts a file.
    pub(super) fn begin(&mut self, file: usize) {
        self.file = file;
    }

    /// Records that this many bytes of content were written to the buffer.
    pub(super) fn content(&mut self, length: usize) {
        let start = self.filled;
        self.filled += length;
        match self.pieces.last_mut() {
            Some(piece) if piece.ends.is_none() && piece.range.end == start => {
                piece.range.end = self.filled;
            }
            _ => self.pieces.push(Piece {
                range: start..self.filled,
                ends: None,
            }),
        }
    }

    /// Ends the file.
    pub(super) fn end(&mut self) {
        match self.pieces.last_mut() {
            Some(piece) if piece.ends.is_none() => piece.ends = Some(self.file),
            _ => self.pieces.push(Piece {
                range: self.filled..self.filled,
                ends: Some(self.file),
            }),
        }
    }

    /// Ends the block.
    pub(super) fn take(&mut self) -> Packed {
        let bytes = self.buffer.take().map_or_else(Bytes::new, |buffer| {
            Bytes::from_owner(Lent {
                buffer,
                filled: self.filled,
                pool: Arc::clone(&self.pool),
            })
        });
        self.filled = 0;
        Packed {
            bytes,
            pieces: std::mem::take(&mut self.pieces),
            file: self.file,
        }
    }
}

struct Pool {
    size: usize,
    free: Mutex<Vec<Box<[u8]>>>,
}

impl Pool {
    fn take(&self) -> Box<[u8]> {
        let free = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        free.unwrap_or_else(|| vec![0; self.size].into())
    }
}

/// Memory borrowed from the pool.
struct Lent {
    buffer: Box<[u8]>,
    filled: usize,
    pool: Arc<Pool>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        let mut free = self
            .pool
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        free.push(buffer);
    }
}
