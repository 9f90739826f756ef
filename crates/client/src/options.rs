//! What a caller may choose for a call.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use w3pin_core::{Error, ExistingPins, Metadata, Result, RetryPolicy, UploadOptions, Verify};
use w3pin_unixfs::Profile;

use crate::{OnProgress, Progress, Symlinks, walk::WalkOptions};

/// How content is pinned.
///
/// ```
/// use w3pin::{PinOptions, Verify};
///
/// let options = PinOptions::new()
///     .name("holiday")
///     .keyvalue("year", "2026")
///     .verify(Verify::Require)
///     .progress(|progress| println!("{} bytes sent", progress.bytes_sent));
/// assert_eq!(options.metadata.name.as_deref(), Some("holiday"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct PinOptions {
    /// The name that listings show, and pairs to find the pin by.
    pub metadata: Metadata,
    /// The layout that the service is expected to use; the client's unless set.
    pub profile: Option<Profile>,
    /// How much proof is needed that the service pinned what was sent.
    pub verify: Verify,
    /// Whether content that the account has pinned already is left as it is, and nothing sent.
    pub skip_if_pinned: bool,
    /// Whether a folder's hidden files and folders, whose names begin with a dot, are sent too.
    pub hidden: bool,
    /// What becomes of a folder's symbolic links.
    pub symlinks: Symlinks,
    /// Told how far the upload is.
    pub progress: Option<OnProgress>,
    /// The time that the whole call may take, with all its tries. None unless set.
    pub timeout: Option<Duration>,
    /// How often the call is tried; the client's unless set.
    pub retry: Option<RetryPolicy>,
    /// Whether the pin gets a key-value, `w3pin.attempt`, by which it is recognised if the response is
    /// lost; it is, unless set otherwise.
    pub mark_attempt: bool,
    /// The account's pins, listed once for a batch.
    pub(crate) existing: Option<Arc<ExistingPins>>,
}

impl PinOptions {
    /// No name, proof reported but not required, no hidden files, no symbolic links.
    #[must_use]
    pub fn new() -> Self {
        Self {
            metadata: Metadata::new(),
            profile: None,
            verify: Verify::default(),
            skip_if_pinned: false,
            hidden: false,
            symlinks: Symlinks::default(),
            progress: None,
            timeout: None,
            retry: None,
            mark_attempt: true,
            existing: None,
        }
    }

    /// Sets the name that listings show.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.metadata.name = Some(name.into());
        self
    }

    /// Adds a pair to find the pin by.
    #[must_use]
    pub fn keyvalue(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.keyvalues.insert(key.into(), value.into());
        self
    }

    /// Sets all pairs.
    #[must_use]
    pub fn keyvalues(mut self, keyvalues: BTreeMap<String, String>) -> Self {
        self.metadata.keyvalues = keyvalues;
        self
    }

    /// Sets the layout that the service is expected to use.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Sets how much proof is needed.
    #[must_use]
    pub fn verify(mut self, verify: Verify) -> Self {
        self.verify = verify;
        self
    }

    /// Leaves content alone that the account has pinned already.
    #[must_use]
    pub fn skip_if_pinned(mut self, skip: bool) -> Self {
        self.skip_if_pinned = skip;
        self
    }

    /// Sends a folder's hidden files too.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = hidden;
        self
    }

    /// Sets what becomes of a folder's symbolic links.
    #[must_use]
    pub fn symlinks(mut self, symlinks: Symlinks) -> Self {
        self.symlinks = symlinks;
        self
    }

    /// Tells `on_progress` how far the upload is, at most ten times a second and once at its end.
    #[must_use]
    pub fn progress(mut self, on_progress: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(on_progress));
        self
    }

    /// Limits the time of the whole call, with all its tries.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how often the call is tried.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = Some(retry);
        self
    }
}

impl PinOptions {
    /// Sets whether the pin gets a key-value by which it is recognised if the response is lost.
    #[must_use]
    pub fn mark_attempt(mut self, mark: bool) -> Self {
        self.mark_attempt = mark;
        self
    }

    /// Which entries of a folder are sent.
    pub(crate) fn walk_options(&self) -> Result<WalkOptions> {
        if self.symlinks == Symlinks::Preserve {
            return Err(Error::invalid_input(
                "symlinks",
                "an upload can't carry symbolic links; follow, skip or refuse them",
            ));
        }
        Ok(WalkOptions {
            hidden: self.hidden,
            symlinks: self.symlinks,
        })
    }

    /// What core needs to know, at a client whose service is expected to use `profile`.
    pub(crate) fn upload_options(&self, profile: Profile) -> UploadOptions {
        let mut options = UploadOptions::default();
        options.metadata.clone_from(&self.metadata);
        options.profile = self.profile.unwrap_or(profile);
        options.verify = self.verify;
        options.skip_if_pinned = self.skip_if_pinned;
        options.existing.clone_from(&self.existing);
        options.unmarked = !self.mark_attempt;
        options.timeout = self.timeout;
        options.retry.clone_from(&self.retry);
        options
    }
}

impl Default for PinOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for PinOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinOptions")
            .field("metadata", &self.metadata)
            .field("profile", &self.profile)
            .field("verify", &self.verify)
            .field("skip_if_pinned", &self.skip_if_pinned)
            .field("hidden", &self.hidden)
            .field("symlinks", &self.symlinks)
            .field("progress", &self.progress.is_some())
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish()
    }
}

/// How many are handled at once, and how each is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ManyOptions<P = PinOptions> {
    /// How many calls are under way at any moment; one at least.
    pub concurrency: usize,
    /// The options of each call.
    pub pin: P,
}

impl<P: Default> ManyOptions<P> {
    /// Four at once.
    #[must_use]
    pub fn new() -> Self {
        Self {
            concurrency: 4,
            pin: P::default(),
        }
    }
}

impl<P> ManyOptions<P> {
    /// Sets how many calls are under way at any moment.
    #[must_use]
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Sets the options of each call.
    #[must_use]
    pub fn pin(mut self, pin: P) -> Self {
        self.pin = pin;
        self
    }
}

impl<P: Default> Default for ManyOptions<P> {
    fn default() -> Self {
        Self::new()
    }
}
