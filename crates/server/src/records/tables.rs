//! What lies in the database, and how.

use redb::{ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};

use crate::{backend::Backend, error::StoreError};

/// The layout that this version writes. It reads the first as well, which knew of no damage, the
/// second, which had no lists and named each pack in one transaction, and the third, in which an account
/// had one live pin of a content.
const VERSION: u64 = 4;
pub(super) const SETTINGS: TableDefinition<'_, &str, u64> = TableDefinition::new("settings");

/// What tells the folder, and the latest opening of it, from all others. Packs carry both.
pub(super) const IDENTITY: TableDefinition<'_, &str, u128> = TableDefinition::new("identity");

/// API key → account, as JSON.
pub(crate) const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");

/// Pin id → record, as JSON.
pub(crate) const PINS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("pins");

/// Account and order of creation → pin id.
pub(crate) const PINS_BY_ACCOUNT: TableDefinition<'_, (u128, u64), u128> =
    TableDefinition::new("pins_by_account");

/// Account, list and place in it, which ends in a pin's id.
pub(crate) const PIN_LISTS: TableDefinition<'_, (u128, u8, &[u8]), ()> =
    TableDefinition::new("pin_lists");

/// Account and whether its pins are pinned → how many there are, and their bytes.
pub(crate) const PIN_TOTALS: TableDefinition<'_, (u128, bool), (u64, u64)> =
    TableDefinition::new("pin_totals");

/// Account, content and a pin of it that hasn't ended.
pub(crate) const LIVE_PINS: TableDefinition<'_, (u128, &[u8], u128), ()> =
    TableDefinition::new("live_pins_of_content");

/// The same up to the third version: account and content → the pin.
pub(crate) const LONE_LIVE_PINS: TableDefinition<'_, (u128, &[u8]), u128> =
    TableDefinition::new("live_pins");

/// Content that isn't here and the pins that want it.
pub(crate) const WANTED: TableDefinition<'_, (&[u8], u128), ()> = TableDefinition::new("wanted");

/// Content and the live pins of all accounts that need it, where a node keeps it.
pub(crate) const HOLDERS: TableDefinition<'_, (&[u8], u128), ()> = TableDefinition::new("holders");

/// Content whose state on the node may differ from what the pins say, or that a source is to bring, and
/// since when (Unix time in nanoseconds).
pub(crate) const JOBS: TableDefinition<'_, &[u8], i64> = TableDefinition::new("jobs");

/// Content → pack, offset, length and references. A reference is a link from another block, each
/// counted, or a live pin. A block that is here has all blocks below it here.
pub(crate) const BLOCKS: TableDefinition<'_, &[u8], Place> = TableDefinition::new("blocks");
pub(crate) type Place = (u64, u64, u32, u64);

/// Content without references that is yet to be removed.
pub(crate) const GARBAGE: TableDefinition<'_, &[u8], ()> = TableDefinition::new("garbage");

/// Pack → bytes of its file, and bytes of its blocks that the table above names.
pub(crate) const PACKS: TableDefinition<'_, u64, (u64, u64)> = TableDefinition::new("packs");

/// Packs whose files are to be deleted: no block in them is needed.
pub(crate) const DOOMED: TableDefinition<'_, u64, ()> = TableDefinition::new("doomed");

/// Packs whose blocks are being named, in more than one transaction.
pub(crate) const STAGED: TableDefinition<'_, u64, ()> = TableDefinition::new("staged");

/// Content that isn't as it was written, and when that was found.
pub(crate) const DAMAGED: TableDefinition<'_, &[u8], i64> = TableDefinition::new("damaged");

/// Pin id → one of the damaged blocks that it needs.
pub(crate) const DAMAGED_PINS: TableDefinition<'_, u128, &[u8]> =
    TableDefinition::new("damaged_pins");

/// How far the scrub is.
pub(crate) const SCRUB: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("scrub");

/// The folder's identity, unless the tables have yet to be made.
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
    // The first version had one kind of backend at first.
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

/// Refuses a layout that only a later version knows.
pub(super) fn require_known(version: Option<u64>) -> Result<(), StoreError> {
    if version.is_some_and(|version| version > VERSION) {
        return Err(StoreError::Damaged(
            "it was written by a later version of the server",
        ));
    }
    Ok(())
}

/// Makes what tables there aren't yet; gives the folder's identity, which is `identity` unless it has one.
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

/// Moves what an earlier version knew of live pins to where this one has it.
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
