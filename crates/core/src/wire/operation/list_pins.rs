//! `GET /pins/`

use std::{collections::BTreeMap, num::NonZeroU32};

use http::{Method, Response, Uri};
use url::form_urlencoded;

use super::{Operation, Semantics};
use crate::{
    Credentials, Endpoint, Error, NoBody, Page, Result, values::page::LenientPage, words::words,
};

/// What the service answers by itself.
const FIRST_PAGE: NonZeroU32 = const { NonZeroU32::new(10).unwrap() };

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
    /// The most pins that a page holds: 10 unless set, or 100 where all pages are read. The service's own
    /// bound isn't documented.
    pub limit: Option<NonZeroU32>,
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
            limit: None,
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
        let limit = NonZeroU32::new(limit)
            .ok_or_else(|| Error::invalid_input("limit", "limit is 0; the least is 1"))?;
        self.limit = Some(limit);
        Ok(self)
    }

    pub(crate) fn page_of(mut self, limit: NonZeroU32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The most pins that the page may hold.
    pub(crate) fn page_limit(&self) -> NonZeroU32 {
        self.limit.unwrap_or(FIRST_PAGE)
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
    const SEMANTICS: Semantics = Semantics::Safe;
    const METHOD: Method = Method::GET;
    type Body = NoBody;
    type Output = Page;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("offset", &self.offset.to_string())
            .append_pair("limit", &self.page_limit().to_string())
            .append_pair("pinned", self.pinned.as_wire())
            .append_pair("sortBy", self.sort_by.as_str())
            .append_pair("sortOrder", self.sort_order.as_wire());
        if !self.keyvalues.is_empty() {
            query.append_pair("metadata", &serde_json::json!(self.keyvalues).to_string());
        }
        endpoint.join(&format!("/pins/?{}", query.finish()))
    }

    fn body(&self) -> NoBody {
        NoBody
    }

    fn output(&self, response: Response<&[u8]>) -> Result<Page> {
        super::data(response.clone()).or_else(|error| {
            // Entries are only looked at one by one where one of them can't be read.
            match super::data::<LenientPage>(response) {
                Ok(page) => Ok(page.into()),
                Err(_) => Err(error),
            }
        })
    }

    fn redact(page: &mut Page, credentials: &Credentials) {
        for entry in &mut page.unreadable {
            for text in [Some(&mut entry.reason), entry.id.as_mut()]
                .into_iter()
                .flatten()
            {
                *text = credentials.redact(text).into_owned();
            }
        }
    }

    fn response_limit(&self) -> usize {
        const SMALLEST: usize = 1024 * 1024;
        const LARGEST: usize = 32 * 1024 * 1024;
        const ENTRY: usize = 64 * 1024;
        let limit = usize::try_from(self.page_limit().get()).unwrap_or(usize::MAX);
        limit.saturating_mul(ENTRY).clamp(SMALLEST, LARGEST)
    }
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
    /// The word on the wire.
    #[must_use]
    pub const fn as_wire(self) -> &'static str {
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
    /// The word on the wire.
    #[must_use]
    pub const fn as_wire(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }
}
