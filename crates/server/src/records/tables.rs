//! The tables of the database.

use redb::{ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};

use crate::{backend::Backend, error::StoreError};

/// The layout that this version writes. It also reads version 1, which had no damage tracking;
/// version 2, which had no lists and named each pack in one transaction; and version 3, in which an
/// account had one live pin of each content.
const VERSION: u64 = 4;
pub(super) const SETTINGS: TableDefinition<'_, &str, u64> = TableDefinition::new("settings");

/// The unique identities of the folder and of its latest session. Packs contain both.
pub(super) const IDENTITY: TableDefinition<'_, &str, u128> = TableDefinition::new("identity");

/// API key → account, as JSON.
pub(crate) const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");

/// Pin ID → record, as JSON.
pub(crate) const PINS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("pins");

/// Account and order of creation → pin ID.
pub(crate) const PINS_BY_ACCOUNT: TableDefinition<'_, (u128, u64), u128> =
    TableDefinition::new("pins_by_account");

/// Account, list and position in it, which ends in a pin ID.
pub(crate) const PIN_LISTS: TableDefinition<'_, (u128, u8, &[u8]), ()> =
    TableDefinition::new("pin_lists");

/// Account and whether its pins are pinned → their number and bytes.
pub(crate) const PIN_TOTALS: TableDefinition<'_, (u128, bool), (u64, u64)> =
    TableDefinition::new("pin_totals");

/// Account, content and a live pin of it.
pub(crate) const LIVE_PINS: TableDefinition<'_, (u128, &[u8], u128), ()> =
    TableDefinition::new("live_pins_of_content");

/// The same up to version 3: account and content → the pin.
pub(crate) const LONE_LIVE_PINS: TableDefinition<'_, (u128, &[u8]), u128> =
    TableDefinition::new("live_pins");

/// Missing content and the pins that wait for it.
pub(crate) const WANTED: TableDefinition<'_, (&[u8], u128), ()> = TableDefinition::new("wanted");

/// Content and the live pins of all accounts that need it, if a node stores it.
pub(crate) const HOLDERS: TableDefinition<'_, (&[u8], u128), ()> = TableDefinition::new("holders");

/// Content whose state on the node may differ from the pins, or that a source should deliver, and
/// since when (Unix time in nanoseconds).
pub(crate) const JOBS: TableDefinition<'_, &[u8], i64> = TableDefinition::new("jobs");

/// Content → pack, offset, length and references. A reference is a link from another block, each
/// counted, or a live pin. If a block is here, so are all blocks below it.
pub(crate) const BLOCKS: TableDefinition<'_, &[u8], Place> = TableDefinition::new("blocks");
pub(crate) type Place = (u64, u64, u32, u64);

/// Content without references that has yet to be removed.
pub(crate) const GARBAGE: TableDefinition<'_, &[u8], ()> = TableDefinition::new("garbage");

/// Pack → bytes of its file, and bytes of its blocks in the table above.
pub(crate) const PACKS: TableDefinition<'_, u64, (u64, u64)> = TableDefinition::new("packs");

/// Packs whose files should be deleted, since no block in them is needed.
pub(crate) const DOOMED: TableDefinition<'_, u64, ()> = TableDefinition::new("doomed");

/// Packs whose blocks are being named in more than one transaction.
pub(crate) const STAGED: TableDefinition<'_, u64, ()> = TableDefinition::new("staged");

/// Damaged content, and when that was detected.
pub(crate) const DAMAGED: TableDefinition<'_, &[u8], i64> = TableDefinition::new("damaged");

/// Pin ID → one of the damaged blocks that it needs.
pub(crate) const DAMAGED_PINS: TableDefinition<'_, u128, &[u8]> =
    TableDefinition::new("damaged_pins");

/// The progress of the scrub.
pub(crate) const SCRUB: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("scrub");

/// Returns the folder's identity, unless the tables have yet to be created.
pub(super) fn check(
    transaction: &ReadTransaction,
    backend: &Backend,
) -> Result<Option<u128>, StoreError> {
    let settings = match transaction.open_table(SETTINGS) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        settings => settings?,
    };
    let get = |name| -> Result<Option<u64>, StoreError> {
        Ok(settings.get(name)?.map(|value| value.value()))
    };
    let version = get("version")?;
    require_known(version)?;
    // Version 1 had only one kind of backend at first.
    let kind = get("backend")?.unwrap_or(version.map_or(backend.number(), |_| 0));
    if kind != backend.number() {
        return Err(StoreError::OtherBackend(Backend::name_of(kind)));
    }
    if version != Some(VERSION) {
        return Ok(None);
    }
    let identity = transaction.open_table(IDENTITY)?.get("folder")?;
    Ok(identity.map(|identity| identity.value()))
}

/// Fails for a layout of a later version.
pub(super) fn require_known(version: Option<u64>) -> Result<(), StoreError> {
    if version.is_some_and(|version| version > VERSION) {
        return Err(StoreError::Damaged(
            "it was written by a newer version of the server",
        ));
    }
    Ok(())
}

/// Creates missing tables. Returns the folder's identity, which is `identity` for a new one.
pub(super) fn create(
    transaction: &WriteTransaction,
    backend: &Backend,
    identity: u128,
) -> Result<u128, StoreError> {
    let mut settings = transaction.open_table(SETTINGS)?;
    settings.insert("version", VERSION)?;
    settings.insert("backend", backend.number())?;
    let mut identities = transaction.open_table(IDENTITY)?;
    let kept = identities.get("folder")?.map(|kept| kept.value());
    let identity = kept.unwrap_or(identity);
    identities.insert("folder", identity)?;
    transaction.open_table(ACCOUNTS)?;
    transaction.open_table(PINS)?;
    transaction.open_table(PINS_BY_ACCOUNT)?;
    transaction.open_table(PIN_LISTS)?;
    transaction.open_table(PIN_TOTALS)?;
    take_lone_live_pins(transaction)?;
    transaction.open_table(WANTED)?;
    transaction.open_table(HOLDERS)?;
    transaction.open_table(JOBS)?;
    transaction.open_table(BLOCKS)?;
    transaction.open_table(GARBAGE)?;
    transaction.open_table(PACKS)?;
    transaction.open_table(DOOMED)?;
    transaction.open_table(STAGED)?;
    transaction.open_table(DAMAGED)?;
    transaction.open_table(DAMAGED_PINS)?;
    transaction.open_table(SCRUB)?;
    Ok(identity)
}

/// Moves live pins from an earlier version's table to the current one.
fn take_lone_live_pins(transaction: &WriteTransaction) -> Result<(), StoreError> {
    let mut live = transaction.open_table(LIVE_PINS)?;
    for row in transaction.open_table(LONE_LIVE_PINS)?.iter()? {
        let (place, id) = row?;
        let (account, content) = place.value();
        live.insert((account, content, id.value()), ())?;
    }
    transaction.delete_table(LONE_LIVE_PINS)?;
    Ok(())
}

pub(super) fn session(transaction: &ReadTransaction) -> Result<Option<u128>, StoreError> {
    let session = transaction.open_table(IDENTITY)?.get("session")?;
    Ok(session.map(|session| session.value()))
}

pub(super) fn put_session(transaction: &WriteTransaction, session: u128) -> Result<(), StoreError> {
    transaction
        .open_table(IDENTITY)?
        .insert("session", session)?;
    Ok(())
}
