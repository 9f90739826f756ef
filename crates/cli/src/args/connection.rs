use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use w3pin::{ClientBuilder, RateLimit, RetryPolicy, Settings};

use super::duration;

/// How to reach the service. `-h` omits these options, `--help` shows them.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection options")]
pub(crate) struct Connection {
    /// The proxy for all requests, by http, https, socks5 or socks5h [env: W3PIN_PROXY, then HTTPS_PROXY,
    /// HTTP_PROXY, ALL_PROXY and NO_PROXY]
    #[arg(long, global = true, hide_short_help = true, value_name = "URL")]
    proxy: Option<String>,
    /// Use no proxy, even if the environment or the config file names one
    #[arg(long, global = true, hide_short_help = true, conflicts_with = "proxy")]
    no_proxy: bool,
    /// Also trust the root certificates in this PEM file [env: W3PIN_ROOT_CERTIFICATES, then
    /// SSL_CERT_FILE]
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Trust the operating system's root certificates instead of Mozilla's
    #[arg(long, global = true, hide_short_help = true)]
    platform_roots: bool,
    /// Allow plain http to other machines, where anyone on the way can read the keys [env:
    /// W3PIN_INSECURE_HTTP]
    #[arg(long, global = true, hide_short_help = true)]
    insecure_http: bool,
    /// The time limit of connecting
    #[arg(long, global = true, hide_short_help = true, value_name = "TIME", default_value = "10s",
          value_parser = duration)]
    connect_timeout: Duration,
    /// The longest time that a request or its response may make no progress
    #[arg(long, global = true, hide_short_help = true, value_name = "TIME", default_value = "60s",
          value_parser = duration)]
    idle_timeout: Duration,
    /// The time limit of a call, retries included; uploads and waits have their own
    #[arg(long, global = true, hide_short_help = true, value_name = "TIME", default_value = "60s",
          value_parser = duration)]
    call_timeout: Duration,
    /// How many times a failed request is retried
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "N",
        default_value_t = 4,
        allow_negative_numbers = true
    )]
    retries: u16,
    /// The longest wait before the first retry, which doubles with each further one
    #[arg(long, global = true, hide_short_help = true, value_name = "TIME", default_value = "500ms",
          value_parser = duration)]
    retry_delay: Duration,
    /// The longest wait before any retry
    #[arg(long, global = true, hide_short_help = true, value_name = "TIME", default_value = "30s",
          value_parser = duration)]
    retry_max_delay: Duration,
    /// The time after which a call is no longer retried
    #[arg(long, global = true, hide_short_help = true, value_name = "TIME", default_value = "2m",
          value_parser = duration)]
    retry_max_time: Duration,
    /// The most requests a minute, or off [default: 180; off for this machine]
    #[arg(long, global = true, hide_short_help = true, value_name = "N", value_parser = rate_limit,
          allow_negative_numbers = true)]
    rate_limit: Option<RateLimit>,
    /// The User-Agent header
    #[arg(long, global = true, hide_short_help = true, value_name = "TEXT")]
    user_agent: Option<String>,
    /// How long --local waits for other commands that use the same data
    #[arg(long, global = true, hide_short_help = true, value_name = "TIME", default_value = "60s",
          value_parser = duration)]
    pub(crate) lock_timeout: Duration,
}

impl Connection {
    /// Sets timeouts and retries, which apply to any server.
    pub(crate) fn patience(&self, client: ClientBuilder) -> ClientBuilder {
        let retry = RetryPolicy::default()
            .attempts(u32::from(self.retries) + 1)
            .base_delay(self.retry_delay)
            .max_delay(self.retry_max_delay)
            .budget(self.retry_max_time);
        let client = client
            .connect_timeout(self.connect_timeout)
            .idle_timeout(self.idle_timeout)
            .call_timeout(self.call_timeout)
            .retry(retry);
        match self.rate_limit {
            Some(rate_limit) => client.rate_limit(rate_limit),
            None => client,
        }
    }

    /// Sets the route to the service.
    pub(crate) fn route(&self, client: ClientBuilder) -> ClientBuilder {
        let mut settings = Settings::default();
        settings.proxy.clone_from(&self.proxy);
        settings.insecure_http = self.insecure_http.then_some(true);
        settings.root_certificates = self
            .cacert
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned());
        let mut client = client
            .settings(settings)
            .platform_roots(self.platform_roots);
        if self.no_proxy {
            client = client.no_proxy();
        }
        if let Some(user_agent) = &self.user_agent {
            client = client.user_agent(user_agent);
        }
        client
    }
}

fn rate_limit(text: &str) -> Result<RateLimit, &'static str> {
    match text {
        "off" => Ok(RateLimit::Unlimited),
        text => match text.parse::<NonZeroU32>() {
            Ok(limit) => Ok(RateLimit::PerMinute(limit)),
            Err(_) => Err("give a number of requests a minute, at least 1, or off"),
        },
    }
}
