//! What a caller may choose for a call.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use w3pin_core::{Metadata, RetryPolicy, Verify};
use w3pin_unixfs::Profile;

use crate::{OnProgress, Progress, Symlinks};

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
#[derive(Clone, Default)]
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
}

impl PinOptions {
    /// No name, proof reported but not required, no hidden files, no symbolic links.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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

/// How content that is on IPFS already is pinned.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PinByCidOptions {
    /// The name that listings show, and pairs to find the pin by.
    pub metadata: Metadata,
    /// Whether a pin of this content that the account has already is answered instead.
    pub skip_if_pinned: bool,
    /// The time that the whole call may take, with all its tries; the client's unless set.
    pub timeout: Option<Duration>,
    /// How often the call is tried; the client's unless set.
    pub retry: Option<RetryPolicy>,
}

impl PinByCidOptions {
    /// No name and no pairs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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

    /// Answers a pin that the account has already.
    #[must_use]
    pub fn skip_if_pinned(mut self, skip: bool) -> Self {
        self.skip_if_pinned = skip;
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
