//! Requests out, answers back: the only place that knows the HTTP library.

use std::{error::Error as StdError, io, sync::OnceLock, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, Response, header};
use tokio::time::Instant;
use w3pin_core::{Delivery, Error, ErrorKind, Result, Sent};

mod body;
mod proxy;
mod tls;

pub(crate) use self::{
    body::{Block, Sending, UploadBody},
    proxy::Proxy,
    tls::RootCertificates,
};

/// Refusals are short; what a proxy may put in their place is not worth more.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// What a request carries.
pub(crate) enum Body {
    Bytes(Bytes),
    Upload(UploadBody),
}

/// A request without a response.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) delivery: Delivery,
}

impl Failed {
    /// Before anything was sent.
    pub(crate) fn unsent(error: Error) -> Self {
        Self {
            error,
            delivery: Delivery::unsent(),
        }
    }
}

/// How requests travel.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) proxy: Proxy,
    pub(crate) roots: RootCertificates,
    pub(crate) user_agent: HeaderValue,
}

/// The connections of a client.
pub(crate) struct Transport {
    settings: Settings,
    /// Made for the first request, so that a client that is never used costs nothing.
    http: OnceLock<reqwest::Client>,
}

impl Transport {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            http: OnceLock::new(),
        }
    }

    /// Sends a request and reads its response, of which a success may have `limit` bytes. Gives up at the
    /// deadline.
    pub(crate) async fn send(
        &self,
        request: Request<Body>,
        limit: usize,
        _fresh_connection: bool,
        deadline: Option<Instant>,
    ) -> Result<(Response<Bytes>, Delivery), Failed> {
        let http = self.http().map_err(Failed::unsent)?;
        let (parts, body) = request.into_parts();
        let (body, sending) = match body {
            Body::Bytes(bytes) => (reqwest::Body::from(bytes), None),
            Body::Upload(upload) => {
                let sending = upload.sending();
                (reqwest::Body::wrap(upload), Some(sending))
            }
        };
        let request = reqwest::Request::try_from(Request::from_parts(parts, body))
            .map_err(|cause| Failed::unsent(unusable(cause)))?;
        let mut progress = Progress {
            idle: self.settings.idle_timeout,
            last: Instant::now(),
            deadline,
            sending,
        };

        let answer = match progress.watch(http.execute(request)).await {
            Some(Ok(answer)) => answer,
            Some(Err(cause)) => {
                let delivery = progress.delivery(cause.is_connect());
                let error = self.failure(cause);
                return Err(Failed { error, delivery });
            }
            None => return Err(progress.stalled()),
        };
        if let Some(sending) = &progress.sending {
            // What is still to send can only break the connection that the answer is on.
            sending.hold();
        }
        progress.read(answer, limit).await
    }

    fn http(&self) -> Result<&reqwest::Client> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.settings.roots.config()?)
            .user_agent(self.settings.user_agent.clone())
            .connect_timeout(self.settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .tcp_nodelay(true);
        match self.settings.proxy.proxy()? {
            Some(proxy) => builder = builder.proxy(proxy),
            None if matches!(self.settings.proxy, Proxy::Never) => builder = builder.no_proxy(),
            None => {}
        }
        let http = builder.build().map_err(unusable)?;
        Ok(self.http.get_or_init(|| http))
    }

    fn failure(&self, cause: reqwest::Error) -> Error {
        let seconds = self.settings.connect_timeout.as_secs_f64();
        let reason = reason(&cause);
        let error = match (cause.is_connect(), cause.is_timeout()) {
            (true, true) => Error::new(
                ErrorKind::Timeout,
                format!("there was no connection to the service within {seconds} s"),
            ),
            (true, false) if tls::refused(&cause) => Error::new(
                ErrorKind::Transport,
                format!(
                    "the service's certificate isn't trusted ({reason}); add its root certificate \
                     if it is your own"
                ),
            )
            .with_retryable(false),
            (true, false) => Error::new(
                ErrorKind::Transport,
                format!(
                    "the service can't be reached ({reason}); check the endpoint and the network"
                ),
            ),
            (false, _) => Error::new(
                ErrorKind::Transport,
                format!("the connection to the service broke ({reason})"),
            ),
        };
        error.with_source(cause.without_url())
    }
}

/// How far a request and its answer are.
struct Progress {
    idle: Duration,
    last: Instant,
    deadline: Option<Instant>,
    sending: Option<std::sync::Arc<Sending>>,
}

impl Progress {
    /// Awaits a step, for as long as it or the body gets further in time.
    async fn watch<T>(&mut self, step: impl Future<Output = T>) -> Option<T> {
        let mut step = std::pin::pin!(step);
        loop {
            let moved = self.sending.as_ref().and_then(|sending| sending.last());
            let last = moved.map_or(self.last, |moved| moved.max(self.last));
            // A time that no clock reaches is no limit.
            let idle = last.checked_add(self.idle);
            let Some(until) = idle.into_iter().chain(self.deadline).min() else {
                return Some(step.await);
            };
            match tokio::time::timeout_at(until, &mut step).await {
                Ok(done) => {
                    self.last = Instant::now();
                    return Some(done);
                }
                Err(_) => {
                    let moved = self.sending.as_ref().and_then(|sending| sending.last());
                    if self.is_late() || moved.is_none_or(|moved| moved <= last) {
                        return None;
                    }
                }
            }
        }
    }

    fn is_late(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| deadline <= Instant::now())
    }

    fn delivery(&self, unconnected: bool) -> Delivery {
        match &self.sending {
            Some(sending) => Delivery {
                sent: sending.sent(),
                sending: sending.time(),
                ..Delivery::complete()
            },
            None if unconnected => Delivery::unsent(),
            None => Delivery::complete(),
        }
    }

    fn stalled(&self) -> Failed {
        let seconds = self.idle.as_secs_f64();
        let delivery = self.delivery(false);
        let reason = match delivery.sent {
            _ if self.is_late() => "the call's time is over".to_owned(),
            Sent::Everything => format!("the service sent nothing for {seconds} s"),
            Sent::Nothing | Sent::Part => format!("the upload got no further for {seconds} s"),
        };
        Failed {
            error: Error::new(ErrorKind::Timeout, reason),
            delivery,
        }
    }

    async fn read(
        mut self,
        mut answer: reqwest::Response,
        limit: usize,
    ) -> Result<(Response<Bytes>, Delivery), Failed> {
        let success = answer.status().is_success();
        let limit = if success { limit } else { REFUSAL_LIMIT };
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        // A recipient with a clock adds what the sender left out (RFC 9110 6.6.1).
        response
            .headers_mut()
            .entry(header::DATE)
            .or_insert_with(now);

        let mut body = BytesMut::new();
        loop {
            match self.watch(answer.chunk()).await {
                Some(Ok(Some(chunk))) if body.len() + chunk.len() <= limit => {
                    body.extend_from_slice(&chunk);
                }
                Some(Ok(Some(chunk))) if !success => {
                    body.extend_from_slice(&chunk[..limit - body.len()]);
                    break;
                }
                Some(Ok(Some(_))) => {
                    let reason = format!("the service's answer is longer than {limit} bytes");
                    return Err(self.unreadable(&response, &body, reason, false));
                }
                Some(Ok(None)) => break,
                // A refusal counts, however much of its text was lost.
                Some(Err(_)) | None if !success => break,
                Some(Err(cause)) => {
                    let reason = "the service's answer is cut short".to_owned();
                    let mut failed = self.unreadable(&response, &body, reason, true);
                    failed.error = failed.error.with_source(cause.without_url());
                    return Err(failed);
                }
                None => return Err(self.stalled()),
            }
        }
        *response.body_mut() = body.freeze();
        Ok((response, self.delivery(false)))
    }

    fn unreadable(
        &self,
        response: &Response<Bytes>,
        body: &[u8],
        reason: String,
        retryable: bool,
    ) -> Failed {
        Failed {
            error: Error::new(ErrorKind::Decode, reason)
                .with_status(response.status())
                .with_body(body)
                .with_retryable(retryable),
            delivery: self.delivery(false),
        }
    }
}

fn now() -> HeaderValue {
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    HeaderValue::try_from(date).unwrap_or(HeaderValue::from_static(""))
}

/// Settings that the HTTP library doesn't take.
fn unusable(cause: reqwest::Error) -> Error {
    let cause = cause.without_url();
    Error::invalid_input(
        "endpoint",
        format!(
            "no request can be made with these settings ({})",
            reason(&cause)
        ),
    )
    .with_source(cause)
}

/// What is at the bottom of an error, without the layers of the library above it.
fn reason(error: &(dyn StdError + 'static)) -> String {
    let mut bottom = error;
    while let Some(cause) = bottom.source() {
        bottom = cause;
    }
    let inner = bottom
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    inner.map_or_else(|| bottom.to_string(), ToString::to_string)
}
