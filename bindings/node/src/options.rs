//! Options, as the package's TypeScript writes them in JSON. Times are in milliseconds.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::Deserialize;
use w3pin::{
    CidOptions, Client, Credentials, Endpoint, Error, Insecure, ListPins, Metadata, Pacing,
    PinByCidOptions, PinOptions, Profile, Result, RetryPolicy, Settings, VerifyOptions, WaitPolicy,
};

/// Reads options.
pub(crate) fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T> {
    serde_json::from_str(json).map_err(|cause| {
        let cause = cause.to_string();
        // The place is one in JSON that the caller never sees.
        let what = cause.split(" at line ").next().unwrap_or_default();
        Error::invalid_input("options", format!("the options can't be used: {what}"))
    })
}

fn time(milliseconds: Option<f64>, field: &'static str) -> Result<Option<Duration>> {
    let Some(milliseconds) = milliseconds else {
        return Ok(None);
    };
    Duration::try_from_secs_f64(milliseconds / 1000.0)
        .map(Some)
        .map_err(|_| {
            Error::invalid_input(field, "a time is a number of milliseconds, zero or more")
        })
}

pub(crate) fn profile(name: &str) -> Result<Profile> {
    name.parse()
        .map_err(|cause| Error::invalid_input("profile", format!("{cause}")))
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Retry {
    attempts: Option<u32>,
    base_delay_ms: Option<f64>,
    max_delay_ms: Option<f64>,
    budget_ms: Option<f64>,
}

impl Retry {
    fn policy(&self) -> Result<RetryPolicy> {
        let mut policy = RetryPolicy::default();
        if let Some(attempts) = self.attempts {
            policy = policy.attempts(attempts);
        }
        if let Some(delay) = time(self.base_delay_ms, "retry")? {
            policy = policy.base_delay(delay);
        }
        if let Some(delay) = time(self.max_delay_ms, "retry")? {
            policy = policy.max_delay(delay);
        }
        if let Some(budget) = time(self.budget_ms, "retry")? {
            policy = policy.budget(budget);
        }
        Ok(policy)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClientSettings {
    api_key: Option<String>,
    secret_key: Option<String>,
    endpoint: Option<String>,
    insecure_http: bool,
    profile: Option<String>,
    connect_timeout_ms: Option<f64>,
    idle_timeout_ms: Option<f64>,
    call_timeout_ms: Option<f64>,
    retry: Option<Retry>,
    /// Requests a minute; 0 is no limit.
    pacing: Option<u32>,
    proxy: Option<String>,
    no_proxy: bool,
    root_certificates_pem: Option<String>,
    platform_roots: bool,
    user_agent: Option<String>,
}

impl ClientSettings {
    pub(crate) fn client(&self) -> Result<Client> {
        // What the program says counts alone, where it says all; a broken config file is then none
        // of its business.
        let complete =
            self.api_key.is_some() && self.secret_key.is_some() && self.endpoint.is_some();
        let mut settings = if complete {
            Settings::default()
        } else {
            Settings::load()?
        };
        if let Some(key) = &self.api_key {
            settings = settings.api_key(key);
        }
        if let Some(key) = &self.secret_key {
            settings = settings.secret_key(key);
        }
        if let Some(endpoint) = &self.endpoint {
            let insecure = if self.insecure_http {
                Insecure::Allow
            } else {
                Insecure::Refuse
            };
            Endpoint::new(endpoint, insecure)?;
            settings = settings.endpoint(endpoint);
        }
        if self.insecure_http {
            settings = settings.insecure_http(true);
        }
        if let (Some(api_key), Some(secret_key)) = (&self.api_key, &self.secret_key) {
            Credentials::new(api_key, secret_key)?;
        }
        let mut builder = settings.builder()?;
        if let Some(name) = &self.profile {
            builder = builder.profile(profile(name)?);
        }
        if let Some(timeout) = time(self.connect_timeout_ms, "connect_timeout")? {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(timeout) = time(self.idle_timeout_ms, "idle_timeout")? {
            builder = builder.idle_timeout(timeout);
        }
        if let Some(timeout) = time(self.call_timeout_ms, "call_timeout")? {
            builder = builder.call_timeout(timeout);
        }
        if let Some(retry) = &self.retry {
            builder = builder.retry(retry.policy()?);
        }
        if let Some(limit) = self.pacing {
            builder = builder.pacing(limit.try_into().map_or(Pacing::Off, Pacing::PerMinute));
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy);
        }
        if self.no_proxy {
            builder = builder.no_proxy();
        }
        if let Some(pem) = &self.root_certificates_pem {
            builder = builder.root_certificates_pem(pem.as_bytes());
        }
        if let Some(user_agent) = &self.user_agent {
            builder = builder.user_agent(user_agent);
        }
        builder.platform_roots(self.platform_roots).build()
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Pin {
    name: Option<String>,
    keyvalues: BTreeMap<String, String>,
    profile: Option<String>,
    verify: Option<String>,
    skip_if_pinned: bool,
    hidden: bool,
    symlinks: Option<String>,
    timeout_ms: Option<f64>,
    retry: Option<Retry>,
}

impl Pin {
    pub(crate) fn upload(&self) -> Result<PinOptions> {
        let mut options = PinOptions::new()
            .skip_if_pinned(self.skip_if_pinned)
            .hidden(self.hidden);
        options.metadata = self.metadata();
        options.profile = self.profile.as_deref().map(profile).transpose()?;
        if let Some(word) = &self.verify {
            options.verify = word.parse()?;
        }
        if let Some(word) = &self.symlinks {
            options.symlinks = word.parse()?;
        }
        options.timeout = time(self.timeout_ms, "timeout")?;
        options.retry = self.retry.as_ref().map(Retry::policy).transpose()?;
        Ok(options)
    }

    pub(crate) fn by_cid(&self) -> Result<PinByCidOptions> {
        let mut options = PinByCidOptions::new().skip_if_pinned(self.skip_if_pinned);
        options.metadata = self.metadata();
        options.timeout = time(self.timeout_ms, "timeout")?;
        options.retry = self.retry.as_ref().map(Retry::policy).transpose()?;
        Ok(options)
    }

    fn metadata(&self) -> Metadata {
        Metadata {
            name: self.name.clone(),
            keyvalues: self.keyvalues.clone(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct List {
    offset: Option<u64>,
    limit: Option<u32>,
    pinned: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    keyvalues: BTreeMap<String, String>,
}

impl List {
    pub(crate) fn list(&self) -> Result<ListPins> {
        let mut list = ListPins::new().offset(self.offset.unwrap_or(0));
        if let Some(limit) = self.limit {
            list = list.limit(limit)?;
        }
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
        Ok(list)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wait {
    deadline_ms: Option<f64>,
    first_delay_ms: Option<f64>,
    max_delay_ms: Option<f64>,
}

impl Wait {
    pub(crate) fn policy(&self) -> Result<WaitPolicy> {
        let mut policy = WaitPolicy::default();
        if let Some(deadline) = time(self.deadline_ms, "deadline")? {
            policy = policy.deadline(deadline);
        }
        if let Some(delay) = time(self.first_delay_ms, "first_delay")? {
            policy = policy.first_delay(delay);
        }
        if let Some(delay) = time(self.max_delay_ms, "max_delay")? {
            policy = policy.max_delay(delay);
        }
        Ok(policy)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Entries {
    profile: Option<String>,
    gateway: Option<String>,
    hidden: bool,
    symlinks: Option<String>,
}

impl Entries {
    pub(crate) fn cid(&self) -> Result<CidOptions> {
        let mut options = CidOptions::new().hidden(self.hidden);
        if let Some(name) = &self.profile {
            options.profile = profile(name)?;
        }
        if let Some(word) = &self.symlinks {
            options.symlinks = word.parse()?;
        }
        Ok(options)
    }

    pub(crate) fn verify(&self) -> Result<VerifyOptions> {
        let mut options = VerifyOptions::new().hidden(self.hidden);
        options.gateway = self.gateway.as_deref().map(str::parse).transpose()?;
        if let Some(word) = &self.symlinks {
            options.symlinks = word.parse()?;
        }
        Ok(options)
    }
}

/// Local paths, which must not be empty: that would be the current folder.
pub(crate) fn path(text: String) -> Result<PathBuf> {
    if text.is_empty() {
        return Err(Error::invalid_input("path", "the path is empty"));
    }
    Ok(text.into())
}
