//! The options of a call.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use w3pin_core::{Error, ExistingPins, Metadata, Result, RetryPolicy, UploadOptions, Verify};
use w3pin_unixfs::Profile;

use crate::{OnProgress, Progress, Symlinks, WalkOptions, upload::is_segment};

/// The options of pinning content.
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
    /// The name shown in listings, and key-values to find the pin by.
    pub metadata: Metadata,
    /// The UnixFS profile that the service is expected to use; the client's unless set.
    pub profile: Option<Profile>,
    /// How much proof to require that the service pinned what was sent.
    pub verify: Verify,
    /// Whether to send nothing and return the existing pin if the account has already pinned the
    /// content.
    pub skip_if_pinned: bool,
    /// Which entries of a folder to include.
    pub walk: WalkOptions,
    /// The file name sent to the service, for a single file; its own unless set.
    pub file_name: Option<String>,
    /// The media type sent to the service, for a single file, such as `image/png`.
    pub content_type: Option<String>,
    /// Called with the progress, at most ten times a second and once at the end.
    pub progress: Option<OnProgress>,
    /// The time limit of the whole call, retries included; none unless set.
    pub timeout: Option<Duration>,
    /// The retry policy of this call; the client's unless set.
    pub retry: Option<RetryPolicy>,
    /// Whether to mark the pin with the key-value `w3pin.attempt`, by which it is found again if
    /// the response is lost.
    pub mark_attempt: bool,
    /// The account's pins, listed once for a batch.
    pub(crate) existing: Option<Arc<ExistingPins>>,
}

impl PinOptions {
    /// Returns the defaults: no name, proof reported but not required, no hidden files, no symbolic
    /// links.
    #[must_use]
    pub fn new() -> Self {
        Self {
            metadata: Metadata::new(),
            profile: None,
            verify: Verify::default(),
            skip_if_pinned: false,
            walk: WalkOptions::new(),
            file_name: None,
            content_type: None,
            progress: None,
            timeout: None,
            retry: None,
            mark_attempt: true,
            existing: None,
        }
    }

    /// Sets the name shown in listings.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.metadata.name = Some(name.into());
        self
    }

    /// Adds a key-value to find the pin by.
    #[must_use]
    pub fn keyvalue(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.keyvalues.insert(key.into(), value.into());
        self
    }

    /// Sets all key-values.
    #[must_use]
    pub fn keyvalues(mut self, keyvalues: BTreeMap<String, String>) -> Self {
        self.metadata.keyvalues = keyvalues;
        self
    }

    /// Sets the profile that the service is expected to use.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Sets how much proof to require.
    #[must_use]
    pub fn verify(mut self, verify: Verify) -> Self {
        self.verify = verify;
        self
    }

    /// Sets whether to send nothing if the account has already pinned the content.
    #[must_use]
    pub fn skip_if_pinned(mut self, skip: bool) -> Self {
        self.skip_if_pinned = skip;
        self
    }

    /// Sets whether to include a folder's hidden files.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.walk.hidden = hidden;
        self
    }

    /// Sets what to do with a folder's symbolic links.
    #[must_use]
    pub fn symlinks(mut self, symlinks: Symlinks) -> Self {
        self.walk.symlinks = symlinks;
        self
    }

    /// Sets which entries of a folder to include.
    #[must_use]
    pub fn walk(mut self, walk: WalkOptions) -> Self {
        self.walk = walk;
        self
    }

    /// Sets the file name sent to the service, for a single file.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the media type sent to the service, for a single file, such as `image/png`.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets the function to call with the progress, at most ten times a second and once at the end.
    #[must_use]
    pub fn progress(mut self, on_progress: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(on_progress));
        self
    }

    /// Sets the time limit of the whole call, retries included.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the retry policy of this call.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = Some(retry);
        self
    }
}

impl PinOptions {
    /// Sets whether to mark the pin with a key-value, by which it is found again if the response is
    /// lost.
    #[must_use]
    pub fn mark_attempt(mut self, mark: bool) -> Self {
        self.mark_attempt = mark;
        self
    }

    /// Returns the name of a single file that has none.
    pub(crate) fn file_name_or<'a>(&'a self, default: &'a str) -> &'a str {
        let pin_name = self.metadata.name.as_deref();
        let usable = pin_name.filter(|name| is_segment(name));
        self.file_name.as_deref().or(usable).unwrap_or(default)
    }

    /// Rejects options that another HTTP stack doesn't support.
    pub(crate) fn check_prepared(&self) -> Result<()> {
        let unknown = [
            ("skip_if_pinned", self.skip_if_pinned),
            ("progress", self.progress.is_some()),
            ("timeout", self.timeout.is_some()),
            ("retry", self.retry.is_some()),
        ];
        match unknown.into_iter().find(|(_, set)| *set) {
            Some((field, _)) => Err(Error::invalid_input(
                field,
                format!("{field} has no effect on a prepared upload; leave it out"),
            )),
            None => Ok(()),
        }
    }

    /// Rejects options that don't apply to a folder.
    pub(crate) fn check_folder(&self) -> Result<()> {
        let lone = [
            ("file_name", self.file_name.is_some()),
            ("content_type", self.content_type.is_some()),
        ];
        match lone.into_iter().find(|(_, set)| *set) {
            Some((field, _)) => Err(Error::invalid_input(
                field,
                format!("{field} applies to a single file, and this is a folder"),
            )),
            None => self.walk.check_upload(),
        }
    }

    /// Rejects options that don't apply to a CAR.
    pub(crate) fn check_car(&self) -> Result<()> {
        let others = [
            (
                "profile",
                self.profile.is_some(),
                "a CAR contains finished blocks",
            ),
            (
                "file_name",
                self.file_name.is_some(),
                "a CAR doesn't contain a file name",
            ),
            (
                "content_type",
                self.content_type.is_some(),
                "a CAR has no media type of its own",
            ),
        ];
        match others.into_iter().find(|(_, set, _)| *set) {
            Some((field, _, reason)) => Err(Error::invalid_input(
                field,
                format!("{field} has no effect: {reason}; leave it out"),
            )),
            None => Ok(()),
        }
    }

    /// Converts to core's options, for a client whose service is expected to use `profile`.
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
            .field("walk", &self.walk)
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .field("progress", &self.progress.is_some())
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish()
    }
}
