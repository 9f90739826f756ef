//! The options of every operation, encoded as JSON by the package's TypeScript, which has checked
//! their names and types; times are in milliseconds.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use w3pin::{
    BatchItem, BatchOptions, CidOptions, Content, Error, FetchOptions, Gateway, ListOptions,
    Metadata, PinByCidOptions, PinOptions, Profile, ReadOptions, Result, RetryPolicy, SyncOptions,
    VerifyOptions, WaitPolicy, WalkOptions,
};

/// Parses options, or any other JSON from TypeScript.
pub(crate) fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T> {
    serde_json::from_str(json).map_err(|cause| {
        let cause = cause.to_string();
        // The position is in JSON that the caller never sees.
        let what = cause.split(" at line ").next().unwrap_or_default();
        Error::invalid_input("options", format!("the options are invalid: {what}"))
    })
}

pub(crate) fn time(name: &'static str, milliseconds: Option<f64>) -> Result<Option<Duration>> {
    let read = |time: f64| {
        Duration::try_from_secs_f64(time / 1000.0)
            .map_err(|_| Error::invalid_input(name, format!("{name} is too long")))
    };
    milliseconds.map(read).transpose()
}

pub(crate) fn count<T: TryFrom<u64>>(name: &'static str, count: u64) -> Result<T> {
    T::try_from(count).map_err(|_| Error::invalid_input(name, format!("{name} is too large")))
}

pub(crate) fn profile(name: &str) -> Result<Profile> {
    name.parse()
        .map_err(|cause| Error::invalid_input("profile", format!("{cause}")))
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Retry {
    attempts: Option<u64>,
    base_delay_ms: Option<f64>,
    max_delay_ms: Option<f64>,
    budget_ms: Option<f64>,
}

impl Retry {
    pub(crate) fn policy(&self) -> Result<RetryPolicy> {
        let mut policy = RetryPolicy::default();
        if let Some(attempts) = self.attempts {
            policy = policy.attempts(count("attempts", attempts)?);
        }
        if let Some(delay) = time("baseDelayMs", self.base_delay_ms)? {
            policy = policy.base_delay(delay);
        }
        if let Some(delay) = time("maxDelayMs", self.max_delay_ms)? {
            policy = policy.max_delay(delay);
        }
        if let Some(budget) = time("budgetMs", self.budget_ms)? {
            policy = policy.budget(budget);
        }
        Ok(policy)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Options {
    name: Option<String>,
    keyvalues: BTreeMap<String, String>,
    profile: Option<String>,
    verify: Option<String>,
    skip_if_pinned: bool,
    mark_attempt: Option<bool>,
    timeout_ms: Option<f64>,
    retry: Option<Retry>,
    file_name: Option<String>,
    content_type: Option<String>,
    pub(crate) length: Option<u64>,
    hidden: bool,
    symlinks: Option<String>,
    include: Vec<String>,
    exclude: Vec<String>,
    gitignore: bool,
    concurrency: Option<u64>,
    offset: Option<u64>,
    limit: Option<u64>,
    pinned: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    deadline_ms: Option<f64>,
    first_delay_ms: Option<f64>,
    max_delay_ms: Option<f64>,
    empty_folders: Option<bool>,
    gateway: Option<String>,
    start: u64,
    end: Option<u64>,
    most_bytes: Option<u64>,
    overwrite: bool,
    most_entries: Option<u64>,
    keep: Option<u64>,
    check_gateways: Vec<String>,
    dry_run: bool,
}

impl Options {
    pub(crate) fn pin(&self) -> Result<PinOptions> {
        let mut pin = PinOptions::new().skip_if_pinned(self.skip_if_pinned);
        pin.metadata = self.metadata();
        pin.profile = self.profile.as_deref().map(profile).transpose()?;
        if let Some(word) = &self.verify {
            pin.verify = word.parse()?;
        }
        if let Some(mark) = self.mark_attempt {
            pin.mark_attempt = mark;
        }
        pin.file_name.clone_from(&self.file_name);
        pin.content_type.clone_from(&self.content_type);
        self.walk(&mut pin.walk)?;
        pin.timeout = time("timeoutMs", self.timeout_ms)?;
        pin.retry = self.retry.as_ref().map(Retry::policy).transpose()?;
        Ok(pin)
    }

    pub(crate) fn sync(&self) -> Result<SyncOptions> {
        let mut sync = SyncOptions::new()
            .keyvalues(self.keyvalues.clone())
            .dry_run(self.dry_run);
        if let Some(keep) = self.keep {
            sync.keep = count("keep", keep)?;
        }
        sync.profile = self.profile.as_deref().map(profile).transpose()?;
        sync.check_gateways = Gateway::list("checkGateways", &self.check_gateways)?;
        self.walk(&mut sync.walk)?;
        if let Some(deadline) = time("deadlineMs", self.deadline_ms)? {
            sync.deadline = deadline;
        }
        sync.timeout = time("timeoutMs", self.timeout_ms)?;
        sync.retry = self.retry.as_ref().map(Retry::policy).transpose()?;
        Ok(sync)
    }

    pub(crate) fn pin_by_cid(&self) -> Result<PinByCidOptions> {
        let mut pin = PinByCidOptions::new().skip_if_pinned(self.skip_if_pinned);
        pin.metadata = self.metadata();
        pin.timeout = time("timeoutMs", self.timeout_ms)?;
        pin.retry = self.retry.as_ref().map(Retry::policy).transpose()?;
        Ok(pin)
    }

    /// Returns the options of a batch, with those of each of its calls.
    pub(crate) fn batch<O: Default>(&self, each: O) -> Result<BatchOptions<O>> {
        let batch = BatchOptions::new().each(each);
        match self.concurrency {
            Some(concurrency) => batch.concurrency(count("concurrency", concurrency)?),
            None => Ok(batch),
        }
    }

    pub(crate) fn list(&self) -> Result<ListOptions> {
        let mut list = ListOptions::new().offset(self.offset.unwrap_or_default());
        if let Some(word) = &self.pinned {
            list.pinned = word.parse()?;
        }
        if let Some(word) = &self.sort_by {
            list.sort_by = word.parse()?;
        }
        if let Some(word) = &self.sort_order {
            list.sort_order = word.parse()?;
        }
        list.keyvalues.clone_from(&self.keyvalues);
        match self.limit {
            Some(limit) => list.limit(count("limit", limit)?),
            None => Ok(list),
        }
    }

    pub(crate) fn wait(&self) -> Result<WaitPolicy> {
        let mut policy = WaitPolicy::default();
        if let Some(deadline) = time("deadlineMs", self.deadline_ms)? {
            policy = policy.deadline(deadline);
        }
        if let Some(delay) = time("firstDelayMs", self.first_delay_ms)? {
            policy = policy.first_delay(delay);
        }
        if let Some(delay) = time("maxDelayMs", self.max_delay_ms)? {
            policy = policy.max_delay(delay);
        }
        Ok(policy)
    }

    pub(crate) fn cid(&self) -> Result<CidOptions> {
        let mut options = CidOptions::new();
        if let Some(name) = &self.profile {
            options.profile = profile(name)?;
        }
        if let Some(count) = self.empty_folders {
            options.empty_folders = count;
        }
        self.walk(&mut options.walk)?;
        Ok(options)
    }

    pub(crate) fn verify(&self) -> Result<VerifyOptions> {
        let mut options = VerifyOptions::new();
        options.gateway = self.gateway.as_deref().map(str::parse).transpose()?;
        self.walk(&mut options.walk)?;
        Ok(options)
    }

    pub(crate) fn read(&self) -> ReadOptions {
        let mut options = ReadOptions::new().start(self.start);
        options.end = self.end;
        options.most_bytes = self.most_bytes;
        options
    }

    pub(crate) fn fetch(&self) -> Result<FetchOptions> {
        let mut options = FetchOptions::new().overwrite(self.overwrite);
        if let Some(concurrency) = self.concurrency {
            options = options.concurrency(count("concurrency", concurrency)?);
        }
        if let Some(word) = &self.symlinks {
            options = options.symlinks(word.parse()?);
        }
        if let Some(bytes) = self.most_bytes {
            options = options.most_bytes(bytes);
        }
        if let Some(entries) = self.most_entries {
            options = options.most_entries(entries);
        }
        Ok(options)
    }

    /// Which entries of a folder count.
    fn walk(&self, walk: &mut WalkOptions) -> Result<()> {
        walk.hidden = self.hidden;
        walk.gitignore = self.gitignore;
        walk.include.clone_from(&self.include);
        walk.exclude.clone_from(&self.exclude);
        if let Some(word) = &self.symlinks {
            walk.symlinks = word.parse()?;
        }
        Ok(())
    }

    fn metadata(&self) -> Metadata {
        Metadata {
            name: self.name.clone(),
            keyvalues: self.keyvalues.clone(),
        }
    }
}

/// An item of a batch.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Item {
    subject: String,
    name: Option<String>,
    #[serde(default)]
    keyvalues: BTreeMap<String, String>,
}

impl Item {
    /// Returns an item whose subject is a path.
    pub(crate) fn path(self) -> BatchItem<Content> {
        let item = BatchItem::from(self.subject.as_str());
        self.with_metadata(item)
    }

    /// Returns an item whose subject is parsed.
    pub(crate) fn parse<T: std::str::FromStr<Err = Error>>(self) -> BatchItem<T> {
        let item = BatchItem::parse(&self.subject);
        self.with_metadata(item)
    }

    fn with_metadata<T>(self, item: BatchItem<T>) -> BatchItem<T> {
        let item = item.keyvalues(self.keyvalues);
        match self.name {
            Some(name) => item.name(name),
            None => item,
        }
    }
}
