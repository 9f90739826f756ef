//! Content that the app gives block by block.

use std::{io, sync::Arc};

use futures_util::stream;
use w3pin::ByteStream;

use crate::error::ForeignFailure;

/// Gives content block by block.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait ByteSource: Send + Sync {
    /// The next block, or nothing at the end. Never called again before it has answered.
    async fn read(&self) -> Result<Option<Vec<u8>>, ForeignFailure>;
}

/// The source as the client reads it.
pub(crate) fn byte_stream(source: Arc<dyn ByteSource>) -> ByteStream {
    ByteStream::new(stream::unfold(Some(source), async |source| {
        let source = source?;
        match source.read().await {
            Ok(Some(block)) => Some((Ok(block.into()), Some(source))),
            Ok(None) => None,
            Err(failure) => Some((Err(io::Error::other(failure)), None)),
        }
    }))
}
