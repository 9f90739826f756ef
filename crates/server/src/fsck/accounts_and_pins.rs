//! Recovers accounts and pins from whatever can be read of the old records.

use std::collections::HashMap;

use cid::Cid;
use redb::{ReadableTable, WriteTransaction};
use uuid::Uuid;

use super::{Fsck, ProblemKind};
use crate::{
    backend::Backend,
    content_key::ContentKey,
    error::StoreError,
    records::{self, Metadata, OldRecords, PinRecord, Waiting, tables},
};

impl Fsck<'_> {
    pub(super) fn take_accounts(&mut self) -> Result<(), StoreError> {
        let Some(old) = &self.old else {
            return Ok(());
        };
        let is_all = self.new.write(|transaction| {
            let mut accounts = transaction.open_table(tables::ACCOUNTS)?;
            // Unreadable accounts are kept as they are: at least their API keys are known.
            old.each(tables::ACCOUNTS, |api_key, kept| {
                accounts.insert(api_key, kept)?;
                Ok(())
            })
        })?;
        if !is_all {
            let what = "some are lost with a corrupt page";
            self.report.problem(ProblemKind::Account, what);
        }
        let (_, damaged) = self.new.kept_accounts()?;
        for api_key in damaged {
            let what = format!("{api_key:?} can't be read");
            self.report.problem(ProblemKind::Account, what);
        }
        Ok(())
    }

    pub(super) fn take_pins(&mut self) -> Result<(), StoreError> {
        let Self {
            old: Some(old),
            new,
            report,
            waiting,
            roots,
            ..
        } = self
        else {
            return Ok(());
        };
        let is_embedded = matches!(self.config.backend, Backend::Embedded);
        let owners = owners(old)?;
        new.write(|transaction| {
            let mut unreadable = Vec::new();
            let is_all = old.each(tables::PINS, |id, bytes| {
                match OldRecords::pin_record(bytes).filter(|record| record.id.as_u128() == id) {
                    Some(record) => take(transaction, record, is_embedded, waiting, roots)?,
                    None => unreadable.push((id, bytes.to_vec())),
                }
                Ok(())
            })?;
            if !is_all {
                let what = "some are lost with a corrupt page";
                report.problem(ProblemKind::PinRecord, what);
            }
            unreadable.sort();
            unreadable.dedup();
            for (id, bytes) in unreadable {
                let id_text = Uuid::from_u128(id);
                let what = format!("the record of pin {id_text} can't be read");
                report.problem(ProblemKind::PinRecord, what);
                keep_bytes(transaction, id, &bytes)?;
            }
            // Live pins are known from the index, even if their records are lost.
            let mut keep = |account, key: &[u8], id| {
                let pins = transaction.open_table(tables::PINS)?;
                let is_known = pins
                    .get(id)?
                    .is_some_and(|bytes| OldRecords::pin_record(bytes.value()).is_some());
                drop(pins);
                if !is_known {
                    let key = ContentKey::from_bytes(key.to_vec());
                    let record = salvaged(Uuid::from_u128(account), id, &key)?;
                    take(transaction, record, is_embedded, waiting, roots)?;
                }
                Ok(())
            };
            old.each(tables::LONE_LIVE_PINS, |(account, key), id| {
                keep(account, key, id)
            })?;
            old.each(tables::LIVE_PINS, |(account, key, id), ()| {
                keep(account, key, id)
            })?;
            order(transaction, old, &owners)
        })?;
        report.pins = new.pin_ids()?.len() as u64;
        Ok(())
    }

    /// Recreates the jobs of a node.
    pub(super) fn take_jobs(&mut self) -> Result<(), StoreError> {
        let Some(old) = &self.old else {
            return Ok(());
        };
        self.new.write(|transaction| {
            let mut jobs = transaction.open_table(tables::JOBS)?;
            old.each(tables::JOBS, |key, since| {
                jobs.insert(key, since)?;
                Ok(())
            })?;
            // A superfluous job does no harm.
            for (key, _) in &self.waiting {
                if jobs.get(key.as_bytes())?.is_none() {
                    jobs.insert(key.as_bytes(), records::now())?;
                }
            }
            Ok(())
        })
    }
}

/// Adds a pin and everything derived from it.
fn take(
    transaction: &WriteTransaction,
    record: PinRecord,
    is_embedded: bool,
    waiting: &mut Vec<(ContentKey, u128)>,
    roots: &mut Vec<ContentKey>,
) -> Result<(), StoreError> {
    let id = record.id.as_u128();
    records::put(transaction, &record)?;
    if record.unpinned.is_some() {
        return Ok(());
    }
    let Ok(cid) = record.cid.parse::<Cid>() else {
        return Ok(());
    };
    let key = ContentKey::of(&cid);
    let mut live = transaction.open_table(tables::LIVE_PINS)?;
    let place = (record.account.as_u128(), key.as_bytes(), id);
    if live.insert(place, ())?.is_some() {
        // It was read twice.
        return Ok(());
    }
    if !is_embedded {
        let mut holders = transaction.open_table(tables::HOLDERS)?;
        holders.insert((key.as_bytes(), id), ())?;
    }
    if record.size.is_some() {
        roots.push(key);
        return Ok(());
    }
    transaction
        .open_table(tables::WANTED)?
        .insert((key.as_bytes(), id), ())?;
    if !matches!(record.waiting, Some(Waiting::Failed(_))) || is_embedded {
        waiting.push((key, id));
    }
    Ok(())
}

/// Recreates the record of a live pin that has lost it. The pin waits for its content, which may be
/// here.
fn salvaged(account: Uuid, id: u128, key: &ContentKey) -> Result<PinRecord, StoreError> {
    let mut record = records::bare_record(account, &key.to_cid()?, Metadata::default());
    record.id = Uuid::from_u128(id);
    record.created = records::now();
    Ok(record)
}

/// Keeps a record as it is, so that nothing is lost.
fn keep_bytes(transaction: &WriteTransaction, id: u128, bytes: &[u8]) -> Result<(), StoreError> {
    transaction.open_table(tables::PINS)?.insert(id, bytes)?;
    Ok(())
}

/// Returns pins and their accounts in the order of their creation.
fn owners(old: &OldRecords) -> Result<HashMap<u128, u128>, StoreError> {
    let mut owners = HashMap::new();
    old.each(tables::PINS_BY_ACCOUNT, |(account, _), id| {
        owners.insert(id, account);
        Ok(())
    })?;
    Ok(owners)
}

/// Restores the order of pins. Those whose position is lost come last, the oldest first.
fn order(
    transaction: &WriteTransaction,
    old: &OldRecords,
    owners: &HashMap<u128, u128>,
) -> Result<(), StoreError> {
    let mut order = transaction.open_table(tables::PINS_BY_ACCOUNT)?;
    let pins = transaction.open_table(tables::PINS)?;
    old.each(tables::PINS_BY_ACCOUNT, |place, id| {
        if pins.get(id)?.is_some() {
            order.insert(place, id)?;
        }
        Ok(())
    })?;
    let mut rest = Vec::new();
    for row in pins.iter()? {
        let (id, bytes) = row?;
        if !owners.contains_key(&id.value())
            && let Some(record) = OldRecords::pin_record(bytes.value())
        {
            rest.push((record.created, record.account.as_u128(), id.value()));
        }
    }
    rest.sort_unstable();
    for (_, account, id) in rest {
        let last = order
            .range((account, 0)..=(account, u64::MAX))?
            .next_back()
            .transpose()?
            .map(|(place, _)| place.value().1);
        order.insert((account, last.map_or(0, |last| last.saturating_add(1))), id)?;
    }
    Ok(())
}
