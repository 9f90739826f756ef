//! Creates the calls of a client, and holds what they share.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};

use super::{
    call::Call,
    list, pin_by_cid,
    port::Port,
    prepared::{self, PreparedUpload},
    sync, unpin,
    upload::{self, UploadOptions},
    wait,
};
use crate::{
    CheckCredentials, Cid, Credentials, DeployOptions, Endpoint, ErrorKind, ExistingPins, FilePart,
    GetPin, ListOptions, ListPins, Multipart, NoBody, Operation, Page, Pin, PinByCidOptions, PinId,
    RateLimit, Result, RetryPolicy, Synced, TakesCars, WaitPolicy,
    decisions::rate_limit::RateLimiter,
};

/// A client without I/O: the endpoint, the account's keys, the retry policy and the rate limit. Its
/// methods create [`Call`]s.
///
/// Clones share the rate limit.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
}

struct Shared {
    endpoint: Endpoint,
    credentials: Credentials,
    retry: RetryPolicy,
    call_timeout: Option<Duration>,
    rate_limit: RateLimit,
    limiter: Mutex<RateLimiter>,
    /// Whether the service has said that it accepts CARs.
    takes_cars: AtomicBool,
}

impl Session {
    /// Creates a session with the default [`RetryPolicy`], [`Endpoint::default_rate_limit`], and a
    /// call timeout of one minute.
    #[must_use]
    pub fn new(endpoint: Endpoint, credentials: Credentials) -> Self {
        let rate_limit = endpoint.default_rate_limit();
        Self::with(Shared {
            endpoint,
            credentials,
            retry: RetryPolicy::default(),
            call_timeout: Some(Duration::from_secs(60)),
            rate_limit,
            limiter: Mutex::new(RateLimiter::new(rate_limit)),
            takes_cars: AtomicBool::new(false),
        })
    }

    /// Sets how often calls are tried.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the policy allows no attempt at all.
    pub fn retry(self, retry: RetryPolicy) -> Result<Self> {
        retry.check()?;
        Ok(Self::with(Shared {
            retry,
            ..self.into_shared()
        }))
    }

    /// Sets the time limit of a call, retries included; `None` means no limit. Uploads and waits
    /// have their own limits.
    #[must_use]
    pub fn call_timeout(self, call_timeout: Option<Duration>) -> Self {
        Self::with(Shared {
            call_timeout,
            ..self.into_shared()
        })
    }

    /// Sets the rate limit.
    #[must_use]
    pub fn rate_limit(self, rate_limit: RateLimit) -> Self {
        Self::with(Shared {
            rate_limit,
            limiter: Mutex::new(RateLimiter::new(rate_limit)),
            ..self.into_shared()
        })
    }

    fn with(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Returns the settings, for a separate session.
    fn into_shared(self) -> Shared {
        let shared = &*self.shared;
        Shared {
            endpoint: shared.endpoint.clone(),
            credentials: shared.credentials.clone(),
            retry: shared.retry.clone(),
            call_timeout: shared.call_timeout,
            rate_limit: shared.rate_limit,
            limiter: Mutex::new(RateLimiter::new(shared.rate_limit)),
            takes_cars: AtomicBool::new(false),
        }
    }

    /// Returns the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// Returns the account's credentials.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.shared.credentials
    }

    /// Returns the retry policy of calls.
    #[must_use]
    pub fn retry_policy(&self) -> &RetryPolicy {
        &self.shared.retry
    }

    /// Returns the time limit of a call, retries included.
    #[must_use]
    pub fn time_for_a_call(&self) -> Option<Duration> {
        self.shared.call_timeout
    }

    /// Pins a file or a folder by uploading it: one part with a base name, or a folder's files.
    ///
    /// `repeatable` says whether the content can be read more than once. `entropy` generates the
    /// boundary and the mark of the attempt, so it must be random.
    pub fn upload(
        &self,
        parts: Vec<FilePart>,
        repeatable: bool,
        options: UploadOptions,
        entropy: [u8; 16],
    ) -> Call<Pin> {
        let session = self.clone();
        Call::new(options.timeout, move |port| {
            upload::upload(port, session, parts, repeatable, options, entropy)
        })
    }

    /// Pins the content of a CAR by uploading it, after checking that the service accepts CARs. The
    /// CAR must have this root and its whole DAG, and be readable more than once. For `entropy`,
    /// see [`upload`](Self::upload).
    pub fn upload_car(
        &self,
        part: FilePart,
        root: Cid,
        options: UploadOptions,
        entropy: [u8; 16],
    ) -> Call<Pin> {
        let session = self.clone();
        Call::new(options.timeout, move |port| {
            upload::upload_car(port, session, part, root, options, entropy)
        })
    }

    /// Keeps a folder pinned under a name: sends it where it has changed, waits until it is pinned, and unpins
    /// what was pinned under that name before, apart from the newest.
    ///
    /// The call yields the pin once its content is pinned and before anything is unpinned, so that a driver can
    /// read it back, and drop the call where that fails. `entropy` is as for an [`upload`](Self::upload).
    pub fn sync_folder(
        &self,
        parts: Vec<FilePart>,
        options: DeployOptions,
        entropy: [u8; 16],
    ) -> Call<Synced, Pin> {
        let session = self.clone();
        Call::new(options.timeout, move |port| {
            sync::sync(port, session, parts, options, entropy)
        })
    }

    /// Prepares an upload that another HTTP stack sends: the request, whose body is to be written out.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the content or its options can't be sent.
    pub fn prepare_upload(
        &self,
        parts: Vec<FilePart>,
        options: &UploadOptions,
        entropy: [u8; 16],
    ) -> Result<Request<Multipart>> {
        prepared::prepare(self, parts, options, entropy)
    }

    /// Checks the response to a [prepared](Self::prepare_upload) upload, as the upload itself
    /// would.
    pub fn finish_upload(&self, upload: PreparedUpload, response: Response<Bytes>) -> Call<Pin> {
        let session = self.clone();
        Call::new(self.shared.call_timeout, move |port| {
            prepared::finish(port, session, upload, response)
        })
    }

    /// Pins content that is already on IPFS, by its CID.
    pub fn pin_by_cid(&self, cid: Cid, options: PinByCidOptions) -> Call<Pin> {
        let session = self.clone();
        let timeout = options.timeout.or(self.shared.call_timeout);
        Call::new(timeout, move |port| {
            pin_by_cid::pin_by_cid(port, session, cid, options)
        })
    }

    /// Retrieves a pin.
    pub fn get_pin(&self, id: PinId) -> Call<Pin> {
        self.reading(GetPin::new(id))
    }

    /// Lists one page of the account's pins.
    pub fn list_pins(&self, list: ListOptions) -> Call<Page> {
        self.reading(ListPins::new(list))
    }

    /// Checks that the service accepts the credentials. Returns the service's message.
    pub fn check_credentials(&self) -> Call<String> {
        self.reading(CheckCredentials::new())
    }

    /// Lists all of the account's pins. Each page of new ones is yielded as soon as it arrives, and
    /// the next one is requested with the next step. The limit of `list` is the page size.
    pub fn pins(&self, list: ListOptions) -> Call<(), Page> {
        let session = self.clone();
        Call::new(None, move |port| list::pins(port, session, list))
    }

    /// Lists the account's pins for a batch of `calls` calls that skip existing pins: at most as
    /// many pages as the calls would request by themselves.
    pub fn existing_pins(&self, calls: usize) -> Call<ExistingPins> {
        let session = self.clone();
        Call::new(None, move |port| list::existing_pins(port, session, calls))
    }

    /// Removes a pin.
    pub fn unpin(&self, id: PinId) -> Call<()> {
        let session = self.clone();
        Call::new(self.shared.call_timeout, move |port| {
            unpin::unpin(port, session, id)
        })
    }

    /// Checks a pin until its content is pinned.
    pub fn wait_until_pinned(&self, id: PinId, policy: WaitPolicy) -> Call<Pin> {
        let session = self.clone();
        Call::new(None, move |port| wait::wait(port, session, id, policy))
    }

    fn reading<O>(&self, operation: O) -> Call<O::Output>
    where
        O: Operation<Body = NoBody, Output: Send> + Send + Sync + 'static,
    {
        let session = self.clone();
        Call::new(None, move |port| async move {
            let answer = session.read(&port, &operation).await?;
            Ok(answer.output)
        })
    }

    /// Returns whether the service accepts CARs, asking it until it has said so.
    pub(crate) async fn takes_cars<I>(&self, port: &Port<I>) -> Result<bool> {
        let known = &self.shared.takes_cars;
        if known.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let takes = match self.read(port, &TakesCars::new()).await {
            Ok(answer) => answer.output,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        known.store(takes, Ordering::Relaxed);
        Ok(takes)
    }

    /// Takes the turn of one request. Returns how long to wait for it.
    pub(crate) fn reserve(&self, now: Duration) -> Duration {
        let limiter = &self.shared.limiter;
        limiter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .reserve(now)
    }

    /// Returns the policy of a call: its own, or the session's.
    pub(crate) fn policy(&self, own: Option<&RetryPolicy>) -> RetryPolicy {
        own.unwrap_or(&self.shared.retry).clone()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("endpoint", &self.shared.endpoint)
            .field("credentials", &self.shared.credentials)
            .field("retry", &self.shared.retry)
            .field("call_timeout", &self.shared.call_timeout)
            .field("rate_limit", &self.shared.rate_limit)
            .finish()
    }
}
