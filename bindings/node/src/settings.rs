//! The settings of a client or a retriever, encoded as JSON by the package's TypeScript.

use serde::Deserialize;
use w3pin::{Client, ClientBuilder, Error, RateLimit, Result, Retriever, Settings};

use crate::options::{Retry, count, time};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClientSettings {
    credentials: Credentials,
    token: Option<String>,
    api: Option<String>,
    endpoint: Option<String>,
    insecure_http: Option<bool>,
    environment: Option<bool>,
    profile: Option<String>,
    gateways: Option<Vec<String>>,
    connect_timeout_ms: Option<f64>,
    idle_timeout_ms: Option<f64>,
    call_timeout_ms: Option<f64>,
    retry: Option<Retry>,
    rate_limit: Option<Limit>,
    proxy: Option<String>,
    no_proxy: bool,
    root_certificates_pem: Option<String>,
    platform_roots: bool,
    user_agent: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Credentials {
    api_key: Option<String>,
    secret_key: Option<String>,
}

/// Requests per minute, or the word for no limit.
#[derive(Deserialize)]
#[serde(untagged)]
enum Limit {
    PerMinute(u64),
    Word(String),
}

impl Limit {
    fn read(&self) -> Result<RateLimit> {
        let invalid = |reason| Err(Error::invalid_input("rateLimit", reason));
        match self {
            Self::PerMinute(limit) => match count::<u32>("rateLimit", *limit)?.try_into() {
                Ok(limit) => Ok(RateLimit::PerMinute(limit)),
                Err(_) => invalid("rateLimit is 0; the least is 1, and \"unlimited\" is no limit"),
            },
            Self::Word(word) if word == "unlimited" => Ok(RateLimit::Unlimited),
            Self::Word(_) => {
                invalid("rateLimit is neither a number of requests a minute nor \"unlimited\"")
            }
        }
    }
}

impl ClientSettings {
    pub(crate) fn client(self) -> Result<Client> {
        self.builder()?.build()
    }

    /// Returns a retriever; no credentials are needed.
    pub(crate) fn retriever(self) -> Result<Retriever> {
        self.builder()?.retriever()
    }

    fn builder(self) -> Result<ClientBuilder> {
        let mut own = Settings::default();
        own.api_key = self.credentials.api_key;
        own.secret_key = self.credentials.secret_key;
        own.token = self.token;
        own.api = self.api;
        own.endpoint = self.endpoint;
        own.insecure_http = self.insecure_http;
        own.profile = self.profile;
        own.gateways = self.gateways;
        own.proxy = self.proxy;
        let mut builder = Client::builder().settings(own);
        if let Some(environment) = self.environment {
            builder = builder.environment(environment);
        }
        if let Some(timeout) = time("connectTimeoutMs", self.connect_timeout_ms)? {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(timeout) = time("idleTimeoutMs", self.idle_timeout_ms)? {
            builder = builder.idle_timeout(timeout);
        }
        if let Some(timeout) = time("callTimeoutMs", self.call_timeout_ms)? {
            builder = builder.call_timeout(timeout);
        }
        if let Some(retry) = &self.retry {
            builder = builder.retry(retry.policy()?);
        }
        if let Some(limit) = &self.rate_limit {
            builder = builder.rate_limit(limit.read()?);
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
        Ok(builder.platform_roots(self.platform_roots))
    }
}
