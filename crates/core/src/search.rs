//! Finding a pin by its content, where its id isn't known.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use time::OffsetDateTime;

use crate::{Cid, ListPins, Page, Pager, Pin};

/// The pins of a page. Larger pages may be refused: the service's bound isn't documented.
const PAGE: NonZeroU32 = const { NonZeroU32::new(100).unwrap() };
/// How far back a search goes: a thousand pins.
const PAGES: u32 = 10;
/// How far the service's clock may be behind this machine's.
const CLOCK_SKEW: Duration = Duration::from_secs(120);

/// Looks through the account's pins, newest first and within bounds, for a live pin of given content.
///
/// It answers two questions: whether content is pinned already, and whether a call whose answer was
/// lost has made its pin.
#[derive(Clone, Debug)]
pub struct PinSearch {
    cids: Vec<Cid>,
    since: Option<OffsetDateTime>,
    filter: Option<ListPins>,
    pager: Pager,
    pages: u32,
}

impl PinSearch {
    /// Looks for a pin of one of these roots: the same content may have several, by its profile.
    #[must_use]
    pub fn new(cids: Vec<Cid>) -> Self {
        let newest = ListPins {
            limit: PAGE,
            ..ListPins::new()
        };
        Self {
            cids,
            since: None,
            filter: None,
            pager: Pager::new(newest),
            pages: 0,
        }
    }

    /// Looks only among pins made since then.
    #[must_use]
    pub fn since(mut self, moment: OffsetDateTime) -> Self {
        self.since = Some(moment - CLOCK_SKEW);
        self
    }

    /// Asks the service for pins with these pairs first, if one of them is the CID itself: then no
    /// bound on the search can hide the pin.
    #[must_use]
    pub fn keyvalues(mut self, keyvalues: &BTreeMap<String, String>) -> Self {
        let carries_cid = |value: &str| {
            value
                .parse::<Cid>()
                .is_ok_and(|value| self.cids.iter().any(|cid| cid.same_content(&value)))
        };
        self.filter = keyvalues
            .iter()
            .find(|(_, value)| carries_cid(value))
            .map(|(key, value)| {
                ListPins {
                    limit: PAGE,
                    ..ListPins::new()
                }
                .keyvalue(key, value)
            });
        self
    }

    /// The next page to look at, until the search ends.
    #[must_use]
    pub fn next_page(&self) -> Option<ListPins> {
        match &self.filter {
            Some(filter) => Some(filter.clone()),
            None if self.pages < PAGES => self.pager.next_page(),
            None => None,
        }
    }

    /// Takes that page, and gives the pin if it is there.
    pub fn accept(&mut self, page: Page) -> Option<Pin> {
        let filtered = self.filter.take().is_some();
        let pins = if filtered {
            page.pins
        } else {
            self.pager.accept(page)
        };
        let too_old = |pin: &Pin| matches!((self.since, pin.date_pinned), (Some(since), Some(date)) if date < since);
        if !filtered {
            self.pages += 1;
            if pins.last().is_none_or(too_old) {
                self.pages = PAGES;
            }
        }
        pins.into_iter().find(|pin| {
            pin.is_live() && !too_old(pin) && self.cids.iter().any(|cid| cid.same_content(&pin.cid))
        })
    }
}
