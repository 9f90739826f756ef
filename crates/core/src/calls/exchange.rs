//! A single operation, sent with the account's credentials.

use http::{HeaderMap, Method, Response, header};
use time::OffsetDateTime;
use w3pin_unixfs::Profile;

use super::{
    attempts::{Attempts, Failed},
    call::Transmission,
    port::{Port, Told},
    session::Session,
};
use crate::{
    Computed, Error, ErrorKind, NoBody, Operation, Result, Semantics, Sent,
    decisions::redirect::{MOST_REDIRECTS, location, with_credentials},
};

/// The content of a response, and when the service sent it.
pub(crate) struct Answer<T> {
    pub(crate) output: T,
    pub(crate) date: Option<OffsetDateTime>,
}

/// The outcome of an attempt, and the roots of the content that were computed while it was sent.
pub(crate) type Attempted<T> = (Result<Answer<T>, Failed>, Vec<Computed>);

impl Session {
    /// Sends a read-only operation until it has an outcome, within the time limit of a call.
    pub(crate) async fn read<I, O>(
        &self,
        port: &Port<I>,
        operation: &O,
    ) -> Result<Answer<O::Output>>
    where
        O: Operation<Body = NoBody>,
    {
        let mut attempts = Attempts::new(port, self.retry_policy().clone())?;
        let part = async {
            loop {
                match self.attempt(&mut attempts, operation, &[]).await.0 {
                    Ok(answer) => return Ok(answer),
                    Err(failed) => attempts.again(failed, true).await?,
                }
            }
        };
        port.within(self.time_for_a_call(), part).await
    }

    /// Sends an operation once: waits for its turn, follows redirects that keep the credentials
    /// within their origin, and parses the response. The roots of any content are computed at the
    /// same time.
    pub(crate) async fn attempt<I, O: Operation>(
        &self,
        attempts: &mut Attempts<'_, I>,
        operation: &O,
        profiles: &[Profile],
    ) -> Attempted<O::Output> {
        let port = attempts.port();
        let attempt = attempts.start();
        let mut redirects = 0;
        let mut redirected = None;
        let (told, roots) = loop {
            let mut request = match operation.prepare(self.endpoint(), self.credentials()) {
                Ok(request) => request,
                Err(error) => return (Err(Failed::unsent(error)), Vec::new()),
            };
            if let Some(uri) = redirected {
                *request.uri_mut() = uri;
            }
            let uri = request.uri().clone();
            let turn = self.reserve(port.now());
            port.sleep(turn).await;
            let transmission = Transmission {
                operation: O::NAME,
                attempt: attempt.number,
                request,
                profiles: profiles.to_vec(),
                pause: attempt.pause,
                patience: operation.patience(),
                fresh_connection: attempt.fresh_connection,
                response_limit: operation.response_limit(),
                creates: O::SEMANTICS == Semantics::Creating,
            };
            let (told, roots) = port.send(transmission).await;
            let target = match &told {
                Told::Response(response, _) if redirects < MOST_REDIRECTS => location(response)
                    .filter(|_| O::METHOD == Method::GET)
                    .and_then(|to| with_credentials(self.endpoint(), &uri, to)),
                _ => None,
            };
            if target.is_none() {
                break (told, roots);
            }
            redirected = target;
            redirects += 1;
        };
        let (delivery, outcome) = match told {
            Told::Failure(error, delivery) => (delivery, Err(Failed::silent(error, delivery))),
            Told::Response(response, delivery) => {
                let date = date(response.headers());
                let understood =
                    self.understand(operation, response)
                        .and_then(|output| match delivery.sent {
                            Sent::Everything => Ok(Answer { output, date }),
                            Sent::Nothing | Sent::Part => Err(Error::new(
                                ErrorKind::Decode,
                                "the service responded before the upload was complete",
                            )
                            .with_unknown_outcome()),
                        });
                let outcome = understood.map_err(|error| Failed::refused(error, delivery));
                (delivery, outcome)
            }
        };
        attempts.ended(delivery);
        match roots.transpose() {
            Ok(roots) => (
                outcome.map_err(|failed| self.redacted(failed)),
                roots.unwrap_or_default(),
            ),
            // Unreadable content explains any other failure.
            Err(error) => {
                let acted = outcome.as_ref().err().is_none_or(Failed::may_have_acted);
                let error = if acted && O::SEMANTICS == Semantics::Creating {
                    error.with_unknown_outcome()
                } else {
                    error
                };
                (Err(Failed::refused(error, delivery)), Vec::new())
            }
        }
    }

    fn understand<O: Operation>(
        &self,
        operation: &O,
        response: Response<bytes::Bytes>,
    ) -> Result<O::Output> {
        let (head, body) = response.into_parts();
        let borrowed = Response::from_parts(head, &body[..]);
        let mut output = operation.parse(self.endpoint().api(), borrowed)?;
        O::redact(&mut output, self.credentials());
        Ok(output)
    }

    fn redacted(&self, mut failed: Failed) -> Failed {
        failed.error = failed.error.redacted(self.credentials());
        failed
    }
}

/// Returns when the service sent a response, by its own clock.
fn date(headers: &HeaderMap) -> Option<OffsetDateTime> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    Some(httpdate::parse_http_date(date).ok()?.into())
}
