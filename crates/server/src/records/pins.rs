//! Pins: creating, querying and listing them.

use std::{collections::BTreeMap, ops::Range};

use cid::Cid;
use redb::{ReadableTable, WriteTransaction};
use uuid::Uuid;
use w3pin_core::{PinnedFilter, SortBy, SortOrder};

use super::{
    Metadata, PinRecord, Records, Waiting, codec, damaged_pins, lists, pin_record, tables,
};
use crate::{content_key::ContentKey, dag_shape::DagShape, error::StoreError};

/// The filter of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct PinFilter {
    pub(crate) pinned: PinnedFilter,
    /// Key-values that a pin must all have.
    pub(crate) keyvalues: BTreeMap<String, serde_json::Value>,
}

/// A page of pins, and the totals of all pages.
#[derive(Debug, Default)]
pub(crate) struct PinPage {
    pub(crate) files: u64,
    pub(crate) size: u64,
    pub(crate) pins: Vec<Uuid>,
}

impl Records {
    /// Returns one of an account's live pins of this content.
    pub(crate) fn live_pin(
        &self,
        account: Uuid,
        key: &ContentKey,
    ) -> Result<Option<u128>, StoreError> {
        self.read(|transaction| {
            live_ids(&transaction.open_table(tables::LIVE_PINS)?, account, key)?
                .next()
                .transpose()
        })
    }

    /// Returns a pin of this account, live or removed.
    pub(crate) fn pin(&self, account: Uuid, id: Uuid) -> Result<PinRecord, StoreError> {
        self.read(|transaction| {
            let mut record = get_or_salvage(
                &transaction.open_table(tables::PINS)?,
                &transaction.open_table(tables::LIVE_PINS)?,
                account,
                id.as_u128(),
            )?;
            if record.account != account {
                return Err(StoreError::NotFound);
            }
            let damaged = transaction.open_table(tables::DAMAGED_PINS)?;
            damaged_pins::mark(&damaged, &mut record)?;
            Ok(record)
        })
    }

    /// Returns the first of these pins of an account, up to about this many bytes, and how many IDs
    /// they were. Unreadable ones, which were removed and need nothing, are skipped.
    pub(crate) fn first_pins(
        &self,
        account: Uuid,
        ids: &[Uuid],
        bytes: usize,
    ) -> Result<(Vec<PinRecord>, usize), StoreError> {
        self.read(|transaction| {
            let pins = transaction.open_table(tables::PINS)?;
            let live = transaction.open_table(tables::LIVE_PINS)?;
            let damaged = transaction.open_table(tables::DAMAGED_PINS)?;
            let (mut records, mut length, mut count) = (Vec::new(), 0, 0);
            for id in ids {
                count += 1;
                length += pins.get(id.as_u128())?.map_or(0, |it| it.value().len());
                match get_or_salvage(&pins, &live, account, id.as_u128()) {
                    Ok(mut record) if record.account == account => {
                        damaged_pins::mark(&damaged, &mut record)?;
                        records.push(record);
                    }
                    Ok(_) | Err(StoreError::Damaged(_) | StoreError::NotFound) => {}
                    Err(cause) => return Err(cause),
                }
                if length >= bytes {
                    break;
                }
            }
            Ok((records, count))
        })
    }

    /// Returns a pin of any account.
    pub(crate) fn any_pin(&self, id: u128) -> Result<PinRecord, StoreError> {
        self.read(|transaction| get(&transaction.open_table(tables::PINS)?, id))
    }

    /// Returns the accounts and IDs of all pins, those of each account in order of creation.
    pub(crate) fn pin_ids(&self) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        self.read(|transaction| {
            let order = transaction.open_table(tables::PINS_BY_ACCOUNT)?;
            let ids = order.iter()?.map(|entry| {
                let (place, id) = entry?;
                let account = Uuid::from_u128(place.value().0);
                Ok((account, Uuid::from_u128(id.value())))
            });
            ids.collect()
        })
    }

    /// Returns whether a pin waits for this content, or has it damaged.
    pub(crate) fn is_needed(&self, key: &ContentKey) -> Result<bool, StoreError> {
        self.read(|transaction| {
            let wanted = transaction.open_table(tables::WANTED)?;
            let mut range = wanted.range((key.as_bytes(), 0)..=(key.as_bytes(), u128::MAX))?;
            if range.next().transpose()?.is_some() {
                return Ok(true);
            }
            let pins = transaction.open_table(tables::PINS)?;
            for damaged in transaction.open_table(tables::DAMAGED_PINS)?.iter()? {
                let record = get(&pins, damaged?.0.value())?;
                let cid: Option<Cid> = record.cid.parse().ok();
                if cid.is_some_and(|cid| ContentKey::of(&cid) == *key) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Returns an account's pins in a range of a list. Calls `each` for each pin that is examined.
    pub(crate) fn list(
        &self,
        account: Uuid,
        filter: &PinFilter,
        by: SortBy,
        order: SortOrder,
        places: Range<usize>,
        each: &dyn Fn(),
    ) -> Result<PinPage, StoreError> {
        self.read(|transaction| {
            let damaged = match filter.pinned {
                PinnedFilter::All => Vec::new(),
                _ => damaged_pins::of(transaction, account)?,
            };
            let listed = lists::listed(transaction, account, filter.pinned, by, order, &damaged)?;
            if filter.keyvalues.is_empty() {
                let (files, size) = lists::totals(transaction, account, filter.pinned, &damaged)?;
                let page = listed.skip(places.start).take(places.len());
                let ids = page.map(|id| Ok(Uuid::from_u128(id?)));
                let pins = ids.collect::<Result<_, StoreError>>()?;
                return Ok(PinPage { files, size, pins });
            }
            let mut page = PinPage::default();
            let pins = transaction.open_table(tables::PINS)?;
            let live = transaction.open_table(tables::LIVE_PINS)?;
            let damaged = transaction.open_table(tables::DAMAGED_PINS)?;
            for id in listed {
                each();
                let id = id?;
                let mut record = match get_or_salvage(&pins, &live, account, id) {
                    Ok(record) => record,
                    // A removed pin, which needs nothing.
                    Err(StoreError::Damaged(_) | StoreError::NotFound) => continue,
                    Err(cause) => return Err(cause),
                };
                damaged_pins::mark(&damaged, &mut record)?;
                if !filter.takes(&record) {
                    continue;
                }
                if places.contains(&usize::try_from(page.files).unwrap_or(usize::MAX)) {
                    page.pins.push(record.id);
                }
                page.files += 1;
                page.size = page.size.saturating_add(record.size.unwrap_or(0));
            }
            Ok(page)
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

/// Returns the record of a new pin.
pub(crate) fn new_record(
    transaction: &WriteTransaction,
    account: Uuid,
    cid: &Cid,
    metadata: Metadata,
) -> Result<PinRecord, StoreError> {
    let mut record = bare_record(account, cid, metadata);
    record.created = lists::free_moment(transaction, account)?;
    Ok(record)
}

/// Returns the record of a pin whose creation time isn't known.
pub(crate) fn bare_record(account: Uuid, cid: &Cid, metadata: Metadata) -> PinRecord {
    PinRecord {
        id: Uuid::new_v4(),
        account,
        file_record: Uuid::new_v4(),
        cid: cid.to_string(),
        root_hash: pin_record::root_hash(cid),
        by_cid: false,
        is_dir: false,
        size: None,
        waiting: None,
        metadata,
        created: 0,
        unpinned: None,
        damage: None,
    }
}

/// The most live pins of the same content in an account. A change of the content updates all of
/// them in one transaction.
const MOST_LIVE: usize = 100;

/// Returns whether an account may have another live pin of this content, given one that is removed
/// in the same transaction.
pub(crate) fn may_insert(
    transaction: &WriteTransaction,
    account: Uuid,
    key: &ContentKey,
    ending: Option<Uuid>,
) -> Result<bool, StoreError> {
    let live = transaction.open_table(tables::LIVE_PINS)?;
    let ending = ending.map(|id| id.as_u128());
    let mut count = 0;
    for id in live_ids(&live, account, key)? {
        count += usize::from(Some(id?) != ending);
    }
    Ok(count < MOST_LIVE)
}

/// Adds a live pin, replacing one that is removed in the same transaction, if any.
pub(crate) fn insert(
    transaction: &WriteTransaction,
    record: &PinRecord,
    key: &ContentKey,
    ending: Option<Uuid>,
) -> Result<(), StoreError> {
    if !may_insert(transaction, record.account, key, ending)? {
        return Err(StoreError::PinnedTooOften);
    }
    let mut live = transaction.open_table(tables::LIVE_PINS)?;
    let (account, id) = (record.account.as_u128(), record.id.as_u128());
    live.insert((account, key.as_bytes(), id), ())?;
    append(transaction, record)
}

/// Adds a pin after the account's others, without making it live.
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

/// Returns a pin of any account.
pub(crate) fn any_pin(transaction: &WriteTransaction, id: u128) -> Result<PinRecord, StoreError> {
    get(&transaction.open_table(tables::PINS)?, id)
}

/// Returns the IDs of an account's live pins of this content.
pub(super) fn live_ids<'a>(
    live: &'a impl ReadableTable<(u128, &'static [u8], u128), ()>,
    account: Uuid,
    key: &'a ContentKey,
) -> Result<impl Iterator<Item = Result<u128, StoreError>> + 'a, StoreError> {
    let (account, key) = (account.as_u128(), key.as_bytes());
    let range = live.range((account, key, 0)..=(account, key, u128::MAX))?;
    Ok(range.map(|row| Ok(row?.0.value().2)))
}

/// Returns one of an account's live pins of this content.
pub(crate) fn live_pin(
    transaction: &WriteTransaction,
    account: Uuid,
    key: &ContentKey,
) -> Result<Option<PinRecord>, StoreError> {
    let live = transaction.open_table(tables::LIVE_PINS)?;
    let Some(id) = live_ids(&live, account, key)?.next().transpose()? else {
        return Ok(None);
    };
    let pins = transaction.open_table(tables::PINS)?;
    get_or_salvage(&pins, &live, account, id).map(Some)
}

/// Completes the pins that wait for this content. Returns how many there were.
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

/// Records the progress of the content in all pins that wait for it.
pub(super) fn delay_wanting(
    transaction: &WriteTransaction,
    key: &ContentKey,
    waiting: &Waiting,
) -> Result<(), StoreError> {
    let wanted = transaction.open_table(tables::WANTED)?;
    for id in wanting(&wanted, key)? {
        let mut record = any_pin(transaction, id)?;
        if record.waiting.as_ref() != Some(waiting) {
            record.waiting = Some(waiting.clone());
            put(transaction, &record)?;
        }
    }
    Ok(())
}

/// Returns whether this content is being fetched for pins that wait for it.
pub(super) fn is_retrieving(
    transaction: &WriteTransaction,
    key: &ContentKey,
) -> Result<bool, StoreError> {
    let pins = transaction.open_table(tables::PINS)?;
    let wanted = transaction.open_table(tables::WANTED)?;
    for id in wanting(&wanted, key)? {
        if get(&pins, id)?.waiting == Some(Waiting::Retrieving) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the pins that wait for this content.
pub(super) fn wanting(
    wanted: &impl ReadableTable<(&'static [u8], u128), ()>,
    key: &ContentKey,
) -> Result<Vec<u128>, StoreError> {
    let range = wanted.range((key.as_bytes(), 0)..=(key.as_bytes(), u128::MAX))?;
    range.map(|entry| Ok(entry?.0.value().1)).collect()
}

pub(super) fn get(
    pins: &impl ReadableTable<u128, &'static [u8]>,
    id: u128,
) -> Result<PinRecord, StoreError> {
    parse(pins.get(id)?.ok_or(StoreError::NotFound)?.value())
}

/// Returns a pin's record, or what else is known about a live pin whose record is damaged.
pub(crate) fn get_or_salvage(
    pins: &impl ReadableTable<u128, &'static [u8]>,
    live: &impl ReadableTable<(u128, &'static [u8], u128), ()>,
    account: Uuid,
    id: u128,
) -> Result<PinRecord, StoreError> {
    let damaged = match get(pins, id) {
        Err(damaged @ StoreError::Damaged(_)) => damaged,
        result => return result,
    };
    let id = Uuid::from_u128(id);
    tracing::error!(%id, "a pin's record is damaged; run w3pin fsck --repair to rebuild it");
    for entry in live.range((account.as_u128(), &[][..], 0)..)? {
        let (place, _) = entry?;
        let (owner, key, live) = place.value();
        if owner != account.as_u128() {
            break;
        }
        if live == id.as_u128() {
            let cid = ContentKey::from_bytes(key.to_vec()).to_cid()?;
            let mut record = bare_record(account, &cid, Metadata::default());
            record.id = id;
            let reason = "its record is damaged; run w3pin fsck --repair to rebuild it";
            record.waiting = Some(Waiting::Failed(reason.to_owned()));
            return Ok(record);
        }
    }
    Err(damaged)
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
    let id = record.id.as_u128();
    let mut pins = transaction.open_table(tables::PINS)?;
    let before = pins.get(id)?.map(|bytes| codec::decode(bytes.value()));
    if let Some(None) = before {
        lists::forget(transaction, id)?;
    }
    lists::change(transaction, before.flatten().as_ref(), record)?;
    pins.insert(id, &codec::encode(record)?[..])?;
    Ok(())
}

fn parse(bytes: &[u8]) -> Result<PinRecord, StoreError> {
    codec::decode(bytes).ok_or(StoreError::Damaged("a record can't be read"))
}
