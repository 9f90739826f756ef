//! The items of a batch.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    str::FromStr,
};

use w3pin_core::{Error, Metadata, Result};

use crate::Content;

/// An item of a batch, optionally with its own name and key-values.
///
/// ```
/// use w3pin::{BatchItem, Cid, Content};
///
/// let file = BatchItem::<Content>::from("art/1.png").name("Cat #1").keyvalue("token", "1");
/// let cid = BatchItem::<Cid>::parse("not a CID"); // the error is this item's result
/// ```
#[derive(Debug)]
pub struct BatchItem<T> {
    pub(super) subject: Result<T>,
    pub(super) metadata: Metadata,
}

impl<T> BatchItem<T> {
    /// Creates an item.
    pub fn new(subject: T) -> Self {
        Self::from(subject)
    }

    /// Parses an item. A parse error becomes the item's result.
    pub fn parse(text: &str) -> Self
    where
        T: FromStr<Err = Error>,
    {
        Self {
            subject: text.parse(),
            metadata: Metadata::new(),
        }
    }

    /// Creates an item that fails with this error.
    #[must_use]
    pub fn failed(error: Error) -> Self {
        Self {
            subject: Err(error),
            metadata: Metadata::new(),
        }
    }

    /// Sets the name of its pin, overriding the batch's.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.metadata.name = Some(name.into());
        self
    }

    /// Adds a key-value of its pin to those of the batch.
    #[must_use]
    pub fn keyvalue(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.keyvalues.insert(key.into(), value.into());
        self
    }

    /// Adds key-values of its pin to those of the batch.
    #[must_use]
    pub fn keyvalues(mut self, keyvalues: BTreeMap<String, String>) -> Self {
        self.metadata.keyvalues.extend(keyvalues);
        self
    }
}

impl<T> From<T> for BatchItem<T> {
    fn from(subject: T) -> Self {
        Self {
            subject: Ok(subject),
            metadata: Metadata::new(),
        }
    }
}

macro_rules! from_paths {
    ($($path:ty),+) => { $(
        impl From<$path> for BatchItem<Content> {
            fn from(path: $path) -> Self {
                Content::from(path).into()
            }
        }
    )+ };
}

from_paths!(&str, String, &Path, PathBuf, &PathBuf);

/// A completed call of a batch.
#[derive(Debug)]
pub struct Completed<T> {
    /// The index of the item, counted from 0.
    pub index: usize,
    /// The result.
    pub result: Result<T>,
}
