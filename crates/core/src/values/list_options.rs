//! Selects the pins of a listing.

use std::{collections::BTreeMap, num::NonZeroU32};

use time::OffsetDateTime;

use crate::{Cid, Error, Result};

/// The service's own default.
const FIRST_PAGE: NonZeroU32 = const { NonZeroU32::new(10).unwrap() };

/// Which of the account's pins to list, and in which order.
///
/// ```
/// use w3pin_core::{ListOptions, PinnedFilter, SortBy, SortOrder};
///
/// let list = ListOptions::new()
///     .pinned(PinnedFilter::Pinned)
///     .sort(SortBy::Name, SortOrder::Ascending)
///     .limit(50)?;
/// assert_eq!(list.offset, 0);
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOptions {
    /// How many pins to skip.
    pub offset: u64,
    /// The maximum number of pins in a page, at least 1: 10 unless set, or 100 when all pages are
    /// read.
    pub limit: Option<NonZeroU32>,
    /// Which pins to list.
    pub pinned: PinnedFilter,
    /// The field to sort by.
    pub sort_by: SortBy,
    /// The direction to sort in.
    pub sort_order: SortOrder,
    /// List only pins that have all of these key-values.
    pub keyvalues: BTreeMap<String, String>,
    /// Only pins of these roots, if the API can search for them; others may be returned too.
    pub(crate) cids: Vec<Cid>,
    /// Only pins created before this time, if the API pages by time.
    pub(crate) before: Option<OffsetDateTime>,
}

impl ListOptions {
    /// Returns the defaults: the first ten pins, newest first.
    #[must_use]
    pub fn new() -> Self {
        Self {
            offset: 0,
            limit: None,
            pinned: PinnedFilter::All,
            sort_by: SortBy::CreatedAt,
            sort_order: SortOrder::Descending,
            keyvalues: BTreeMap::new(),
            cids: Vec::new(),
            before: None,
        }
    }

    /// Sets how many pins to skip.
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Sets the maximum number of pins in a page.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for 0.
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

    /// Requests only pins of these roots, if the API supports that.
    pub(crate) fn of_cids(mut self, cids: &[Cid]) -> Self {
        cids.clone_into(&mut self.cids);
        self
    }

    /// Returns the maximum number of pins in the page.
    pub(crate) fn page_limit(&self) -> NonZeroU32 {
        self.limit.unwrap_or(FIRST_PAGE)
    }

    /// Sets which pins to list.
    #[must_use]
    pub fn pinned(mut self, pinned: PinnedFilter) -> Self {
        self.pinned = pinned;
        self
    }

    /// Sets the field and the direction to sort by.
    #[must_use]
    pub fn sort(mut self, by: SortBy, order: SortOrder) -> Self {
        self.sort_by = by;
        self.sort_order = order;
        self
    }

    /// Lists only pins with this key-value.
    #[must_use]
    pub fn keyvalue(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.keyvalues.insert(key.into(), value.into());
        self
    }
}

impl Default for ListOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Which pins to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinnedFilter {
    /// All pins.
    #[default]
    All,
    /// Pins whose content is currently pinned.
    Pinned,
    /// Pins whose content isn't pinned, or isn't pinned yet.
    Unpinned,
}

crate::words!(PinnedFilter, "pinned", "all" => All, "pinned" => Pinned, "unpinned" => Unpinned);

impl PinnedFilter {
    /// Returns the API's word.
    #[must_use]
    pub const fn as_wire(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Pinned => "true",
            Self::Unpinned => "false",
        }
    }

    /// Parses the API's word.
    #[must_use]
    pub fn from_wire(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_wire() == word)
    }
}

/// The field to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// When the pin was created.
    #[default]
    CreatedAt,
    /// The size in bytes, as the service accounts for it.
    Size,
    /// The name.
    Name,
}

crate::words!(SortBy, "sort_by", "created_at" => CreatedAt, "size" => Size, "name" => Name);

/// The direction to sort in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest, oldest or alphabetically first comes first.
    Ascending,
    /// Largest, newest or alphabetically last comes first.
    #[default]
    Descending,
}

crate::words!(SortOrder, "sort_order", "asc" => Ascending, "desc" => Descending);

impl SortOrder {
    /// Returns the API's word.
    #[must_use]
    pub const fn as_wire(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }

    /// Parses the API's word.
    #[must_use]
    pub fn from_wire(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_wire() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::{PinnedFilter, SortOrder};

    #[test]
    fn words_on_the_wire_are_read_as_they_are_written() {
        for filter in PinnedFilter::ALL {
            assert_eq!(PinnedFilter::from_wire(filter.as_wire()), Some(*filter));
        }
        for order in SortOrder::ALL {
            assert_eq!(SortOrder::from_wire(order.as_wire()), Some(*order));
        }
        for word in ["", "TRUE", "True", "pinned", "asc", "Desc", "DESC "] {
            assert_eq!(PinnedFilter::from_wire(word), None, "{word}");
            assert_eq!(SortOrder::from_wire(word), None, "{word}");
        }
    }
}
