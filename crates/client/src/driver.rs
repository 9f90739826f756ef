//! Drives calls: takes each step over the transport and tokio's clock, and reports what came of it.

use std::{sync::LazyLock, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, debug, debug_span, field::Empty, trace};
use w3pin_core::{
    Call, Computed, Delivery, Error, ErrorKind, Reading, RequestBody, Result, Step, Transmission,
};

use crate::{
    CarFile,
    blocking::blocking,
    retrieve::LocalFile,
    transport::{Body, Failed, Opened, ResponseBody, Transport},
    upload::Upload,
};

/// What a call came to.
pub(crate) enum Advance<T, I> {
    /// It gives this, and goes on when it is asked.
    Item(I),
    /// It has ended.
    Done(Result<T>),
}

/// What a call works on beside the network.
#[derive(Default)]
pub(crate) struct Hands<'a> {
    /// The content to send.
    pub(crate) upload: Option<&'a mut Upload>,
    /// The file that content is compared with.
    pub(crate) local: Option<LocalFile>,
    /// The response that is open.
    pub(crate) body: Option<Box<ResponseBody>>,
}

/// Drives the calls of a client, by one clock.
pub(crate) struct Driver {
    means: Means,
    epoch: Instant,
    /// The age of the process at that time.
    age: Duration,
}

/// What a driver gets content by.
enum Means {
    Network(Box<Transport>),
    /// Blocks of a file, for calls that ask for nothing else.
    Car(CarFile),
}

/// One clock for the process, as hosts that ask for a pause are left alone by all clients.
static PROCESS: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

/// What came of a request, and the roots that were computed while it was sent.
pub(crate) struct Transmitted {
    pub(crate) outcome: Result<(Response<Bytes>, Delivery), Failed>,
    pub(crate) roots: Option<Result<Vec<Computed>>>,
}

impl Driver {
    pub(crate) fn new(transport: Transport) -> Self {
        Self::by(Means::Network(Box::new(transport)))
    }

    /// Drives calls that read blocks at hand.
    pub(crate) fn over(car: CarFile) -> Self {
        Self::by(Means::Car(car))
    }

    fn by(means: Means) -> Self {
        Self {
            means,
            age: PROCESS.elapsed(),
            epoch: Instant::now(),
        }
    }

    /// The time, by the clock of all calls.
    pub(crate) fn now(&self) -> Duration {
        self.age + self.epoch.elapsed()
    }

    /// Prepares a call, which may take no longer than the call itself.
    pub(crate) async fn within<T>(
        &self,
        timeout: Option<Duration>,
        preparation: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        match timeout {
            None => preparation.await,
            Some(timeout) => match tokio::time::timeout(timeout, preparation).await {
                Ok(result) => result,
                Err(_) => Err(Error::timed_out(timeout)),
            },
        }
    }

    /// Drives a call to its end.
    pub(crate) async fn drive<T>(&self, mut call: Call<T>) -> Result<T> {
        match self.advance(&mut call, &mut Hands::default()).await {
            Advance::Done(result) => result,
            Advance::Item(never) => match never {},
        }
    }

    /// Drives a call that sends content to its end.
    pub(crate) async fn upload<T>(&self, mut call: Call<T>, upload: &mut Upload) -> Result<T> {
        let mut hands = Hands {
            upload: Some(upload),
            ..Hands::default()
        };
        match self.advance(&mut call, &mut hands).await {
            Advance::Done(result) => result,
            Advance::Item(never) => match never {},
        }
    }

    /// Drives a call until it gives something or ends.
    pub(crate) async fn advance<T, I>(
        &self,
        call: &mut Call<T, I>,
        hands: &mut Hands<'_>,
    ) -> Advance<T, I> {
        loop {
            let entropy = match getrandom::u64() {
                Ok(entropy) => entropy,
                Err(cause) => return Advance::Done(Err(no_entropy(cause))),
            };
            match call.next(self.now(), entropy) {
                Step::Send(transmission) => {
                    let deadline = self.instant(call.deadline());
                    let sent = self
                        .send(*transmission, hands.upload.as_deref_mut(), deadline)
                        .await;
                    if let Some(roots) = sent.roots {
                        call.computed(roots);
                    }
                    match sent.outcome {
                        Ok((response, delivery)) => call.responded(response, delivery),
                        Err(Failed { error, delivery }) => call.failed(error, delivery),
                    }
                }
                Step::Open(transmission) => {
                    hands.body = None;
                    let deadline = self.instant(call.deadline());
                    match self.open(*transmission, deadline).await {
                        Ok(Opened::Success(head, body)) => {
                            hands.body = Some(body);
                            call.opened(head);
                        }
                        Ok(Opened::Refusal(response, delivery)) => {
                            call.responded(response, delivery);
                        }
                        Err(Failed { error, delivery }) => call.failed(error, delivery),
                    }
                }
                Step::Pull => {
                    let piece = match &mut hands.body {
                        Some(body) => body.next().await,
                        None => Ok(None),
                    };
                    call.pulled(piece);
                }
                Step::Close => hands.body = None,
                Step::Compare(leaf) => {
                    let same = match &hands.local {
                        Some(local) => local.has(leaf).await,
                        None => false,
                    };
                    call.compared(same);
                }
                Step::LookUp(cid) => {
                    let found = match &self.means {
                        Means::Car(car) => {
                            let car = car.clone();
                            blocking(move || car.block(&cid)).await
                        }
                        Means::Network(_) => Ok(None),
                    };
                    call.looked_up(found);
                }
                Step::Sleep(delay) => {
                    let delay = self.shortened(delay, call.deadline());
                    trace!(milliseconds = milliseconds(delay), "waiting");
                    sleep(delay).await;
                }
                Step::Read(reading) => {
                    let read = read(hands.upload.as_deref(), &reading);
                    match self.instant(call.deadline()) {
                        Some(deadline) => {
                            if let Ok(roots) = timeout_at(deadline, read).await {
                                call.computed(roots);
                            }
                        }
                        None => call.computed(read.await),
                    }
                }
                Step::Yield(item) => return Advance::Item(item),
                Step::Done(result) => return Advance::Done(result),
            }
        }
    }

    async fn send(
        &self,
        transmission: Transmission,
        upload: Option<&mut Upload>,
        deadline: Option<Instant>,
    ) -> Transmitted {
        let span = debug_span!(
            "request",
            operation = transmission.operation,
            attempt = transmission.attempt,
            method = %transmission.request.method(),
            path = transmission.request.uri().path(),
            status = Empty,
            bytes_sent = Empty,
            bytes_received = Empty,
        );
        let began = Instant::now();
        let sent = async {
            let Means::Network(transport) = &self.means else {
                return Transmitted {
                    outcome: Err(Failed::unsent(no_network())),
                    roots: None,
                };
            };
            let (parts, body) = transmission.request.into_parts();
            let bytes = match body {
                RequestBody::Empty => Bytes::new(),
                RequestBody::Json(json) => json,
                RequestBody::Multipart(plan) => {
                    let request = Request::from_parts(parts, plan);
                    let Some(upload) = upload else {
                        return Transmitted {
                            outcome: Err(Failed::unsent(no_content())),
                            roots: None,
                        };
                    };
                    let exchange = Exchange {
                        transport,
                        profiles: transmission.profiles,
                        pause: transmission.pause,
                        patience: transmission.patience,
                        limit: transmission.response_limit,
                        fresh_connection: transmission.fresh_connection,
                        deadline,
                    };
                    return upload.send(request, exchange).await;
                }
            };
            tracing::Span::current().record("bytes_sent", bytes.len());
            let request = Request::from_parts(parts, Body::Bytes(bytes));
            let outcome = transport
                .send(
                    request,
                    transmission.response_limit,
                    transmission.fresh_connection,
                    deadline,
                )
                .await;
            Transmitted {
                outcome,
                roots: None,
            }
        }
        .instrument(span.clone())
        .await;
        span.in_scope(|| report(&sent, began.elapsed()));
        sent
    }

    async fn open(
        &self,
        transmission: Transmission,
        deadline: Option<Instant>,
    ) -> Result<Opened, Failed> {
        let (parts, _) = transmission.request.into_parts();
        let path = parts.uri.path();
        debug!(operation = transmission.operation, path, "opening");
        let request = Request::from_parts(parts, Body::Bytes(Bytes::new()));
        match &self.means {
            Means::Network(transport) => transport.open(request, deadline).await,
            Means::Car(_) => Err(Failed::unsent(no_network())),
        }
    }

    fn instant(&self, deadline: Option<Duration>) -> Option<Instant> {
        self.epoch.checked_add(deadline?.saturating_sub(self.age))
    }

    /// A delay that doesn't outlast the call.
    fn shortened(&self, delay: Duration, deadline: Option<Duration>) -> Duration {
        let rest = deadline.map(|deadline| deadline.saturating_sub(self.now()));
        delay.min(rest.unwrap_or(Duration::MAX))
    }
}

/// How a request with content is sent.
pub(crate) struct Exchange<'a> {
    pub(crate) transport: &'a Transport,
    pub(crate) profiles: Vec<w3pin_unixfs::Profile>,
    pub(crate) pause: Duration,
    pub(crate) patience: Duration,
    pub(crate) limit: usize,
    pub(crate) fresh_connection: bool,
    pub(crate) deadline: Option<Instant>,
}

async fn read(upload: Option<&Upload>, reading: &Reading) -> Result<Vec<Computed>> {
    match upload {
        Some(upload) => upload.roots(reading).await,
        None => Err(no_content()),
    }
}

/// Logs what came of a request. No header and no body is in it, and so no key.
fn report(sent: &Transmitted, elapsed: Duration) {
    let milliseconds = milliseconds(elapsed);
    let span = tracing::Span::current();
    match &sent.outcome {
        Ok((response, _)) => {
            span.record("status", response.status().as_u16());
            span.record("bytes_received", response.body().len());
            debug!(milliseconds, "response");
        }
        Err(failed) => debug!(milliseconds, error = %failed.error, "no response"),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn no_network() -> Error {
    Error::invalid_input("call", "a CAR file is read without a network")
}

fn no_content() -> Error {
    Error::invalid_input("content", "the call has no content to read")
}

pub(crate) fn no_entropy(cause: getrandom::Error) -> Error {
    Error::new(
        ErrorKind::LocalIo,
        format!("the operating system provides no random numbers: {cause}"),
    )
}
