//! Pages through a listing while pins come and go.

use std::collections::{BTreeSet, VecDeque};

use self::{by_offset::ByOffset, by_time::ByTime};
use crate::{Api, Error, ErrorKind, ListOptions, Page, PinId, Result};

mod by_offset;
mod by_time;

/// How many of the latest pins to remember.
const WINDOW: usize = 10_000;
/// The most consecutive pages without new pins.
const STALE_PAGES: u32 = 3;

/// Pages through a listing by the method of the API. It terminates, and yields no pin twice.
#[derive(Clone, Debug)]
pub(crate) enum Pager {
    ByOffset(ByOffset),
    ByTime(ByTime),
}

impl Pager {
    /// Starts at the start of `list`; its limit is the page size.
    pub(crate) fn new(api: Api, list: ListOptions) -> Self {
        match api {
            Api::W3ipfs => Self::ByOffset(ByOffset::new(list)),
            Api::PinningService => Self::ByTime(ByTime::new(list)),
        }
    }

    /// Returns the next page to request, until the listing ends.
    pub(crate) fn next_page(&self) -> Option<ListOptions> {
        match self {
            Self::ByOffset(pager) => pager.next_page(),
            Self::ByTime(pager) => pager.next_page(),
        }
    }

    /// Takes that page and returns the new pins in it.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode) if the service repeats its pages, so that the listing can't be
    /// completed.
    pub(crate) fn accept(&mut self, page: Page) -> Result<Page> {
        match self {
            Self::ByOffset(pager) => pager.accept(page),
            Self::ByTime(pager) => pager.accept(page),
        }
    }
}

fn repeated() -> Error {
    Error::new(
        ErrorKind::Decode,
        "the service returns the same pins on every page, so they can't all be listed",
    )
}

/// The latest pins by ID.
#[derive(Clone, Debug, Default)]
struct Seen {
    ids: BTreeSet<PinId>,
    order: VecDeque<PinId>,
}

impl Seen {
    fn contains(&self, id: &PinId) -> bool {
        self.ids.contains(id)
    }

    /// Returns whether it is new.
    fn insert(&mut self, id: &PinId) -> bool {
        if !self.ids.insert(id.clone()) {
            return false;
        }
        self.order.push_back(id.clone());
        if self.order.len() > WINDOW
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}
