//! The layout of an upload's body: which bytes go where, and how many, without the bytes
//! themselves.

use std::{borrow::Cow, cmp::Ordering, fmt, num::NonZeroU64, sync::Arc};

use bytes::Bytes;
use http::HeaderValue;

use crate::{Cid, Error, FileName, Metadata, Result};

/// The layout of a `multipart/form-data` body (RFC 7578), without the content of its files.
///
/// [`segments`](Self::segments) lists what to send: bytes, and slots to fill from the
/// caller's sources, in the order of the parts. Clones share the list of files.
///
/// ```
/// use w3pin_core::{Boundary, FilePart, Metadata, Multipart, Segment};
///
/// let parts = vec![FilePart::new("site/index.html", Some(120))?];
/// let plan = Multipart::new(parts, &Metadata::new(), Boundary::from_entropy([7; 16]))?;
/// let sent: u64 = plan.segments().map(|segment| segment.len().unwrap_or(0)).sum();
/// assert_eq!(plan.content_length(), Some(sent));
/// assert!(plan.segments().any(|it| matches!(it, Segment::Source { index: 0, length: Some(120) })));
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Multipart {
    boundary: Boundary,
    parts: Arc<Vec<FilePart>>,
    metadata: Option<Arc<str>>,
    /// The root of the CAR, if one is sent.
    car_root: Option<Cid>,
}

/// A file of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePart {
    name: FileName,
    length: Option<NonZeroU64>,
    content_type: Option<Box<str>>,
}

impl FilePart {
    /// Creates a file with a base name, or with `folder/relative/path` using `/` on every platform. `length` is in
    /// bytes; `None` if it isn't known in advance.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty file, which the service refuses,
    /// and for a name that isn't a [`FileName`].
    pub fn new(name: &str, length: Option<u64>) -> Result<Self> {
        let name: FileName = name.parse()?;
        if length == Some(0) {
            return Err(Error::invalid_input(
                "path",
                format!(
                    "{:?} is empty, and the service doesn't pin empty files",
                    name.as_str()
                ),
            ));
        }
        Ok(Self {
            name,
            length: length.and_then(NonZeroU64::new),
            content_type: None,
        })
    }

    /// Sets the media type sent to the service, such as `image/png`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it isn't a media type.
    pub fn content_type(mut self, content_type: &str) -> Result<Self> {
        let is_token = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
        };
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let plausible = essence
            .split_once('/')
            .is_some_and(|(kind, subkind)| is_token(kind) && is_token(subkind));
        if plausible && content_type.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            self.content_type = Some(content_type.into());
            Ok(self)
        } else {
            Err(Error::invalid_input(
                "content_type",
                format!(
                    "{:?} isn't a media type; give one such as image/png",
                    crate::printable(content_type)
                ),
            ))
        }
    }

    /// Returns the name sent to the service.
    #[must_use]
    pub fn name(&self) -> &FileName {
        &self.name
    }

    /// Returns the length in bytes, if known.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length.map(NonZeroU64::get)
    }
}

/// The boundary between parts. It must not occur in any file, so it is random.
#[derive(Clone, PartialEq, Eq)]
pub struct Boundary(String);

impl Boundary {
    /// Creates a boundary from random bytes; sixteen suffice to make sure that no file contains it.
    #[must_use]
    pub fn from_entropy(entropy: [u8; 16]) -> Self {
        Self(format!("w3pin-{:032x}", u128::from_be_bytes(entropy)))
    }

    /// Returns the boundary as in the content type.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Boundary({})", self.0)
    }
}

/// A piece of the body, in the order to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// These bytes.
    Bytes(Bytes),
    /// All bytes of the source with this index.
    Source {
        /// The index of the part, counted from 0.
        index: usize,
        /// The length that the source must have, if known.
        length: Option<u64>,
    },
}

impl Segment {
    /// Returns the length in bytes, if known.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Source { length, .. } => *length,
        }
    }

    /// Returns whether it is known to be empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
}

impl Multipart {
    /// Lays out a body with these files, followed by the metadata, if any.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no file, or the metadata can't
    /// be sent.
    pub fn new(parts: Vec<FilePart>, metadata: &Metadata, boundary: Boundary) -> Result<Self> {
        let Some(first) = parts.first() else {
            return Err(Error::invalid_input("file", "there is no file to pin"));
        };
        let root = first.name.root();
        let lone = first.name.below_root().is_none();
        if (lone && parts.len() > 1) || parts.iter().any(|part| !part.name.is_within(root)) {
            return Err(Error::invalid_input(
                "file",
                "the files of an upload must be in one folder",
            ));
        }
        if let Some(name) = clash(&parts) {
            return Err(Error::invalid_input(
                "file",
                format!(
                    "{:?} occurs twice, as two files or as a file and a folder",
                    name.as_str()
                ),
            ));
        }
        metadata.check()?;
        let metadata = (!metadata.is_empty()).then(|| metadata.to_json().into());
        Ok(Self {
            boundary,
            parts: Arc::new(parts),
            metadata,
            car_root: None,
        })
    }

    /// Lays out a body with a CAR with this root, as a part named `car`: a service that doesn't support CARs finds no
    /// file in the body and refuses it, instead of pinning the CAR as a file.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the CAR is in a folder, or the metadata can't be
    /// sent.
    pub fn car(part: FilePart, root: Cid, metadata: &Metadata, boundary: Boundary) -> Result<Self> {
        if part.name.below_root().is_some() {
            return Err(Error::invalid_input("car", "a CAR can't be in a folder"));
        }
        let mut plan = Self::new(vec![part], metadata, boundary)?;
        plan.car_root = Some(root);
        Ok(plan)
    }

    /// Returns the root of the CAR, if one is sent.
    #[must_use]
    pub fn car_root(&self) -> Option<&Cid> {
        self.car_root.as_ref()
    }

    /// Returns whether the root is a folder instead of a single file.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.parts
            .first()
            .is_some_and(|part| part.name.below_root().is_some())
    }

    /// Returns the files, in the order of their slots.
    #[must_use]
    pub fn parts(&self) -> &[FilePart] {
        &self.parts
    }

    /// Returns the size of all files in bytes, if known.
    #[must_use]
    pub fn content_bytes(&self) -> Option<u64> {
        self.parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(part.length()?))
    }

    /// Returns the metadata as it is sent, a JSON string.
    #[must_use]
    pub fn metadata(&self) -> Option<&str> {
        self.metadata.as_deref()
    }

    /// Returns the `Content-Type` of the body.
    #[must_use]
    pub fn content_type(&self) -> HeaderValue {
        let text = format!("multipart/form-data; boundary={}", self.boundary.as_str());
        match text.try_into() {
            Ok(value) => value,
            Err(_) => unreachable!("a boundary consists of letters, digits and a dash"),
        }
    }

    /// Returns the length of the whole body in bytes, if known.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        let tail = self.tail().len() as u64;
        self.parts
            .iter()
            .enumerate()
            .try_fold(tail, |sum, (index, part)| {
                let head: usize = self.head(index, part).iter().map(|text| text.len()).sum();
                sum.checked_add(head as u64)?.checked_add(part.length()?)
            })
    }

    /// Returns the pieces to send, in order.
    #[must_use]
    pub fn segments(&self) -> Segments<'_> {
        Segments {
            plan: self,
            next: Next::Head(0),
        }
    }

    /// Returns the texts that make up the headers of a part.
    fn head<'a>(&'a self, index: usize, part: &'a FilePart) -> [Cow<'a, str>; 10] {
        let separator = if index == 0 { "" } else { "\r\n" };
        let (field, usual_type) = match self.car_root {
            None => ("file", "application/octet-stream"),
            Some(_) => ("car", "application/vnd.ipld.car"),
        };
        // A quoted string (RFC 9110, section 5.6.4). Names contain no other characters to escape.
        let name = match part.name.as_str() {
            name if name.contains('"') => Cow::Owned(name.replace('"', "\\\"")),
            name => Cow::Borrowed(name),
        };
        [
            separator.into(),
            "--".into(),
            self.boundary.as_str().into(),
            "\r\nContent-Disposition: form-data; name=\"".into(),
            field.into(),
            "\"; filename=\"".into(),
            name,
            "\"\r\nContent-Type: ".into(),
            part.content_type.as_deref().unwrap_or(usual_type).into(),
            "\r\n\r\n".into(),
        ]
    }

    fn tail(&self) -> String {
        let boundary = self.boundary.as_str();
        match &self.metadata {
            Some(metadata) => format!(
                "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n\
                 {metadata}\r\n--{boundary}--\r\n"
            ),
            None => format!("\r\n--{boundary}--\r\n"),
        }
    }
}

/// Returns a name that two files have, or a file and a folder.
fn clash(parts: &[FilePart]) -> Option<&FileName> {
    let mut names: Vec<&FileName> = parts.iter().map(FilePart::name).collect();
    names.sort_unstable_by(|one, other| by_segment(one.as_str(), other.as_str()));
    names
        .windows(2)
        .find(|pair| pair[1].is_within(pair[0].as_str()))
        .map(|pair| pair[0])
}

/// Compares names segment by segment, so that the content of a folder follows its name: a slash is less than any
/// other character of a name.
fn by_segment(one: &str, other: &str) -> Ordering {
    let rank = |byte| if byte == b'/' { 0 } else { byte };
    one.bytes().map(rank).cmp(other.bytes().map(rank))
}

/// The segments of a [`Multipart`], generated lazily.
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    plan: &'a Multipart,
    next: Next,
}

#[derive(Clone, Copy, Debug)]
enum Next {
    Head(usize),
    Source(usize),
    End,
}

impl Iterator for Segments<'_> {
    type Item = Segment;

    fn next(&mut self) -> Option<Segment> {
        match self.next {
            Next::Head(index) => match self.plan.parts.get(index) {
                Some(part) => {
                    self.next = Next::Source(index);
                    Some(Segment::Bytes(self.plan.head(index, part).concat().into()))
                }
                None => {
                    self.next = Next::End;
                    Some(Segment::Bytes(self.plan.tail().into()))
                }
            },
            Next::Source(index) => {
                self.next = Next::Head(index + 1);
                let length = self.plan.parts.get(index)?.length();
                Some(Segment::Source { index, length })
            }
            Next::End => None,
        }
    }
}
