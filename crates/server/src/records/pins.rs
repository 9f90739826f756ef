//! Pins: kept, shown and listed.

use std::collections::BTreeMap;

use cid::Cid;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use uuid::Uuid;
use w3pin_core::{PinnedFilter, SortBy, SortOrder};

use super::{Metadata, PinRecord, Records, Waiting, now, tables};
use crate::{content_key::ContentKey, dag_shape::DagShape, error::StoreError};

/// Which of an account's pins a listing shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct PinFilter {
    pub(crate) pinned: PinnedFilter,
    /// Pairs that a pin must all have.
    pub(crate) keyvalues: BTreeMap<String, serde_json::Value>,
}

/// One page of pins, and what all pages hold together.
#[derive(Debug)]
pub(crate) struct PinPage {
    pub(crate) files: u64,
    pub(crate) size: u64,
    pub(crate) pins: Vec<PinRecord>,
}

impl Records {
    /// Refuses content of which an account has a live pin.
    pub(crate) fn refuse_live(&self, account: Uuid, key: &ContentKey) -> Result<(), StoreError> {
        self.read(|transaction| {
            let live = transaction.open_table(tables::LIVE_PINS)?;
            match live.get((account.as_u128(), key.as_bytes()))? {
                Some(_) => Err(StoreError::AlreadyPinned),
                None => Ok(()),
            }
        })
    }

    /// A pin of this account, ended or not.
    pub(crate) fn pin(&self, account: Uuid, id: Uuid) -> Result<PinRecord, StoreError> {
        let record = self.any_pin(id.as_u128())?;
        if record.account == account {
            Ok(record)
        } else {
            Err(StoreError::NotFound)
        }
    }

    /// A pin of any account.
    pub(crate) fn any_pin(&self, id: u128) -> Result<PinRecord, StoreError> {
        self.read(|transaction| get(&transaction.open_table(tables::PINS)?, id))
    }

    /// The ids of all pins, those of each account in the order they were made.
    pub(crate) fn pin_ids(&self) -> Result<Vec<u128>, StoreError> {
        self.read(|transaction| {
            let order = transaction.open_table(tables::PINS_BY_ACCOUNT)?;
            order.iter()?.map(|entry| Ok(entry?.1.value())).collect()
        })
    }

    /// Whether a pin waits for this content.
    pub(crate) fn is_wanted(&self, key: &ContentKey) -> Result<bool, StoreError> {
        self.read(|transaction| {
            let wanted = transaction.open_table(tables::WANTED)?;
            let mut range = wanted.range((key.as_bytes(), 0)..=(key.as_bytes(), u128::MAX))?;
            Ok(range.next().transpose()?.is_some())
        })
    }

    /// A page of an account's pins.
    pub(crate) fn list(
        &self,
        account: Uuid,
        filter: &PinFilter,
        by: SortBy,
        order: SortOrder,
        offset: usize,
        limit: usize,
    ) -> Result<PinPage, StoreError> {
        self.read(|transaction| {
            // Only what is sorted by is kept of each pin, so that a long list takes little memory.
            let mut found: Vec<(u64, String, u128)> = Vec::new();
            let mut size = 0_u64;
            each_pin(transaction, account, |record| {
                if filter.takes(&record) {
                    size = size.saturating_add(record.size.unwrap_or(0));
                    let id = record.id.as_u128();
                    found.push(match by {
                        SortBy::CreatedAt => (0, String::new(), id),
                        SortBy::Size => (record.size.unwrap_or(0), String::new(), id),
                        SortBy::Name => (0, record.metadata.name.unwrap_or_default(), id),
                    });
                }
            })?;
            // Equal ones stay in the order they were made, which reverses with the rest.
            found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
            if order == SortOrder::Descending {
                found.reverse();
            }
            let pins = transaction.open_table(tables::PINS)?;
            let page = found.iter().skip(offset).take(limit);
            let page = page.map(|(_, _, id)| get(&pins, *id));
            Ok(PinPage {
                files: found.len() as u64,
                size,
                pins: page.collect::<Result<_, _>>()?,
            })
        })
    }
}

impl PinFilter {
    fn takes(&self, record: &PinRecord) -> bool {
        let pairs = &record.metadata.keyvalues;
        let pinned = match self.pinned {
            PinnedFilter::All => true,
            PinnedFilter::Pinned => record.pinned(),
            PinnedFilter::Unpinned => !record.pinned(),
        };
        pinned
            && self
                .keyvalues
                .iter()
                .all(|(key, value)| pairs.get(key) == Some(value))
    }
}

/// Calls `visit` with each pin of an account in the order they were made.
fn each_pin(
    transaction: &ReadTransaction,
    account: Uuid,
    mut visit: impl FnMut(PinRecord),
) -> Result<(), StoreError> {
    let order = transaction.open_table(tables::PINS_BY_ACCOUNT)?;
    let pins = transaction.open_table(tables::PINS)?;
    let account = account.as_u128();
    for entry in order.range((account, 0)..=(account, u64::MAX))? {
        let (_, id) = entry?;
        if let Some(record) = pins.get(id.value())? {
            visit(parse(record.value())?);
        }
    }
    Ok(())
}

pub(crate) fn new_record(account: Uuid, cid: &Cid, metadata: Metadata) -> PinRecord {
    let hash = cid.hash().to_bytes();
    PinRecord {
        id: Uuid::new_v4(),
        account,
        file_record: Uuid::new_v4(),
        cid: cid.to_string(),
        root_hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        by_cid: false,
        is_dir: false,
        size: None,
        waiting: None,
        metadata,
        created: now(),
        unpinned: None,
    }
}

/// Adds a pin, the only live one of its content in its account.
pub(crate) fn insert(
    transaction: &WriteTransaction,
    record: &PinRecord,
    key: &ContentKey,
) -> Result<(), StoreError> {
    let (account, id) = (record.account.as_u128(), record.id.as_u128());
    let mut live = transaction.open_table(tables::LIVE_PINS)?;
    if live.insert((account, key.as_bytes()), id)?.is_some() {
        return Err(StoreError::AlreadyPinned);
    }
    append(transaction, record)
}

/// Adds a pin behind its account's others, without making it live.
pub(crate) fn append(transaction: &WriteTransaction, record: &PinRecord) -> Result<(), StoreError> {
    let (account, id) = (record.account.as_u128(), record.id.as_u128());
    let mut order = transaction.open_table(tables::PINS_BY_ACCOUNT)?;
    let last = order
        .range((account, 0)..=(account, u64::MAX))?
        .next_back()
        .transpose()?;
    let next = last.map_or(0, |(place, _)| place.value().1 + 1);
    order.insert((account, next), id)?;
    put(transaction, record)
}

/// Completes the pins that wait for this content; gives how many did.
pub(crate) fn complete_wanting(
    transaction: &WriteTransaction,
    key: &ContentKey,
    shape: impl FnOnce() -> Result<DagShape, StoreError>,
) -> Result<u64, StoreError> {
    let mut wanted = transaction.open_table(tables::WANTED)?;
    let ids = wanting(&wanted, key)?;
    if ids.is_empty() {
        return Ok(0);
    }
    let shape = shape()?;
    for id in &ids {
        wanted.remove((key.as_bytes(), *id))?;
        change(transaction, *id, |record| record.complete(shape))?;
    }
    Ok(ids.len() as u64)
}

/// Notes how far the content is, in all pins that wait for it.
pub(super) fn delay_wanting(
    transaction: &WriteTransaction,
    key: &ContentKey,
    waiting: &Waiting,
) -> Result<(), StoreError> {
    let wanted = transaction.open_table(tables::WANTED)?;
    for id in wanting(&wanted, key)? {
        change(transaction, id, |record| {
            record.waiting = Some(waiting.clone());
        })?;
    }
    Ok(())
}

/// The pins that wait for this content.
pub(super) fn wanting(
    wanted: &impl ReadableTable<(&'static [u8], u128), ()>,
    key: &ContentKey,
) -> Result<Vec<u128>, StoreError> {
    let range = wanted.range((key.as_bytes(), 0)..=(key.as_bytes(), u128::MAX))?;
    range.map(|entry| Ok(entry?.0.value().1)).collect()
}

pub(crate) fn get(
    pins: &impl ReadableTable<u128, &'static [u8]>,
    id: u128,
) -> Result<PinRecord, StoreError> {
    parse(pins.get(id)?.ok_or(StoreError::NotFound)?.value())
}

fn change(
    transaction: &WriteTransaction,
    id: u128,
    change: impl FnOnce(&mut PinRecord),
) -> Result<(), StoreError> {
    let mut record = get(&transaction.open_table(tables::PINS)?, id)?;
    change(&mut record);
    put(transaction, &record)
}

pub(crate) fn put(transaction: &WriteTransaction, record: &PinRecord) -> Result<(), StoreError> {
    let json =
        serde_json::to_vec(record).map_err(|_| StoreError::Damaged("a record can't be written"))?;
    transaction
        .open_table(tables::PINS)?
        .insert(record.id.as_u128(), &json[..])?;
    Ok(())
}

fn parse(json: &[u8]) -> Result<PinRecord, StoreError> {
    serde_json::from_slice(json).map_err(|_| StoreError::Damaged("a record can't be read"))
}
