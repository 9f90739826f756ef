use std::fmt;

/// Takes whole chunks, one or two at a time.
pub(crate) trait ChunkSink {
    type Error;

    fn put<const N: usize>(&mut self, chunks: [&[u8]; N]) -> Result<(), Self::Error>;
}

/// Splits a stream of bytes into chunks of the same size, copying only those that span two slices.
pub(crate) struct Chunks {
    size: usize,
    rest: Vec<u8>,
    hold_first: bool,
}

impl Chunks {
    pub(crate) fn new(size: usize) -> Self {
        Self {
            size,
            rest: Vec::new(),
            hold_first: false,
        }
    }

    /// Returns the size of a chunk.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Holds a first whole chunk back until more bytes follow.
    pub(crate) fn hold_first(&mut self) {
        self.hold_first = true;
    }

    pub(crate) fn push<K: ChunkSink>(
        &mut self,
        mut bytes: &[u8],
        sink: &mut K,
    ) -> Result<(), K::Error> {
        if self.hold_first {
            if bytes.len() <= self.size - self.rest.len() {
                self.keep(bytes);
                return Ok(());
            }
            self.hold_first = false;
        }
        if !self.rest.is_empty() {
            let missing = self.size - self.rest.len();
            let Some((fill, behind)) = bytes.split_at_checked(missing) else {
                self.keep(bytes);
                return Ok(());
            };
            self.keep(fill);
            bytes = behind;
            if let Some((next, behind)) = bytes.split_at_checked(self.size) {
                sink.put([&self.rest, next])?;
                bytes = behind;
            } else {
                sink.put([&self.rest])?;
            }
            self.rest.clear();
        }
        while let Some((both, behind)) = bytes.split_at_checked(2 * self.size) {
            let (first, second) = both.split_at(self.size);
            sink.put([first, second])?;
            bytes = behind;
        }
        if let Some((chunk, behind)) = bytes.split_at_checked(self.size) {
            sink.put([chunk])?;
            bytes = behind;
        }
        self.keep(bytes);
        Ok(())
    }

    /// Takes the last bytes and returns the rest without copying it, if it was passed as a whole.
    pub(crate) fn end<'a, K: ChunkSink>(
        &'a mut self,
        bytes: &'a [u8],
        sink: &mut K,
    ) -> Result<&'a [u8], K::Error> {
        if self.hold_first || !self.rest.is_empty() {
            self.push(bytes, sink)?;
            return Ok(&self.rest);
        }
        let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % self.size);
        self.push(whole, sink)?;
        Ok(rest)
    }

    /// Returns the rest: less than a chunk, or the one chunk that was held back.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// Grows by doubling, so that small files need little memory, but never beyond one chunk.
    fn keep(&mut self, bytes: &[u8]) {
        let needed = self.rest.len() + bytes.len();
        if needed > self.rest.capacity() {
            let capacity = needed.max(2 * self.rest.capacity()).min(self.size);
            self.rest.reserve_exact(capacity - self.rest.len());
        }
        self.rest.extend_from_slice(bytes);
    }
}

/// Shows the number of bytes but not the content, which doesn't belong in logs.
impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks")
            .field("size", &self.size)
            .field("kept", &self.rest.len())
            .finish()
    }
}
