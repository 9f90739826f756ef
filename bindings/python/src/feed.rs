//! Content that Python provides block by block.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::stream;
use pyo3::{exceptions::PyRuntimeError, prelude::*};
use tokio::sync::{mpsc, oneshot};
use w3pin::ByteStream;

use crate::call::{Call, Request};

/// Returns a stream whose blocks are requested from the waiting caller.
pub(crate) fn asked_for(requests: mpsc::UnboundedSender<Request>) -> ByteStream {
    ByteStream::new(stream::unfold(requests, async |requests| {
        let (reply, block) = oneshot::channel();
        if requests.send(Request::Block(reply)).is_err() {
            return Some((Err(given_up()), requests));
        }
        match block.await {
            Ok(Some(block)) => Some((Ok(block), requests)),
            Ok(None) => None,
            Err(_) => Some((Err(given_up()), requests)),
        }
    }))
}

/// A stream whose blocks an event loop adds.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct Feed {
    sender: Mutex<Option<mpsc::Sender<Bytes>>>,
    receiver: Mutex<Option<mpsc::Receiver<Bytes>>>,
}

#[pymethods]
impl Feed {
    #[new]
    fn new() -> Self {
        // One block waits while another is sent.
        let (sender, receiver) = mpsc::channel(1);
        Self {
            sender: Mutex::new(Some(sender)),
            receiver: Mutex::new(Some(receiver)),
        }
    }

    /// Adds a block once there is room for it. Returns false if the stream isn't read anymore.
    fn put(&self, block: Bytes) -> PyResult<Call> {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = sender
            .clone()
            .ok_or_else(|| PyRuntimeError::new_err("the stream was ended already"))?;
        Ok(Call::new(async move {
            Ok(block.is_empty() || sender.send(block).await.is_ok())
        }))
    }

    /// Ends the stream, whose content is complete.
    fn end(&self) -> PyResult<Call> {
        let sender = self
            .sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Ok(Call::new(async move {
            if let Some(sender) = sender {
                // Blocks in the queue are never empty, so an empty one marks the end.
                let _ = sender.send(Bytes::new()).await;
            }
            Ok(())
        }))
    }

    /// Aborts the stream: its reader gets an error.
    fn give_up(&self) {
        self.sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

impl Feed {
    pub(crate) fn stream(&self) -> PyResult<ByteStream> {
        let receiver = self
            .receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let receiver =
            receiver.ok_or_else(|| PyRuntimeError::new_err("the stream is being read already"))?;
        Ok(ByteStream::new(stream::unfold(
            receiver,
            async |mut blocks| match blocks.recv().await {
                Some(block) if block.is_empty() => None,
                Some(block) => Some((Ok(block), blocks)),
                None => Some((Err(given_up()), blocks)),
            },
        )))
    }
}

fn given_up() -> io::Error {
    io::Error::other("the stream was aborted before its end")
}
