//! Drives calls: performs each step with the transport and tokio's clock, and reports its result.

use std::{pin::pin, sync::LazyLock, time::Duration};

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

/// The state of a call.
pub(crate) enum Advance<T, I> {
    /// It has yielded an item, and continues when polled again.
    Item(I),
    /// It has ended.
    Done(Result<T>),
}

/// The resources of a call besides the network.
#[derive(Default)]
pub(crate) struct Hands<'a> {
    /// The content to send.
    pub(crate) upload: Option<&'a mut Upload>,
    /// The file to compare content with.
    pub(crate) local: Option<LocalFile>,
    /// The open response.
    pub(crate) body: Option<Box<ResponseBody>>,
}

/// Drives the calls of a client.
pub(crate) struct Driver {
    means: Means,
    epoch: Instant,
    /// The age of the process at that time.
    age: Duration,
}

/// Where a driver gets content from.
enum Means {
    Network(Box<Transport>),
    /// The blocks of a CAR file, for calls that need nothing else.
    Car(CarFile),
}

/// All clients of the process share a clock, since they share the cooldowns of hosts.
static PROCESS: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

/// The result of a request, and the roots that were computed while it was sent.
pub(crate) struct Transmitted {
    pub(crate) outcome: Result<(Response<Bytes>, Delivery), Failed>,
    pub(crate) roots: Option<Result<Vec<Computed>>>,
}

impl Driver {
    pub(crate) fn new(transport: Transport) -> Self {
        Self::by(Means::Network(Box::new(transport)))
    }

    /// Returns a driver for calls that read blocks of a CAR file.
    pub(crate) fn over(car: CarFile) -> Self {
        Self::by(Means::Car(car))
    }

    /// Returns a driver with separate connections.
    pub(crate) fn separate(&self) -> Self {
        Self::by(match &self.means {
            Means::Network(transport) => Means::Network(Box::new(transport.separate())),
            Means::Car(car) => Means::Car(car.clone()),
        })
    }

    fn by(means: Means) -> Self {
        Self {
            means,
            age: PROCESS.elapsed(),
            epoch: Instant::now(),
        }
    }

    /// Returns the current time on the clock of all calls.
    pub(crate) fn now(&self) -> Duration {
        self.age + self.epoch.elapsed()
    }

    /// Prepares a call, within the call's own time limit.
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

    /// Drives an upload to its end.
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

    /// Drives a call until it yields an item or ends.
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
        // Pinned here, since moving it would take longer than most of what it does.
        let sending = pin!(async {
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
        });
        let sent = sending.instrument(span.clone()).await;
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

    /// Shortens a delay to end with the call.
    fn shortened(&self, delay: Duration, deadline: Option<Duration>) -> Duration {
        let rest = deadline.map(|deadline| deadline.saturating_sub(self.now()));
        delay.min(rest.unwrap_or(Duration::MAX))
    }
}

/// The parameters of sending a request with content.
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

/// Logs the result of a request. Headers and bodies, and thus keys, aren't logged.
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
    Error::invalid_input("call", "a CAR file is read without the network")
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
