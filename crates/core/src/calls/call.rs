//! A call as a value.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use w3pin_unixfs::Profile;

use super::port::{Limit, Port, Told};
use crate::{Cid, Computed, Error, Leaf, Multipart, RequestBody, Result, Sent};

/// A call of a client: a whole protocol as a state machine without I/O.
///
/// A driver asks for the [`next`](Self::next) step, performs it, and reports the result. Retries,
/// rate limits, time limits, redirects, paging, the search for a pin whose response was lost, and all errors
/// are decided by the call. Sockets, files, clocks and threads belong to the driver. The same inputs
/// give the same steps, so a test can replay a bad network in microseconds.
///
/// Calls are created by a [`Session`](crate::Session). `I` is the type of items that a call yields, such as the
/// pages of a listing.
///
/// ```
/// use std::time::Duration;
/// use w3pin_core::{Credentials, Delivery, Endpoint, Session, Step};
///
/// let session = Session::new(Endpoint::default(), Credentials::new("KEY", "SECRET")?);
/// let mut call = session.get_pin("3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2".parse()?);
/// let Step::Send(transmission) = call.next(Duration::ZERO, 7) else { panic!("a request comes first") };
/// assert_eq!(transmission.request.method(), "GET");
///
/// let body = r#"{"data":{"id":"3c3f","cid":"bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
///                "pinned":true,"status":"DONE"},"status":"success"}"#;
/// call.responded(http::Response::new(body.into()), Delivery::complete());
/// let Step::Done(pin) = call.next(Duration::from_millis(20), 8) else { panic!("it is done") };
/// assert!(pin?.pinned);
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[must_use = "a call does nothing by itself"]
pub struct Call<T, I = Infallible> {
    protocol: Option<Protocol<T>>,
    port: Port<I>,
    started: bool,
    timeout: Option<Duration>,
}

type Protocol<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// The next action for a driver.
#[derive(Debug)]
pub enum Step<T, I = Infallible> {
    /// Send this request. Report its response with [`responded`](Call::responded), or the error
    /// with [`failed`](Call::failed).
    Send(Box<Transmission>),
    /// Send this request. Report the head of its response with [`opened`](Call::opened), a complete
    /// refusal with [`responded`](Call::responded), or the error with [`failed`](Call::failed).
    /// Drop the body of any response opened before.
    Open(Box<Transmission>),
    /// Read the next piece of the open response's body, and report it with
    /// [`pulled`](Call::pulled).
    Pull,
    /// Drop the rest of the open response. The end of the call implies this.
    Close,
    /// Check whether this part of a file is on disk, and report that with
    /// [`compared`](Call::compared).
    Compare(Leaf),
    /// Look up the block with this CID, and report it with [`looked_up`](Call::looked_up). Only
    /// calls of [`Retrieval::at_hand`](crate::Retrieval::at_hand) need this.
    LookUp(Cid),
    /// Wait this long, then call [`next`](Call::next) again.
    Sleep(Duration),
    /// Read the content, and report its roots with [`computed`](Call::computed).
    Read(Reading),
    /// Take this item, and call [`next`](Call::next) again when more is wanted.
    Yield(I),
    /// The call has ended.
    Done(Result<T>),
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct Transmission {
    /// The name of the operation, for logs.
    pub operation: &'static str,
    /// The number of the attempt, counted from 1.
    pub attempt: u32,
    /// The request.
    pub request: Request<RequestBody>,
    /// The profiles under which to compute the content's root while it is sent; report them with
    /// [`computed`](Call::computed) before the response.
    pub profiles: Vec<Profile>,
    /// How long to wait for a response between head and body, since the service may refuse the
    /// request based on its head.
    pub pause: Duration,
    /// How much longer than usual to wait for the response once the whole request has been sent.
    pub patience: Duration,
    /// Whether to send the request on a new connection.
    pub fresh_connection: bool,
    /// The most bytes of a successful response.
    pub response_limit: usize,
    /// Whether the request creates something.
    pub(crate) creates: bool,
}

/// Content to read without sending it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The files, in order.
    pub plan: Multipart,
    /// The profiles under which to compute their root, with [`Roots`](crate::Roots).
    pub profiles: Vec<Profile>,
}

/// How much of a request was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How much of it may have reached the service.
    pub sent: Sent,
    /// The time spent sending its body, which doesn't count against the retry budget.
    pub sending: Duration,
    /// Whether it was sent on a connection that an earlier request had used.
    pub reused_connection: bool,
}

impl Delivery {
    /// Returns the delivery of a request that was sent completely and immediately.
    #[must_use]
    pub fn complete() -> Self {
        Self {
            sent: Sent::Everything,
            sending: Duration::ZERO,
            reused_connection: false,
        }
    }

    /// Returns the delivery of a request for which there was no connection.
    #[must_use]
    pub fn unsent() -> Self {
        Self {
            sent: Sent::Nothing,
            ..Self::complete()
        }
    }
}

impl<T, I> Call<T, I> {
    pub(crate) fn new<P>(timeout: Option<Duration>, protocol: impl FnOnce(Port<I>) -> P) -> Self
    where
        P: Future<Output = Result<T>> + Send + 'static,
    {
        let port = Port::new();
        Self {
            protocol: Some(Box::pin(protocol(port.clone()))),
            port,
            started: false,
            timeout,
        }
    }

    /// Sets the start time of the call, on the clock of [`next`](Self::next), for a driver that has
    /// to prepare the content first. By default it is that of the first step.
    pub fn began(mut self, then: Duration) -> Self {
        self.port.start(then, self.timeout);
        self.started = true;
        self
    }

    /// Returns the next step.
    ///
    /// `now` is the time since an arbitrary moment, which must be the same for all calls of a
    /// [`Session`](crate::Session), and must never decrease. `entropy` is any random number.
    pub fn next(&mut self, now: Duration, entropy: u64) -> Step<T, I> {
        if !std::mem::replace(&mut self.started, true) {
            self.port.start(now, self.timeout);
        }
        let Some(protocol) = &mut self.protocol else {
            return Step::Done(Err(Error::invalid_input("call", "the call has ended")));
        };
        self.port.resume(now, entropy);
        // Anything that arrived by the deadline still counts.
        let goes_on = self.port.expired().is_none_or(|limit| {
            let late = || Error::timed_out(limit.timeout);
            self.port.has_responded() || self.port.give_up_reading(late)
        });
        let polled = if goes_on {
            protocol
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
        } else {
            Poll::Pending
        };
        match (polled, self.port.expired()) {
            (Poll::Ready(result), _) => {
                self.protocol = None;
                Step::Done(result)
            }
            (Poll::Pending, Some(limit)) => {
                self.protocol = None;
                Step::Done(Err(self.late(limit)))
            }
            (Poll::Pending, None) => self.port.ask().unwrap_or(Step::Sleep(Duration::ZERO)),
        }
    }

    /// Returns when the call must end, on the clock of [`next`](Self::next). At that time the
    /// driver aborts what it is doing and asks for the next step; a response that has arrived by
    /// then still counts. `None` before the first step, and for a call without a time limit.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.port.limit().map(|limit| limit.deadline)
    }

    /// Reports the response to a request.
    pub fn responded(&mut self, response: Response<Bytes>, delivery: Delivery) {
        self.port.tell(Told::Response(response, delivery));
    }

    /// Reports the head of the response to a request.
    pub fn opened(&mut self, head: Response<()>) {
        self.port.tell_opened(head);
    }

    /// Reports the next piece of the open response's body; `None` at its end.
    pub fn pulled(&mut self, piece: Result<Option<Bytes>>) {
        self.port.tell_pulled(piece);
    }

    /// Reports whether a part of a file is on disk.
    pub fn compared(&mut self, same: bool) {
        self.port.tell_same(same);
    }

    /// Reports a block, which needn't be verified, or that it is missing.
    pub fn looked_up(&mut self, block: Result<Option<Bytes>>) {
        self.port.tell_looked_up(block);
    }

    /// Reports that a request failed without a response.
    pub fn failed(&mut self, error: Error, delivery: Delivery) {
        self.port.tell(Told::Failure(error, delivery));
    }

    /// Reports the roots of the content, or why it can't be read.
    pub fn computed(&mut self, roots: Result<Vec<Computed>>) {
        self.port.tell_roots(roots);
    }

    fn late(&self, limit: Limit) -> Error {
        let error = Error::timed_out(limit.timeout);
        if self.port.is_in_doubt() {
            error.with_unknown_outcome()
        } else {
            error
        }
    }
}

impl<T, I> fmt::Debug for Call<T, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("started", &self.started)
            .field("timeout", &self.timeout)
            .field("ended", &self.protocol.is_none())
            .finish_non_exhaustive()
    }
}
