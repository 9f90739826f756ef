//! Finding the pin that an attempt made, where its response was lost.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use time::OffsetDateTime;

use crate::{Cid, ListOptions, Page, Pin, Result, decisions::pager::Pager};

/// The pins of a page. Larger pages may be refused: the service's bound isn't documented.
pub(crate) const PAGE: NonZeroU32 = const { NonZeroU32::new(100).unwrap() };
/// How many pages of pins may have been made since an attempt.
const MOST_PAGES: u32 = 10;
/// How far the clock that dates pins may be from the one that dates responses.
const CLOCK_SKEW: Duration = Duration::from_secs(120);

/// What is known of a pin that an attempt may have made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    /// The roots that it may have; none, where the content can't be read again.
    pub(crate) cids: Vec<Cid>,
    /// The mark that the attempt carries.
    pub(crate) mark: Option<Box<str>>,
    /// The name that the service would show; none for a pin by CID, which its CID tells.
    pub(crate) name: Option<String>,
    /// The caller's own key-values.
    pub(crate) keyvalues: BTreeMap<String, String>,
}

/// Looks through the account's newest pins for the one that an attempt made, whatever became of it.
#[derive(Clone, Debug)]
pub(crate) struct MadeSearch<'a> {
    made: &'a Made,
    pager: Pager,
    pages_left: u32,
    ambiguous: bool,
}

impl<'a> MadeSearch<'a> {
    pub(crate) fn new(made: &'a Made) -> Self {
        Self {
            made,
            pager: Pager::new(ListOptions::new().page_of(PAGE)),
            pages_left: MOST_PAGES,
            ambiguous: false,
        }
    }

    /// The next page to look at, until the search ends.
    pub(crate) fn next_page(&self) -> Option<ListOptions> {
        self.pager.next_page().filter(|_| self.pages_left > 0)
    }

    /// Takes that page, and gives the pin if it is there. `since` is when the call began, by the
    /// service's clock.
    pub(crate) fn accept(
        &mut self,
        page: Page,
        since: Option<OffsetDateTime>,
    ) -> Result<Option<Pin>> {
        let since = since.and_then(|since| since.checked_sub(CLOCK_SKEW.try_into().ok()?));
        let too_old = |pin: &Pin| matches!((since, pin.date_pinned), (Some(since), Some(date)) if date < since);
        let pins = self.pager.accept(page)?.pins;
        self.pages_left -= 1;
        if pins.last().is_none_or(too_old) {
            self.pages_left = 0;
        }
        for pin in pins {
            if self.has_mark(&pin) {
                return Ok(Some(pin));
            }
            if too_old(&pin) || pin.attempt.is_some() {
                continue;
            }
            if self.made.cids.iter().any(|cid| cid.same_content(&pin.cid)) {
                return Ok(Some(pin));
            }
            self.ambiguous |= self.may_be_ours(&pin);
        }
        Ok(None)
    }

    /// Whether a pin was seen that may be the one, though nothing proves it.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.ambiguous
    }

    fn has_mark(&self, pin: &Pin) -> bool {
        self.made.mark.is_some() && self.made.mark == pin.attempt
    }

    /// A new pin of our name in a layout that isn't known. A service that keeps key-values would show
    /// the mark.
    fn may_be_ours(&self, pin: &Pin) -> bool {
        let unmarked = self.made.mark.is_none() && pin.keyvalues == self.made.keyvalues;
        !pin.is_pin_by_hash
            && (pin.keyvalues.is_empty() || unmarked)
            && self.made.name.is_some()
            && self.made.name == pin.name
    }
}
