//! Pinning by sending content.

use std::{pin::pin, sync::Arc, time::Duration};

use http::Request;
use time::OffsetDateTime;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    time::{MissedTickBehavior, interval},
};
use tracing::debug;
use w3pin_core::{
    Boundary, Cid, Computed, Effect, Error, ErrorKind, FilePart, Operation, Pin, PinSearch, Result,
    Sent, Verification, Verify,
};
use w3pin_unixfs::Profile;

use crate::{
    PinOptions, Symlinks,
    call::{Attempt, Limits, no_entropy},
    client::{Inner, blocking},
    progress::{INTERVAL, Reporter},
    transport::{Body, Failed, Sending, UploadBody},
    walk::WalkOptions,
};

mod blocks;
mod content;
mod feed;
mod roots;

pub(crate) use self::content::Content;
use self::{
    content::Source,
    feed::{Lanes, Stop, feed},
    roots::Roots,
};

/// How long a try waits for a refusal before its body, where the try before broke in its body: the
/// service may have refused it at once and closed, so that only the broken connection was seen.
const PAUSE: Duration = Duration::from_secs(1);

/// Pins content, once.
pub(crate) async fn pin(
    client: &Inner,
    content: Content,
    options: &PinOptions,
    limits: &Limits<'_>,
) -> Result<Pin> {
    let again = content.source.can_be_read_again();
    if options.skip_if_pinned && !again {
        return Err(Error::invalid_input(
            "skip_if_pinned",
            "a stream can be read once only, so it can't be looked for before it is sent",
        ));
    }
    let mut entropy = [0; 16];
    getrandom::fill(&mut entropy).map_err(no_entropy)?;
    let boundary = Boundary::from_entropy(entropy);
    let total = content.total();
    let operation = w3pin_core::Upload::new(content.parts, &options.metadata, boundary)?;
    let mut upload = Upload {
        client,
        options,
        profile: options.profile.unwrap_or(client.profile),
        operation,
        source: Arc::new(content.source),
        folder: content.folder,
        computed: Vec::new(),
        began: OffsetDateTime::now_utc(),
        reporter: options
            .progress
            .clone()
            .map(|on_progress| Reporter::new(on_progress, total)),
        cautious: false,
        sending: Duration::ZERO,
    };
    if options.skip_if_pinned
        && let Some(pin) = upload.find_existing().await?
    {
        return upload.judge(pin).await;
    }
    match limits.persevere(&mut upload).await {
        Ok(pin) => upload.judge(pin).await,
        Err(error) if error.kind() == ErrorKind::AlreadyPinned => {
            match upload.find_existing().await? {
                Some(pin) => upload.judge(pin).await,
                None => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// What a file without a name of its own is called.
pub(crate) fn file_name(options: &PinOptions, default: &str) -> String {
    let name = options.metadata.name.as_deref().unwrap_or(default);
    let usable = !name.contains('/') && content::check_name(name).is_ok();
    if usable { name } else { default }.to_owned()
}

/// Which entries of a folder are sent.
pub(crate) fn walk_options(options: &PinOptions) -> Result<WalkOptions> {
    if options.symlinks == Symlinks::Preserve {
        return Err(Error::invalid_input(
            "symlinks",
            "an upload can't carry symbolic links; follow, skip or refuse them",
        ));
    }
    Ok(WalkOptions {
        hidden: options.hidden,
        symlinks: options.symlinks,
    })
}

/// An upload on its way.
struct Upload<'a> {
    client: &'a Inner,
    options: &'a PinOptions,
    profile: Profile,
    operation: w3pin_core::Upload,
    source: Arc<Source>,
    /// Whether the root is a folder.
    folder: bool,
    /// The roots of what was sent or read last, that of the expected profile first.
    computed: Vec<Computed>,
    began: OffsetDateTime,
    reporter: Option<Reporter>,
    /// Whether the try before broke in the middle of its body.
    cautious: bool,
    sending: Duration,
}

impl Attempt for Upload<'_> {
    type Output = Pin;
    const NAME: &'static str = w3pin_core::Upload::NAME;
    const EFFECT: Effect = w3pin_core::Upload::EFFECT;

    async fn send(&mut self) -> Result<Pin, Failed> {
        let (blocks, receiver) = mpsc::channel(1);
        let length = self.operation.plan.content_length();
        let (mut body, started) = UploadBody::new(receiver, length);
        if std::mem::take(&mut self.cautious) {
            body.pause(PAUSE);
        }
        let request = self
            .operation
            .prepare(&self.client.endpoint, &self.client.credentials)
            .map_err(Failed::unsent)?;
        let sending = AbortOnDrop(body.sending());
        let (parts, _) = request.into_parts();
        let request = Request::from_parts(parts, Body::Upload(body));

        let profiles: &[Profile] = match self.options.verify {
            Verify::Off => &[],
            Verify::Report | Verify::Require => &[self.profile],
        };
        let roots = self.roots(profiles);
        let lanes = Lanes::new(Some(blocks), roots).map_err(Failed::unsent)?;
        let mut feeding = pin!(self.feeding(lanes, Some(started)));
        let mut exchange = pin!(self.client.exchange(&self.operation, request));

        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut fed = None;
        let result = loop {
            tokio::select! {
                biased;
                result = &mut exchange => break result,
                end = &mut feeding, if fed.is_none() => fed = Some(end),
                _ = ticks.tick(), if self.reporter.is_some() => {
                    tell(&mut self.reporter, Reporter::report, &sending.0, &self.operation);
                }
            }
        };

        self.sending += sending.0.time();
        let sent = sending.0.sent();
        if sent == Sent::Everything || sending.0.starved() {
            let end = match fed {
                Some(end) => end,
                None => feeding.await,
            };
            match end {
                Ok(computed) => self.computed = computed,
                Err(Stop::Failed(error)) => return Err(Failed { error, sent }),
                Err(Stop::Cut) => {}
            }
        }
        match result {
            Ok(pin) if sent == Sent::Everything => {
                tell(
                    &mut self.reporter,
                    Reporter::finish,
                    &sending.0,
                    &self.operation,
                );
                Ok(pin)
            }
            Ok(_) => Err(Failed {
                error: Error::new(
                    ErrorKind::Decode,
                    "the service answered before it had the whole upload",
                ),
                sent,
            }),
            Err(failed) => {
                self.cautious = sent == Sent::Part && failed.error.kind() == ErrorKind::Transport;
                Err(failed)
            }
        }
    }

    async fn reconcile(&mut self) -> Result<Option<Pin>> {
        let cids = self.cids().await?;
        if cids.is_empty() {
            return Ok(None);
        }
        let search = PinSearch::new(cids).since(self.began);
        self.client.find(search).await
    }

    fn repeatable(&self) -> bool {
        self.source.is_unread()
    }

    fn sending(&self) -> Duration {
        self.sending
    }
}

impl Upload<'_> {
    /// Says what is proved of a pin of this content.
    async fn judge(&mut self, mut pin: Pin) -> Result<Pin> {
        if self.options.verify == Verify::Off {
            return Ok(pin);
        }
        pin.verification = Verification::judge(&pin.cid, &self.computed);
        if !matches!(
            pin.verification,
            Verification::Verified { .. } | Verification::Mismatch { .. }
        ) {
            match self.compute_known().await {
                Ok(()) => pin.verification = Verification::judge(&pin.cid, &self.computed),
                Err(error) => debug!(%error, "the content can't be read again for other profiles"),
            }
        }
        if self.options.verify == Verify::Require {
            pin.verification.require(&pin.cid)?;
        }
        Ok(pin)
    }

    /// The pin of this content that the account has already.
    async fn find_existing(&mut self) -> Result<Option<Pin>> {
        let cids = self.cids().await?;
        if cids.is_empty() {
            return Ok(None);
        }
        let search = PinSearch::new(cids).keyvalues(&self.options.metadata.keyvalues);
        self.client.find_existing(search).await
    }

    /// Every root that the content may have at the service.
    async fn cids(&mut self) -> Result<Vec<Cid>> {
        self.compute_known().await?;
        Ok(self.computed.iter().map(|it| it.cid.clone()).collect())
    }

    /// Computes the roots under the known profiles too, if the content can be read again.
    async fn compute_known(&mut self) -> Result<()> {
        let mut missing = Vec::new();
        for profile in [self.profile].into_iter().chain(Profile::known()) {
            let name = profile.to_string();
            if !missing.contains(&profile) && self.computed.iter().all(|it| it.profile != name) {
                missing.push(profile);
            }
        }
        if missing.is_empty() || !self.source.can_be_read_again() {
            return Ok(());
        }
        let lanes = Lanes::new(None, self.roots(&missing))?;
        match self.feeding(lanes, None).await {
            Ok(computed) => self.computed.extend(computed),
            Err(Stop::Failed(error)) => return Err(error),
            Err(Stop::Cut) => {}
        }
        Ok(())
    }

    fn roots(&self, profiles: &[Profile]) -> Option<Roots> {
        (!profiles.is_empty()).then(|| Roots::new(profiles, &self.operation.plan, self.folder))
    }

    /// Reads the source: on a thread that may block; in place, where it is a few bytes in memory; or,
    /// where it is a stream, once its first bytes are asked for.
    fn feeding(
        &self,
        lanes: Lanes,
        started: Option<oneshot::Receiver<()>>,
    ) -> impl Future<Output = Result<Vec<Computed>, Stop>> + Send + use<> {
        let (plan, source) = (self.operation.plan.clone(), Arc::clone(&self.source));
        async move {
            if source.is_at_hand() {
                return feed(&plan, &source, lanes).await;
            }
            if source.can_be_read_again() {
                let runtime = Handle::current();
                let reading = move || Ok(runtime.block_on(feed(&plan, &source, lanes)));
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
    operation: &w3pin_core::Upload,
) {
    if let Some(reporter) = reporter {
        let (content, file) = sending.content();
        let file = operation.plan.parts().get(file);
        what(reporter, content, file.map(FilePart::name));
    }
}

/// Breaks an upload off when nobody awaits it any more.
struct AbortOnDrop(Arc<Sending>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
