//! A file with random access.

use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use futures_util::Stream;
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf, SeekFrom};
use w3pin_core::{Cid, Error, IpfsPath, Node, NodeKind, ReadOptions, Result};

use super::{ContentStream, Retriever};

/// A file with random access by [`seek`](AsyncSeek). Created by
/// [`Retriever::open`](crate::Retriever::open).
///
/// The first read at a position requests 1 MiB, and each further sequential one twice as much, so that
/// both random access and long reads are efficient.
///
/// ```no_run
/// # async fn last_kilobyte(retriever: w3pin::Retriever, path: w3pin::IpfsPath) -> Result<(), Box<dyn std::error::Error>> {
/// use std::io::SeekFrom;
/// use tokio::io::{AsyncReadExt, AsyncSeekExt};
///
/// let mut file = retriever.open(&path).await?;
/// file.seek(SeekFrom::End(-1024)).await?;
/// let mut tail = Vec::new();
/// file.read_to_end(&mut tail).await?;
/// # Ok(())
/// # }
/// ```
pub struct ContentReader {
    retriever: Retriever,
    file: IpfsPath,
    size: u64,
    position: u64,
    /// Bytes at the position.
    piece: Bytes,
    stream: Option<ContentStream>,
    window: u64,
}

const FIRST_WINDOW: u64 = 1024 * 1024;
const LARGEST_WINDOW: u64 = 256 * 1024 * 1024;

impl ContentReader {
    pub(super) fn new(retriever: Retriever, path: &IpfsPath, node: Node) -> Result<Self> {
        let size = match (node.kind, node.size) {
            (NodeKind::File | NodeKind::Block, Some(size)) => size,
            (kind, _) => {
                let reason = format!("{path} isn't a file, but a {}", kind.as_str());
                return Err(Error::invalid_input("path", reason));
            }
        };
        Ok(Self {
            retriever,
            file: IpfsPath::new(node.cid),
            size,
            position: 0,
            piece: Bytes::new(),
            stream: None,
            window: FIRST_WINDOW,
        })
    }

    /// Returns the file's CID.
    #[must_use]
    pub fn cid(&self) -> &Cid {
        self.file.root()
    }

    /// Returns the file's size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Drops the response that the next sequential read would continue, and closes its connection.
    /// The position is kept. Use it on a reader that is kept after a read was cancelled.
    pub fn stop(&mut self) {
        self.stream = None;
        self.window = FIRST_WINDOW;
    }
}

impl AsyncRead for ContentReader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.position >= this.size || buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            if !this.piece.is_empty() {
                let length = this.piece.len().min(buffer.remaining());
                buffer.put_slice(&this.piece[..length]);
                this.piece.advance(length);
                this.position += length as u64;
                return Poll::Ready(Ok(()));
            }
            let stream = this.stream.get_or_insert_with(|| {
                let end = this.position.saturating_add(this.window);
                this.window = (this.window * 2).min(LARGEST_WINDOW);
                let options = ReadOptions::new().start(this.position).end(end);
                this.retriever.stream(&this.file, options)
            });
            match ready!(Pin::new(stream).poll_next(cx)) {
                Some(Ok(piece)) => this.piece = piece,
                Some(Err(error)) => {
                    this.stream = None;
                    return Poll::Ready(Err(io::Error::other(error)));
                }
                None => this.stream = None,
            }
        }
    }
}

impl AsyncSeek for ContentReader {
    fn start_seek(self: Pin<&mut Self>, to: SeekFrom) -> io::Result<()> {
        let this = self.get_mut();
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => this.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => this.position.checked_add_signed(offset),
        };
        let position = position.ok_or_else(|| {
            let reason = "the position is before the start of the file";
            io::Error::new(io::ErrorKind::InvalidInput, reason)
        })?;
        let ahead = position.checked_sub(this.position);
        match ahead.filter(|ahead| *ahead <= this.piece.len() as u64) {
            Some(ahead) => this.piece.advance(ahead as usize),
            None => {
                this.piece = Bytes::new();
                this.stop();
            }
        }
        this.position = position;
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(self.position))
    }
}

impl fmt::Debug for ContentReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentReader")
            .field("file", &self.file)
            .field("size", &self.size)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
