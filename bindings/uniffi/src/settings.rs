//! A client's settings, as they cross. What isn't set is Rust's to find.

use std::num::NonZeroU32;

use w3pin::{Client, ClientBuilder, Error, RateLimit, Result, RetryPolicy, Settings};

use crate::number::{count, time};

/// A client's settings. Times are in nanoseconds.
#[derive(Debug, Default, uniffi::Record)]
pub struct ClientSettings {
    /// The API key.
    pub api_key: Option<String>,
    /// The secret key.
    pub secret_key: Option<String>,
    /// The access token.
    pub token: Option<String>,
    /// The API's word.
    pub api: Option<String>,
    /// A preset's name or a URL.
    pub endpoint: Option<String>,
    /// Whether plain http may leave this machine.
    pub insecure_http: Option<bool>,
    /// Whether environment and config file count.
    pub environment: bool,
    /// The profile that the service uses.
    pub profile: Option<String>,
    /// Gateways to read from.
    pub gateways: Option<Vec<String>>,
    /// The time until there is a connection.
    pub connect_timeout: Option<i64>,
    /// The time in which something must move.
    pub idle_timeout: Option<i64>,
    /// The time that a call may take.
    pub call_timeout: Option<i64>,
    /// The retry policy of calls.
    pub retry: Option<RetrySettings>,
    /// How many requests are sent in a minute.
    pub rate_limit: Option<RateLimitSetting>,
    /// The proxy's URL.
    pub proxy: Option<String>,
    /// Whether no proxy is used.
    pub no_proxy: bool,
    /// Roots to trust too.
    pub root_certificates_pem: Option<Vec<u8>>,
    /// Whether the system's roots are trusted instead of the bundled ones.
    pub platform_roots: bool,
    /// The `User-Agent`.
    pub user_agent: Option<String>,
}

/// The retry policy of calls. Times are in nanoseconds.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RetrySettings {
    /// Attempts in all.
    pub attempts: Option<i64>,
    /// The longest wait before the second attempt.
    pub base_delay: Option<i64>,
    /// The longest wait before any attempt.
    pub max_delay: Option<i64>,
    /// No attempt starts later than this.
    pub budget: Option<i64>,
}

/// How many requests are sent in a minute.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum RateLimitSetting {
    /// As many as there are.
    Unlimited,
    /// At most this many.
    PerMinute {
        /// The number.
        requests: i64,
    },
}

impl ClientSettings {
    pub(crate) fn builder(self) -> Result<ClientBuilder> {
        let mut texts = Settings::default();
        texts.api_key = self.api_key;
        texts.secret_key = self.secret_key;
        texts.token = self.token;
        texts.api = self.api;
        texts.endpoint = self.endpoint;
        texts.insecure_http = self.insecure_http;
        texts.profile = self.profile;
        texts.gateways = self.gateways;
        texts.proxy = self.proxy;
        let mut builder = Client::builder()
            .settings(texts)
            .environment(self.environment)
            .platform_roots(self.platform_roots);
        if let Some(timeout) = self.connect_timeout {
            builder = builder.connect_timeout(time("connect_timeout", timeout)?);
        }
        if let Some(timeout) = self.idle_timeout {
            builder = builder.idle_timeout(time("idle_timeout", timeout)?);
        }
        if let Some(timeout) = self.call_timeout {
            builder = builder.call_timeout(time("call_timeout", timeout)?);
        }
        if let Some(retry) = self.retry {
            builder = builder.retry(retry.try_into()?);
        }
        if let Some(limit) = self.rate_limit {
            builder = builder.rate_limit(limit.try_into()?);
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

impl TryFrom<RetrySettings> for RetryPolicy {
    type Error = Error;

    fn try_from(settings: RetrySettings) -> Result<Self> {
        let mut policy = Self::default();
        if let Some(attempts) = settings.attempts {
            policy = policy.attempts(count("attempts", attempts)?);
        }
        if let Some(delay) = settings.base_delay {
            policy = policy.base_delay(time("base_delay", delay)?);
        }
        if let Some(delay) = settings.max_delay {
            policy = policy.max_delay(time("max_delay", delay)?);
        }
        if let Some(budget) = settings.budget {
            policy = policy.budget(time("budget", budget)?);
        }
        Ok(policy)
    }
}

impl TryFrom<RateLimitSetting> for RateLimit {
    type Error = Error;

    fn try_from(setting: RateLimitSetting) -> Result<Self> {
        let RateLimitSetting::PerMinute { requests } = setting else {
            return Ok(Self::Unlimited);
        };
        NonZeroU32::new(count("rate_limit", requests)?)
            .map(Self::PerMinute)
            .ok_or_else(|| Error::invalid_input("rate_limit", "rate_limit is 0; the least is 1"))
    }
}
