//! Finds existing pins.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{
    Api, Cid, ListOptions, Page, Pin, Result,
    decisions::{pager::Pager, search::PAGE},
    values::cid::ContentKey,
};

/// A search through the account's pins, newest first, for one of given content.
#[derive(Clone, Debug)]
pub(crate) struct ExistingSearch {
    cids: Vec<Cid>,
    wants: Wants,
    shortcut: Option<ListOptions>,
    pager: Pager,
    pages_left: u32,
    waiting: Option<Pin>,
}

/// What counts as an existing pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// A pin whose content the service has, as after an upload.
    Content,
    /// Any live pin, as after pinning by CID.
    Pin,
}

impl ExistingSearch {
    /// Searches for a pin of one of these roots, which are the same content under several profiles,
    /// on at most this many pages.
    pub(crate) fn new(api: Api, cids: Vec<Cid>, wants: Wants, pages: u32) -> Self {
        let list = ListOptions::new().page_of(PAGE).of_cids(&cids);
        Self {
            cids,
            wants,
            shortcut: None,
            pager: Pager::new(api, list),
            pages_left: pages,
            waiting: None,
        }
    }

    /// First asks the service for pins with these key-values, if one of them is the CID itself:
    /// then no limit of the search can hide the pin.
    pub(crate) fn keyvalues(mut self, keyvalues: &BTreeMap<String, String>) -> Self {
        // That API searches by CID, so no other search is needed.
        if matches!(self.pager, Pager::ByTime(_)) {
            return self;
        }
        let carries_cid = |value: &str| {
            value
                .parse::<Cid>()
                .is_ok_and(|value| self.is_wanted(&value))
        };
        self.shortcut = keyvalues
            .iter()
            .find(|(_, value)| carries_cid(value))
            .map(|(key, value)| ListOptions::new().page_of(PAGE).keyvalue(key, value));
        self
    }

    /// Returns the next page to request, until the search ends.
    pub(crate) fn next_page(&self) -> Option<ListOptions> {
        match &self.shortcut {
            Some(shortcut) => Some(shortcut.clone()),
            None if self.pages_left > 0 => self.pager.next_page(),
            None => None,
        }
    }

    /// Takes that page. Returns the pin if it is there.
    pub(crate) fn accept(&mut self, page: Page) -> Result<Option<Pin>> {
        let pins = if self.shortcut.take().is_some() {
            page.pins
        } else {
            self.pages_left -= 1;
            self.pager.accept(page)?.pins
        };
        for pin in pins {
            if !self.is_wanted(&pin.cid) || !pin.is_live() {
                continue;
            }
            if self.wants == Wants::Pin || pin.has_content() {
                return Ok(Some(pin));
            }
            self.waiting.get_or_insert(pin);
        }
        Ok(None)
    }

    /// Returns a pin that still waits for the content, if there was no other.
    pub(crate) fn into_waiting(self) -> Option<Pin> {
        self.waiting
    }

    fn is_wanted(&self, cid: &Cid) -> bool {
        self.cids.iter().any(|wanted| wanted.same_content(cid))
    }
}

/// All pins of an account by their content, listed once for a batch of calls.
///
/// ```
/// use w3pin_core::{Cid, ExistingPins, Pin};
///
/// let cid: Cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e".parse()?;
/// let mut pins = ExistingPins::new();
/// assert!(pins.find(&[cid]).is_none());
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ExistingPins {
    pins: BTreeMap<ContentKey, Pin>,
}

impl ExistingPins {
    /// The most pins to remember. The service refuses duplicates of others.
    pub const MOST: usize = 100_000;

    /// Creates an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns whether the limit is reached.
    pub(crate) fn is_full(&self) -> bool {
        self.pins.len() >= Self::MOST
    }

    /// Adds a pin, if it is live.
    pub fn insert(&mut self, pin: Pin) {
        if !pin.is_live() {
            return;
        }
        let full = self.is_full();
        match self.pins.entry(pin.cid.content_key()) {
            Entry::Occupied(mut known) => {
                if !known.get().has_content() && pin.has_content() {
                    known.insert(pin);
                }
            }
            Entry::Vacant(place) if !full => {
                place.insert(pin);
            }
            Entry::Vacant(_) => {}
        }
    }

    /// Returns a pin of one of these roots.
    #[must_use]
    pub fn find(&self, cids: &[Cid]) -> Option<&Pin> {
        cids.iter()
            .find_map(|cid| self.pins.get(&cid.content_key()))
    }
}
