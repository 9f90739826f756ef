//! Writes the pieces of a file to disk.

use bytes::Bytes;
use tokio::task::JoinHandle;
use w3pin_core::{Error, ErrorKind, Piece, Result};

use super::part_file::PartFile;

/// The number of bytes that may be collected before a write.
const BATCH: usize = 1024 * 1024;

/// Writes consecutive pieces as they arrive, several at once if the disk is slower. What is written
/// when the process ends needn't be fetched again.
pub(super) struct PartWriter {
    part: PartFile,
    offset: u64,
    waiting: Vec<Bytes>,
    bytes: usize,
    writing: Option<JoinHandle<Result<u64>>>,
}

impl PartWriter {
    pub(super) fn new(part: PartFile) -> Self {
        Self {
            part,
            offset: 0,
            waiting: Vec::new(),
            bytes: 0,
            writing: None,
        }
    }

    /// Takes a piece. Returns how many bytes were written.
    pub(super) async fn take(&mut self, piece: Piece) -> Result<u64> {
        if self.waiting.is_empty() {
            self.offset = piece.offset;
        }
        self.bytes += piece.bytes.len();
        self.waiting.push(piece.bytes);
        let is_busy = self.writing.as_ref().is_some_and(|it| !it.is_finished());
        if is_busy && self.bytes < BATCH {
            return Ok(0);
        }
        self.begin().await
    }

    pub(super) async fn end(&mut self) -> Result<u64> {
        let before = self.begin().await?;
        Ok(before + self.written().await?)
    }

    async fn begin(&mut self) -> Result<u64> {
        let before = self.written().await?;
        let (part, offset) = (self.part.clone(), self.offset);
        let (pieces, bytes) = (std::mem::take(&mut self.waiting), self.bytes as u64);
        self.bytes = 0;
        self.writing = Some(tokio::task::spawn_blocking(move || {
            part.write(offset, &pieces).map(|()| bytes)
        }));
        Ok(before)
    }

    async fn written(&mut self) -> Result<u64> {
        let Some(writing) = self.writing.take() else {
            return Ok(0);
        };
        match writing.await {
            Ok(written) => written,
            Err(_) => Err(Error::new(
                ErrorKind::LocalIo,
                "the runtime is shutting down, so nothing can be written",
            )),
        }
    }
}
