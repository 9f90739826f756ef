//! A file's bytes, piece by piece.

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

/// A promise of a piece, or of none at the end.
type Promised<'env> = PromiseRaw<'env, Option<Uint8ArraySlice<'env>>>;

#[napi]
impl NativeContentStream {
    /// The next piece, which isn't empty; none at the end. It is in memory of JavaScript's own, which byte
    /// streams and workers can pass on.
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

    /// Closes the connection. A call of `next` that is under way is stopped before by its token.
    #[napi]
    pub fn close(&self) {
        let stream = Arc::clone(&self.stream);
        drop(spawn(async move {
            stream.lock().await.take();
        }));
    }
}
