//! The plan of an upload's body: which bytes go where, and how many there are, without any of them.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::HeaderValue;

use crate::{Cid, Error, FileName, Metadata, Result};

/// A `multipart/form-data` body (RFC 7578) whose files are named, not held.
///
/// [`segments`](Self::segments) tells what to send: bytes as they are, and slots to fill from the
/// sources that the caller has, in the order of the parts. A clone shares the list of files.
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
    /// The root of what is sent, where that is a CAR.
    car_root: Option<Cid>,
}

/// One file of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePart {
    name: FileName,
    length: Option<u64>,
    content_type: Option<Box<str>>,
}

impl FilePart {
    /// A file by its base name, or by `folder/relative/path` with `/` on every platform. `length` is in
    /// bytes, `None` where only the source's end tells.
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
            length,
            content_type: None,
        })
    }

    /// Sets the media type that the service is told, such as `image/png`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it can't be one.
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

    /// The name sent to the service.
    #[must_use]
    pub fn name(&self) -> &FileName {
        &self.name
    }

    /// Its length in bytes, if that is known.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }
}

/// What separates the parts: it must not occur in any file, so it is drawn from entropy.
#[derive(Clone, PartialEq, Eq)]
pub struct Boundary(String);

impl Boundary {
    /// Sixteen random bytes are enough that no file holds the boundary.
    #[must_use]
    pub fn from_entropy(entropy: [u8; 16]) -> Self {
        Self(format!("w3pin-{:032x}", u128::from_be_bytes(entropy)))
    }

    /// The boundary, as the content type names it.
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
        /// Which part's source, counted from 0.
        index: usize,
        /// How many bytes it must give, if that was promised.
        length: Option<u64>,
    },
}

impl Segment {
    /// Its length in bytes, if that is known.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Source { length, .. } => *length,
        }
    }

    /// Whether it is known to have no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
}

impl Multipart {
    /// Plans a body of these files, followed by the metadata where there is any.
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
        if (lone && parts.len() > 1) || parts.iter().any(|part| part.name.root() != root) {
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

    /// Plans a body of a CAR with this root, as a part named `car`: a service that knows nothing of CARs finds no
    /// file in the body and refuses it, instead of pinning the CAR as a file.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the CAR is in a folder, or the metadata can't be
    /// sent.
    pub fn car(part: FilePart, root: Cid, metadata: &Metadata, boundary: Boundary) -> Result<Self> {
        if part.name.below_root().is_some() {
            return Err(Error::invalid_input("car", "a CAR has no folder"));
        }
        let mut plan = Self::new(vec![part], metadata, boundary)?;
        plan.car_root = Some(root);
        Ok(plan)
    }

    /// The root of the CAR, where one is sent.
    #[must_use]
    pub fn car_root(&self) -> Option<&Cid> {
        self.car_root.as_ref()
    }

    /// Whether the root is a folder, rather than a lone file.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.parts
            .first()
            .is_some_and(|part| part.name.below_root().is_some())
    }

    /// The files, in the order of their slots.
    #[must_use]
    pub fn parts(&self) -> &[FilePart] {
        &self.parts
    }

    /// The bytes of all files, if that of every file is known.
    #[must_use]
    pub fn content_bytes(&self) -> Option<u64> {
        self.parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(part.length?))
    }

    /// The metadata as it is sent, a stringified JSON object.
    #[must_use]
    pub fn metadata(&self) -> Option<&str> {
        self.metadata.as_deref()
    }

    /// The `Content-Type` that goes with the body.
    #[must_use]
    pub fn content_type(&self) -> HeaderValue {
        let text = format!("multipart/form-data; boundary={}", self.boundary.as_str());
        match text.try_into() {
            Ok(value) => value,
            Err(_) => unreachable!("a boundary is made of letters, digits and a dash"),
        }
    }

    /// The length of the whole body in bytes, if that of every file is known.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.segments()
            .try_fold(0_u64, |sum, segment| sum.checked_add(segment.len()?))
    }

    /// What to send, in order.
    #[must_use]
    pub fn segments(&self) -> Segments<'_> {
        Segments {
            plan: self,
            next: Next::Head(0),
        }
    }

    /// What stands in front of a part's content.
    fn head(&self, index: usize) -> Option<String> {
        let part = self.parts.get(index)?;
        let separator = if index == 0 { "" } else { "\r\n" };
        let (field, usual_type) = match self.car_root {
            None => ("file", "application/octet-stream"),
            Some(_) => ("car", "application/vnd.ipld.car"),
        };
        Some(format!(
            "{separator}--{}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{}\"\r\n\
             Content-Type: {}\r\n\r\n",
            self.boundary.as_str(),
            // A quoted string (RFC 9110, section 5.6.4). A name has no other character that it escapes.
            part.name.as_str().replace('"', "\\\""),
            part.content_type.as_deref().unwrap_or(usual_type),
        ))
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

/// The name that two files have, or a file and a folder.
fn clash(parts: &[FilePart]) -> Option<&FileName> {
    let mut names: Vec<&FileName> = parts.iter().map(FilePart::name).collect();
    // Segment by segment, so that what is in a folder follows its name.
    names.sort_by(|one, other| one.as_str().split('/').cmp(other.as_str().split('/')));
    names
        .windows(2)
        .find(|pair| {
            let rest = pair[1].as_str().strip_prefix(pair[0].as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
        .map(|pair| pair[0])
}

/// The segments of a [`Multipart`], made as they are asked for.
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
            Next::Head(index) => match self.plan.head(index) {
                Some(head) => {
                    self.next = Next::Source(index);
                    Some(Segment::Bytes(head.into()))
                }
                None => {
                    self.next = Next::End;
                    Some(Segment::Bytes(self.plan.tail().into()))
                }
            },
            Next::Source(index) => {
                self.next = Next::Head(index + 1);
                let length = self.plan.parts.get(index)?.length;
                Some(Segment::Source { index, length })
            }
            Next::End => None,
        }
    }
}
