use w3pin_unixfs::MAX_BLOCK_SIZE;

/// What a CAR may hold at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarLimits {
    /// Bytes of the header, and so how many roots it may name: 32 KiB unless set otherwise, which is about
    /// 800 roots.
    pub header_bytes: usize,
    /// Bytes of a block: [`MAX_BLOCK_SIZE`] unless set otherwise.
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
    /// Allows a header of so many bytes.
    #[must_use]
    pub fn header_bytes(mut self, bytes: usize) -> Self {
        self.header_bytes = bytes;
        self
    }

    /// Allows blocks of so many bytes.
    #[must_use]
    pub fn block_bytes(mut self, bytes: usize) -> Self {
        self.block_bytes = bytes;
        self
    }
}
