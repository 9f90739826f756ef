//! A part's `filename` as a path below the root of its upload, refused where it could mean anything
//! else anywhere.

use std::fmt;

use thiserror::Error;

use crate::limits::Limits;

/// `<folder>/<relative path>`, or the base name of a lone file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPath {
    path: String,
}

impl UploadPath {
    /// Parses a `filename` read verbatim.
    ///
    /// # Errors
    ///
    /// Where the name isn't a plain relative path with `/` between its segments, or passes a limit.
    ///
    /// ```
    /// use w3pin_server::{Limits, UploadPath};
    ///
    /// let path = UploadPath::parse("site/css/main.css", &Limits::default())?;
    /// assert_eq!((path.root(), path.below_root()), ("site", Some("css/main.css")));
    /// assert!(UploadPath::parse("site/../../etc/passwd", &Limits::default()).is_err());
    /// # Ok::<(), w3pin_server::UploadPathError>(())
    /// ```
    pub fn parse(filename: &str, limits: &Limits) -> Result<Self, UploadPathError> {
        let refuse = |reason| UploadPathError {
            path: Excerpt::of(filename),
            reason,
        };
        if filename.is_empty() {
            return Err(refuse("it is empty"));
        }
        if filename.contains('\0') {
            return Err(refuse("it holds a NUL character"));
        }
        if filename.chars().any(char::is_control) {
            return Err(refuse("it holds a control character"));
        }
        if filename.contains('\\') {
            return Err(refuse("it holds a backslash; folders are separated by /"));
        }
        if filename.starts_with('/') {
            return Err(refuse("it is absolute"));
        }
        if let [drive, b':', ..] = filename.as_bytes()
            && drive.is_ascii_alphabetic()
        {
            return Err(refuse("it begins with a drive letter"));
        }
        for (depth, segment) in filename.split('/').enumerate() {
            match segment {
                "" => return Err(refuse("it has an empty segment")),
                "." | ".." => return Err(refuse("it has a . or .. segment")),
                _ if segment.len() > limits.name_bytes => {
                    return Err(refuse("one of its segments is too long"));
                }
                _ if depth >= limits.path_depth => return Err(refuse("it is too deep")),
                _ => {}
            }
        }
        Ok(Self {
            path: filename.to_owned(),
        })
    }

    /// The first segment: the folder that all files of an upload share, or the lone file.
    #[must_use]
    pub fn root(&self) -> &str {
        self.path
            .split_once('/')
            .map_or(&self.path, |(root, _)| root)
    }

    /// What follows the root folder, or none for a lone file.
    #[must_use]
    pub fn below_root(&self) -> Option<&str> {
        self.path.split_once('/').map(|(_, below)| below)
    }
}

impl fmt::Display for UploadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// Why a `filename` can't be taken. It names the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("invalid file name {path}: {reason}")]
pub struct UploadPathError {
    path: Excerpt,
    reason: &'static str,
}

/// The beginning of a name, quoted, for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Excerpt(String);

impl Excerpt {
    const CHARACTERS: usize = 200;

    pub(crate) fn of(text: &str) -> Self {
        match text.char_indices().nth(Self::CHARACTERS) {
            Some((end, _)) => Self(format!("{:?}…", &text[..end])),
            None => Self(format!("{text:?}")),
        }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
