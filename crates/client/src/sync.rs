//! Keeps a folder pinned under a name.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::time::timeout;
use tracing::warn;
use w3pin_core::{DeployOptions, Error, Gateway, Pin, Result, RetryPolicy, Synced};
use w3pin_unixfs::Profile;

use crate::{
    Client, Content, OnProgress, PinOptions, Progress, Symlinks, WalkOptions,
    blocking::blocking,
    driver::{Advance, Hands, no_entropy},
    upload::{Outgoing, Upload},
};

mod sample;

use self::sample::sample;

/// The options of keeping a folder pinned under a name.
///
/// ```
/// use w3pin::SyncOptions;
///
/// let options = SyncOptions::new().keep(5).keyvalue("branch", "main");
/// assert_eq!(options.keep, 5);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct SyncOptions {
    /// How many deploys to keep, including the newest; at least 1.
    pub keep: u32,
    /// Key-values of the pin, in addition to those that mark it as a deploy.
    pub keyvalues: BTreeMap<String, String>,
    /// The UnixFS profile that the service is expected to use; the client's unless set.
    pub profile: Option<Profile>,
    /// Which entries of the folder count.
    pub walk: WalkOptions,
    /// The gateways that must serve the root and random blocks before anything is removed.
    pub check_gateways: Vec<Gateway>,
    /// Whether to send and remove nothing, and only report what would be.
    pub dry_run: bool,
    /// How long to wait for the pin, and then for each gateway; 10 minutes unless set.
    pub deadline: Duration,
    /// Called with the progress, at most ten times a second and once at the end.
    pub progress: Option<OnProgress>,
    /// The time limit of the whole call, retries included; none unless set.
    pub timeout: Option<Duration>,
    /// The retry policy of the upload; the client's unless set.
    pub retry: Option<RetryPolicy>,
}

impl SyncOptions {
    /// Returns the defaults: three deploys kept, no hidden files, no gateway checked.
    #[must_use]
    pub fn new() -> Self {
        let core = DeployOptions::new("");
        Self {
            keep: core.keep,
            keyvalues: core.keyvalues,
            profile: None,
            walk: WalkOptions::new(),
            check_gateways: Vec::new(),
            dry_run: core.dry_run,
            deadline: core.wait.deadline,
            progress: None,
            timeout: core.timeout,
            retry: core.retry,
        }
    }

    /// Sets how many deploys to keep, including the newest.
    #[must_use]
    pub fn keep(mut self, keep: u32) -> Self {
        self.keep = keep;
        self
    }

    /// Adds a key-value of the pin.
    #[must_use]
    pub fn keyvalue(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.keyvalues.insert(key.into(), value.into());
        self
    }

    /// Sets all key-values of the pin.
    #[must_use]
    pub fn keyvalues(mut self, keyvalues: BTreeMap<String, String>) -> Self {
        self.keyvalues = keyvalues;
        self
    }

    /// Sets the profile that the service is expected to use.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Sets which entries of the folder count.
    #[must_use]
    pub fn walk(mut self, walk: WalkOptions) -> Self {
        self.walk = walk;
        self
    }

    /// Sets whether to include hidden files.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.walk.hidden = hidden;
        self
    }

    /// Sets what to do with symbolic links.
    #[must_use]
    pub fn symlinks(mut self, symlinks: Symlinks) -> Self {
        self.walk.symlinks = symlinks;
        self
    }

    /// Adds a gateway that must serve the content before anything is removed.
    #[must_use]
    pub fn check_gateway(mut self, gateway: Gateway) -> Self {
        self.check_gateways.push(gateway);
        self
    }

    /// Sets whether to send and remove nothing.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Sets how long to wait for the pin, and then for each gateway.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the function to call with the progress, at most ten times a second and once at the end.
    #[must_use]
    pub fn progress(mut self, on_progress: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(on_progress));
        self
    }

    /// Sets the time limit of the whole call.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the retry policy of the upload.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = Some(retry);
        self
    }

    fn to_core(&self, name: &str, profile: Profile) -> DeployOptions {
        let mut core = DeployOptions::new(name);
        core.keyvalues.clone_from(&self.keyvalues);
        core.keep = self.keep;
        core.dry_run = self.dry_run;
        core.profile = self.profile.unwrap_or(profile);
        core.wait = core.wait.deadline(self.deadline);
        core.timeout = self.timeout;
        core.retry.clone_from(&self.retry);
        core
    }
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for SyncOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SyncOptions")
            .field("keep", &self.keep)
            .field("keyvalues", &self.keyvalues)
            .field("profile", &self.profile)
            .field("walk", &self.walk)
            .field("check_gateways", &self.check_gateways)
            .field("dry_run", &self.dry_run)
            .field("deadline", &self.deadline)
            .field("progress", &self.progress.is_some())
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish()
    }
}

impl Client {
    /// Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
    ///
    /// - `folder`: The folder's path, or a mapping of paths to bytes for a folder in memory.
    /// - `name`: The name of the deployment; use a different name for each folder.
    ///
    /// The CID is computed first. If the newest deploy of that name has it, nothing is sent. Otherwise the folder
    /// is uploaded, its CID proved, and the pin awaited; only then are older deploys unpinned. Deploys are distinguished from
    /// other pins by two key-values, `w3pin.sync` and `w3pin.cid`; no other pin is ever removed. A deploy that the
    /// service doesn't unpin yet is left for the next sync.
    ///
    /// Syncs of the same name may run at the same time: a deploy is unpinned only if a newer one is pinned, by the
    /// service's own order. A service that refuses to pin the same content twice may already have another pin of it,
    /// which is then returned as [`already_pinned`](Pin::already_pinned), and nothing is removed.
    ///
    /// ```no_run
    /// # async fn deploy(client: w3pin::Client) -> w3pin::Result<()> {
    /// use std::path::Path;
    /// use w3pin::SyncOptions;
    ///
    /// let synced = client.sync_folder(Path::new("site"), "example.org", SyncOptions::new()).await?;
    /// println!("{}: {}", synced.outcome, synced.dnslink());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of [`pin_folder`](Self::pin_folder) with proof required, those of [`wait_until_pinned`](Self::wait_until_pinned),
    /// and those of [`Retriever::read`](crate::Retriever::read) if a gateway doesn't serve the content. After an
    /// error nothing has been removed except, if the service doesn't pin content twice, an older deploy of the same
    /// content, and, if the time ran out at the very end, some of the older deploys.
    pub async fn sync_folder(
        &self,
        folder: impl Into<Content>,
        name: impl Into<String>,
        options: SyncOptions,
    ) -> Result<Synced> {
        self.endpoint().api().require_uploads()?;
        let (folder, name) = (folder.into(), name.into());
        let (session, driver) = (&self.inner.session, &self.inner.driver);
        let began = driver.now();
        let pin_options = PinOptions::new().name(&name).walk(options.walk.clone());
        let look = blocking(move || Outgoing::folder(folder, &pin_options));
        let content = driver.within(options.timeout, look).await?;
        let (parts, mut upload) = Upload::new(content, options.progress.clone());
        let mut entropy = [0; 16];
        getrandom::fill(&mut entropy).map_err(no_entropy)?;
        let core = options.to_core(&name, self.inner.profile);
        let mut call = session.sync_folder(parts, core, entropy).began(began);
        let mut hands = Hands {
            upload: Some(&mut upload),
            ..Hands::default()
        };
        loop {
            match driver.advance(&mut call, &mut hands).await {
                Advance::Item(pin) => {
                    let left = call.deadline().map(|end| end.saturating_sub(driver.now()));
                    let check = self.check(&pin, &options);
                    match left {
                        None => check.await?,
                        Some(left) => timeout(left, check).await.unwrap_or_else(|_| {
                            Err(Error::timed_out(options.timeout.unwrap_or_default()))
                        })?,
                    }
                }
                Advance::Done(synced) => {
                    if let Ok(synced) = &synced {
                        warn_of_lost_marks(synced, &name);
                    }
                    return synced;
                }
            }
        }
    }

    /// Reads a part of the content back through each of the gateways to check.
    async fn check(&self, pin: &Pin, options: &SyncOptions) -> Result<()> {
        for gateway in &options.check_gateways {
            let retriever = self.retriever().only(gateway.clone());
            sample(&retriever, gateway, &pin.cid, options.deadline).await?;
        }
        Ok(())
    }
}

fn warn_of_lost_marks(synced: &Synced, name: &str) {
    let Some(pin) = &synced.pin else { return };
    if !pin.already_pinned && !pin.is_deploy(name) {
        warn!(
            id = %pin.id,
            "the service doesn't store key-values, which a sync needs to find its deploys: older ones stay pinned, and \
             the next sync uploads the folder again"
        );
    }
}
