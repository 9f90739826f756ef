//! The bytes of a file, piece by piece.

use std::sync::Arc;

use bytes::Bytes;
use napi::{
    Env,
    bindgen_prelude::{PromiseRaw, Uint8ArraySlice, spawn},
};
use napi_derive::napi;
use tokio::sync::Mutex;
use w3pin::ContentStream;

use crate::call::CancelToken;

/// A file that is being read.
#[napi]
pub struct NativeContentStream {
    stream: Arc<Mutex<Option<ContentStream>>>,
}

impl NativeContentStream {
    pub(crate) fn new(stream: ContentStream) -> Self {
        Self {
            stream: Arc::new(Mutex::new(Some(stream))),
        }
    }
}

/// A promise of a piece, or of nothing at the end.
type Promised<'env> = PromiseRaw<'env, Option<Uint8ArraySlice<'env>>>;

#[napi]
impl NativeContentStream {
    /// Returns the next piece, which isn't empty, or nothing at the end. It is in memory owned by
    /// JavaScript, which byte streams and workers can transfer.
    #[napi]
    pub fn next<'env>(&self, env: &'env Env, token: &CancelToken) -> napi::Result<Promised<'env>> {
        let stream = Arc::clone(&self.stream);
        let call = token.stopping(async move {
            let mut stream = stream.lock().await;
            match stream.as_mut() {
                Some(stream) => stream.next().await.transpose(),
                None => Ok(None),
            }
        });
        env.spawn_future_with_callback(call, |env, piece: Option<Bytes>| {
            piece
                .map(|piece| Uint8ArraySlice::copy_from(env, piece))
                .transpose()
        })
    }

    /// Closes the connection. The token must have stopped any call of `next` in progress.
    #[napi]
    pub fn close(&self) {
        let stream = Arc::clone(&self.stream);
        drop(spawn(async move {
            stream.lock().await.take();
        }));
    }
}
