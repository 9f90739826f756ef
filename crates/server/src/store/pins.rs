//! Pins: made, shown, listed and ended.

use std::collections::BTreeMap;

use cid::Cid;
use redb::{ReadTransaction, ReadableDatabase, ReadableTable, WriteTransaction};
use uuid::Uuid;
use w3pin_unixfs::Node;

use super::{Store, StoreError, tables};
use crate::{
    content_key::ContentKey,
    engine::{DagShape, Intake},
    record::{self, Metadata, Record, Waiting},
};

/// Which of an account's pins a listing shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct PinFilter {
    pub(crate) pinned: Option<bool>,
    /// Pairs that a pin must all have.
    pub(crate) keyvalues: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortBy {
    CreatedAt,
    Size,
    Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortOrder {
    Ascending,
    Descending,
}

/// One page of pins, and what all pages hold together.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) files: u64,
    pub(crate) size: u64,
    pub(crate) pins: Vec<Record>,
}

/// What an upload turned out to be.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) root: Node,
    pub(crate) is_dir: bool,
}

impl Store {
    /// Makes what was taken in and a pin of its root durable. When this returns, they are.
    pub(crate) fn commit_upload(
        &self,
        mut intake: Box<dyn Intake>,
        imported: &Imported,
        account: Uuid,
        metadata: Metadata,
    ) -> Result<Record, StoreError> {
        let key = ContentKey::of(&imported.root.cid);
        // Refused before the engine has to work for it, and again below, where nobody can come
        // between.
        self.refuse_live(account, &key)?;
        let shape = DagShape {
            size: imported.root.dag_size,
            is_dir: imported.is_dir,
        };
        intake.finish(&imported.root.cid, shape)?;

        let transaction = self.database.begin_write()?;
        let mut record = new_record(account, &imported.root.cid, metadata);
        record.is_dir = imported.is_dir;
        intake.arrive(&transaction, &key)?;
        intake.pin(&transaction, &mut record, &key)?;
        insert(&transaction, &record, &key)?;
        intake.keep();
        transaction.commit()?;
        Ok(record)
    }

    fn refuse_live(&self, account: Uuid, key: &ContentKey) -> Result<(), StoreError> {
        let transaction = self.database.begin_read()?;
        let live = transaction.open_table(tables::LIVE_PINS)?;
        match live.get((account.as_u128(), key.as_bytes()))? {
            Some(_) => Err(StoreError::AlreadyPinned),
            None => Ok(()),
        }
    }

    /// Pins content by its CID, which holds it where it is here and waits for it where it isn't.
    pub(crate) fn pin_by_cid(
        &self,
        account: Uuid,
        given: &str,
        cid: &Cid,
        metadata: Metadata,
    ) -> Result<Record, StoreError> {
        let key = ContentKey::of(cid);
        let transaction = self.database.begin_write()?;
        let mut record = new_record(account, cid, metadata);
        given.clone_into(&mut record.cid);
        record.by_cid = true;
        self.engine.pin(&transaction, &mut record, &key)?;
        insert(&transaction, &record, &key)?;
        transaction.commit()?;
        self.engine.wake();
        Ok(record)
    }

    /// A pin of this account, ended or not.
    pub(crate) fn pin(&self, account: Uuid, id: Uuid) -> Result<Record, StoreError> {
        let transaction = self.database.begin_read()?;
        let pins = transaction.open_table(tables::PINS)?;
        let record = parse(pins.get(id.as_u128())?.ok_or(StoreError::NotFound)?.value())?;
        if record.account == account {
            Ok(record)
        } else {
            Err(StoreError::NotFound)
        }
    }

    /// Ends a pin. Its record stays; its blocks go unless another pin holds them.
    pub(crate) fn unpin(&self, account: Uuid, id: Uuid) -> Result<Record, StoreError> {
        let transaction = self.database.begin_write()?;
        let mut record = get(&transaction, id.as_u128())?;
        if record.account != account || record.unpinned.is_some() {
            return Err(StoreError::NotFound);
        }
        let cid: Cid = record
            .cid
            .parse()
            .map_err(|_| StoreError::Damaged("a record has no CID"))?;
        let key = ContentKey::of(&cid);
        self.engine.unpin(&transaction, &record, &key)?;
        transaction
            .open_table(tables::LIVE_PINS)?
            .remove((account.as_u128(), key.as_bytes()))?;
        record.unpinned = Some(record::now());
        put(&transaction, &record)?;
        transaction.commit()?;
        self.engine.wake();
        Ok(record)
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
    ) -> Result<Listing, StoreError> {
        let transaction = self.database.begin_read()?;
        // Only what is sorted by is kept of each pin, so that a long list takes little memory.
        let mut found: Vec<(u64, String, u128)> = Vec::new();
        let mut size = 0_u64;
        each_pin(&transaction, account, |record| {
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
        let page = found
            .iter()
            .skip(offset)
            .take(limit)
            .filter_map(|(_, _, id)| {
                let record = pins.get(*id).map_err(StoreError::from);
                record
                    .and_then(|record| record.map(|record| parse(record.value())).transpose())
                    .transpose()
            });
        Ok(Listing {
            files: found.len() as u64,
            size,
            pins: page.collect::<Result<_, _>>()?,
        })
    }
}

impl PinFilter {
    fn takes(&self, record: &Record) -> bool {
        let pairs = &record.metadata.keyvalues;
        self.pinned.is_none_or(|pinned| pinned == record.pinned())
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
    mut visit: impl FnMut(Record),
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

pub(super) fn new_record(account: Uuid, cid: &Cid, metadata: Metadata) -> Record {
    let hash = cid.hash().to_bytes();
    Record {
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
        created: record::now(),
        unpinned: None,
    }
}

/// Adds a pin, the only live one of its content in its account.
pub(super) fn insert(
    transaction: &WriteTransaction,
    record: &Record,
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
pub(super) fn append(transaction: &WriteTransaction, record: &Record) -> Result<(), StoreError> {
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
    let ids = wanting(transaction, key)?;
    if ids.is_empty() {
        return Ok(0);
    }
    let shape = shape()?;
    let mut wanted = transaction.open_table(tables::WANTED)?;
    for id in &ids {
        wanted.remove((key.as_bytes(), id.as_u128()))?;
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
    for id in wanting(transaction, key)? {
        change(transaction, id, |record| {
            record.waiting = Some(waiting.clone());
        })?;
    }
    Ok(())
}

/// The pins that wait for this content.
pub(super) fn wanting(
    transaction: &WriteTransaction,
    key: &ContentKey,
) -> Result<Vec<Uuid>, StoreError> {
    let wanted = transaction.open_table(tables::WANTED)?;
    let range = wanted.range((key.as_bytes(), 0)..=(key.as_bytes(), u128::MAX))?;
    range
        .map(|entry| Ok(Uuid::from_u128(entry?.0.value().1)))
        .collect()
}

pub(super) fn get(transaction: &WriteTransaction, id: u128) -> Result<Record, StoreError> {
    let pins = transaction.open_table(tables::PINS)?;
    parse(pins.get(id)?.ok_or(StoreError::NotFound)?.value())
}

fn change(
    transaction: &WriteTransaction,
    id: Uuid,
    change: impl FnOnce(&mut Record),
) -> Result<(), StoreError> {
    let mut record = get(transaction, id.as_u128())?;
    change(&mut record);
    put(transaction, &record)
}

fn put(transaction: &WriteTransaction, record: &Record) -> Result<(), StoreError> {
    let json =
        serde_json::to_vec(record).map_err(|_| StoreError::Damaged("a record can't be written"))?;
    transaction
        .open_table(tables::PINS)?
        .insert(record.id.as_u128(), &json[..])?;
    Ok(())
}

pub(super) fn parse(json: &[u8]) -> Result<Record, StoreError> {
    serde_json::from_slice(json).map_err(|_| StoreError::Damaged("a record can't be read"))
}
