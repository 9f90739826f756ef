//! Content that can be read only once.

use std::{
    fmt,
    io::{self, Read},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

/// The number of bytes to read at a time from a blocking reader.
const READ: usize = 256 * 1024;

/// Content that is produced as it is sent and can be read only once: an upload of it can't be
/// retried once it has started.
///
/// ```
/// use bytes::Bytes;
/// use w3pin::ByteStream;
///
/// let parts = ["hello ", "world"].map(|part| Ok(Bytes::from(part)));
/// let stream = ByteStream::new(futures_util::stream::iter(parts)).length(11);
/// let file = ByteStream::from_reader(std::io::Cursor::new("hello world"));
/// ```
pub struct ByteStream {
    parts: Parts,
    length: Option<u64>,
}

type Parts = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

impl ByteStream {
    /// Creates a stream of parts, in order and of any size.
    #[must_use]
    pub fn new(parts: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self {
            parts: Box::pin(parts),
            length: None,
        }
    }

    /// Reads `reader` to its end on a separate thread, since it may block: standard input, a pipe,
    /// or the output of a compressor.
    #[must_use]
    pub fn from_reader(reader: impl Read + Send + 'static) -> Self {
        Self::new(Blocking::Idle(Some(Box::new(reader))))
    }

    /// The number of bytes in the stream, if known; any other number is an error.
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }

    pub(crate) fn known_length(&self) -> Option<u64> {
        self.length
    }

    /// Returns the next part that isn't empty.
    pub(crate) async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            match self.parts.next().await {
                Some(Ok(part)) if part.is_empty() => {}
                other => return other,
            }
        }
    }

    /// Prepends `part`.
    pub(crate) fn push_front(self, part: Bytes) -> Self {
        let first = futures_util::stream::iter([Ok(part)]);
        Self {
            parts: Box::pin(first.chain(self.parts)),
            length: self.length,
        }
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// A reader whose thread starts when the first part is requested.
enum Blocking {
    Idle(Option<Box<dyn Read + Send>>),
    Reading(mpsc::Receiver<io::Result<Bytes>>),
}

impl Stream for Blocking {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut *self {
                Self::Reading(parts) => return Poll::Ready(ready!(parts.poll_recv(cx))),
                Self::Idle(reader) => {
                    let Some(reader) = reader.take() else {
                        return Poll::Ready(None);
                    };
                    let (sender, receiver) = mpsc::channel(1);
                    std::thread::Builder::new()
                        .name("w3pin-read".to_owned())
                        .spawn(move || read(reader, &sender))?;
                    *self = Self::Reading(receiver);
                }
            }
        }
    }
}

fn read(mut reader: Box<dyn Read + Send>, parts: &mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let mut part = vec![0; READ];
        let part = match reader.read(&mut part) {
            Ok(0) => return,
            Ok(length) => {
                part.truncate(length);
                Ok(part.into())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = part.is_err();
        if parts.blocking_send(part).is_err() || failed {
            return;
        }
    }
}
