//! A client's settings.

use std::{fmt, time::Duration};

use http::HeaderValue;
use w3pin_core::{Credentials, Endpoint, Error, Pacing, Result, RetryPolicy, Session};
use w3pin_unixfs::Profile;

use crate::{
    Client,
    driver::Driver,
    transport::{Proxy, RootCertificates, Settings, Transport},
};

/// Makes a [`Client`].
///
/// A client has at most 100 requests under way at once, and apart from them 100 uploads; others wait for
/// their turn. It keeps at most 32 idle connections, for a minute.
///
/// ```
/// use std::time::Duration;
/// use w3pin::{Client, Credentials, Pacing};
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
    credentials: Option<Credentials>,
    endpoint: Endpoint,
    profile: Profile,
    connect_timeout: Duration,
    idle_timeout: Duration,
    call_timeout: Duration,
    retry: RetryPolicy,
    pacing: Option<Pacing>,
    proxy: Option<String>,
    no_proxy: bool,
    root_certificates: Vec<u8>,
    platform_roots: bool,
    user_agent: String,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            credentials: None,
            endpoint: Endpoint::default(),
            profile: Profile::default(),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            call_timeout: Duration::from_secs(60),
            retry: RetryPolicy::default(),
            pacing: None,
            proxy: None,
            no_proxy: false,
            root_certificates: Vec::new(),
            platform_roots: false,
            user_agent: concat!("w3pin/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// Sets the account's keys. There is no client without them.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets where the service is; by default the host of the API page.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// Sets the layout in which the service imports files, by which it is proved what was pinned; by
    /// default [`Profile::kubo_cidv1_legacy`].
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Limits the time until there is a connection; 10 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Limits the time in which a request or its answer gets no further; 60 seconds by default. An
    /// upload must get about half a mebibyte further in that time.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Limits the time of a whole call with all its tries; 60 seconds by default. Of an upload it limits
    /// how long its response may take to arrive; the whole is limited by
    /// [`PinOptions::timeout`](crate::PinOptions::timeout).
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = timeout;
        self
    }

    /// Sets how often calls are tried.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Sets how many requests go out in a minute, from all clones of the client together; by default
    /// [`Endpoint::default_pacing`].
    pub fn pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = Some(pacing);
        self
    }

    /// Sends every request through this proxy: `http://`, `https://`, `socks5://` or `socks5h://`,
    /// with `user:password@` where needed. By default the environment's `HTTPS_PROXY`, `HTTP_PROXY`,
    /// `ALL_PROXY` and `NO_PROXY` count, except for what is on this machine.
    pub fn proxy(mut self, url: &str) -> Self {
        self.proxy = Some(url.to_owned());
        self.no_proxy = false;
        self
    }

    /// Sends no request through a proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = None;
        self.no_proxy = true;
        self
    }

    /// Trusts these root certificates too, one or more in PEM.
    pub fn root_certificates_pem(mut self, pem: &[u8]) -> Self {
        self.root_certificates.extend_from_slice(pem);
        self.root_certificates.push(b'\n');
        self
    }

    /// Trusts the root certificates of the operating system instead of the bundled ones of Mozilla.
    /// Not on Android, where building the client fails.
    pub fn platform_roots(mut self, platform: bool) -> Self {
        self.platform_roots = platform;
        self
    }

    /// Sets the name that the service sees; `w3pin/` and the version by default.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// Makes the client. Nothing is sent, and no runtime is needed yet.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where credentials are missing or a setting
    /// can't be used.
    pub fn build(self) -> Result<Client> {
        let Some(credentials) = self.credentials else {
            return Err(Error::invalid_input(
                "credentials",
                "there are no credentials; give the API key and the secret key of an account",
            ));
        };
        let timeouts = [
            ("connect_timeout", self.connect_timeout),
            ("idle_timeout", self.idle_timeout),
            ("call_timeout", self.call_timeout),
        ];
        if let Some((field, _)) = timeouts.into_iter().find(|(_, time)| time.is_zero()) {
            return Err(Error::invalid_input(
                field,
                "a timeout of no time at all lets no call succeed",
            ));
        }
        let user_agent = HeaderValue::from_str(&self.user_agent).map_err(|_| {
            Error::invalid_input("user_agent", "the user agent can't be sent in a header")
        })?;
        let proxy = match self.proxy {
            Some(url) => Proxy::parse(&url)?,
            None if self.no_proxy => Proxy::Never,
            None => Proxy::Environment,
        };
        let transport = Transport::new(Settings {
            connect_timeout: self.connect_timeout,
            idle_timeout: self.idle_timeout,
            response_timeout: self.call_timeout,
            proxy,
            roots: RootCertificates::new(self.platform_roots)?
                .trust("root_certificates_pem", &self.root_certificates)?,
            user_agent,
        });
        let pacing = self
            .pacing
            .unwrap_or_else(|| self.endpoint.default_pacing());
        let session = Session::new(self.endpoint, credentials)
            .call_timeout(Some(self.call_timeout))
            .retry(self.retry)
            .pacing(pacing);
        Ok(Client::new(session, Driver::new(transport), self.profile))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("endpoint", &self.endpoint)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
