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

/// A call of a client: the whole protocol, which knows what to do next, and does nothing.
///
/// A driver asks for the [`next`](Self::next) step, takes it, and reports what came of it. Retries,
/// rate limits, time limits, redirects, paging, the search for a pin whose response was lost, and every error
/// of these are decided in here. Sockets, files, clocks and threads are the driver's. The same inputs
/// give the same steps, so a test replays a bad network in microseconds.
///
/// Calls are made by a [`Session`](crate::Session). `I` is what a call gives on its way, such as the
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

/// What a driver is to do next.
#[derive(Debug)]
pub enum Step<T, I = Infallible> {
    /// Send this request, and report its response by [`responded`](Call::responded), or why there is none
    /// by [`failed`](Call::failed).
    Send(Box<Transmission>),
    /// Send this request, and report the head of its response by [`opened`](Call::opened); a refusal
    /// whole, by [`responded`](Call::responded); or why there is none by [`failed`](Call::failed). The
    /// body of the response that was opened before is given up.
    Open(Box<Transmission>),
    /// Report the next piece of the body of the response that is open, by [`pulled`](Call::pulled).
    Pull,
    /// Give up the rest of the response that is open. So does the end of the call.
    Close,
    /// Report by [`compared`](Call::compared) whether this part of a file is on the disk.
    Compare(Leaf),
    /// Report by [`looked_up`](Call::looked_up) the block of this CID, out of those at hand. Only the calls
    /// of [`Retrieval::at_hand`](crate::Retrieval::at_hand) ask for this.
    LookUp(Cid),
    /// Ask again after this time.
    Sleep(Duration),
    /// Read the content, and report its roots by [`computed`](Call::computed).
    Read(Reading),
    /// Take this, and ask again when more is wanted.
    Yield(I),
    /// The call has ended.
    Done(Result<T>),
}

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Transmission {
    /// The name of the operation, for logs.
    pub operation: &'static str,
    /// Which attempt it is, counted from 1.
    pub attempt: u32,
    /// The request.
    pub request: Request<RequestBody>,
    /// The profiles to compute the content's root under while it is sent, to be reported by
    /// [`computed`](Call::computed) before the response.
    pub profiles: Vec<Profile>,
    /// How long to wait for a response between the head and the body, since the service may refuse the
    /// request by its head alone.
    pub pause: Duration,
    /// How much longer than usual to wait for the response once all of the request was sent.
    pub patience: Duration,
    /// Whether the request must not be sent on a connection that was used before.
    pub fresh_connection: bool,
    /// The most bytes that a successful response may have.
    pub response_limit: usize,
    /// Whether the request creates something.
    pub(crate) creates: bool,
}

/// Content to be read without being sent.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The files, in order.
    pub plan: Multipart,
    /// The profiles to compute their root under; [`Roots`](crate::Roots) does.
    pub profiles: Vec<Profile>,
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How much of it may have reached the service.
    pub sent: Sent,
    /// The time spent sending its body, which doesn't count against the budget for retries.
    pub sending: Duration,
    /// Whether it was sent on a connection that an earlier request had used.
    pub reused_connection: bool,
}

impl Delivery {
    /// All of it was sent, at once.
    #[must_use]
    pub fn complete() -> Self {
        Self {
            sent: Sent::Everything,
            sending: Duration::ZERO,
            reused_connection: false,
        }
    }

    /// There was no connection.
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

    /// Says that the call began at this time, by the clock of [`next`](Self::next), rather than with its
    /// first step: for a driver that has to prepare the content first.
    pub fn began(mut self, then: Duration) -> Self {
        self.port.start(then, self.timeout);
        self.started = true;
        self
    }

    /// What to do next.
    ///
    /// `now` is the time since a moment of the driver's choice, which is the same for all calls of a
    /// [`Session`](crate::Session) and never goes back. `entropy` is any random number.
    pub fn next(&mut self, now: Duration, entropy: u64) -> Step<T, I> {
        if !std::mem::replace(&mut self.started, true) {
            self.port.start(now, self.timeout);
        }
        let Some(protocol) = &mut self.protocol else {
            return Step::Done(Err(Error::invalid_input("call", "the call has ended")));
        };
        self.port.resume(now, entropy);
        // What has come in by the deadline still counts.
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

    /// When the call has to end, by the clock of [`next`](Self::next). The driver gives up whatever it
    /// does at that time and asks for the next step; a response that it has by then still counts. `None` before the first step, and where the call may
    /// take as long as it likes.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.port.limit().map(|limit| limit.deadline)
    }

    /// Reports the response to the request that was to be sent.
    pub fn responded(&mut self, response: Response<Bytes>, delivery: Delivery) {
        self.port.tell(Told::Response(response, delivery));
    }

    /// Reports the head of the response to the request that was to be opened.
    pub fn opened(&mut self, head: Response<()>) {
        self.port.tell_opened(head);
    }

    /// Reports the next piece of the body of the response that is open, `None` at its end.
    pub fn pulled(&mut self, piece: Result<Option<Bytes>>) {
        self.port.tell_pulled(piece);
    }

    /// Reports whether a part of a file is on the disk.
    pub fn compared(&mut self, same: bool) {
        self.port.tell_same(same);
    }

    /// Reports a block, which needn't be checked, or that it isn't there.
    pub fn looked_up(&mut self, block: Result<Option<Bytes>>) {
        self.port.tell_looked_up(block);
    }

    /// Reports that the request has no response.
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
