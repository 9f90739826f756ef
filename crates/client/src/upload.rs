//! Sends content.

use std::{pin::pin, sync::Arc};

use http::Request;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    time::{MissedTickBehavior, interval},
};
use tracing::Span;
use w3pin_core::{Computed, Error, FilePart, Multipart, Reading, Result};

use crate::{
    OnProgress,
    blocking::blocking,
    driver::{Exchange, Transmitted},
    progress::{INTERVAL, Reporter},
    transport::{Body, Sending, UploadBody},
};

mod blocks;
mod body_file;
mod feed;
mod outgoing;

use self::feed::{Lanes, Stop, feed};
pub(crate) use self::{
    body_file::write_body,
    outgoing::{Outgoing, Source, is_segment},
};

/// Content to upload, possibly several times by the same call.
pub(crate) struct Upload {
    source: Arc<Source>,
    reporter: Option<Reporter>,
}

impl Upload {
    /// Returns the parts of the content, and what sends them.
    pub(crate) fn new(content: Outgoing, on_progress: Option<OnProgress>) -> (Vec<FilePart>, Self) {
        let total = content.total();
        let upload = Self {
            source: Arc::new(content.source),
            reporter: on_progress.map(|on_progress| Reporter::new(on_progress, total)),
        };
        (content.parts, upload)
    }

    /// Returns whether the content can be read more than once.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.source.can_be_read_again()
    }

    /// Computes the roots of the content without sending it.
    pub(crate) async fn roots(&self, reading: &Reading) -> Result<Vec<Computed>> {
        let wanted = Arc::new(());
        let lanes = Lanes::new(None, &reading.plan, &reading.profiles)?.while_wanted(&wanted);
        let computed = self.feeding(&reading.plan, lanes, None).await;
        drop(wanted);
        match computed {
            Ok(computed) => Ok(computed),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Cut) => Err(Error::invalid_input("content", "reading was cancelled")),
        }
    }

    /// Sends the content once, and computes its roots at the same time.
    pub(crate) async fn send(
        &mut self,
        request: Request<Multipart>,
        exchange: Exchange<'_>,
    ) -> Transmitted {
        let (parts, plan) = request.into_parts();
        let (blocks, receiver) = mpsc::channel(1);
        let (mut body, started) = UploadBody::new(receiver, plan.content_length());
        if !exchange.pause.is_zero() {
            body.pause(exchange.pause);
        }
        let sending = AbortOnDrop(body.sending());
        sending.0.allow(exchange.patience);
        let lanes = match Lanes::new(Some(blocks), &plan, &exchange.profiles) {
            Ok(lanes) => lanes,
            Err(error) => {
                return Transmitted {
                    outcome: Err(crate::transport::Failed::unsent(error)),
                    roots: None,
                };
            }
        };
        let mut feeding = pin!(self.feeding(&plan, lanes, Some(started)));
        let mut responding = pin!(exchange.transport.send(
            Request::from_parts(parts, Body::Upload(body)),
            exchange.limit,
            // A stale connection would consume content that can't be read again.
            exchange.fresh_connection || !self.is_repeatable(),
            exchange.deadline,
        ));

        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut fed = None;
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut responding => break outcome,
                end = &mut feeding, if fed.is_none() => fed = Some(end),
                _ = ticks.tick(), if self.reporter.is_some() => {
                    tell(&mut self.reporter, Reporter::report, &sending.0, &plan);
                }
            }
        };

        Span::current().record("bytes_sent", sending.0.bytes());
        let whole = sending.0.sent() == w3pin_core::Sent::Everything;
        let roots = if whole || sending.0.starved() {
            let end = match fed {
                Some(end) => end,
                None => feeding.await,
            };
            match end {
                Ok(computed) => Some(Ok(computed)),
                Err(Stop::Failed(error)) => Some(Err(error)),
                Err(Stop::Cut) => None,
            }
        } else {
            None
        };
        let accepted = outcome
            .as_ref()
            .is_ok_and(|(response, _)| response.status().is_success());
        if accepted && whole {
            tell(&mut self.reporter, Reporter::finish, &sending.0, &plan);
        }
        Transmitted { outcome, roots }
    }

    /// Reads the source: on a blocking thread; inline, if it is a few bytes in memory; or for a
    /// stream, once its first bytes are requested.
    fn feeding(
        &self,
        plan: &Multipart,
        lanes: Lanes,
        started: Option<oneshot::Receiver<()>>,
    ) -> impl Future<Output = Result<Vec<Computed>, Stop>> + Send + use<> {
        let (plan, source) = (plan.clone(), Arc::clone(&self.source));
        async move {
            if source.is_at_hand() {
                return feed(&plan, &source, lanes).await;
            }
            if source.can_be_read_again() {
                let runtime = Handle::current();
                let reading = move || {
                    let fed = runtime.block_on(feed(&plan, &source, lanes));
                    Ok(fed.map_err(|stop| match stop {
                        Stop::Failed(error) => Stop::Failed(source.blame(error)),
                        Stop::Cut => Stop::Cut,
                    }))
                };
                return blocking(reading).await.map_err(Stop::Failed)?;
            }
            if let Some(started) = started
                && started.await.is_err()
            {
                return Err(Stop::Cut);
            }
            feed(&plan, &source, lanes).await
        }
    }
}

fn tell(
    reporter: &mut Option<Reporter>,
    what: fn(&mut Reporter, u64, Option<&str>),
    sending: &Sending,
    plan: &Multipart,
) {
    if let Some(reporter) = reporter {
        let (content, file) = sending.content();
        let file = plan.parts().get(file);
        what(reporter, content, file.map(|part| part.name().as_str()));
    }
}

/// Aborts an upload whose future is dropped.
struct AbortOnDrop(Arc<Sending>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
