//! The names of files in an upload.

use std::fmt;

use crate::{Error, Result, printable};

/// The name of a file in an upload: its base name, or `folder/relative/path`.
///
/// This type decides which names can be sent. The client refuses any other before
/// sending a byte, and the server accepts exactly these.
///
/// ```
/// use w3pin_core::FileName;
///
/// let name: FileName = "site/css/main.css".parse()?;
/// assert_eq!((name.root(), name.below_root()), ("site", Some("css/main.css")));
/// assert!("site/../secret".parse::<FileName>().is_err());
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(Box<str>);

impl FileName {
    /// The most bytes between two slashes.
    pub const MAX_SEGMENT_BYTES: usize = 255;
    /// The most segments.
    pub const MAX_DEPTH: usize = 128;

    /// Returns the whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first segment: the folder of all files in an upload, or the base name of a
    /// single file.
    #[must_use]
    pub fn root(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(root, _)| root)
    }

    /// Returns the part after the folder; `None` for a single file.
    #[must_use]
    pub fn below_root(&self) -> Option<&str> {
        self.0.split_once('/').map(|(_, below)| below)
    }

    /// Returns whether it is this name, or below a folder with this name.
    pub(crate) fn is_within(&self, folder: &str) -> bool {
        let rest = self.0.strip_prefix(folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl std::str::FromStr for FileName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match problem(name) {
            None => Ok(Self(name.into())),
            Some(problem) => Err(Error::invalid_input(
                "path",
                format!("the name {} can't be sent: {problem}", Excerpt(name)),
            )),
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.contains(['\r', '\n']) {
        return Some("it has a line break; rename the file");
    }
    if name.contains(char::is_control) {
        return Some("it has a control character; rename the file");
    }
    if name.contains('\\') {
        return Some(
            "it has a backslash, which services treat as a folder separator; rename the file",
        );
    }
    if name.starts_with('/') {
        return Some("it is absolute; give a name relative to the folder");
    }
    if let [drive, b':', ..] = name.as_bytes()
        && drive.is_ascii_alphabetic()
    {
        return Some("it starts with a drive letter; rename the file");
    }
    for (depth, segment) in name.split('/').enumerate() {
        match segment {
            "" => return Some("it has an empty segment"),
            "." | ".." => return Some("it has a . or .. segment"),
            _ if segment.len() > FileName::MAX_SEGMENT_BYTES => {
                return Some("one of its segments is longer than 255 bytes");
            }
            _ if depth >= FileName::MAX_DEPTH => {
                return Some("it is more than 128 folders deep");
            }
            _ => {}
        }
    }
    None
}

/// The beginning of a name, quoted and safe to show.
struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CHARACTERS: usize = 200;
        let text = printable(self.0);
        match text.char_indices().nth(CHARACTERS) {
            Some((end, _)) => write!(f, "{:?}…", &text[..end]),
            None => write!(f, "{text:?}"),
        }
    }
}
