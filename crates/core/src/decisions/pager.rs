//! All pages of a listing, one after another, while pins come and go.

use std::collections::{BTreeSet, VecDeque};

use crate::{Error, ErrorKind, ListOptions, Page, PinId, Result};

/// How many of the pins seen last are remembered.
const WINDOW: usize = 10_000;
/// How many pages in a row may bring nothing new.
const STALE_PAGES: u32 = 3;

/// Walks through the pages of a listing.
///
/// Offsets count from the front of a list that changes while it is read, so each page is asked for with
/// the last pin of the page before in it. A page without a pin that was seen has moved: pins before it
/// are gone, and others have taken their places. Then the pager goes back until the pages connect. Pins
/// that were given out already are dropped.
#[derive(Clone, Debug)]
pub(crate) struct Pager {
    list: ListOptions,
    start: u64,
    seen: Seen,
    stale: u32,
    ended: bool,
}

impl Pager {
    /// Starts where `list` starts; its limit is the size of the pages.
    pub(crate) fn new(list: ListOptions) -> Self {
        Self {
            start: list.offset,
            list,
            seen: Seen::default(),
            stale: 0,
            ended: false,
        }
    }

    /// The next page to ask for, until the listing ends.
    pub(crate) fn next_page(&self) -> Option<ListOptions> {
        (!self.ended).then(|| self.list.clone())
    }

    /// Takes that page, and leaves in it what is new.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode) where the service repeats its pages, so that the listing can't be
    /// completed.
    pub(crate) fn accept(&mut self, mut page: Page) -> Result<Page> {
        let offset = self.list.offset;
        let connected = offset == self.start
            || self.seen.overlap == 0
            || page.pins.iter().any(|pin| self.seen.contains(&pin.id));
        page.pins.retain(|pin| self.seen.insert(&pin.id));
        for unreadable in &mut page.unreadable {
            unreadable.position = unreadable.position.saturating_add(offset);
        }
        self.stale = if page.pins.is_empty() {
            self.stale + 1
        } else {
            0
        };

        if connected {
            let end = offset.saturating_add(page.entries);
            let short = page.entries < u64::from(self.list.page_limit().get());
            self.ended = match page.totals.files {
                Some(total) => page.entries == 0 || end >= total,
                None => short,
            };
            // A page of one entry leaves no room for a pin of the page before.
            self.seen.overlap = u64::from(page.entries > 1);
            self.list.offset = end.saturating_sub(self.seen.overlap);
        } else {
            let step = u64::from(self.list.page_limit().get()).max(2) - 1;
            self.list.offset = offset.saturating_sub(step).max(self.start);
        }
        if !self.ended && self.stale >= STALE_PAGES {
            self.ended = true;
            if page.entries > 0 {
                return Err(Error::new(
                    ErrorKind::Decode,
                    "the service returns the same pins on every page, so they can't all be listed",
                ));
            }
        }
        Ok(page)
    }
}

/// The pins that were given out last, by their ids.
#[derive(Clone, Debug, Default)]
struct Seen {
    ids: BTreeSet<PinId>,
    order: VecDeque<PinId>,
    /// How many entries of the last page the next one repeats.
    overlap: u64,
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
