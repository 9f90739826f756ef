//! Searches an account's live pins.

use std::collections::{BTreeMap, HashSet};

use redb::{ReadOnlyTable, ReadTransaction};
use uuid::Uuid;
use w3pin_core::PinnedFilter;

use super::{PinRecord, Records, damaged_pins, lists, pin_record::State, pins, tables};
use crate::{content_key::ContentKey, error::StoreError};

/// The conditions of a search, which must all be met.
#[derive(Clone, Debug)]
pub(crate) struct PinSearch {
    /// One of these contents; any if empty.
    pub(crate) contents: Vec<ContentKey>,
    pub(crate) name: Option<NameFilter>,
    pub(crate) states: HashSet<State>,
    /// Created later than this, in nanoseconds of Unix time.
    pub(crate) after: i64,
    /// Created earlier than this.
    pub(crate) before: i64,
    /// Key-values that a pin must all have.
    pub(crate) keyvalues: BTreeMap<String, String>,
    /// The most pins to return, the newest ones.
    pub(crate) limit: usize,
}

/// A condition on the name or a part of it.
#[derive(Clone, Debug)]
pub(crate) struct NameFilter {
    text: String,
    is_partial: bool,
    ignores_case: bool,
}

/// The number of pins that were found, and the newest of them.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) count: u64,
    pub(crate) pins: Vec<Uuid>,
}

impl Records {
    /// Searches the live pins of an account. Calls `each` for each pin that is examined.
    pub(crate) fn search(
        &self,
        account: Uuid,
        search: &PinSearch,
        each: &dyn Fn(),
    ) -> Result<Found, StoreError> {
        self.read(|transaction| {
            if search.contents.is_empty() {
                search.in_order(transaction, account, each)
            } else {
                search.by_content(transaction, account, each)
            }
        })
    }
}

impl PinSearch {
    /// Searches all candidates, the newest first. Records are read only if the lists don't contain
    /// enough.
    fn in_order(
        &self,
        transaction: &ReadTransaction,
        account: Uuid,
        each: &dyn Fn(),
    ) -> Result<Found, StoreError> {
        let wants = |state| self.states.contains(&state);
        let is_plain = self.name.is_none() && self.keyvalues.is_empty();
        let is_of_pinned = self.states.len() == 1 && wants(State::Pinned);
        let damaged = damaged_pins::of(transaction, account)?;
        let total = if is_plain && is_of_pinned && (self.after, self.before) == Self::EVER {
            let (files, _) = lists::totals(transaction, account, PinnedFilter::Pinned, &damaged)?;
            Some(files)
        } else {
            None
        };
        let is_listed = is_plain && (is_of_pinned || self.states.len() == State::ALL.len());
        let left_out: HashSet<_> = if is_of_pinned {
            damaged.iter().map(|record| record.id.as_u128()).collect()
        } else {
            HashSet::new()
        };
        let waiting = [State::Queued, State::Pinning, State::Failed];
        let kinds = [
            wants(State::Pinned),
            wants(State::Failed),
            waiting.into_iter().any(wants),
        ];
        let bounds = [self.after, self.before];
        let records = LiveRecords::open(transaction, account)?;
        let mut found = Found::default();
        for id in lists::newest(transaction, account, bounds, kinds, damaged)? {
            each();
            let id = id?;
            if left_out.contains(&id) {
                continue;
            }
            if !is_listed && !records.get(id)?.is_some_and(|record| self.takes(&record)) {
                continue;
            }
            found.count += 1;
            if found.pins.len() < self.limit {
                found.pins.push(Uuid::from_u128(id));
            } else if total.is_some() {
                break;
            }
        }
        found.count = total.unwrap_or(found.count);
        Ok(found)
    }

    fn by_content(
        &self,
        transaction: &ReadTransaction,
        account: Uuid,
        each: &dyn Fn(),
    ) -> Result<Found, StoreError> {
        let records = LiveRecords::open(transaction, account)?;
        let mut taken = Vec::new();
        for content in self.contents.iter().collect::<HashSet<_>>() {
            for id in pins::live_ids(&records.live, account, content)? {
                each();
                let record = records.get(id?)?.filter(|record| self.takes(record));
                taken.extend(record.map(|record| (record.created, record.id)));
            }
        }
        taken.sort_unstable_by(|a, b| b.cmp(a));
        let ids = taken.iter().map(|(_, id)| *id);
        Ok(Found {
            count: taken.len() as u64,
            pins: ids.take(self.limit).collect(),
        })
    }

    /// From the first to the last possible time.
    pub(crate) const EVER: (i64, i64) = (i64::MIN, i64::MAX);

    fn takes(&self, record: &PinRecord) -> bool {
        let metadata = &record.metadata;
        let name = metadata.name.as_deref().unwrap_or_default();
        record.unpinned.is_none()
            && self.after < record.created
            && record.created < self.before
            && self.states.contains(&record.state())
            && self.name.as_ref().is_none_or(|filter| filter.takes(name))
            && self
                .keyvalues
                .iter()
                .all(|(key, value)| metadata.text(key).is_some_and(|text| text == *value))
    }
}

/// The records of an account's live pins.
struct LiveRecords {
    account: Uuid,
    pins: ReadOnlyTable<u128, &'static [u8]>,
    live: ReadOnlyTable<(u128, &'static [u8], u128), ()>,
    damaged: ReadOnlyTable<u128, &'static [u8]>,
}

impl LiveRecords {
    fn open(transaction: &ReadTransaction, account: Uuid) -> Result<Self, StoreError> {
        Ok(Self {
            account,
            pins: transaction.open_table(tables::PINS)?,
            live: transaction.open_table(tables::LIVE_PINS)?,
            damaged: transaction.open_table(tables::DAMAGED_PINS)?,
        })
    }

    /// Returns a record, unless nothing is known about the pin anymore.
    fn get(&self, id: u128) -> Result<Option<PinRecord>, StoreError> {
        match pins::get_or_salvage(&self.pins, &self.live, self.account, id) {
            Ok(mut record) => {
                damaged_pins::mark(&self.damaged, &mut record)?;
                Ok(Some(record))
            }
            Err(StoreError::Damaged(_) | StoreError::NotFound) => Ok(None),
            Err(cause) => Err(cause),
        }
    }
}

impl NameFilter {
    pub(crate) fn new(text: &str, is_partial: bool, ignores_case: bool) -> Self {
        Self {
            text: if ignores_case {
                text.to_lowercase()
            } else {
                text.to_owned()
            },
            is_partial,
            ignores_case,
        }
    }

    fn takes(&self, name: &str) -> bool {
        if self.ignores_case {
            self.takes_text(&name.to_lowercase())
        } else {
            self.takes_text(name)
        }
    }

    fn takes_text(&self, name: &str) -> bool {
        if self.is_partial {
            name.contains(&self.text)
        } else {
            name == self.text
        }
    }
}
