//! `GET /pins/`

use std::{collections::BTreeMap, fmt, num::NonZeroU32, str::FromStr};

use http::{Method, Response, Uri};
use url::form_urlencoded;

use super::{Effect, Operation};
use crate::{Endpoint, Error, Page, Result};

/// Lists the account's pins, a page at a time.
///
/// ```
/// use w3pin_core::{Endpoint, ListPins, Operation, PinnedFilter, SortBy, SortOrder};
///
/// let list = ListPins::new().pinned(PinnedFilter::Pinned).sort(SortBy::Name, SortOrder::Ascending);
/// let uri = list.uri(&Endpoint::default())?;
/// assert_eq!(uri.query(), Some("offset=0&limit=10&pinned=true&sortBy=name&sortOrder=ASC"));
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListPins {
    /// How many pins to pass over.
    pub offset: u64,
    /// How many pins to answer at most. The service's own bound isn't documented.
    pub limit: NonZeroU32,
    /// Which pins.
    pub pinned: PinnedFilter,
    /// What to sort by.
    pub sort_by: SortBy,
    /// Which way.
    pub sort_order: SortOrder,
    /// Only pins that carry all of these pairs. The service has this filter without documenting it.
    pub keyvalues: BTreeMap<String, String>,
}

impl ListPins {
    /// The first ten pins, newest first, as the service answers by itself.
    #[must_use]
    pub fn new() -> Self {
        Self {
            offset: 0,
            limit: const { NonZeroU32::new(10).unwrap() },
            pinned: PinnedFilter::All,
            sort_by: SortBy::CreatedAt,
            sort_order: SortOrder::Descending,
            keyvalues: BTreeMap::new(),
        }
    }

    /// Passes over this many pins.
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Answers this many pins at most.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for none at all.
    pub fn limit(mut self, limit: u32) -> Result<Self> {
        self.limit = NonZeroU32::new(limit)
            .ok_or_else(|| Error::invalid_input("limit", "a page holds one pin at least"))?;
        Ok(self)
    }

    /// Answers these pins only.
    #[must_use]
    pub fn pinned(mut self, pinned: PinnedFilter) -> Self {
        self.pinned = pinned;
        self
    }

    /// Sorts by this, this way.
    #[must_use]
    pub fn sort(mut self, by: SortBy, order: SortOrder) -> Self {
        self.sort_by = by;
        self.sort_order = order;
        self
    }

    /// Answers pins only that carry this pair.
    #[must_use]
    pub fn keyvalue(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.keyvalues.insert(key.into(), value.into());
        self
    }
}

impl Default for ListPins {
    fn default() -> Self {
        Self::new()
    }
}

impl Operation for ListPins {
    const NAME: &'static str = "list_pins";
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Output = Page;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("offset", &self.offset.to_string())
            .append_pair("limit", &self.limit.to_string())
            .append_pair("pinned", self.pinned.as_wire())
            .append_pair("sortBy", self.sort_by.as_str())
            .append_pair("sortOrder", self.sort_order.as_wire());
        if !self.keyvalues.is_empty() {
            query.append_pair("metadata", &serde_json::json!(self.keyvalues).to_string());
        }
        endpoint.join(&format!("/pins/?{}", query.finish()))
    }

    fn output(&self, response: Response<&[u8]>) -> Result<Page> {
        super::data(response)
    }
}

macro_rules! words {
    ($name:ident, $field:literal, $($word:literal => $value:ident),+) => {
        impl $name {
            /// The word by which settings choose it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(word: &str) -> Result<Self> {
                match word {
                    $($word => Ok(Self::$value),)+
                    _ => Err(Error::invalid_input(
                        $field,
                        format!("{word:?} is none of {}", [$($word),+].join(", ")),
                    )),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Which pins to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinnedFilter {
    /// Pinned and unpinned ones.
    #[default]
    All,
    /// Those that are pinned now.
    Pinned,
    /// Those that aren't, or not yet.
    Unpinned,
}

words!(PinnedFilter, "pinned", "all" => All, "pinned" => Pinned, "unpinned" => Unpinned);

impl PinnedFilter {
    const fn as_wire(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Pinned => "true",
            Self::Unpinned => "false",
        }
    }
}

/// What to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// When the pin was made.
    #[default]
    CreatedAt,
    /// The bytes that the service accounts for.
    Size,
    /// The name.
    Name,
}

words!(SortBy, "sort_by", "created_at" => CreatedAt, "size" => Size, "name" => Name);

/// Which way to sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest, oldest or first in the alphabet first.
    Ascending,
    /// Largest, newest or last in the alphabet first.
    #[default]
    Descending,
}

words!(SortOrder, "sort_order", "asc" => Ascending, "desc" => Descending);

impl SortOrder {
    const fn as_wire(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }
}
