//! The error type of every operation in every language.

use std::{borrow::Cow, error::Error as StdError, fmt, time::Duration};

use crate::{Cid, printable};

mod duration;
mod redaction;

pub(crate) use self::duration::plain_duration;

/// The result of every operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The category of the failure.
///
/// The list is the same in every language; [`as_str`](Self::as_str) is its stable spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// An argument, file or setting can't be used.
    InvalidInput,
    /// The service doesn't accept the credentials.
    Authentication,
    /// The credentials don't permit this.
    PermissionDenied,
    /// The service doesn't know the pin.
    NotFound,
    /// The account has already pinned this content.
    AlreadyPinned,
    /// The account's balance doesn't cover the pin.
    InsufficientFunds,
    /// The service received too many requests.
    RateLimited,
    /// The service refused the call or failed.
    Api,
    /// The service's response isn't as documented.
    Decode,
    /// A time limit passed.
    Timeout,
    /// The service couldn't be reached, or the connection broke.
    Transport,
    /// A local file or folder couldn't be read or written.
    LocalIo,
    /// The service couldn't be proved to have pinned what was sent, and proof was required.
    CidMismatch,
}

impl ErrorKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 13] = [
        Self::InvalidInput,
        Self::Authentication,
        Self::PermissionDenied,
        Self::NotFound,
        Self::AlreadyPinned,
        Self::InsufficientFunds,
        Self::RateLimited,
        Self::Api,
        Self::Decode,
        Self::Timeout,
        Self::Transport,
        Self::LocalIo,
        Self::CidMismatch,
    ];

    /// The stable name, as scripts and other languages see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::AlreadyPinned => "already_pinned",
            Self::InsufficientFunds => "insufficient_funds",
            Self::RateLimited => "rate_limited",
            Self::Api => "api",
            Self::Decode => "decode",
            Self::Timeout => "timeout",
            Self::Transport => "transport",
            Self::LocalIo => "local_io",
            Self::CidMismatch => "cid_mismatch",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an operation failed.
///
/// It describes what is wrong and what to do, includes the service's message, and never contains
/// keys. Match on [`kind`](Self::kind); [`is_retryable`](Self::is_retryable) says whether retrying
/// can help.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    reason: Cow<'static, str>,
    retryable: bool,
    field: Option<Cow<'static, str>>,
    path: Option<String>,
    status: Option<u16>,
    service_message: Option<String>,
    body_excerpt: Option<String>,
    retry_after: Option<Duration>,
    expected_cid: Option<Cid>,
    returned_cid: Option<Cid>,
    outcome_unknown: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Creates an error of this kind. Transports use this for what only they can detect; a timeout
    /// or transport error is retryable unless [`with_retryable`](Self::with_retryable) says
    /// otherwise.
    pub fn new(kind: ErrorKind, reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            reason: reason.into(),
            retryable: matches!(
                kind,
                ErrorKind::RateLimited | ErrorKind::Timeout | ErrorKind::Transport
            ),
            field: None,
            path: None,
            status: None,
            service_message: None,
            body_excerpt: None,
            retry_after: None,
            expected_cid: None,
            returned_cid: None,
            outcome_unknown: false,
            source: None,
        }))
    }

    /// Creates an error for an invalid value of `field`.
    pub fn invalid_input(
        field: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(ErrorKind::InvalidInput, reason).with_field(field)
    }

    /// Creates an error for a file or folder at `path` that can't be read.
    pub fn local_io(
        path: impl Into<String>,
        reason: impl Into<Cow<'static, str>>,
        source: std::io::Error,
    ) -> Self {
        Self::new(ErrorKind::LocalIo, reason)
            .with_path(path)
            .with_source(source)
    }

    /// Creates an error for a call that exceeded its time limit.
    #[must_use]
    pub fn timed_out(timeout: Duration) -> Self {
        let seconds = timeout.as_secs_f64();
        Self::new(
            ErrorKind::Timeout,
            format!("the call took longer than its timeout of {seconds} s"),
        )
    }

    /// Creates an error for a pin whose content isn't proved.
    pub fn cid_mismatch(
        reason: impl Into<Cow<'static, str>>,
        expected: Cid,
        returned: Cid,
    ) -> Self {
        let mut error = Self::new(ErrorKind::CidMismatch, reason);
        error.0.expected_cid = Some(expected);
        error.0.returned_cid = Some(returned);
        error
    }

    /// Creates an error for a pin whose content is different or unknown; no CID was computed.
    pub fn other_content(reason: impl Into<Cow<'static, str>>, returned: Cid) -> Self {
        let mut error = Self::new(ErrorKind::CidMismatch, reason);
        error.0.returned_cid = Some(returned);
        error
    }

    /// Sets the argument or setting at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Sets the local file or folder at fault.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.0.path = Some(path.into());
        self
    }

    /// Sets whether retrying can help, if the kind alone doesn't determine it.
    #[must_use]
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Sets the cause. It must not contain a key or a URL with one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Marks that the service may have acted despite the error; see
    /// [`is_outcome_unknown`](Self::is_outcome_unknown).
    #[must_use]
    pub fn with_unknown_outcome(mut self) -> Self {
        self.0.retryable = false;
        if !std::mem::replace(&mut self.0.outcome_unknown, true) {
            let reason = self.0.reason;
            self.0.reason = format!(
                "{reason}; the service may have created the pin nevertheless, so look for it before \
                 you try again"
            )
            .into();
        }
        self
    }

    /// Attributes a transport's failure to a gateway.
    pub(crate) fn of_gateway(mut self) -> Self {
        let reason = self.0.reason.replace("the service", "the gateway");
        self.0.reason = reason.replace("the endpoint", "its URL").into();
        self
    }

    /// Adds which part of the content is affected: its path and CID.
    #[must_use]
    pub fn of_content(self, path: &str, cid: &Cid) -> Self {
        let place = printable(path);
        self.with_reason_added(&format!("{place}, which is {cid}"))
    }

    /// Replaces the reason.
    pub(crate) fn with_reason(mut self, reason: &'static str) -> Self {
        self.0.reason = reason.into();
        self
    }

    /// Adds details to the reason, in parentheses.
    pub(crate) fn with_reason_added(mut self, more: &str) -> Self {
        self.0.reason = format!("{} ({more})", self.0.reason).into();
        self
    }

    /// Sets the HTTP status of the response.
    #[must_use]
    pub fn with_status(mut self, status: http::StatusCode) -> Self {
        self.0.status = Some(status.as_u16());
        self
    }

    /// Adds a bounded excerpt of a response that couldn't be parsed.
    #[must_use]
    pub fn with_body(mut self, body: &[u8]) -> Self {
        const LIMIT: usize = 1024;
        let head = String::from_utf8_lossy(&body[..body.len().min(LIMIT)]);
        let head = printable(head.trim());
        self.0.body_excerpt = (!head.is_empty()).then(|| head.into_owned());
        self
    }

    pub(crate) fn with_service_message(mut self, message: &str) -> Self {
        self.0.service_message = Some(printable(message).into_owned());
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay;
        self
    }

    /// The category of the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What went wrong, in a sentence.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The argument or setting at fault.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The local file or folder at fault.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The HTTP status of the response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's own message.
    #[must_use]
    pub fn service_message(&self) -> Option<&str> {
        self.0.service_message.as_deref()
    }

    /// The beginning of a response that couldn't be understood, at most 1 KiB.
    #[must_use]
    pub fn body_excerpt(&self) -> Option<&str> {
        self.0.body_excerpt.as_deref()
    }

    /// How long to wait, as requested by the service.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The CID of the bytes that were sent.
    #[must_use]
    pub fn expected_cid(&self) -> Option<&Cid> {
        self.0.expected_cid.as_ref()
    }

    /// The CID that the service returned.
    #[must_use]
    pub fn returned_cid(&self) -> Option<&Cid> {
        self.0.returned_cid.as_ref()
    }

    /// Whether the service may have created the pin although the call failed.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }

    /// Whether the same call may succeed if it is tried again later, and does no harm if it is made
    /// again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.reason)?;
        if let Some(path) = &self.0.path {
            write!(f, ": {path}")?;
        }
        match (self.0.status, &self.0.service_message) {
            (Some(status), Some(message)) => write!(f, " (HTTP {status}: {message})"),
            (Some(status), None) => write!(f, " (HTTP {status})"),
            (None, Some(message)) => write!(f, " ({message})"),
            (None, None) => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
