//! All pages of a listing, one after another.

use std::collections::BTreeSet;

use crate::{ListPins, Page, Pin, PinId};

/// Walks through all pages of a listing, and says when to stop.
///
/// Pins that come and go while the pages are read move the rest; a pin that was given out already is
/// dropped. The listing ends with an empty page, at the service's total, and with a page that is
/// shorter than asked, unless the total says that more are to come: then the service has a bound of
/// its own on a page.
///
/// ```
/// use w3pin_core::{ListPins, Operation, Pager};
///
/// let mut pager = Pager::new(ListPins::new());
/// let list = pager.next_page().expect("the first page");
/// let body = br#"{"data":{"totals":{"files":0},"pins":null},"status":"success"}"#;
/// assert!(pager.accept(list.parse(http::Response::new(&body[..]))?).is_empty());
/// assert!(pager.next_page().is_none());
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pager {
    list: ListPins,
    seen: BTreeSet<PinId>,
    ended: bool,
}

impl Pager {
    /// Starts where `list` starts; its limit is the size of the pages.
    #[must_use]
    pub fn new(list: ListPins) -> Self {
        Self {
            list,
            seen: BTreeSet::new(),
            ended: false,
        }
    }

    /// The next page to ask for, until the listing ends.
    #[must_use]
    pub fn next_page(&self) -> Option<ListPins> {
        (!self.ended).then(|| self.list.clone())
    }

    /// Takes that page, and gives the pins of it that are new.
    pub fn accept(&mut self, page: Page) -> Vec<Pin> {
        self.list.offset = self.list.offset.saturating_add(page.entries);
        let more = page.totals.files.map(|total| self.list.offset < total);
        let short = page.entries < u64::from(self.list.limit.get());
        self.ended = page.entries == 0 || more == Some(false) || (short && more.is_none());
        page.pins
            .into_iter()
            .filter(|pin| self.seen.insert(pin.id.clone()))
            .collect()
    }
}
