use std::ops::Range;

/// The unit of SHA-256: 64 bytes.
pub(crate) type Block = [u8; 64];

/// The blocks of a padded message, as many at a time as are contiguous.
///
/// They are borrowed from the message's parts; only blocks that span two parts, and the last ones
/// with the padding, are copied.
pub(crate) struct Blocks<'a> {
    parts: &'a [&'a [u8]],
    /// The rest of the current part.
    part: &'a [u8],
    /// The blocks that aren't contiguous in the message.
    copied: [Block; 2],
    /// The blocks of `copied` that come next.
    pending: Range<usize>,
    bits: u64,
    padded: bool,
}

impl<'a> Blocks<'a> {
    pub(crate) fn new(parts: &'a [&'a [u8]]) -> Self {
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        let mut blocks = Self {
            parts,
            part: &[],
            copied: [[0; 64]; 2],
            pending: 0..0,
            bits: 8 * bytes as u64,
            padded: false,
        };
        blocks.refill();
        blocks
    }

    /// Returns the next blocks; none at the end of the message.
    pub(crate) fn next(&self) -> &[Block] {
        if self.pending.is_empty() {
            self.part.as_chunks().0
        } else {
            &self.copied[self.pending.clone()]
        }
    }

    /// Skips `count` of the blocks that [`next`](Self::next) returned.
    pub(crate) fn advance(&mut self, count: usize) {
        if self.pending.is_empty() {
            self.part = &self.part[count * size_of::<Block>()..];
        } else {
            self.pending.start += count;
        }
        if self.next().is_empty() {
            self.refill();
        }
    }

    /// If less than a block is contiguous, copies the next one, or the last ones with the padding.
    fn refill(&mut self) {
        let mut filled = 0;
        while !self.padded {
            if filled == 0 && self.part.len() >= size_of::<Block>() {
                return;
            }
            let room = &mut self.copied[0][filled..];
            let (copied, left) = self.part.split_at(room.len().min(self.part.len()));
            room[..copied.len()].copy_from_slice(copied);
            filled += copied.len();
            self.part = left;
            if filled == size_of::<Block>() {
                self.pending = 0..1;
                return;
            }
            match self.parts.split_first() {
                Some((next, behind)) => (self.part, self.parts) = (next, behind),
                None => self.pad(filled),
            }
        }
    }

    /// Pads the message: a one bit, zeros, and its length in bits (FIPS 180-4, section 5.1.1).
    fn pad(&mut self, filled: usize) {
        let [first, second] = &mut self.copied;
        first[filled..].fill(0);
        first[filled] = 0x80;
        second.fill(0);
        let fits = filled < size_of::<Block>() - size_of::<u64>();
        let last = if fits { first } else { second };
        last[size_of::<Block>() - size_of::<u64>()..].copy_from_slice(&self.bits.to_be_bytes());
        self.pending = if fits { 0..1 } else { 0..2 };
        self.padded = true;
    }
}
