//! A single request on a connection, and its response.

use std::{future::poll_fn, pin::Pin, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};
use w3pin_core::{Delivery, Error, ErrorKind, Result, Sent};

use super::{
    Failed, TransportOptions,
    body::{Body, Sending},
    bottom, broken,
    pool::Lease,
    too_late, tunnel,
};

/// Refusals are short, and longer texts of proxies aren't worth reading.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// Sends a request and reads its response, which may have up to `limit` bytes if it is successful.
pub(super) async fn exchange(
    lease: Lease,
    request: Request<Body>,
    limit: usize,
    settings: &TransportOptions,
    deadline: Option<Instant>,
) -> Result<(Response<Bytes>, Delivery), Failed> {
    let (response, lease, progress) = head(lease, request, settings, deadline).await?;
    read(response, limit, lease, progress).await
}

/// Sends a request and reads the head of its response, or the whole response if it is a refusal.
pub(super) async fn open(
    lease: Lease,
    request: Request<Body>,
    settings: &TransportOptions,
    deadline: Option<Instant>,
) -> Result<Opened, Failed> {
    let (response, lease, progress) = head(lease, request, settings, deadline).await?;
    if !response.status().is_success() {
        let (response, delivery) = read(response, REFUSAL_LIMIT, lease, progress).await?;
        return Ok(Opened::Refusal(response, delivery));
    }
    let (head, incoming) = response.into_parts();
    let incoming = ResponseBody {
        incoming,
        lease: Some(lease),
        progress,
    };
    Ok(Opened::Success(
        Response::from_parts(head, ()),
        Box::new(incoming),
    ))
}

/// A response whose body can be streamed.
pub(crate) enum Opened {
    Success(Response<()>, Box<ResponseBody>),
    Refusal(Response<Bytes>, Delivery),
}

/// The body of a response. Dropping it before the end closes its connection.
pub(crate) struct ResponseBody {
    incoming: Incoming,
    lease: Option<Lease>,
    progress: Watch,
}

impl ResponseBody {
    /// Returns the next piece, or `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if self.lease.is_none() {
                return Ok(None);
            }
            let incoming = &mut self.incoming;
            let frame = poll_fn(|cx| Pin::new(&mut *incoming).poll_frame(cx));
            match self.progress.watch(frame).await {
                Some(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data()
                        && !bytes.is_empty()
                    {
                        return Ok(Some(bytes));
                    }
                }
                Some(None) => {
                    if let Some(lease) = self.lease.take() {
                        lease.put_back();
                    }
                }
                Some(Some(Err(cause))) => {
                    self.give_up();
                    let reason = "the gateway's response is truncated";
                    return Err(Error::new(ErrorKind::Decode, reason)
                        .with_retryable(true)
                        .with_source(bottom(&cause)));
                }
                None => {
                    self.give_up();
                    return Err(self.progress.stalled().error);
                }
            }
        }
    }

    fn give_up(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_up();
        }
    }
}

/// Sends a request and reads the head of its response.
async fn head(
    mut lease: Lease,
    request: Request<Body>,
    settings: &TransportOptions,
    deadline: Option<Instant>,
) -> Result<(Response<Incoming>, Lease, Watch), Failed> {
    let mut progress = Watch {
        idle_timeout: settings.idle_timeout,
        response_timeout: settings.response_timeout,
        moved: Instant::now(),
        deadline,
        response_deadline: None,
        sending: match request.body() {
            Body::Bytes(_) => None,
            Body::Upload(upload) => Some(upload.sending()),
        },
        reused_connection: lease.connection.is_reused(),
    };
    let response = match progress.watch(lease.connection.send(request)).await {
        Some(Ok(response)) => response,
        Some(Err(mut cause)) => {
            lease.give_up();
            let mut delivery = progress.delivery();
            if cause.take_message().is_some() {
                delivery.sent = Sent::Nothing;
            }
            let error = broken(&cause.into_error());
            return Err(Failed { error, delivery });
        }
        None => {
            lease.give_up();
            return Err(progress.stalled());
        }
    };
    if let Some(sending) = &progress.sending {
        // Sending the rest could only break the connection that the response is on.
        sending.hold();
    }
    if let Some(proxy) = lease.connection.proxy()
        && response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
    {
        return Err(Failed {
            error: tunnel::refused(proxy, response.status()),
            delivery: progress.delivery(),
        });
    }
    Ok((response, lease, progress))
}

/// Reads a response, which may have up to `limit` bytes if it is successful.
async fn read(
    response: Response<Incoming>,
    limit: usize,
    lease: Lease,
    mut progress: Watch,
) -> Result<(Response<Bytes>, Delivery), Failed> {
    match progress.read(response, limit).await {
        Ok((response, is_whole)) => {
            if is_whole {
                lease.put_back();
            }
            Ok((response, progress.delivery()))
        }
        Err(failed) => {
            lease.give_up();
            Err(failed)
        }
    }
}

/// Watches the progress of a request and its response.
struct Watch {
    idle_timeout: Duration,
    response_timeout: Duration,
    /// The time of the last progress.
    moved: Instant,
    /// The deadline of the call.
    deadline: Option<Instant>,
    /// The deadline of the response.
    response_deadline: Option<Instant>,
    sending: Option<Arc<Sending>>,
    reused_connection: bool,
}

impl Watch {
    /// Awaits a step, as long as it or the body makes progress in time.
    async fn watch<T>(&mut self, step: impl Future<Output = T>) -> Option<T> {
        let mut step = std::pin::pin!(step);
        loop {
            let sent = self.sending.as_ref().and_then(|sending| sending.last());
            let moved = sent.map_or(self.moved, |sent| sent.max(self.moved));
            // A time beyond the clock's range means no limit.
            let patience = self.sending.as_ref().map(|sending| sending.patience());
            let idle_timeout = self
                .idle_timeout
                .saturating_add(patience.unwrap_or_default());
            let limits = [
                moved.checked_add(idle_timeout),
                self.deadline,
                self.response_deadline,
            ];
            let Some(until) = limits.into_iter().flatten().min() else {
                return Some(step.await);
            };
            match timeout_at(until, &mut step).await {
                Ok(done) => {
                    self.moved = Instant::now();
                    return Some(done);
                }
                Err(_) => {
                    let sent = self.sending.as_ref().and_then(|sending| sending.last());
                    let is_late = has_passed(self.deadline) || has_passed(self.response_deadline);
                    if is_late || sent.is_none_or(|sent| sent <= moved) {
                        return None;
                    }
                }
            }
        }
    }

    fn delivery(&self) -> Delivery {
        let reused_connection = self.reused_connection;
        match &self.sending {
            Some(sending) => Delivery {
                sent: sending.sent(),
                sending: sending.time(),
                reused_connection,
            },
            None => Delivery {
                reused_connection,
                ..Delivery::complete()
            },
        }
    }

    fn stalled(&self) -> Failed {
        let delivery = self.delivery();
        let seconds = self.idle_timeout.as_secs_f64();
        let error = if has_passed(self.deadline) {
            too_late()
        } else if has_passed(self.response_deadline) {
            let seconds = self.response_timeout.as_secs_f64();
            timeout(format!(
                "the service's response took longer than {seconds} s to arrive"
            ))
        } else if delivery.sent == Sent::Everything {
            timeout(format!("the service sent nothing for {seconds} s"))
        } else {
            timeout(format!("the upload made no progress for {seconds} s"))
        };
        Failed { error, delivery }
    }

    /// Reads a response. Returns whether it is complete.
    async fn read(
        &mut self,
        response: Response<Incoming>,
        limit: usize,
    ) -> Result<(Response<Bytes>, bool), Failed> {
        self.response_deadline = self.moved.checked_add(self.response_timeout);
        let (mut head, mut incoming) = response.into_parts();
        // A recipient with a clock adds a missing date (RFC 9110, section 6.6.1).
        head.headers.entry(header::DATE).or_insert_with(now);
        let is_success = head.status.is_success();
        let limit = if is_success { limit } else { REFUSAL_LIMIT };
        let unreadable = |body: &[u8], reason: String| {
            Error::new(ErrorKind::Decode, reason)
                .with_status(head.status)
                .with_body(body)
        };

        let mut body = BytesMut::new();
        let is_whole = loop {
            let frame = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx));
            match self.watch(frame).await {
                Some(Some(Ok(frame))) => {
                    let Ok(bytes) = frame.into_data() else {
                        continue;
                    };
                    let room = limit - body.len();
                    if bytes.len() <= room {
                        body.extend_from_slice(&bytes);
                    } else if is_success {
                        let reason = format!("the service's response is longer than {limit} bytes");
                        return Err(Failed {
                            error: unreadable(&body, reason),
                            delivery: self.delivery(),
                        });
                    } else {
                        body.extend_from_slice(&bytes[..room]);
                        break false;
                    }
                }
                Some(None) => break true,
                // A refusal counts, even if a part of its text is lost.
                Some(Some(Err(_))) | None if !is_success => break false,
                Some(Some(Err(cause))) => {
                    let reason = "the service's response is truncated".to_owned();
                    return Err(Failed {
                        error: unreadable(&body, reason)
                            .with_retryable(true)
                            .with_source(bottom(&cause)),
                        delivery: self.delivery(),
                    });
                }
                None => return Err(self.stalled()),
            }
        };
        Ok((Response::from_parts(head, body.freeze()), is_whole))
    }
}

fn has_passed(limit: Option<Instant>) -> bool {
    limit.is_some_and(|limit| limit <= Instant::now())
}

fn timeout(reason: String) -> Error {
    Error::new(ErrorKind::Timeout, reason)
}

fn now() -> HeaderValue {
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    HeaderValue::try_from(date).unwrap_or(HeaderValue::from_static(""))
}
