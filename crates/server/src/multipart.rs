//! A streaming `multipart/form-data` parser without I/O (RFC 7578): push bytes as they arrive, pull
//! events.
//!
//! File bytes are returned as slices of the input, so memory doesn't grow with the body. The
//! `filename` is returned verbatim, including directories; see [`disposition`](self) for how
//! clients escape it. No input can cause a panic or make the parser store more than
//! [`MultipartLimits`] allow.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem;
use thiserror::Error;

mod disposition;

pub use self::disposition::PartHead;

/// The most blanks between a boundary and its line end (RFC 2046, section 5.1.1); real clients send
/// few.
const MOST_PADDING: usize = 64;

/// Limits for a body.
#[derive(Clone, Copy, Debug)]
pub struct MultipartLimits {
    /// The most parts of a body.
    pub parts: usize,
    /// The most bytes of the headers of a part, and of the preamble.
    pub header_bytes: usize,
}

/// An event of the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A part starts.
    Part(PartHead),
    /// Bytes of the current part; never empty.
    Data(Bytes),
    /// The part ends.
    PartEnd,
}

/// Why a body can't be parsed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MultipartError {
    /// The content type isn't `multipart/form-data` with a boundary of 1 to 70 characters.
    #[error("the content type must be multipart/form-data with a boundary")]
    ContentType,
    /// The body violates RFC 7578.
    #[error("malformed multipart body: {0}")]
    Malformed(&'static str),
    /// The body ends within a part.
    #[error("the multipart body ends before its last boundary")]
    Truncated,
    /// The body has more parts than allowed.
    #[error("the body has more than {0} parts")]
    TooManyParts(usize),
    /// The headers of a part are longer than allowed.
    #[error("the headers of a part are longer than {0} bytes")]
    HeadersTooLong(usize),
    /// The name of a part isn't UTF-8.
    #[error("a part's name or filename is not UTF-8")]
    NotUtf8,
}

/// A parser: [`push`](Self::push) what has arrived, then call [`next_event`](Self::next_event) until it returns
/// `None`, and [`finish`](Self::finish) at the end of the body.
///
/// ```
/// use w3pin_server::multipart::{Event, MultipartLimits, MultipartReader};
///
/// let limits = MultipartLimits { parts: 10, header_bytes: 1024 };
/// let mut reader = MultipartReader::new("multipart/form-data; boundary=x", limits)?;
/// reader.push("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a/b.txt\"\r\n\r\nhi".into());
/// let Some(Event::Part(head)) = reader.next_event()? else { panic!() };
/// assert_eq!(head.filename.as_deref(), Some("a/b.txt"));
/// assert_eq!(reader.next_event()?, Some(Event::Data("hi".into())));
/// reader.push("\r\n--x--\r\n".into());
/// assert_eq!(reader.next_event()?, Some(Event::PartEnd));
/// assert_eq!(reader.next_event()?, None);
/// reader.finish()?;
/// # Ok::<(), w3pin_server::multipart::MultipartError>(())
/// ```
#[derive(Debug)]
pub struct MultipartReader {
    /// `\r\n--boundary`.
    delimiter: memmem::Finder<'static>,
    limits: MultipartLimits,
    state: State,
    /// Bytes that were pushed but not yet parsed.
    rest: Bytes,
    pushed: VecDeque<Bytes>,
    parts: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Preamble,
    /// After a delimiter: `--` ends the body, a line end starts a part.
    Delimiter,
    Headers,
    Data,
    Epilogue,
}

impl MultipartReader {
    /// Creates a reader for a body with this `Content-Type`.
    ///
    /// # Errors
    ///
    /// [`MultipartError::ContentType`] if it isn't a multipart form.
    pub fn new(content_type: &str, limits: MultipartLimits) -> Result<Self, MultipartError> {
        let boundary = disposition::boundary(content_type).ok_or(MultipartError::ContentType)?;
        let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
        Ok(Self {
            delimiter: memmem::Finder::new(&delimiter).into_owned(),
            limits,
            state: State::Preamble,
            // Delimiters include the preceding line end, which the first one lacks.
            rest: Bytes::from_static(b"\r\n"),
            pushed: VecDeque::new(),
            parts: 0,
        })
    }

    /// Adds the next bytes of the body.
    pub fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.pushed.push_back(bytes);
        }
    }

    /// Returns the next event, or `None` until more is pushed.
    ///
    /// # Errors
    ///
    /// If the body is malformed or exceeds a limit. The reader can't be used after that.
    pub fn next_event(&mut self) -> Result<Option<Event>, MultipartError> {
        loop {
            if self.rest.is_empty() && !self.take_pushed() {
                return Ok(None);
            }
            let step = match self.state {
                State::Preamble => self.preamble()?,
                State::Delimiter => self.delimiter_line()?,
                State::Headers => self.headers()?,
                State::Data => self.data(),
                State::Epilogue => {
                    self.rest.clear();
                    Step::Again
                }
            };
            match step {
                Step::Event(event) => return Ok(Some(event)),
                Step::Again => {}
                Step::NeedMore if self.take_pushed() => {}
                Step::NeedMore => return Ok(None),
            }
        }
    }

    /// Checks that the body is complete.
    ///
    /// # Errors
    ///
    /// [`MultipartError::Truncated`] if it ends before its last boundary.
    pub fn finish(self) -> Result<(), MultipartError> {
        if self.state == State::Epilogue {
            Ok(())
        } else {
            Err(MultipartError::Truncated)
        }
    }

    /// Appends the pushed bytes to the rest, copying only if there is a rest. Returns false if
    /// there are none.
    fn take_pushed(&mut self) -> bool {
        let Some(next) = self.pushed.pop_front() else {
            return false;
        };
        if self.rest.is_empty() {
            self.rest = next;
        } else {
            let rest = std::mem::take(&mut self.rest);
            let mut joined = rest
                .try_into_mut()
                .unwrap_or_else(|rest| BytesMut::from(&rest[..]));
            joined.extend_from_slice(&next);
            self.rest = joined.freeze();
        }
        true
    }

    fn preamble(&mut self) -> Result<Step, MultipartError> {
        // Limited by the setting and not by how much has arrived, so that a body is parsed the same
        // way however it is sliced.
        let limit = self.limits.header_bytes;
        let window = &self.rest[..self.rest.len().min(limit + self.delimiter.needle().len())];
        if let Some(at) = self.delimiter.find(window) {
            self.rest.advance(at + self.delimiter.needle().len());
            self.state = State::Delimiter;
            return Ok(Step::Again);
        }
        if self.rest.len() >= limit + self.delimiter.needle().len() {
            return Err(MultipartError::Malformed(
                "it doesn't start with its boundary",
            ));
        }
        Ok(Step::NeedMore)
    }

    fn delimiter_line(&mut self) -> Result<Step, MultipartError> {
        let padding = self
            .rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        match &self.rest[padding..] {
            _ if padding > MOST_PADDING => Err(MultipartError::Malformed("text behind a boundary")),
            [b'-', b'-', ..] if padding == 0 => {
                self.state = State::Epilogue;
                Ok(Step::Again)
            }
            [b'\r', b'\n', ..] => {
                self.parts += 1;
                if self.parts > self.limits.parts {
                    return Err(MultipartError::TooManyParts(self.limits.parts));
                }
                // The line end is kept: headers end with an empty line, even if there are none.
                self.rest.advance(padding);
                self.state = State::Headers;
                Ok(Step::Again)
            }
            [] | [b'\r'] => Ok(Step::NeedMore),
            [b'-'] if padding == 0 => Ok(Step::NeedMore),
            _ => Err(MultipartError::Malformed("text behind a boundary")),
        }
    }

    fn headers(&mut self) -> Result<Step, MultipartError> {
        const END: &[u8] = b"\r\n\r\n";
        let limit = self.limits.header_bytes;
        let window = &self.rest[..self.rest.len().min(limit + END.len())];
        let Some(end) = memmem::find(window, END) else {
            return if self.rest.len() >= limit + END.len() {
                Err(MultipartError::HeadersTooLong(limit))
            } else {
                Ok(Step::NeedMore)
            };
        };
        let head = PartHead::parse(&self.rest[..end])?;
        self.rest.advance(end + END.len());
        self.state = State::Data;
        Ok(Step::Event(Event::Part(head)))
    }

    fn data(&mut self) -> Step {
        if let Some(at) = self.delimiter.find(&self.rest) {
            if at > 0 {
                return Step::Event(Event::Data(self.rest.split_to(at)));
            }
            self.rest.advance(self.delimiter.needle().len());
            self.state = State::Delimiter;
            return Step::Event(Event::PartEnd);
        }
        match self.rest.len() - self.delimiter_begun() {
            0 => Step::NeedMore,
            certain => Step::Event(Event::Data(self.rest.split_to(certain))),
        }
    }

    /// Returns how many bytes at the end may be the start of a delimiter.
    fn delimiter_begun(&self) -> usize {
        let needle = self.delimiter.needle();
        let tail = &self.rest[self.rest.len().saturating_sub(needle.len() - 1)..];
        memchr::memchr_iter(b'\r', tail)
            .map(|at| &tail[at..])
            .find(|suffix| needle.starts_with(suffix))
            .map_or(0, <[u8]>::len)
    }
}

enum Step {
    Event(Event),
    Again,
    NeedMore,
}
