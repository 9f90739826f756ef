//! Response bodies that are generated piece by piece.

use std::{future::Future, io, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{
    future::{Either, ready},
    stream,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The size of a piece, which is what a response holds in memory for a slow reader.
pub(crate) const PIECE: usize = 32 << 10;

/// Returns a body whose pieces are generated on demand, when the previous one has been written to
/// the connection. `next` returns a piece and the state for the following ones.
pub(crate) fn body<S, N, F>(start: S, next: N) -> Body
where
    S: Send + 'static,
    N: Fn(S) -> F + Send + Sync + 'static,
    F: Future<Output = io::Result<Option<(Bytes, S)>>> + Send + 'static,
{
    let written = Arc::new(Semaphore::new(1));
    let next = Arc::new(next);
    let pieces = stream::try_unfold(start, move |state| {
        let (written, next) = (Arc::clone(&written), Arc::clone(&next));
        async move {
            let unwritten = written.acquire_owned().await.map_err(io::Error::other)?;
            let piece = next(state).await?;
            Ok::<_, io::Error>(piece.map(|(bytes, state)| {
                let piece = Unwritten {
                    bytes,
                    _place: unwritten,
                };
                (Bytes::from_owner(piece), state)
            }))
        }
    });
    Body::from_stream(pieces)
}

/// Returns a body whose first piece was generated before the response began, so that a failure of it
/// could still be reported.
pub(crate) fn body_after<S, N, F>(first: Bytes, rest: S, next: N) -> Body
where
    S: Send + 'static,
    N: Fn(S) -> F + Send + Sync + 'static,
    F: Future<Output = io::Result<Option<(Bytes, S)>>> + Send + 'static,
{
    body((Some(first), rest), move |(first, rest)| {
        let piece = match first {
            Some(first) => Either::Left(ready(Ok(Some((first, rest))))),
            None => Either::Right(next(rest)),
        };
        async { Ok(piece.await?.map(|(bytes, rest)| (bytes, (None, rest)))) }
    })
}

/// Bytes that the connection drops once it has written them.
struct Unwritten {
    bytes: Bytes,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Unwritten {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
