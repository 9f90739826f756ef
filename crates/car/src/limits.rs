use w3pin_unixfs::MAX_BLOCK_SIZE;

/// The limits of a CAR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarLimits {
    /// The most bytes of the header, which limits the number of roots: 32 KiB unless set, which is
    /// about 800 roots.
    pub header_bytes: usize,
    /// The most bytes of a block: [`MAX_BLOCK_SIZE`] unless set.
    pub block_bytes: usize,
}

impl Default for CarLimits {
    fn default() -> Self {
        Self {
            header_bytes: 32 << 10,
            block_bytes: MAX_BLOCK_SIZE,
        }
    }
}

impl CarLimits {
    /// Sets the most bytes of the header.
    #[must_use]
    pub fn header_bytes(mut self, bytes: usize) -> Self {
        self.header_bytes = bytes;
        self
    }

    /// Sets the most bytes of a block.
    #[must_use]
    pub fn block_bytes(mut self, bytes: usize) -> Self {
        self.block_bytes = bytes;
        self
    }
}
