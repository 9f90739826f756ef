//! Content that JavaScript provides block by block.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::stream;
use napi::{
    Env,
    bindgen_prelude::{PromiseRaw, Uint8Array},
};
use napi_derive::napi;
use tokio::sync::mpsc;
use w3pin::ByteStream;

/// A stream with room for one block: adding the next one waits until there is room.
#[napi]
pub struct Feed {
    sender: Mutex<Option<mpsc::Sender<Bytes>>>,
    receiver: Mutex<Option<mpsc::Receiver<Bytes>>>,
}

#[napi]
impl Feed {
    #[napi(constructor)]
    pub fn new() -> Self {
        let (sender, receiver) = mpsc::channel(1);
        Self {
            sender: Mutex::new(Some(sender)),
            receiver: Mutex::new(Some(receiver)),
        }
    }

    /// Adds a block once there is room for it. Returns false if the stream isn't read anymore.
    #[napi]
    pub fn put<'env>(
        &self,
        env: &'env Env,
        block: Uint8Array,
    ) -> napi::Result<PromiseRaw<'env, bool>> {
        let sender = self
            .sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let block = Bytes::copy_from_slice(&block);
        env.spawn_future(async move {
            let Some(sender) = sender else {
                return Ok(false);
            };
            Ok(block.is_empty() || sender.send(block).await.is_ok())
        })
    }

    /// Ends the stream, whose content is complete.
    #[napi]
    pub fn end<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let sender = self.take();
        env.spawn_future(async move {
            if let Some(sender) = sender {
                // Blocks are never empty, so an empty one marks the end.
                let _ = sender.send(Bytes::new()).await;
            }
            Ok(())
        })
    }

    /// Aborts the stream: its reader gets an error.
    #[napi]
    pub fn give_up(&self) {
        drop(self.take());
    }
}

impl Feed {
    fn take(&self) -> Option<mpsc::Sender<Bytes>> {
        self.sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    pub(crate) fn stream(&self) -> napi::Result<ByteStream> {
        let receiver = self
            .receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let receiver =
            receiver.ok_or_else(|| napi::Error::from_reason("the stream is being read already"))?;
        Ok(ByteStream::new(stream::unfold(
            receiver,
            async |mut blocks| match blocks.recv().await {
                Some(block) if block.is_empty() => None,
                Some(block) => Some((Ok(block), blocks)),
                None => {
                    let broken = io::Error::other("the stream was aborted before its end");
                    Some((Err(broken), blocks))
                }
            },
        )))
    }
}
