//! Pages by time.

use std::num::NonZeroU32;

use time::{Duration, OffsetDateTime};

use super::{STALE_PAGES, Seen, repeated};
use crate::{Error, ErrorKind, ListOptions, Page, PinId, Result, wire::psa::ask::LARGEST_PAGE};

/// The resolution of times: most services store or show milliseconds.
const TICK: Duration = Duration::MILLISECOND;

/// Pages through a listing, newest first, each page with pins created before the oldest one so far.
///
/// Several pins may have been created in the same tick, and a page may end among them. So the next
/// page starts one tick later, and repeats some pins, which are dropped. If one tick fills a whole
/// page, larger pages are requested; what exceeds the largest page can't be listed by the API.
///
/// Some services, such as IPFS Cluster, don't sort pins by time. Larger pages are also requested if a
/// page isn't sorted, and if one was sorted by chance: then the service counts fewer pins after it
/// than there must be.
#[derive(Clone, Debug)]
pub(crate) struct ByTime {
    list: ListOptions,
    /// The page size for pages with more than one tick.
    usual: NonZeroU32,
    earlier: Option<Earlier>,
    given: u64,
    seen: Seen,
    stale: u32,
    ended: bool,
}

/// What the page before was asked for with, and what it lets expect.
#[derive(Clone, Copy, Debug)]
struct Earlier {
    before: Option<OffsetDateTime>,
    limit: u32,
    /// The fewest pins that are left after it, unless some were removed.
    least: u64,
}

impl ByTime {
    pub(super) fn new(list: ListOptions) -> Self {
        Self {
            usual: list.page_limit(),
            list,
            earlier: None,
            given: 0,
            seen: Seen::default(),
            stale: 0,
            ended: false,
        }
    }

    pub(super) fn next_page(&self) -> Option<ListOptions> {
        (!self.ended).then(|| self.list.clone())
    }

    pub(super) fn accept(&mut self, mut page: Page) -> Result<Page> {
        let limit = u64::from(self.list.page_limit().get());
        // Some services count only the pins of the page.
        let counted = page.totals.files.unwrap_or_default();
        let lacks_some = self
            .earlier
            .take()
            .filter(|earlier| page.totals.files.is_some_and(|files| files < earlier.least));
        self.ended = page.entries == 0 || page.entries < limit && counted <= page.entries;
        let dates: Vec<_> = page.pins.iter().filter_map(|pin| pin.date_pinned).collect();
        let times = || dates.iter().copied();
        let oldest = times().min();
        let is_newest_first = times().is_sorted_by(|earlier, later| earlier >= later);

        page.pins.retain(|pin| self.seen.insert(&pin.id));
        let mut is_stale = page.pins.is_empty();
        page.unreadable.retain_mut(|entry| {
            entry.position = entry.position.saturating_add(self.given);
            let id = entry.id.as_deref().and_then(|id| id.parse::<PinId>().ok());
            let is_new = id.as_ref().is_none_or(|id| self.seen.insert(id));
            is_stale &= id.is_none() || !is_new;
            is_new
        });
        let new = page.pins.len().saturating_add(page.unreadable.len());
        self.given = self.given.saturating_add(new as u64);
        self.stale = if is_stale { self.stale + 1 } else { 0 };
        if let Some(earlier) = lacks_some {
            self.ended = false;
            self.list.before = earlier.before;
            self.list.limit = NonZeroU32::new(larger(earlier.limit));
            return Ok(page);
        }
        if self.ended {
            return Ok(page);
        }
        if self.stale > STALE_PAGES {
            self.ended = true;
            return Err(repeated());
        }
        let asked = (self.list.before, self.list.page_limit().get());
        self.go_on(oldest, is_newest_first)?;
        let (before, limit) = asked;
        if self.list.before != before && limit < LARGEST_PAGE {
            let again = dates.iter().filter(|date| Some(**date) < self.list.before);
            let others = page.entries.saturating_sub(again.count() as u64);
            let least = counted.saturating_sub(others);
            self.earlier = Some(Earlier {
                before,
                limit,
                least,
            });
        }
        Ok(page)
    }

    /// Sets the next request, which always differs from the last one.
    fn go_on(&mut self, oldest: Option<OffsetDateTime>, is_newest_first: bool) -> Result<()> {
        let so_far = self.list.before;
        let is_further = |time: &OffsetDateTime| so_far.is_none_or(|so_far| *time < so_far);
        let a_tick_late = oldest
            .and_then(|oldest| oldest.checked_add(TICK))
            .filter(is_further);
        let limit = self.list.page_limit().get();
        let needs_more = oldest.is_some() && (a_tick_late.is_none() || !is_newest_first);
        if needs_more && limit < LARGEST_PAGE {
            self.list.limit = NonZeroU32::new(larger(limit));
            return Ok(());
        }
        if !is_newest_first {
            self.ended = true;
            return Err(Error::new(
                ErrorKind::Decode,
                "the service doesn't list the newest pins first, so those after the first page can't be listed",
            ));
        }
        let before = a_tick_late
            .or(oldest.filter(is_further))
            .or(so_far.and_then(|so_far| so_far.checked_sub(TICK)));
        self.ended = before.is_none();
        self.list.before = before;
        self.list.limit = Some(self.usual);
        if self.ended {
            return Err(Error::new(
                ErrorKind::Decode,
                "the service doesn't say when it made the pins of a page, so those after it can't be listed",
            ));
        }
        Ok(())
    }
}

/// The size of the page to ask for where one of this size doesn't do.
fn larger(limit: u32) -> u32 {
    limit.saturating_mul(10).min(LARGEST_PAGE)
}
