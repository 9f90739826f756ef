//! The options of calls, as they cross. What isn't given is as the client has it.

use std::{collections::HashMap, num::NonZeroU32, sync::Arc, time::Duration};

use w3pin::{
    CidOptions, ClientBuilder, Credentials, Endpoint, Insecure, ListPins, Metadata, Pacing,
    PinByCidOptions, PinOptions, Result, RetryPolicy, Settings, VerifyOptions, WaitPolicy,
};

use crate::listener::{ProgressListener, on_progress};

/// What a client is made of.
#[derive(uniffi::Record)]
pub struct ClientSettings {
    /// The account's keys; without them, what the environment or the config file has.
    pub credentials: Option<AccountKeys>,
    /// A preset's name or a URL.
    pub endpoint: Option<String>,
    /// Whether plain HTTP may leave this machine.
    pub insecure_http: bool,
    /// How content becomes a DAG.
    pub profile: Option<String>,
    /// How long a connection may take to be made.
    pub connect_timeout: Option<Duration>,
    /// How long nothing may move.
    pub idle_timeout: Option<Duration>,
    /// How long a small call may take.
    pub call_timeout: Option<Duration>,
    /// How stubborn calls are.
    pub retry: Option<RetrySettings>,
    /// Requests a minute; zero for no pacing.
    pub requests_per_minute: Option<u32>,
    /// The proxy's URL.
    pub proxy: Option<String>,
    /// Whether no proxy is used, whatever the environment says.
    pub no_proxy: bool,
    /// Roots to trust besides.
    pub root_certificates_pem: Option<Vec<u8>>,
    /// Whether the system's roots are trusted, where it has any that can be read.
    pub platform_roots: bool,
    /// The `User-Agent`.
    pub user_agent: Option<String>,
}

/// The keys of an account.
#[derive(uniffi::Record)]
pub struct AccountKeys {
    /// The API key.
    pub api_key: String,
    /// The secret key.
    pub secret_key: String,
}

/// How stubborn calls are.
#[derive(Clone, uniffi::Record)]
pub struct RetrySettings {
    /// Tries in all.
    pub attempts: Option<u32>,
    /// The longest wait before the second try.
    pub base_delay: Option<Duration>,
    /// The longest wait before any try.
    pub max_delay: Option<Duration>,
    /// No try begins later than this.
    pub budget: Option<Duration>,
}

/// How content is uploaded.
#[derive(uniffi::Record)]
pub struct UploadSettings {
    /// The pin's name.
    pub name: Option<String>,
    /// The pin's metadata.
    pub keyvalues: HashMap<String, String>,
    /// How content becomes a DAG.
    pub profile: Option<String>,
    /// `off`, `report` or `require`.
    pub verify: Option<String>,
    /// Whether content that is pinned already isn't sent.
    pub skip_if_pinned: bool,
    /// Whether hidden files are taken.
    pub hidden: bool,
    /// `refuse`, `follow` or `skip`.
    pub symlinks: Option<String>,
    /// Is told how far it is.
    pub progress: Option<Arc<dyn ProgressListener>>,
    /// How long the whole call may take.
    pub timeout: Option<Duration>,
    /// How stubborn it is.
    pub retry: Option<RetrySettings>,
}

/// How a CID is pinned.
#[derive(uniffi::Record)]
pub struct PinByCidSettings {
    /// The pin's name.
    pub name: Option<String>,
    /// The pin's metadata.
    pub keyvalues: HashMap<String, String>,
    /// Whether what is pinned already isn't asked for.
    pub skip_if_pinned: bool,
    /// How long the whole call may take.
    pub timeout: Option<Duration>,
    /// How stubborn it is.
    pub retry: Option<RetrySettings>,
}

/// Which pins are listed.
#[derive(uniffi::Record)]
pub struct ListSettings {
    /// How many are passed over.
    pub offset: Option<u64>,
    /// How many a page has.
    pub limit: Option<u32>,
    /// `all`, `pinned` or `unpinned`.
    pub pinned: Option<String>,
    /// What they are sorted by.
    pub sort_by: Option<String>,
    /// In which order.
    pub sort_order: Option<String>,
    /// Metadata they have.
    pub keyvalues: HashMap<String, String>,
}

/// How long a pin is waited for.
#[derive(uniffi::Record)]
pub struct WaitSettings {
    /// How long in all.
    pub deadline: Option<Duration>,
    /// How long before the second look.
    pub first_delay: Option<Duration>,
    /// The longest wait between two looks.
    pub max_delay: Option<Duration>,
}

/// Which entries of a folder count, and how they become a DAG.
#[derive(uniffi::Record)]
pub struct LocalSettings {
    /// How content becomes a DAG.
    pub profile: Option<String>,
    /// Whether hidden files are taken.
    pub hidden: bool,
    /// `refuse`, `follow`, `skip` or `preserve`.
    pub symlinks: Option<String>,
    /// Where blocks come from.
    pub gateway: Option<String>,
}

impl ClientSettings {
    pub(crate) fn builder(self) -> Result<ClientBuilder> {
        let builder = match self.credentials {
            Some(keys) => w3pin::Client::builder()
                .credentials(Credentials::new(&keys.api_key, &keys.secret_key)?),
            None => Settings::load()?.builder()?,
        };
        let mut builder = builder.platform_roots(self.platform_roots);
        if let Some(url) = self.endpoint {
            let insecure = if self.insecure_http {
                Insecure::Allow
            } else {
                Insecure::Refuse
            };
            builder = builder.endpoint(Endpoint::new(&url, insecure)?);
        }
        if let Some(profile) = self.profile {
            builder = builder.profile(parse_profile(&profile)?);
        }
        if let Some(timeout) = self.connect_timeout {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(timeout) = self.idle_timeout {
            builder = builder.idle_timeout(timeout);
        }
        if let Some(timeout) = self.call_timeout {
            builder = builder.call_timeout(timeout);
        }
        if let Some(retry) = self.retry {
            builder = builder.retry(retry.into());
        }
        if let Some(number) = self.requests_per_minute {
            let pacing = NonZeroU32::new(number).map_or(Pacing::Off, Pacing::PerMinute);
            builder = builder.pacing(pacing);
        }
        if let Some(url) = self.proxy {
            builder = builder.proxy(&url);
        }
        if self.no_proxy {
            builder = builder.no_proxy();
        }
        if let Some(pem) = self.root_certificates_pem {
            builder = builder.root_certificates_pem(&pem);
        }
        if let Some(user_agent) = self.user_agent {
            builder = builder.user_agent(&user_agent);
        }
        Ok(builder)
    }
}

impl From<RetrySettings> for RetryPolicy {
    fn from(settings: RetrySettings) -> Self {
        let mut policy = Self::default();
        if let Some(attempts) = settings.attempts {
            policy = policy.attempts(attempts);
        }
        if let Some(delay) = settings.base_delay {
            policy = policy.base_delay(delay);
        }
        if let Some(delay) = settings.max_delay {
            policy = policy.max_delay(delay);
        }
        if let Some(budget) = settings.budget {
            policy = policy.budget(budget);
        }
        policy
    }
}

impl TryFrom<UploadSettings> for PinOptions {
    type Error = w3pin::Error;

    fn try_from(settings: UploadSettings) -> Result<Self> {
        let mut options = Self::new()
            .skip_if_pinned(settings.skip_if_pinned)
            .hidden(settings.hidden);
        options.metadata = metadata(settings.name, settings.keyvalues);
        options.profile = settings.profile.as_deref().map(parse_profile).transpose()?;
        if let Some(verify) = settings.verify {
            options = options.verify(verify.parse()?);
        }
        if let Some(symlinks) = settings.symlinks {
            options = options.symlinks(symlinks.parse()?);
        }
        options.progress = settings.progress.map(on_progress);
        options.timeout = settings.timeout;
        options.retry = settings.retry.map(Into::into);
        Ok(options)
    }
}

impl From<PinByCidSettings> for PinByCidOptions {
    fn from(settings: PinByCidSettings) -> Self {
        let mut options = Self::new().skip_if_pinned(settings.skip_if_pinned);
        options.metadata = metadata(settings.name, settings.keyvalues);
        options.timeout = settings.timeout;
        options.retry = settings.retry.map(Into::into);
        options
    }
}

impl TryFrom<ListSettings> for ListPins {
    type Error = w3pin::Error;

    fn try_from(settings: ListSettings) -> Result<Self> {
        let mut list = Self::new();
        if let Some(offset) = settings.offset {
            list = list.offset(offset);
        }
        if let Some(limit) = settings.limit {
            list = list.limit(limit)?;
        }
        if let Some(pinned) = settings.pinned {
            list = list.pinned(pinned.parse()?);
        }
        if let Some(by) = settings.sort_by {
            list.sort_by = by.parse()?;
        }
        if let Some(order) = settings.sort_order {
            list.sort_order = order.parse()?;
        }
        list.keyvalues = settings.keyvalues.into_iter().collect();
        Ok(list)
    }
}

impl From<WaitSettings> for WaitPolicy {
    fn from(settings: WaitSettings) -> Self {
        let mut policy = Self::default();
        if let Some(deadline) = settings.deadline {
            policy = policy.deadline(deadline);
        }
        if let Some(delay) = settings.first_delay {
            policy = policy.first_delay(delay);
        }
        if let Some(delay) = settings.max_delay {
            policy = policy.max_delay(delay);
        }
        policy
    }
}

impl TryFrom<LocalSettings> for CidOptions {
    type Error = w3pin::Error;

    fn try_from(settings: LocalSettings) -> Result<Self> {
        let mut options = Self::new().hidden(settings.hidden);
        if let Some(profile) = settings.profile {
            options = options.profile(parse_profile(&profile)?);
        }
        if let Some(symlinks) = settings.symlinks {
            options = options.symlinks(symlinks.parse()?);
        }
        Ok(options)
    }
}

impl TryFrom<LocalSettings> for VerifyOptions {
    type Error = w3pin::Error;

    fn try_from(settings: LocalSettings) -> Result<Self> {
        let mut options = Self::new().hidden(settings.hidden);
        if let Some(symlinks) = settings.symlinks {
            options = options.symlinks(symlinks.parse()?);
        }
        options.gateway = settings.gateway.map(|url| url.parse()).transpose()?;
        Ok(options)
    }
}

fn metadata(name: Option<String>, keyvalues: HashMap<String, String>) -> Metadata {
    let mut metadata = Metadata::new();
    metadata.name = name;
    metadata.keyvalues = keyvalues.into_iter().collect();
    metadata
}

fn parse_profile(text: &str) -> Result<w3pin::Profile> {
    text.parse().map_err(|cause: w3pin::unixfs::ProfileError| {
        w3pin::Error::invalid_input("profile", cause.to_string())
    })
}
