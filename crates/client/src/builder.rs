//! The builder of a client.

use std::{fmt, sync::Arc, time::Duration};

use http::HeaderValue;
use w3pin_core::{
    Api, Credentials, Endpoint, Error, Gateway, Origin, RateLimit, ResolvedSettings, Result,
    RetryPolicy, Session, Settings,
};
use w3pin_unixfs::Profile;

use crate::{
    Client, ConfigFile, config,
    driver::Driver,
    transport::{Proxy, RootCertificates, Transport, TransportOptions},
};

/// Builds a [`Client`].
///
/// A client runs at most 100 requests at once, and separately 100 uploads; others wait for
/// their turn. It keeps up to 32 idle connections for a minute.
///
/// ```
/// use std::time::Duration;
/// use w3pin::{Client, Credentials};
///
/// let client = Client::builder()
///     .credentials(Credentials::new("API_KEY", "SECRET")?)
///     .endpoint("http://127.0.0.1:8080/api/pinning".parse()?)
///     .idle_timeout(Duration::from_secs(20))
///     .build()?;
/// assert!(!format!("{client:?}").contains("SECRET"));
/// # Ok::<(), w3pin::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    settings: Settings,
    environment: bool,
    config_file: Option<ConfigFile>,
    connect_timeout: Duration,
    idle_timeout: Duration,
    call_timeout: Duration,
    retry: RetryPolicy,
    rate_limit: Option<RateLimit>,
    no_proxy: bool,
    root_certificates: Vec<u8>,
    platform_roots: bool,
    user_agent: String,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings::default(),
            environment: true,
            config_file: None,
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            call_timeout: Duration::from_secs(60),
            retry: RetryPolicy::default(),
            rate_limit: None,
            no_proxy: false,
            root_certificates: Vec::new(),
            platform_roots: false,
            user_agent: concat!("w3pin/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// Sets the credentials.
    ///
    /// The account's API key and secret key.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        let text = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
        let token = credentials.token().map(text);
        let keys = token.is_none();
        self.settings.api_key = keys.then(|| text(credentials.api_key()));
        self.settings.secret_key = keys.then(|| text(credentials.secret_key()));
        self.settings.token = token;
        self
    }

    /// Sets the token, which is [validated](Credentials::bearer) when the client is built.
    ///
    /// The access token for the API pinning-service, in place of the keys.
    pub fn token(mut self, token: &str) -> Self {
        self.settings.token = Some(token.to_owned());
        self
    }

    /// Sets the API; [`Api::W3ipfs`] unless set. [`Api::PinningService`] needs an
    /// [endpoint](Self::endpoint) and a [token](Self::token).
    ///
    /// The API that the service speaks: w3ipfs, or pinning-service, which pins by CID and has no uploads.
    pub fn api(mut self, api: Api) -> Self {
        self.settings.api = Some(api.to_string());
        self
    }

    /// Sets the endpoint.
    ///
    /// The service: a URL, or attoaioz, w3ipfs-storage, w3ipfs or aiozpin.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        if endpoint.is_insecure() {
            self.settings.insecure_http = Some(true);
        }
        if endpoint.api() != Api::default() {
            self.settings.api = Some(endpoint.api().to_string());
        }
        self.settings.endpoint = Some(endpoint.to_string());
        self
    }

    /// Sets the profile; [`Profile::kubo_cidv1_legacy`] unless set.
    ///
    /// The UnixFS profile that the service uses.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.settings.profile = Some(profile.to_string());
        self
    }

    /// Sets the gateways; [`Gateway::for_endpoint`] unless set.
    ///
    /// The gateways to read content back from, in the order to try them.
    pub fn gateways<G: IntoIterator<Item = Gateway>>(mut self, gateways: G) -> Self {
        let gateways = gateways.into_iter().map(|gateway| gateway.to_string());
        self.settings.gateways = Some(gateways.collect());
        self
    }

    /// Sets any of these settings from text, as written by a user; `None` leaves a setting
    /// unchanged.
    pub fn settings(mut self, settings: Settings) -> Self {
        let own = &mut self.settings;
        let set = |own: &mut Option<String>, value: Option<String>| {
            if value.is_some() {
                *own = value;
            }
        };
        set(&mut own.api_key, settings.api_key);
        set(&mut own.secret_key, settings.secret_key);
        set(&mut own.token, settings.token);
        set(&mut own.api, settings.api);
        set(&mut own.endpoint, settings.endpoint);
        set(&mut own.profile, settings.profile);
        set(&mut own.proxy, settings.proxy);
        set(&mut own.root_certificates, settings.root_certificates);
        own.insecure_http = settings.insecure_http.or(own.insecure_http);
        own.gateways = settings.gateways.or(own.gateways.take());
        self
    }

    /// Allows or forbids plain http.
    ///
    /// Whether to allow sending keys over plain HTTP to another machine.
    pub fn insecure_http(mut self, allow: bool) -> Self {
        self.settings.insecure_http = Some(allow);
        self
    }

    /// Sets whether to use the environment and the config file. See
    /// [`ConfigFile`](crate::ConfigFile).
    ///
    /// Whether to take settings that aren't set from the environment and the config file.
    pub fn environment(mut self, environment: bool) -> Self {
        self.environment = environment;
        self
    }

    /// Sets the config file, in place of the default one. It is read even if the keys and the
    /// endpoint are set otherwise, but only if the [environment](Self::environment) is used.
    pub fn config_file(mut self, file: ConfigFile) -> Self {
        self.config_file = Some(file);
        self
    }

    /// Sets the connect timeout.
    ///
    /// The time limit for connecting; 10 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the idle timeout. An upload must make about half a mebibyte of progress in that time.
    ///
    /// The longest time that a request or its response may make no progress; 60 seconds unless set.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets the call timeout. For an upload it limits how long the response may take to arrive; the
    /// whole upload is limited by [`PinOptions::timeout`](crate::PinOptions::timeout).
    ///
    /// The time limit of a call, retries included, except uploads and waits; 60 seconds unless set.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = timeout;
        self
    }

    /// Sets the retry policy.
    ///
    /// The retry policy of calls.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Sets the rate limit, which all clones of the client share.
    ///
    /// The maximum number of requests per minute; 180 unless set, unlimited for a service on this
    /// machine.
    pub fn rate_limit(mut self, rate_limit: RateLimit) -> Self {
        self.rate_limit = Some(rate_limit);
        self
    }

    /// Sets the proxy, with `user:password@` in its URL if needed. Unless one is set,
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in the environment are used, except
    /// for an endpoint on this machine.
    ///
    /// The proxy to send every request through: http, https, socks5 or socks5h.
    pub fn proxy(mut self, url: &str) -> Self {
        self.settings.proxy = Some(url.to_owned());
        self
    }

    /// Disables proxies.
    ///
    /// Whether to use no proxy, even if the environment names one.
    pub fn no_proxy(mut self) -> Self {
        self.no_proxy = true;
        self
    }

    /// Adds root certificates.
    ///
    /// Additional root certificates to trust, in PEM format.
    pub fn root_certificates_pem(mut self, pem: &[u8]) -> Self {
        self.root_certificates.extend_from_slice(pem);
        self.root_certificates.push(b'\n');
        self
    }

    /// Sets whose root certificates to trust. On Android, building the client fails if this is set.
    ///
    /// Whether to trust the operating system's root certificates instead of Mozilla's.
    pub fn platform_roots(mut self, platform: bool) -> Self {
        self.platform_roots = platform;
        self
    }

    /// Sets the user agent; `w3pin/` and the version unless set.
    ///
    /// The User-Agent header.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// Builds the client. Nothing is sent, and no runtime is needed yet.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if credentials are missing or a setting
    /// can't be used.
    pub fn build(self) -> Result<Client> {
        let settings = self.resolved_settings()?;
        let credentials = settings.credentials()?;
        let transport = self.transport(&settings)?;
        let rate_limit = self
            .rate_limit
            .unwrap_or_else(|| settings.endpoint.default_rate_limit());
        let session = Session::new(settings.endpoint, credentials)
            .call_timeout(Some(self.call_timeout))
            .retry(self.retry)?
            .rate_limit(rate_limit);
        let driver = Arc::new(Driver::new(transport));
        Ok(Client::new(
            session,
            driver,
            settings.profile,
            settings.gateways,
        ))
    }

    /// Returns what is needed to read from gateways without an account.
    pub(crate) fn anonymous(self) -> Result<Anonymous> {
        let settings = self.resolved_settings()?;
        let transport = self.transport(&settings)?;
        Ok(Anonymous {
            driver: Arc::new(Driver::new(transport)),
            settings,
            retry: self.retry,
            call_timeout: self.call_timeout,
        })
    }

    /// Returns the settings that the client would have, from all sources: those set here, then the
    /// environment and the config file.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a setting can't be used, and
    /// [`LocalIo`](crate::ErrorKind::LocalIo) if the config file can't be read.
    pub fn resolved_settings(&self) -> Result<ResolvedSettings> {
        if self.environment {
            config::resolve(self.settings.clone(), self.config_file.clone())
        } else {
            Settings::resolve(&[(Origin::Program, self.settings.clone())])
        }
    }

    fn transport(&self, settings: &ResolvedSettings) -> Result<Transport> {
        let timeouts = [
            ("connect_timeout", self.connect_timeout),
            ("idle_timeout", self.idle_timeout),
            ("call_timeout", self.call_timeout),
        ];
        if let Some((field, _)) = timeouts.into_iter().find(|(_, time)| time.is_zero()) {
            return Err(Error::invalid_input(
                field,
                "the timeout is 0; give a longer one",
            ));
        }
        let user_agent = HeaderValue::from_str(&self.user_agent).map_err(|_| {
            Error::invalid_input(
                "user_agent",
                "the user agent contains characters that a header can't contain",
            )
        })?;
        if self.no_proxy && self.settings.proxy.is_some() {
            let reason = "proxy and no_proxy exclude each other; give one of them";
            return Err(Error::invalid_input("no_proxy", reason));
        }
        let proxy = match &settings.proxy {
            _ if self.no_proxy => Proxy::Never,
            Some(url) => Proxy::parse(url)?,
            None => Proxy::Environment,
        };
        let mut roots = RootCertificates::new(self.platform_roots)?
            .trust("root_certificates_pem", &self.root_certificates)?;
        if let Some(path) = &settings.root_certificates {
            let pem = config::root_certificates(path)?;
            roots = roots
                .trust("root_certificates", &pem)
                .map_err(|error| error.with_path(path.clone()))?;
        }
        Ok(Transport::new(TransportOptions {
            connect_timeout: self.connect_timeout,
            idle_timeout: self.idle_timeout,
            response_timeout: self.call_timeout,
            proxy,
            roots,
            user_agent,
        }))
    }
}

/// What calls without an account need.
pub(crate) struct Anonymous {
    pub(crate) driver: Arc<Driver>,
    pub(crate) settings: ResolvedSettings,
    pub(crate) retry: RetryPolicy,
    pub(crate) call_timeout: Duration,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("settings", &self.settings)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}
