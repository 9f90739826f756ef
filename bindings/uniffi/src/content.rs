//! Content as it crosses.

use std::collections::HashMap;

use w3pin::{BatchItem, Cid, Content, Error, PinId};

/// A file or a folder.
#[derive(uniffi::Enum)]
pub enum LocalContent {
    /// On the disk.
    Path {
        /// Where.
        path: String,
    },
    /// A file in memory.
    Bytes {
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// A folder in memory.
    Files {
        /// Its files by their paths.
        files: HashMap<String, Vec<u8>>,
    },
}

/// Why an item can't cross.
#[derive(Debug, uniffi::Record)]
pub struct Problem {
    /// The argument at fault.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// An item of a batch.
#[derive(Debug, uniffi::Record)]
pub struct Item {
    /// The path, CID or id.
    pub subject: String,
    /// Why the item can't cross; that is its error.
    pub problem: Option<Problem>,
    /// Its name.
    pub name: Option<String>,
    /// Its key-values.
    pub keyvalues: HashMap<String, String>,
}

impl From<LocalContent> for Content {
    fn from(content: LocalContent) -> Self {
        match content {
            LocalContent::Path { path } => path.into(),
            LocalContent::Bytes { bytes } => Self::bytes(bytes),
            LocalContent::Files { files } => Self::files(files),
        }
    }
}

impl From<Item> for BatchItem<Content> {
    fn from(item: Item) -> Self {
        item.with(|path| Content::from(path).into())
    }
}

impl From<Item> for BatchItem<Cid> {
    fn from(item: Item) -> Self {
        item.with(|cid| Self::parse(&cid))
    }
}

impl From<Item> for BatchItem<PinId> {
    fn from(item: Item) -> Self {
        item.with(|id| Self::parse(&id))
    }
}

impl Item {
    fn with<T>(self, read: impl FnOnce(String) -> BatchItem<T>) -> BatchItem<T> {
        let item = match self.problem {
            Some(Problem { field, reason }) => {
                BatchItem::failed(Error::invalid_input(field, reason))
            }
            None => read(self.subject),
        };
        let item = match self.name {
            Some(name) => item.name(name),
            None => item,
        };
        item.keyvalues(self.keyvalues.into_iter().collect())
    }
}
