use std::collections::VecDeque;

use bytes::{Buf, Bytes};

/// Bytes that were pushed and not yet taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input {
    pieces: VecDeque<Bytes>,
    /// The part that is being put together, since it lies in more than one piece.
    part: Vec<u8>,
}

impl Input {
    pub(crate) fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.pieces.push_back(piece);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.part.is_empty()
    }

    /// What lies in memory.
    pub(crate) fn held(&self) -> usize {
        let waiting: usize = self.pieces.iter().map(Bytes::len).sum();
        waiting + self.part.capacity()
    }

    pub(crate) fn take_byte(&mut self) -> Option<u8> {
        let piece = self.pieces.front_mut()?;
        let byte = piece.get_u8();
        self.drop_empty();
        Some(byte)
    }

    /// So many bytes, when they have come: where they lie in one piece a view of it, else a copy. The copy
    /// grows with what comes.
    pub(crate) fn take(&mut self, length: usize) -> Option<Bytes> {
        if self.part.is_empty() {
            if length == 0 {
                return Some(Bytes::new());
            }
            let piece = self.pieces.front_mut()?;
            if piece.len() >= length {
                let taken = piece.split_to(length);
                self.drop_empty();
                return Some(taken);
            }
        }
        while let Some(missing) = length.checked_sub(self.part.len()).filter(|it| *it > 0) {
            let piece = self.pieces.front_mut()?;
            let piece = piece.split_to(missing.min(piece.len()));
            self.drop_empty();
            if self.part.capacity() - self.part.len() < piece.len() {
                // Doubled, but not beyond what the part will have.
                let more = self.part.len().max(piece.len()).min(missing);
                self.part.reserve_exact(more);
            }
            self.part.extend_from_slice(&piece);
        }
        Some(std::mem::take(&mut self.part).into())
    }

    /// Drops up to so many bytes; gives how many that were.
    pub(crate) fn skip(&mut self, most: u64) -> u64 {
        let mut left = most;
        while left > 0
            && let Some(piece) = self.pieces.front_mut()
        {
            let length = usize::try_from(left).map_or(piece.len(), |left| left.min(piece.len()));
            piece.advance(length);
            left -= length as u64;
            self.drop_empty();
        }
        most - left
    }

    fn drop_empty(&mut self) {
        if self.pieces.front().is_some_and(Bytes::is_empty) {
            self.pieces.pop_front();
        }
    }
}
