//! Pages by offset.

use super::{STALE_PAGES, Seen, repeated};
use crate::{ListOptions, Page, Result};

/// Pages through a listing.
///
/// Offsets count from the start of a list that changes while it is read, so each page is requested
/// to include the last pin of the page before. A page without any known pin has moved: earlier pins
/// were removed, and others have taken their places. The pager then goes back until the pages
/// overlap, and continues from there. Known pins are dropped.
#[derive(Clone, Debug)]
pub(crate) struct ByOffset {
    list: ListOptions,
    start: u64,
    /// How many entries of the last page the next one repeats.
    overlap: u64,
    /// The position after the last known entry, readable or not.
    given: u64,
    total: Option<u64>,
    seen: Seen,
    stale: u32,
    ended: bool,
}

impl ByOffset {
    pub(super) fn new(list: ListOptions) -> Self {
        Self {
            start: list.offset,
            list,
            overlap: 0,
            given: 0,
            total: None,
            seen: Seen::default(),
            stale: 0,
            ended: false,
        }
    }

    pub(super) fn next_page(&self) -> Option<ListOptions> {
        (!self.ended).then(|| self.list.clone())
    }

    pub(super) fn accept(&mut self, mut page: Page) -> Result<Page> {
        let offset = self.list.offset;
        let limit = u64::from(self.list.page_limit().get());
        let total = std::mem::replace(&mut self.total, page.totals.files);
        let removed = total
            .zip(page.totals.files)
            .map_or(0, |(before, now)| before.saturating_sub(now));
        let connected = match self.overlap {
            _ if offset == self.start => true,
            0 => removed == 0,
            _ => page.pins.iter().any(|pin| self.seen.contains(&pin.id)),
        };
        if !connected {
            let step = removed.max(limit.saturating_sub(1)).max(1);
            self.list.offset = offset.saturating_sub(step).max(self.start);
            self.given = self.given.saturating_sub(step);
            page.pins.clear();
            page.unreadable.clear();
            return Ok(page);
        }

        page.pins.retain(|pin| self.seen.insert(&pin.id));
        page.unreadable.retain_mut(|entry| {
            entry.position = entry.position.saturating_add(offset);
            entry.position >= self.given
        });
        let end = offset.saturating_add(page.entries);
        self.given = self.given.max(end);
        // A total that is less than what was listed is wrong.
        self.ended = match page.totals.files {
            Some(total) if total >= end => page.entries == 0 || total == end,
            _ => page.entries < limit,
        };
        // A page whose only pin is its first entry leaves no room for that pin in the next.
        self.overlap = Some(page.after_last_pin.saturating_add(1))
            .filter(|overlap| *overlap < page.entries)
            .unwrap_or(0);
        self.list.offset = end.saturating_sub(self.overlap);

        self.stale = if page.pins.is_empty() && page.unreadable.is_empty() {
            self.stale + 1
        } else {
            0
        };
        if !self.ended && self.stale >= STALE_PAGES {
            self.ended = true;
            return Err(repeated());
        }
        Ok(page)
    }
}
