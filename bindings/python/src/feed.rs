//! Content that Python gives block by block.

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

/// A stream whose blocks the waiting caller is asked for.
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

/// A stream whose blocks an event loop puts in.
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

    /// Puts a block in, once there is room for it; false where nobody reads any more.
    fn put(&self, block: Bytes) -> PyResult<Call> {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = sender
            .clone()
            .ok_or_else(|| PyRuntimeError::new_err("the stream was ended already"))?;
        Ok(Call::new(async move {
            Ok(block.is_empty() || sender.send(block).await.is_ok())
        }))
    }

    /// Ends the stream: its content is whole.
    fn end(&self) -> PyResult<Call> {
        let sender = self
            .sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Ok(Call::new(async move {
            if let Some(sender) = sender {
                // Blocks in the queue aren't empty, so an empty one is the end.
                let _ = sender.send(Bytes::new()).await;
            }
            Ok(())
        }))
    }

    /// Breaks the stream off: whoever reads it gets an error.
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
    io::Error::other("the stream was given up before its end")
}
