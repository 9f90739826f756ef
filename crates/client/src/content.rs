//! Local content.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use bytes::Bytes;

/// A file or a folder, on disk or in memory.
///
/// ```
/// use std::path::Path;
/// use w3pin::Content;
///
/// let on_disk = Content::from(Path::new("site"));
/// let file = Content::bytes("hello");
/// let folder = Content::files([("0.json", "{}"), ("images/0.png", "…")]);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Content {
    /// A file or folder on disk.
    Path(PathBuf),
    /// The bytes of a file.
    Bytes(Bytes),
    /// The files of a folder by their paths in it, separated by `/`.
    Files(BTreeMap<String, Bytes>),
}

impl Content {
    /// Creates a file with these bytes.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::Bytes(bytes.into())
    }

    /// Creates a folder of these files, by their paths in it.
    pub fn files<P: Into<String>, B: Into<Bytes>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let files = files.into_iter();
        Self::Files(
            files
                .map(|(path, bytes)| (path.into(), bytes.into()))
                .collect(),
        )
    }
}

impl From<PathBuf> for Content {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<&Path> for Content {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_owned())
    }
}

impl From<&PathBuf> for Content {
    fn from(path: &PathBuf) -> Self {
        Self::Path(path.clone())
    }
}

impl From<&str> for Content {
    fn from(path: &str) -> Self {
        Self::Path(path.into())
    }
}

impl From<String> for Content {
    fn from(path: String) -> Self {
        Self::Path(path.into())
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<BTreeMap<String, Bytes>> for Content {
    fn from(files: BTreeMap<String, Bytes>) -> Self {
        Self::Files(files)
    }
}
