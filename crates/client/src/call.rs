//! One loop for every call: wait for a turn, send, understand, decide, and wait, look or try again.

use std::{pin::pin, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use tokio::time::Instant;
use tracing::{Instrument, Span, debug, debug_span, field::Empty};
use w3pin_core::{
    Effect, Error, ErrorKind, Failure, Operation, PinSearch, RequestBody, Result, RetryDecision,
    RetryPolicy,
};

use crate::{
    client::Inner,
    transport::{Body, Failed, MOST_REDIRECTS, location},
};

/// The most that the answer of a success may have: room for a hundred thousand pins on a page.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// Something to be tried until it succeeds.
pub(crate) trait Attempt: Send {
    type Output: Send;
    /// The operation's name in traces.
    const NAME: &'static str;
    const EFFECT: Effect;

    /// Tries once, for the `number`th time, counted from 1.
    fn send(&mut self) -> impl Future<Output = Result<Self::Output, Failed>> + Send;

    /// Looks whether a try whose answer was lost has had its effect.
    fn reconcile(&mut self) -> impl Future<Output = Result<Option<Self::Output>>> + Send {
        std::future::ready(Ok(None))
    }

    /// Whether it can be sent once more.
    fn repeatable(&self) -> bool {
        true
    }

    /// The time spent on sending a body, which doesn't count against the budget.
    fn sending(&self) -> Duration {
        Duration::ZERO
    }
}

/// How long and how often a call may try.
#[derive(Debug)]
pub(crate) struct Limits<'a> {
    retry: &'a RetryPolicy,
    began: Instant,
    timeout: Option<Duration>,
}

impl<'a> Limits<'a> {
    /// The call begins now.
    pub(crate) fn new(retry: &'a RetryPolicy, timeout: Option<Duration>) -> Self {
        Self {
            retry,
            began: Instant::now(),
            timeout,
        }
    }

    /// Awaits all of the call, but no longer than it may take.
    pub(crate) async fn within<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let Some(timeout) = self.timeout else {
            return call.await;
        };
        match tokio::time::timeout_at(self.began + timeout, call).await {
            Ok(result) => result,
            Err(_) => Err(Error::new(
                ErrorKind::Timeout,
                format!("the call wasn't done within {} s", timeout.as_secs_f64()),
            )),
        }
    }

    fn leaves(&self, delay: Duration) -> bool {
        self.timeout
            .is_none_or(|timeout| self.began.elapsed() + delay < timeout)
    }

    /// Tries until it succeeds, must not be tried again, or the limits are reached.
    pub(crate) async fn persevere<A: Attempt>(&self, attempt: &mut A) -> Result<A::Output> {
        let mut number = 0;
        let mut may_be_done = false;
        loop {
            number += 1;
            let span = debug_span!(
                "call",
                operation = A::NAME,
                attempt = number,
                status = Empty,
                bytes_sent = Empty,
                bytes_received = Empty,
            );
            let failed = match attempt.send().instrument(span).await {
                Ok(output) => return Ok(output),
                Err(failed) => failed,
            };
            let failure = Failure {
                effect: A::EFFECT,
                sent: failed.sent,
                attempt: number,
                elapsed: self.began.elapsed().saturating_sub(attempt.sending()),
            };
            let error = failed.error;
            // What an earlier try made before its answer was lost isn't what was there before.
            if may_be_done
                && error.kind() == ErrorKind::AlreadyPinned
                && let Ok(Some(output)) = attempt.reconcile().await
            {
                return Ok(output);
            }
            let lost = failed.sent.may_have_acted(&error);
            may_be_done |= lost;
            let give_up = |error: Error| match A::EFFECT {
                Effect::Pin if lost => error.with_unknown_outcome(),
                Effect::Pin | Effect::Unpin | Effect::Read => error,
            };
            let decision = self.retry.decide(&error, failure, entropy()?);
            let (delay, reconcile) = match decision {
                RetryDecision::GiveUp => return Err(give_up(error)),
                RetryDecision::Retry(delay) => (delay, false),
                RetryDecision::Reconcile(delay) => (delay, true),
            };
            if !self.leaves(delay) || !(reconcile || attempt.repeatable()) {
                return Err(give_up(error));
            }
            debug!(
                operation = A::NAME,
                attempt = number,
                kind = error.kind().as_str(),
                delay_ms = delay.as_millis(),
                reconcile,
                "trying again"
            );
            tokio::time::sleep(delay).await;
            if reconcile {
                match attempt.reconcile().await {
                    Ok(Some(output)) => return Ok(output),
                    Ok(None) if attempt.repeatable() => {}
                    // Sent once more without knowing, it might be done twice; and what the list
                    // doesn't show yet may be under way.
                    Ok(None) | Err(_) => return Err(give_up(error)),
                }
            }
        }
    }
}

/// A call without more to it than its operation.
pub(crate) struct Plain<'a, O> {
    pub(crate) client: &'a Inner,
    pub(crate) operation: &'a O,
}

impl<O: Operation<Output: Send> + Sync> Attempt for Plain<'_, O> {
    type Output = O::Output;
    const NAME: &'static str = O::NAME;
    const EFFECT: Effect = O::EFFECT;

    async fn send(&mut self) -> Result<O::Output, Failed> {
        let request = self
            .operation
            .prepare(&self.client.endpoint, &self.client.credentials)
            .map_err(Failed::unsent)?;
        let (parts, body) = request.into_parts();
        let body = match body {
            RequestBody::Json(json) => json,
            _ => Bytes::new(),
        };
        let request = Request::from_parts(parts, Body::Bytes(body));
        self.client.exchange(self.operation, request).await
    }
}

impl Inner {
    /// Calls an operation that has no more to it, within the client's own limits.
    pub(crate) async fn call<O: Operation<Output: Send> + Sync>(
        &self,
        operation: &O,
    ) -> Result<O::Output> {
        let limits = Limits::new(&self.retry, Some(self.call_timeout));
        let mut attempt = Plain {
            client: self,
            operation,
        };
        limits.within(limits.persevere(&mut attempt)).await
    }

    /// The pin that is searched for.
    pub(crate) async fn find(&self, mut search: PinSearch) -> Result<Option<w3pin_core::Pin>> {
        while let Some(list) = search.next_page() {
            if let Some(pin) = search.accept(self.call(&list).await?) {
                return Ok(Some(pin));
            }
        }
        Ok(None)
    }

    /// Sends a request once, but follows redirects that keep the keys where they are known.
    pub(crate) async fn exchange<O: Operation + Sync>(
        &self,
        operation: &O,
        request: Request<Body>,
    ) -> Result<O::Output, Failed> {
        let (method, uri, headers) = (
            request.method().clone(),
            request.uri().clone(),
            request.headers().clone(),
        );
        let sending = match request.body() {
            Body::Upload(upload) => Some(upload.sending()),
            Body::Bytes(bytes) => {
                Span::current().record("bytes_sent", bytes.len());
                None
            }
        };
        let mut from = uri;
        let mut result = self.step(request).await;
        let mut hops = 0;
        while let Ok(response) = &result {
            let Some(target) = self.redirected(&method, &from, response) else {
                break;
            };
            hops += 1;
            if hops > MOST_REDIRECTS {
                break;
            }
            let mut next = Request::new(Body::Bytes(Bytes::new()));
            *next.uri_mut() = target.clone();
            next.headers_mut().clone_from(&headers);
            from = target;
            result = self.step(next).await;
        }
        let sent = match &sending {
            Some(sending) => {
                Span::current().record("bytes_sent", sending.bytes());
                sending.sent()
            }
            None => w3pin_core::Sent::Everything,
        };
        let (parts, body) = result?.into_parts();
        operation
            .parse(Response::from_parts(parts, &body[..]))
            .map_err(|error| Failed { error, sent })
    }

    async fn step(&self, request: Request<Body>) -> Result<Response<Bytes>, Failed> {
        self.turn().await;
        let response = self.transport.send(request, ANSWER_LIMIT).await?;
        Span::current()
            .record("status", response.status().as_u16())
            .record("bytes_received", response.body().len());
        Ok(response)
    }

    fn redirected(&self, method: &Method, from: &Uri, response: &Response<Bytes>) -> Option<Uri> {
        let location = location(response).filter(|_| method == Method::GET)?;
        self.endpoint.same_origin_redirect(from, location)
    }

    /// Waits until the pacing allows another request.
    async fn turn(&self) {
        let wait = self.reserve();
        if !wait.is_zero() {
            let mut sleep = pin!(tokio::time::sleep(wait));
            sleep.as_mut().await;
        }
    }
}

/// A random number to spread retries by.
fn entropy() -> Result<u64> {
    getrandom::u64().map_err(no_entropy)
}

pub(crate) fn no_entropy(cause: getrandom::Error) -> Error {
    Error::new(
        ErrorKind::LocalIo,
        format!("the operating system gives no random numbers: {cause}"),
    )
}
