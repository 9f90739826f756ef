//! What lies in the database, and how.

use redb::{TableDefinition, WriteTransaction};

use crate::{backend::Backend, error::StoreError};

/// The layout that this version reads and writes.
const VERSION: u64 = 1;
const SETTINGS: TableDefinition<'_, &str, u64> = TableDefinition::new("settings");

/// API key → account, as JSON.
pub(crate) const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");

/// Pin id → record, as JSON.
pub(crate) const PINS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("pins");

/// Account and order of creation → pin id.
pub(crate) const PINS_BY_ACCOUNT: TableDefinition<'_, (u128, u64), u128> =
    TableDefinition::new("pins_by_account");

/// Account and content → the pin that holds it now.
pub(crate) const LIVE_PINS: TableDefinition<'_, (u128, &[u8]), u128> =
    TableDefinition::new("live_pins");

/// Content that isn't here and the pins that want it.
pub(crate) const WANTED: TableDefinition<'_, (&[u8], u128), ()> = TableDefinition::new("wanted");

/// Content and the live pins of all accounts that need it, where a node keeps it.
pub(crate) const HOLDERS: TableDefinition<'_, (&[u8], u128), ()> = TableDefinition::new("holders");

/// Content whose state on the node may differ from what the pins say, and since when (Unix time in
/// nanoseconds).
pub(crate) const JOBS: TableDefinition<'_, &[u8], i64> = TableDefinition::new("jobs");

/// Content → pack, offset, length and references. A reference is a link from another block, each
/// counted, or a live pin. A block that is here has all blocks below it here.
pub(crate) const BLOCKS: TableDefinition<'_, &[u8], Place> = TableDefinition::new("blocks");
pub(crate) type Place = (u64, u64, u32, u64);

/// Content without references that is yet to be removed.
pub(crate) const GARBAGE: TableDefinition<'_, &[u8], ()> = TableDefinition::new("garbage");

/// Pack → bytes of its file, and bytes of its blocks that the table above names.
pub(crate) const PACKS: TableDefinition<'_, u64, (u64, u64)> = TableDefinition::new("packs");

pub(super) fn create(transaction: &WriteTransaction, backend: &Backend) -> Result<(), StoreError> {
    let mut settings = transaction.open_table(SETTINGS)?;
    let version = settings
        .insert("version", VERSION)?
        .map(|version| version.value());
    if version.is_some_and(|version| version != VERSION) {
        return Err(StoreError::Damaged(
            "it was written by another version of the server",
        ));
    }
    let kind = settings
        .insert("backend", backend.number())?
        .map(|kind| kind.value());
    // A folder of a version that knew no other.
    let kind = kind.unwrap_or(version.map_or(backend.number(), |_| 0));
    if kind != backend.number() {
        return Err(StoreError::OtherBackend(Backend::name_of(kind)));
    }
    transaction.open_table(ACCOUNTS)?;
    transaction.open_table(PINS)?;
    transaction.open_table(PINS_BY_ACCOUNT)?;
    transaction.open_table(LIVE_PINS)?;
    transaction.open_table(WANTED)?;
    transaction.open_table(HOLDERS)?;
    transaction.open_table(JOBS)?;
    transaction.open_table(BLOCKS)?;
    transaction.open_table(GARBAGE)?;
    transaction.open_table(PACKS)?;
    Ok(())
}
