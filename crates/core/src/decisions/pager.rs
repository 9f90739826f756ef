//! All pages of a listing, one after another, while pins come and go.

use std::collections::{BTreeSet, VecDeque};

use self::{by_offset::ByOffset, by_time::ByTime};
use crate::{Api, Error, ErrorKind, ListOptions, Page, PinId, Result};

mod by_offset;
mod by_time;

/// How many of the pins seen last are remembered.
const WINDOW: usize = 10_000;
/// How many pages in a row may bring nothing new.
const STALE_PAGES: u32 = 3;

/// Walks through the pages of a listing in the way that an API has for it. It ends, and gives no pin twice.
#[derive(Clone, Debug)]
pub(crate) enum Pager {
    ByOffset(ByOffset),
    ByTime(ByTime),
}

impl Pager {
    /// Starts where `list` starts; its limit is the size of the pages.
    pub(crate) fn new(api: Api, list: ListOptions) -> Self {
        match api {
            Api::W3ipfs => Self::ByOffset(ByOffset::new(list)),
            Api::PinningService => Self::ByTime(ByTime::new(list)),
        }
    }

    /// The next page to ask for, until the listing ends.
    pub(crate) fn next_page(&self) -> Option<ListOptions> {
        match self {
            Self::ByOffset(pager) => pager.next_page(),
            Self::ByTime(pager) => pager.next_page(),
        }
    }

    /// Takes that page, and leaves in it what is new.
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

/// The pins that were given out last, by their ids.
#[derive(Clone, Debug, Default)]
struct Seen {
    ids: BTreeSet<PinId>,
    order: VecDeque<PinId>,
}

impl Seen {
    fn contains(&self, id: &PinId) -> bool {
        self.ids.contains(id)
    }

    /// Whether it is new.
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
