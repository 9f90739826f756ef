//! The options of calls. Unset ones have Rust's defaults. Times are in nanoseconds.

use std::{collections::HashMap, sync::Arc};

use w3pin::{
    BatchOptions, CidOptions, Gateway, ListOptions, Metadata, PinByCidOptions, PinOptions,
    PinnedFilter, Profile, Result, SortBy, SortOrder, Symlinks, SyncOptions, Verify, VerifyOptions,
    WaitPolicy, WalkOptions,
};

use crate::{
    number::{count, time},
    progress::ProgressFeed,
    settings::RetrySettings,
};

/// How content is uploaded.
#[derive(uniffi::Record)]
pub struct UploadSettings {
    /// The pin's name.
    pub name: Option<String>,
    /// The pin's key-values.
    pub keyvalues: HashMap<String, String>,
    /// The profile that the service uses.
    pub profile: Option<String>,
    /// How much proof is required.
    pub verify: Option<Verify>,
    /// Whether content that is pinned already isn't sent.
    pub skip_if_pinned: bool,
    /// Whether the pin is marked.
    pub mark_attempt: bool,
    /// Gives the progress.
    pub progress: Option<Arc<ProgressFeed>>,
    /// The time that the whole call may take.
    pub timeout: Option<i64>,
    /// How often it is tried.
    pub retry: Option<RetrySettings>,
    /// What a lone file is called.
    pub file_name: Option<String>,
    /// A lone file's media type.
    pub content_type: Option<String>,
    /// Which entries of a folder count.
    pub walk: WalkSettings,
}

/// How a folder is kept pinned under a name.
#[derive(uniffi::Record)]
pub struct SyncSettings {
    /// How many deploys are kept.
    pub keep: i64,
    /// The pin's key-values.
    pub keyvalues: HashMap<String, String>,
    /// The profile that the service uses.
    pub profile: Option<String>,
    /// The gateways through which blocks are read back.
    pub check_gateways: Vec<String>,
    /// Whether nothing is sent or removed.
    pub dry_run: bool,
    /// The time to wait until the content is pinned and served.
    pub deadline: Option<i64>,
    /// Gives the progress.
    pub progress: Option<Arc<ProgressFeed>>,
    /// The time that the whole call may take.
    pub timeout: Option<i64>,
    /// How often the upload is tried.
    pub retry: Option<RetrySettings>,
    /// Which entries of the folder count.
    pub walk: WalkSettings,
}

/// Which entries of a folder count.
#[derive(Debug, uniffi::Record)]
pub struct WalkSettings {
    /// Whether hidden ones do.
    pub hidden: bool,
    /// What happens to symbolic links.
    pub symlinks: Option<Symlinks>,
    /// Patterns of the only files that do.
    pub include: Vec<String>,
    /// Patterns of those that don't.
    pub exclude: Vec<String>,
    /// Whether `.gitignore` files count.
    pub gitignore: bool,
}

/// How a CID is pinned.
#[derive(Debug, uniffi::Record)]
pub struct PinByCidSettings {
    /// The pin's name.
    pub name: Option<String>,
    /// The pin's key-values.
    pub keyvalues: HashMap<String, String>,
    /// Whether a pin that is there is given instead.
    pub skip_if_pinned: bool,
    /// The time that the whole call may take.
    pub timeout: Option<i64>,
    /// How often it is tried.
    pub retry: Option<RetrySettings>,
}

/// Which pins are listed.
#[derive(Debug, uniffi::Record)]
pub struct ListSettings {
    /// How many are passed over.
    pub offset: Option<i64>,
    /// The most that a page holds.
    pub limit: Option<i64>,
    /// Which pins.
    pub pinned: Option<PinnedFilter>,
    /// What they are sorted by.
    pub sort_by: Option<SortBy>,
    /// Which way.
    pub sort_order: Option<SortOrder>,
    /// Key-values that they have.
    pub keyvalues: HashMap<String, String>,
}

/// How long a pin is waited for.
#[derive(Debug, uniffi::Record)]
pub struct WaitSettings {
    /// The time to wait in all.
    pub deadline: Option<i64>,
    /// The time between the first two looks.
    pub first_delay: Option<i64>,
    /// The longest time between two looks.
    pub max_delay: Option<i64>,
}

/// How a CID is computed.
#[derive(Debug, uniffi::Record)]
pub struct CidSettings {
    /// The profile.
    pub profile: Option<String>,
    /// Whether empty folders count.
    pub empty_folders: bool,
    /// Which entries of a folder count.
    pub walk: WalkSettings,
}

/// What a preview shows.
#[derive(Debug, uniffi::Record)]
pub struct PreviewSettings {
    /// The pin's name.
    pub name: Option<String>,
    /// The profile.
    pub profile: Option<String>,
    /// Which entries of a folder count.
    pub walk: WalkSettings,
}

/// How content is proved.
#[derive(Debug, uniffi::Record)]
pub struct VerifySettings {
    /// Where blocks come from.
    pub gateway: Option<String>,
    /// Which entries of a folder count.
    pub walk: WalkSettings,
}

/// Returns the options of a batch.
pub(crate) fn batch<O: Default>(concurrency: Option<i64>, each: O) -> Result<BatchOptions<O>> {
    let options = BatchOptions::new().each(each);
    match concurrency {
        Some(number) => options.concurrency(count("concurrency", number)?),
        None => Ok(options),
    }
}

impl TryFrom<UploadSettings> for PinOptions {
    type Error = w3pin::Error;

    fn try_from(settings: UploadSettings) -> Result<Self> {
        let mut options = Self::new()
            .skip_if_pinned(settings.skip_if_pinned)
            .mark_attempt(settings.mark_attempt)
            .walk(settings.walk.over(WalkOptions::new()));
        options.metadata = metadata(settings.name, settings.keyvalues);
        options.profile = profile(settings.profile)?;
        options.verify = settings.verify.unwrap_or(options.verify);
        options.file_name = settings.file_name;
        options.content_type = settings.content_type;
        options.progress = settings.progress.map(|feed| feed.listener());
        options.timeout = settings.timeout.map(|it| time("timeout", it)).transpose()?;
        options.retry = settings.retry.map(TryInto::try_into).transpose()?;
        Ok(options)
    }
}

impl TryFrom<SyncSettings> for SyncOptions {
    type Error = w3pin::Error;

    fn try_from(settings: SyncSettings) -> Result<Self> {
        let mut options = Self::new()
            .keep(count("keep", settings.keep)?)
            .keyvalues(settings.keyvalues.into_iter().collect())
            .dry_run(settings.dry_run)
            .walk(settings.walk.over(WalkOptions::new()));
        options.profile = profile(settings.profile)?;
        options.check_gateways = Gateway::list("check_gateways", &settings.check_gateways)?;
        if let Some(deadline) = settings.deadline {
            options.deadline = time("deadline", deadline)?;
        }
        options.progress = settings.progress.map(|feed| feed.listener());
        options.timeout = settings.timeout.map(|it| time("timeout", it)).transpose()?;
        options.retry = settings.retry.map(TryInto::try_into).transpose()?;
        Ok(options)
    }
}

impl TryFrom<PreviewSettings> for PinOptions {
    type Error = w3pin::Error;

    fn try_from(settings: PreviewSettings) -> Result<Self> {
        let mut options = Self::new().walk(settings.walk.over(WalkOptions::new()));
        options.metadata.name = settings.name;
        options.profile = profile(settings.profile)?;
        Ok(options)
    }
}

impl WalkSettings {
    /// Applies these options to `walk`.
    fn over(self, mut walk: WalkOptions) -> WalkOptions {
        walk.symlinks = self.symlinks.unwrap_or(walk.symlinks);
        walk.hidden = self.hidden;
        walk.include = self.include;
        walk.exclude = self.exclude;
        walk.gitignore = self.gitignore;
        walk
    }
}

impl TryFrom<PinByCidSettings> for PinByCidOptions {
    type Error = w3pin::Error;

    fn try_from(settings: PinByCidSettings) -> Result<Self> {
        let mut options = Self::new().skip_if_pinned(settings.skip_if_pinned);
        options.metadata = metadata(settings.name, settings.keyvalues);
        options.timeout = settings.timeout.map(|it| time("timeout", it)).transpose()?;
        options.retry = settings.retry.map(TryInto::try_into).transpose()?;
        Ok(options)
    }
}

impl TryFrom<ListSettings> for ListOptions {
    type Error = w3pin::Error;

    fn try_from(settings: ListSettings) -> Result<Self> {
        let mut list = Self::new();
        if let Some(offset) = settings.offset {
            list = list.offset(count("offset", offset)?);
        }
        if let Some(limit) = settings.limit {
            list = list.limit(count("limit", limit)?)?;
        }
        list.pinned = settings.pinned.unwrap_or(list.pinned);
        list.sort_by = settings.sort_by.unwrap_or(list.sort_by);
        list.sort_order = settings.sort_order.unwrap_or(list.sort_order);
        list.keyvalues = settings.keyvalues.into_iter().collect();
        Ok(list)
    }
}

impl TryFrom<WaitSettings> for WaitPolicy {
    type Error = w3pin::Error;

    fn try_from(settings: WaitSettings) -> Result<Self> {
        let mut policy = Self::default();
        if let Some(deadline) = settings.deadline {
            policy = policy.deadline(time("deadline", deadline)?);
        }
        if let Some(delay) = settings.first_delay {
            policy = policy.first_delay(time("first_delay", delay)?);
        }
        if let Some(delay) = settings.max_delay {
            policy = policy.max_delay(time("max_delay", delay)?);
        }
        Ok(policy)
    }
}

impl TryFrom<CidSettings> for CidOptions {
    type Error = w3pin::Error;

    fn try_from(settings: CidSettings) -> Result<Self> {
        let mut options = Self::new().empty_folders(settings.empty_folders);
        options.profile = profile(settings.profile)?.unwrap_or(options.profile);
        options.walk = settings.walk.over(options.walk);
        Ok(options)
    }
}

impl TryFrom<VerifySettings> for VerifyOptions {
    type Error = w3pin::Error;

    fn try_from(settings: VerifySettings) -> Result<Self> {
        let mut options = Self::new();
        options.gateway = settings.gateway.map(|url| url.parse()).transpose()?;
        options.walk = settings.walk.over(options.walk);
        Ok(options)
    }
}

fn metadata(name: Option<String>, keyvalues: HashMap<String, String>) -> Metadata {
    let mut metadata = Metadata::new();
    metadata.name = name;
    metadata.keyvalues = keyvalues.into_iter().collect();
    metadata
}

fn profile(text: Option<String>) -> Result<Option<Profile>> {
    text.map(|text| {
        text.parse().map_err(|cause: w3pin::unixfs::ProfileError| {
            w3pin::Error::invalid_input("profile", cause.to_string())
        })
    })
    .transpose()
}
