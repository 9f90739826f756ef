//! What lies in the database, and how.

use redb::{Database, TableDefinition};

use super::StoreError;

/// The layout that this version reads and writes.
const VERSION: u64 = 1;
const SETTINGS: TableDefinition<'_, &str, u64> = TableDefinition::new("settings");

/// API key → account, as JSON.
pub(super) const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");

/// Pin id → record, as JSON.
pub(super) const PINS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("pins");

/// Account and order of creation → pin id.
pub(super) const PINS_BY_ACCOUNT: TableDefinition<'_, (u128, u64), u128> =
    TableDefinition::new("pins_by_account");

/// Account and content → the pin that holds it now.
pub(super) const LIVE_PINS: TableDefinition<'_, (u128, &[u8]), u128> =
    TableDefinition::new("live_pins");

/// Content that isn't here and the pins that want it.
pub(super) const WANTED: TableDefinition<'_, (&[u8], u128), ()> = TableDefinition::new("wanted");

/// Content → pack, offset, length and references. A reference is a link from another block, each
/// counted, or a live pin. A block that is here has all blocks below it here.
pub(super) const BLOCKS: TableDefinition<'_, &[u8], Place> = TableDefinition::new("blocks");
pub(super) type Place = (u64, u64, u32, u64);

/// Content without references that is yet to be removed.
pub(super) const GARBAGE: TableDefinition<'_, &[u8], ()> = TableDefinition::new("garbage");

/// Pack → bytes of its file, and bytes of its blocks that the table above names.
pub(super) const PACKS: TableDefinition<'_, u64, (u64, u64)> = TableDefinition::new("packs");

pub(super) fn create(database: &Database) -> Result<(), StoreError> {
    let transaction = database.begin_write()?;
    {
        let mut settings = transaction.open_table(SETTINGS)?;
        let version = settings
            .insert("version", VERSION)?
            .map(|version| version.value());
        if version.is_some_and(|version| version != VERSION) {
            return Err(StoreError::Damaged(
                "it was written by another version of the server",
            ));
        }
        transaction.open_table(ACCOUNTS)?;
        transaction.open_table(PINS)?;
        transaction.open_table(PINS_BY_ACCOUNT)?;
        transaction.open_table(LIVE_PINS)?;
        transaction.open_table(WANTED)?;
        transaction.open_table(BLOCKS)?;
        transaction.open_table(GARBAGE)?;
        transaction.open_table(PACKS)?;
    }
    Ok(transaction.commit()?)
}
