//! Finds the pin of an attempt whose response was lost.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use time::OffsetDateTime;

use crate::{Api, Cid, ListOptions, Page, Pin, Result, decisions::pager::Pager};

/// The page size. Larger pages may be refused, since the service's limit isn't documented.
pub(crate) const PAGE: NonZeroU32 = const { NonZeroU32::new(100).unwrap() };
/// The most pages to search. If the pin may be after them, its existence remains unknown.
const MOST_PAGES: u32 = 10;
/// The maximum difference between the clock that dates pins and the one that dates responses.
const CLOCK_SKEW: Duration = Duration::from_secs(120);

/// What is known about a pin that an attempt may have created.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    /// Its possible roots; none if the content can't be read again.
    pub(crate) cids: Vec<Cid>,
    /// The mark of the attempt.
    pub(crate) mark: Option<Box<str>>,
    /// The name that the service would show; `None` for a pin by CID, whose CID identifies it.
    pub(crate) name: Option<String>,
    /// The caller's own key-values.
    pub(crate) keyvalues: BTreeMap<String, String>,
}

/// A search through the account's newest pins for the one that an attempt created, whatever its
/// state.
#[derive(Clone, Debug)]
pub(crate) struct MadeSearch<'a> {
    made: &'a Made,
    /// Whether the service allows several pins of the same content, so that the name must match
    /// too.
    keeps_several: bool,
    pager: Pager,
    pages_left: u32,
    reached_older: bool,
    ambiguous: bool,
}

impl<'a> MadeSearch<'a> {
    pub(crate) fn new(api: Api, made: &'a Made) -> Self {
        let list = ListOptions::new().page_of(PAGE).of_cids(&made.cids);
        Self {
            made,
            keeps_several: api == Api::PinningService,
            pager: Pager::new(api, list),
            pages_left: MOST_PAGES,
            reached_older: false,
            ambiguous: false,
        }
    }

    /// Returns the next page to request, until the search ends.
    pub(crate) fn next_page(&self) -> Option<ListOptions> {
        let more = self.pages_left > 0 && !self.reached_older;
        self.pager.next_page().filter(|_| more)
    }

    /// Takes that page. Returns the pin if it is there. `since` is when the call started, by the
    /// service's clock.
    pub(crate) fn accept(
        &mut self,
        page: Page,
        since: Option<OffsetDateTime>,
    ) -> Result<Option<Pin>> {
        let since = since.and_then(|since| since.checked_sub(CLOCK_SKEW.try_into().ok()?));
        let is_new = |pin: &Pin| Some(pin.date_pinned? >= since?);
        let too_old = |pin: &Pin| is_new(pin) == Some(false);
        let pins = self.pager.accept(page)?.pins;
        self.pages_left -= 1;
        self.reached_older = pins.last().is_some_and(too_old);
        for pin in pins {
            if self.has_mark(&pin) {
                return Ok(Some(pin));
            }
            let others = pin.attempt.is_some()
                || pin.date_unpinned.is_some()
                || (self.keeps_several && self.has_other_name(&pin));
            if others || too_old(&pin) {
                continue;
            }
            let is_content = self.made.cids.iter().any(|cid| cid.same_content(&pin.cid));
            if is_content && (pin.is_live() || is_new(&pin) == Some(true)) {
                return Ok(Some(pin));
            }
            // An undated pin that failed may have done so long ago.
            self.ambiguous |= is_content || self.may_be_ours(&pin);
        }
        Ok(None)
    }

    /// Returns whether a pin was found that may be the right one without proof, or the right one
    /// may be after the last page.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.ambiguous || (!self.reached_older && self.pager.next_page().is_some())
    }

    fn has_mark(&self, pin: &Pin) -> bool {
        self.made.mark.is_some() && self.made.mark == pin.attempt
    }

    fn has_other_name(&self, pin: &Pin) -> bool {
        let names = self.made.name.as_ref().zip(pin.name.as_ref());
        names.is_some_and(|(ours, its)| ours != its)
    }

    /// Returns whether it is a new pin with the right name and an unknown layout. A service may
    /// store all key-values, all except the mark, or none.
    fn may_be_ours(&self, pin: &Pin) -> bool {
        !pin.is_pin_by_hash
            && (pin.keyvalues.is_empty() || pin.keyvalues == self.made.keyvalues)
            && self.made.name.is_some()
            && self.made.name == pin.name
    }
}
