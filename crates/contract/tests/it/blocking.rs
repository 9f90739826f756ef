//! Another transport for core's calls: blocking, based on ureq, and uploading files from disk.

mod scenarios;

use std::{
    fs::File,
    hash::{BuildHasher, Hasher, RandomState},
    io::{self, Read},
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

use bytes::{Buf, Bytes};
use http::{HeaderValue, Request, Response, header};
use ureq::{Agent, AsSendBody, SendBody, Timeout};
use w3pin::{
    Error, ErrorKind, Profile, Result,
    core::{
        Call, Computed, Delivery, RequestBody, Roots, Segment, Segments, Sent, Step, Transmission,
    },
};

/// Drives calls with blocking requests.
pub(crate) struct Blocking {
    agent: Agent,
    epoch: Instant,
    files: Vec<PathBuf>,
}

/// More than any response in the tests.
const LARGEST: usize = 1 << 24;

impl Blocking {
    /// Uploads these files.
    pub(crate) fn new(files: Vec<PathBuf>, idle_timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // ureq doesn't report whether a connection was reused.
            .max_idle_connections(0)
            .timeout_per_read(Some(idle_timeout))
            .timeout_per_write(Some(idle_timeout));
        Self {
            agent: config.build().into(),
            epoch: Instant::now(),
            files,
        }
    }

    /// Drives a call to its end; `items` receives the items it produces.
    pub(crate) fn drive<T, I>(&self, mut call: Call<T, I>, items: &mut Vec<I>) -> Result<T> {
        let mut opened = None;
        loop {
            let (now, entropy) = (self.epoch.elapsed(), RandomState::new().build_hasher());
            let step = call.next(now, entropy.finish());
            let left = call.deadline().map(|deadline| deadline.saturating_sub(now));
            match step {
                Step::Send(transmission) => self.send(&mut call, *transmission, left),
                Step::Open(transmission) => {
                    opened = self.open(&mut call, *transmission, left);
                }
                Step::Pull => call.pulled(Ok(opened.take())),
                Step::Close => opened = None,
                Step::Compare(_) => call.compared(false),
                Step::LookUp(_) => call.looked_up(Ok(None)),
                Step::Sleep(delay) => sleep(left.unwrap_or(delay).min(delay)),
                Step::Read(reading) => {
                    let body = RequestBody::Multipart(reading.plan);
                    let mut body = Body::new(&body, &reading.profiles, &self.files);
                    let end =
                        io::copy(&mut body, &mut io::sink()).map_err(|cause| lost(cause.into()));
                    call.computed(end.and_then(|_| body.roots()));
                }
                Step::Yield(item) => items.push(item),
                Step::Done(result) => return result,
            }
        }
    }

    fn send<T, I>(&self, call: &mut Call<T, I>, it: Transmission, left: Option<Duration>) {
        let (mut parts, content) = it.request.into_parts();
        let length = content.content_length();
        // A large body waits for a response to its head, like curl's.
        if length.is_none_or(|length| length >= 1 << 20) || !it.pause.is_zero() {
            let value = HeaderValue::from_static("100-continue");
            parts.headers.insert(header::EXPECT, value);
        }
        let mut body = Body::new(&content, &it.profiles, &self.files);
        let result = match length {
            Some(0) => self.exchange(Request::from_parts(parts, ()), left, it.response_limit),
            _ => {
                let request = Request::from_parts(parts, SendBody::from_reader(&mut body));
                self.exchange(request, left, it.response_limit)
            }
        };
        let mut delivery = Delivery::complete();
        delivery.sent = match &result {
            Err(cause) if is_unconnected(cause) => Sent::Nothing,
            _ if length == Some(0) => Sent::Everything,
            _ => body.sent,
        };
        if body.sent == Sent::Everything && !it.profiles.is_empty() {
            call.computed(body.roots());
        }
        match result {
            Ok(response) => call.responded(response, delivery),
            Err(cause) => call.failed(lost(cause), delivery),
        }
    }

    /// Reads a whole response that is delivered in pieces.
    fn open<T, I>(
        &self,
        call: &mut Call<T, I>,
        it: Transmission,
        left: Option<Duration>,
    ) -> Option<Bytes> {
        let (parts, _) = it.request.into_parts();
        match self.exchange(Request::from_parts(parts, ()), left, LARGEST) {
            Ok(response) if response.status().is_success() => {
                let (head, body) = response.into_parts();
                call.opened(Response::from_parts(head, ()));
                return Some(body);
            }
            Ok(response) => call.responded(response, Delivery::complete()),
            Err(cause) => call.failed(lost(cause), Delivery::complete()),
        }
        None
    }

    fn exchange(
        &self,
        request: Request<impl AsSendBody>,
        left: Option<Duration>,
        limit: usize,
    ) -> Result<Response<Bytes>, ureq::Error> {
        let request = self.agent.configure_request(request).timeout_global(left);
        let (parts, body) = self.agent.run(request.build())?.into_parts();
        let (mut bytes, mut reader) = (Vec::new(), body.into_reader().take(limit as u64));
        match reader.read_to_end(&mut bytes).map_err(ureq::Error::from) {
            Err(cause @ ureq::Error::Timeout(_)) => Err(cause),
            // Core detects truncated responses, and a rejection counts nevertheless.
            _ => Ok(Response::from_parts(parts, bytes.into())),
        }
    }
}

fn is_unconnected(cause: &ureq::Error) -> bool {
    match cause {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => true,
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        ureq::Error::Io(cause) => cause.kind() == io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}

fn lost(cause: ureq::Error) -> Error {
    let kind = match cause {
        ureq::Error::Timeout(_) => ErrorKind::Timeout,
        // Socket errors never have this kind, and errors of a body always do.
        ureq::Error::Io(ref cause) if cause.kind() == io::ErrorKind::Other => ErrorKind::LocalIo,
        _ => ErrorKind::Transport,
    };
    Error::new(kind, format!("there is no response ({cause})"))
}

/// The body of a request in transit, and the roots of its files.
struct Body<'a> {
    bytes: Bytes,
    segments: Option<Segments<'a>>,
    file: Option<File>,
    files: &'a [PathBuf],
    roots: Option<Roots>,
    left: Option<u64>,
    sent: Sent,
}

impl<'a> Body<'a> {
    fn new(body: &'a RequestBody, profiles: &[Profile], files: &'a [PathBuf]) -> Self {
        let (bytes, plan) = match body {
            RequestBody::Empty => (Bytes::new(), None),
            RequestBody::Json(json) => (json.clone(), None),
            RequestBody::Multipart(plan) => (Bytes::new(), Some(plan)),
        };
        Self {
            bytes,
            segments: plan.map(|plan| plan.segments()),
            file: None,
            files,
            roots: plan.map(|plan| Roots::new(profiles, plan)),
            left: body.content_length(),
            sent: Sent::Nothing,
        }
    }

    fn roots(self) -> Result<Vec<Computed>> {
        self.roots.map_or(Ok(Vec::new()), Roots::finish)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let (Some(file), Some(roots)) = (&mut self.file, &mut self.roots) {
                match file.read(buffer)? {
                    0 => roots.end_file(&[]).map_err(io::Error::other)?,
                    length => {
                        roots.update(&buffer[..length]).map_err(io::Error::other)?;
                        return Ok(length);
                    }
                }
                self.file = None;
            }
            if !self.bytes.is_empty() {
                let length = self.bytes.len().min(buffer.len());
                self.bytes.copy_to_slice(&mut buffer[..length]);
                return Ok(length);
            }
            match self.segments.as_mut().and_then(Iterator::next) {
                None => return Ok(0),
                Some(Segment::Bytes(bytes)) => self.bytes = bytes,
                Some(Segment::Source { index, .. }) => {
                    self.file = Some(File::open(&self.files[index])?);
                }
            }
        }
    }
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill(buffer).map_err(io::Error::other)?;
        self.left = self.left.map(|left| left.saturating_sub(length as u64));
        let ended = length == 0 || self.left == Some(0);
        self.sent = if ended { Sent::Everything } else { Sent::Part };
        Ok(length)
    }
}
