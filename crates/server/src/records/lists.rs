//! Sorted lists of an account's pins, maintained so that a page costs only what is on it, and not
//! the size of the account.

use std::{cmp::Ordering, collections::HashSet, iter::Peekable};

use redb::{AccessGuard, Range, ReadTransaction, ReadableTable, WriteTransaction};
use uuid::Uuid;
use w3pin_core::{PinnedFilter, SortBy, SortOrder};

use super::{PinRecord, codec, now, tables};
use crate::error::StoreError;

/// The most bytes of a name that are used for sorting; names that differ only after them count as
/// equal.
const NAME_BYTES: usize = 255;
/// The minimum distance between the pins of an account in nanoseconds: some clients read times only
/// to the millisecond, and page by them.
const MILLISECOND: i64 = 1_000_000;
/// A pin that is this many nanoseconds ahead was created while the clock was wrong.
const FAR_AHEAD: i64 = 3_600_000_000_000;
/// The list of pins that wait for content or have failed, the oldest first. Removed pins aren't in
/// it.
const WAITING: u8 = 6;

/// A list of pins that are pinned, or that aren't, in one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct List {
    by: SortBy,
    is_pinned: bool,
}

/// Pins sorted by one of the fields, ascending or descending.
pub(super) struct Listed<'a> {
    pinned: Peekable<Ids<'a>>,
    unpinned: Peekable<Ids<'a>>,
    order: SortOrder,
}

/// A pin in a list.
struct Row {
    place: Vec<u8>,
    id: u128,
}

type Ids<'a> = Box<dyn Iterator<Item = Result<Row, StoreError>> + 'a>;

impl List {
    const ORDERS: [SortBy; 3] = [SortBy::CreatedAt, SortBy::Size, SortBy::Name];

    /// Returns the number of the list in the database.
    fn number(self) -> u8 {
        let by = match self.by {
            SortBy::Size => 1,
            SortBy::Name => 2,
            _ => 0,
        };
        2 * by + u8::from(self.is_pinned)
    }

    /// Returns whether a pin is pinned, and its size, as encoded in the list by size.
    fn size_in(number: u8, place: &[u8]) -> Option<(bool, u64)> {
        let by = SortBy::Size;
        let states = [false, true].into_iter();
        let is_pinned = states
            .map(|is_pinned| Self { by, is_pinned })
            .find(|list| list.number() == number)?
            .is_pinned;
        Some((is_pinned, u64::from_be_bytes(*place.first_chunk()?)))
    }

    /// Returns the position of a pin in the list. Equal pins are in order of creation.
    fn place(self, record: &PinRecord) -> Vec<u8> {
        let mut place = match self.by {
            SortBy::Size => record.size.unwrap_or(0).to_be_bytes().to_vec(),
            SortBy::Name => {
                let name = record
                    .metadata
                    .name
                    .as_deref()
                    .unwrap_or_default()
                    .as_bytes();
                let name = &name[..name.len().min(NAME_BYTES)];
                [name, b"\0"].concat()
            }
            _ => Vec::new(),
        };
        place.extend(moment(record.created));
        place.extend(record.id.as_u128().to_be_bytes());
        place
    }
}

/// Encodes a time so that the order of bytes is that of time, including times before 1970.
fn moment(nanoseconds: i64) -> [u8; 8] {
    (nanoseconds.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// Decodes the time from a position in a list by time.
fn created_in(place: &[u8]) -> Option<i64> {
    let moment = u64::from_be_bytes(*place.first_chunk()?);
    Some((moment ^ (1 << 63)).cast_signed())
}

/// Returns the lists that a pin is in, and its position in each.
fn places(record: &PinRecord) -> Vec<(u8, Vec<u8>)> {
    let is_pinned = is_pinned(record);
    let lists = List::ORDERS.map(|by| List { by, is_pinned });
    let mut places: Vec<_> = lists
        .iter()
        .map(|list| (list.number(), list.place(record)))
        .collect();
    if record.size.is_none() && record.unpinned.is_none() {
        places.push((WAITING, CREATED.place(record)));
    }
    places
}

/// The list of pins that are pinned, the oldest first.
const CREATED: List = List {
    by: SortBy::CreatedAt,
    is_pinned: true,
};

/// Updates the lists after a change of a pin.
pub(super) fn change(
    transaction: &WriteTransaction,
    before: Option<&PinRecord>,
    now: &PinRecord,
) -> Result<(), StoreError> {
    let mut lists = transaction.open_table(tables::PIN_LISTS)?;
    let mut totals = transaction.open_table(tables::PIN_TOTALS)?;
    for (record, is_now) in before
        .map(|it| (it, false))
        .into_iter()
        .chain([(now, true)])
    {
        let account = record.account.as_u128();
        let is_pinned = is_pinned(record);
        for (number, place) in places(record) {
            let row = (account, number, &place[..]);
            if is_now {
                lists.insert(row, ())?;
            } else {
                lists.remove(row)?;
            }
        }
        let size = record.size.unwrap_or(0);
        let total = totals.get((account, is_pinned))?.map(|total| total.value());
        let (files, bytes) = total.unwrap_or_default();
        let total = if is_now {
            (files.saturating_add(1), bytes.saturating_add(size))
        } else {
            (files.saturating_sub(1), bytes.saturating_sub(size))
        };
        totals.insert((account, is_pinned), total)?;
    }
    Ok(())
}

/// Returns a millisecond in which no pin of this account was created: the current one, or the one
/// after the newest pin, unless that is far ahead of the clock.
pub(super) fn free_moment(
    transaction: &WriteTransaction,
    account: Uuid,
) -> Result<i64, StoreError> {
    let lists = transaction.open_table(tables::PIN_LISTS)?;
    let account = account.as_u128();
    let start = now() / MILLISECOND * MILLISECOND;
    let (from, to) = (moment(start), moment(start.saturating_add(FAR_AHEAD)));
    let (mut is_taken, mut newest) = (false, start);
    for is_pinned in [false, true] {
        let number = List {
            is_pinned,
            ..CREATED
        }
        .number();
        let mut rows = lists.range((account, number, &from[..])..(account, number, &to[..]))?;
        if let Some(row) = rows.next_back().transpose()? {
            let created = created_in(row.0.value().2).unwrap_or(start);
            newest = newest.max(created);
            let first = rows.next().transpose()?;
            let first = first.and_then(|row| created_in(row.0.value().2));
            is_taken |= first.unwrap_or(created) < start.saturating_add(MILLISECOND);
        }
    }
    if !is_taken {
        return Ok(start);
    }
    Ok((newest / MILLISECOND + 1) * MILLISECOND)
}

/// Rebuilds the lists.
pub(super) fn rebuild(transaction: &WriteTransaction) -> Result<(), StoreError> {
    let mut lists = transaction.open_table(tables::PIN_LISTS)?;
    let mut totals = transaction.open_table(tables::PIN_TOTALS)?;
    lists.retain(|_, ()| false)?;
    totals.retain(|_, _| false)?;
    drop((lists, totals));
    let pins = transaction.open_table(tables::PINS)?;
    for row in pins.iter()? {
        // Unreadable records aren't listed.
        if let Some(record) = codec::decode(row?.1.value()) {
            change(transaction, None, &record)?;
        }
    }
    Ok(())
}

/// Removes a pin whose record can't be read from all lists and counts.
pub(super) fn forget(transaction: &WriteTransaction, id: u128) -> Result<(), StoreError> {
    let mut lists = transaction.open_table(tables::PIN_LISTS)?;
    let mut counted = None;
    lists.retain(|(account, number, place), ()| {
        let is_listed = id_in(place) == Some(id);
        if is_listed && let Some(listed) = List::size_in(number, place) {
            counted = Some((account, listed));
        }
        !is_listed
    })?;
    if let Some((account, (is_pinned, size))) = counted {
        let mut totals = transaction.open_table(tables::PIN_TOTALS)?;
        let total = totals.get((account, is_pinned))?.map(|total| total.value());
        let (files, bytes) = total.unwrap_or_default();
        let total = (files.saturating_sub(1), bytes.saturating_sub(size));
        totals.insert((account, is_pinned), total)?;
    }
    Ok(())
}

/// Returns the number of an account's pins and their bytes. `damaged` ones count as not pinned.
pub(super) fn totals(
    transaction: &ReadTransaction,
    account: Uuid,
    filter: PinnedFilter,
    damaged: &[PinRecord],
) -> Result<(u64, u64), StoreError> {
    let totals = transaction.open_table(tables::PIN_TOTALS)?;
    let mut all = (0_u64, 0_u64);
    for is_pinned in states(filter) {
        if let Some(total) = totals.get((account.as_u128(), *is_pinned))? {
            let (files, bytes) = total.value();
            all = (all.0.saturating_add(files), all.1.saturating_add(bytes));
        }
    }
    for record in damaged {
        let size = record.size.unwrap_or(0);
        all = match filter {
            PinnedFilter::Pinned => (all.0.saturating_sub(1), all.1.saturating_sub(size)),
            PinnedFilter::Unpinned => (all.0.saturating_add(1), all.1.saturating_add(size)),
            _ => all,
        };
    }
    Ok(all)
}

/// Returns an account's sorted pins that match `filter`. `damaged` ones are in the list of pinned
/// ones, but count as not pinned.
pub(super) fn listed<'a>(
    transaction: &ReadTransaction,
    account: Uuid,
    filter: PinnedFilter,
    by: SortBy,
    order: SortOrder,
    damaged: &[PinRecord],
) -> Result<Listed<'a>, StoreError> {
    let table = transaction.open_table(tables::PIN_LISTS)?;
    let kept = |is_pinned| -> Result<Ids<'a>, StoreError> {
        let (account, number) = (account.as_u128(), List { by, is_pinned }.number());
        let range = table.range((account, number, &[][..])..(account, number + 1, &[][..]))?;
        Ok(rows(range, order))
    };
    let pinned = match filter {
        PinnedFilter::Unpinned => damaged_rows(damaged, by, order),
        PinnedFilter::Pinned if !damaged.is_empty() => {
            let ids: HashSet<_> = damaged.iter().map(|record| record.id.as_u128()).collect();
            let is_damaged = move |row: &Row| ids.contains(&row.id);
            let rows = kept(true)?;
            Box::new(rows.filter(move |row| !row.as_ref().is_ok_and(&is_damaged)))
        }
        _ => kept(true)?,
    };
    let unpinned = match filter {
        PinnedFilter::Pinned => Box::new(std::iter::empty()),
        _ => kept(false)?,
    };
    Ok(Listed {
        pinned: pinned.peekable(),
        unpinned: unpinned.peekable(),
        order,
    })
}

/// Returns pins created between two times, the newest first: pinned or damaged ones, damaged ones,
/// and waiting or failed ones, each if requested.
pub(super) fn newest<'a>(
    transaction: &ReadTransaction,
    account: Uuid,
    [after, before]: [i64; 2],
    [with_pinned, with_damaged, with_waiting]: [bool; 3],
    damaged: Vec<PinRecord>,
) -> Result<Listed<'a>, StoreError> {
    let order = SortOrder::Descending;
    let table = transaction.open_table(tables::PIN_LISTS)?;
    let (account, from, to) = (account.as_u128(), moment(after), moment(before));
    let kept = |number, is_wanted: bool| -> Result<Ids<'a>, StoreError> {
        if !is_wanted || after >= before {
            return Ok(Box::new(std::iter::empty()));
        }
        // After all that were created at that time.
        let from = [&from[..], &[u8::MAX; 17]].concat();
        let range = table.range((account, number, &from[..])..(account, number, &to[..]))?;
        Ok(rows(range, order))
    };
    let pinned = if with_damaged && !with_pinned {
        let within = |record: &PinRecord| after < record.created && record.created < before;
        let damaged: Vec<_> = damaged.into_iter().filter(within).collect();
        damaged_rows(&damaged, CREATED.by, order)
    } else {
        kept(CREATED.number(), with_pinned)?
    };
    Ok(Listed {
        pinned: pinned.peekable(),
        unpinned: kept(WAITING, with_waiting)?.peekable(),
        order,
    })
}

/// Returns the positions of damaged pins among others in an order.
fn damaged_rows<'a>(damaged: &[PinRecord], by: SortBy, order: SortOrder) -> Ids<'a> {
    let list = List {
        by,
        is_pinned: true,
    };
    let rows = damaged.iter().map(|record| Row {
        place: list.place(record),
        id: record.id.as_u128(),
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|a, b| a.place.cmp(&b.place));
    if order != SortOrder::Ascending {
        rows.reverse();
    }
    Box::new(rows.into_iter().map(Ok))
}

type Entry<'a> = (
    AccessGuard<'a, (u128, u8, &'static [u8])>,
    AccessGuard<'a, ()>,
);

fn rows<'a>(range: Range<'a, (u128, u8, &'static [u8]), ()>, order: SortOrder) -> Ids<'a> {
    let row = |entry: Result<Entry<'_>, redb::StorageError>| {
        let (key, _) = entry?;
        let place = key.value().2.to_vec();
        let id = id_in(&place).ok_or(StoreError::Damaged("a list of pins can't be read"))?;
        Ok(Row { place, id })
    };
    match order {
        SortOrder::Ascending => Box::new(range.map(row)),
        _ => Box::new(range.rev().map(row)),
    }
}

impl Iterator for Listed<'_> {
    /// The ID of a pin.
    type Item = Result<u128, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match (self.pinned.peek(), self.unpinned.peek()) {
            (Some(Ok(pinned)), Some(Ok(unpinned))) => {
                let way = match self.order {
                    SortOrder::Ascending => Ordering::Less,
                    _ => Ordering::Greater,
                };
                if pinned.place.cmp(&unpinned.place) == way {
                    &mut self.pinned
                } else {
                    &mut self.unpinned
                }
            }
            (Some(_), _) => &mut self.pinned,
            (None, _) => &mut self.unpinned,
        };
        let row = next.next()?;
        Some(row.map(|row| row.id))
    }
}

fn is_pinned(record: &PinRecord) -> bool {
    record.size.is_some() && record.unpinned.is_none()
}

fn states(filter: PinnedFilter) -> &'static [bool] {
    match filter {
        PinnedFilter::Pinned => &[true],
        PinnedFilter::Unpinned => &[false],
        _ => &[true, false],
    }
}

fn id_in(place: &[u8]) -> Option<u128> {
    Some(u128::from_be_bytes(*place.last_chunk()?))
}
