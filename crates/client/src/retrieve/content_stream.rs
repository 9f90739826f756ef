//! Streams a file.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use w3pin_core::{Call, Node, Piece, Result};

use crate::driver::{Advance, Driver, Hands};

/// A stream of a file's bytes, in order, each piece verified before it is yielded. Created by
/// [`Retriever::stream`](crate::Retriever::stream). It ends after an error.
///
/// ```no_run
/// use w3pin::ReadOptions;
///
/// # async fn copy(retriever: w3pin::Retriever, path: w3pin::IpfsPath) -> w3pin::Result<()> {
/// let mut stream = retriever.stream(&path, ReadOptions::new().start(1_000_000));
/// while let Some(piece) = stream.next().await {
///     println!("{} bytes", piece?.len());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ContentStream {
    driver: Arc<Driver>,
    reading: Option<Reading>,
    step: Option<Step>,
}

struct Reading {
    call: Call<Node, Piece>,
    hands: Hands<'static>,
}

type Step = Pin<Box<dyn Future<Output = (Reading, Advance<Node, Piece>)> + Send>>;

impl ContentStream {
    pub(super) fn new(driver: Arc<Driver>, call: Call<Node, Piece>) -> Self {
        let hands = Hands::default();
        Self {
            driver,
            reading: Some(Reading { call, hands }),
            step: None,
        }
    }

    /// Returns the next piece, or `None` after the last.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if no gateway has the content,
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it isn't a file, and
    /// [`Decode`](crate::ErrorKind::Decode) if it can't be read.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for ContentStream {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let this = self.get_mut();
        loop {
            if let Some(step) = &mut this.step {
                let (reading, advance) = ready!(step.as_mut().poll(cx));
                this.step = None;
                return Poll::Ready(match advance {
                    Advance::Item(piece) => {
                        this.reading = Some(reading);
                        Some(Ok(piece.bytes))
                    }
                    Advance::Done(Ok(_)) => None,
                    Advance::Done(Err(error)) => Some(Err(error)),
                });
            }
            let Some(mut reading) = this.reading.take() else {
                return Poll::Ready(None);
            };
            let driver = Arc::clone(&this.driver);
            this.step = Some(Box::pin(async move {
                let advance = driver.advance(&mut reading.call, &mut reading.hands).await;
                (reading, advance)
            }));
        }
    }
}

impl fmt::Debug for ContentStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentStream").finish_non_exhaustive()
    }
}
