//! Request bodies: bytes, or the blocks of an upload as they arrive from another thread.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, Sleep, sleep},
};
use w3pin_core::Sent;

/// A request body.
pub(crate) enum Body {
    Bytes(Bytes),
    Upload(UploadBody),
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        match self.get_mut() {
            Self::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Upload(upload) => Pin::new(upload).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Upload(upload) => upload.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Upload(upload) => upload.size_hint(),
        }
    }
}

/// A piece of an upload's body.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) bytes: Bytes,
    /// The number of content bytes; the rest separates files.
    pub(crate) content: u64,
    /// The latest file that has started.
    pub(crate) file: usize,
    /// Whether this is the last piece.
    pub(crate) last: bool,
}

/// A body that is read from a channel.
pub(crate) struct UploadBody {
    blocks: mpsc::Receiver<Block>,
    length: Option<u64>,
    ended: bool,
    sending: Arc<Sending>,
    start: Option<oneshot::Sender<()>>,
    pause: Pause,
}

/// A delay between head and body.
enum Pause {
    None,
    Ahead(Duration),
    UnderWay(Pin<Box<Sleep>>),
}

impl UploadBody {
    /// Returns a body of `length` bytes, if known, and a signal for when its first block is
    /// requested.
    pub(crate) fn new(
        blocks: mpsc::Receiver<Block>,
        length: Option<u64>,
    ) -> (Self, oneshot::Receiver<()>) {
        let (start, started) = oneshot::channel();
        let body = Self {
            blocks,
            length,
            ended: false,
            sending: Arc::default(),
            start: Some(start),
            pause: Pause::None,
        };
        (body, started)
    }

    /// Delays the body after the head, so that an early refusal can arrive first.
    pub(crate) fn pause(&mut self, time: Duration) {
        self.pause = Pause::Ahead(time);
    }

    /// Returns the progress.
    pub(crate) fn sending(&self) -> Arc<Sending> {
        Arc::clone(&self.sending)
    }
}

impl http_body::Body for UploadBody {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        match this.sending.gate(cx.waker()) {
            Gate::Open => {}
            Gate::Held => return Poll::Pending,
            Gate::Aborted => return Poll::Ready(Some(Err(Aborted))),
        }
        if let Pause::Ahead(time) = this.pause {
            this.pause = Pause::UnderWay(Box::pin(sleep(time)));
        }
        if let Pause::UnderWay(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(cx));
            this.pause = Pause::None;
        }
        if let Some(start) = this.start.take() {
            let _ = start.send(());
        }
        match ready!(this.blocks.poll_recv(cx)) {
            Some(block) => {
                this.sending.took(&block);
                this.ended = block.last;
                if let Some(length) = &mut this.length {
                    *length = length.saturating_sub(block.bytes.len() as u64);
                }
                Poll::Ready(Some(Ok(Frame::data(block.bytes))))
            }
            None => {
                this.sending.lock().starved = true;
                Poll::Ready(Some(Err(Aborted)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// The body was aborted before its end.
#[derive(Debug)]
pub(crate) struct Aborted;

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the upload was aborted")
    }
}

impl std::error::Error for Aborted {}

/// The progress of an upload and whether it may continue, shared by the connection, which takes the
/// body, and the call, which waits for the response.
#[derive(Debug, Default)]
pub(crate) struct Sending(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    gate: Gate,
    waker: Option<Waker>,
    first: Option<Instant>,
    last: Option<Instant>,
    content: u64,
    bytes: u64,
    file: usize,
    everything: bool,
    starved: bool,
    patience: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gate {
    #[default]
    Open,
    Held,
    Aborted,
}

impl Sending {
    /// Stops providing blocks.
    pub(crate) fn hold(&self) {
        let mut state = self.lock();
        if state.gate == Gate::Open {
            state.gate = Gate::Held;
        }
    }

    /// Aborts the request, unless it has been sent completely.
    pub(crate) fn abort(&self) {
        let waker = {
            let mut state = self.lock();
            state.gate = Gate::Aborted;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Returns how much of the request may have reached the service.
    pub(crate) fn sent(&self) -> Sent {
        let state = self.lock();
        match (state.everything, state.first) {
            (true, _) => Sent::Everything,
            (false, Some(_)) => Sent::Part,
            (false, None) => Sent::Nothing,
        }
    }

    /// Extends the response's time limit once everything is sent.
    pub(crate) fn allow(&self, patience: Duration) {
        self.lock().patience = patience;
    }

    /// Returns the current extension of the idle timeout.
    pub(crate) fn patience(&self) -> Duration {
        let state = self.lock();
        if state.everything {
            state.patience
        } else {
            Duration::ZERO
        }
    }

    /// Returns when the connection last took a block.
    pub(crate) fn last(&self) -> Option<Instant> {
        self.lock().last
    }

    /// Returns the number of content bytes that the connection took, and their file.
    pub(crate) fn content(&self) -> (u64, usize) {
        let state = self.lock();
        (state.content, state.file)
    }

    /// Returns the number of body bytes that the connection took.
    pub(crate) fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// Returns whether the body ended early because its source did.
    pub(crate) fn starved(&self) -> bool {
        self.lock().starved
    }

    /// Returns the time spent on sending, up to now or to the end of the body.
    pub(crate) fn time(&self) -> Duration {
        let state = self.lock();
        let end = match state.last {
            Some(last) if state.everything => last,
            _ => Instant::now(),
        };
        state.first.map_or(Duration::ZERO, |first| end - first)
    }

    fn took(&self, block: &Block) {
        let mut state = self.lock();
        let now = Instant::now();
        state.first.get_or_insert(now);
        state.last = Some(now);
        state.content += block.content;
        state.bytes += block.bytes.len() as u64;
        state.file = block.file;
        state.everything = block.last;
    }

    fn gate(&self, waker: &Waker) -> Gate {
        let mut state = self.lock();
        state.waker = Some(waker.clone());
        state.gate
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
