//! What a node has yet to do, or a source to bring, so that it goes on after either side was restarted.
//!
//! A job names content and nothing else. What is to be done follows from the records: content that a
//! live pin needs is to be got, any other is to be unpinned. So a job can be done
//! twice, and one that is left over does no harm.

use std::sync::Arc;

use redb::{ReadableTable, WriteTransaction};

use super::{
    PinRecord, Records, Waiting, now,
    pins::{self, complete_wanting},
    tables,
};
use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    error::{StoreError, unless_damaged},
};

/// The jobs of a data folder.
#[derive(Clone, Debug)]
pub(crate) struct Jobs(Arc<Records>);

/// Content whose state on the node may differ from what the pins say, or that a source is to bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) key: ContentKey,
    /// Since when, in nanoseconds of Unix time.
    pub(crate) since: i64,
    /// Whether a live pin needs it.
    pub(crate) held: bool,
}

impl Jobs {
    pub(crate) fn new(records: Arc<Records>) -> Self {
        Self(records)
    }

    /// Notes that a pin needs content which is complete on the node.
    pub(crate) fn hold(
        transaction: &WriteTransaction,
        record: &PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        let mut holders = transaction.open_table(tables::HOLDERS)?;
        holders.insert((key.as_bytes(), record.id.as_u128()), ())?;
        Ok(())
    }

    /// Notes that a pin waits for content, together with those that wait for it already.
    pub(crate) fn want(
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        Self::hold(transaction, record, key)?;
        pins::delay_wanting(transaction, key, &Waiting::Queued)?;
        Self::await_content(transaction, record, key, Waiting::Queued)
    }

    /// The same where the engine keeps content itself, and pins hold it when it has come. It may be on its
    /// way already.
    pub(crate) fn want_here(
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        if pins::is_retrieving(transaction, key)? {
            return Self::await_content(transaction, record, key, Waiting::Retrieving);
        }
        pins::delay_wanting(transaction, key, &Waiting::Queued)?;
        Self::await_content(transaction, record, key, Waiting::Queued)
    }

    fn await_content(
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
        waiting: Waiting,
    ) -> Result<(), StoreError> {
        record.waiting = Some(waiting);
        let mut wanted = transaction.open_table(tables::WANTED)?;
        wanted.insert((key.as_bytes(), record.id.as_u128()), ())?;
        add(transaction, key)
    }

    /// The shape of content that another live pin has complete on the node.
    pub(crate) fn shape(
        transaction: &WriteTransaction,
        key: &ContentKey,
    ) -> Result<Option<DagShape>, StoreError> {
        let pins = transaction.open_table(tables::PINS)?;
        let holders = transaction.open_table(tables::HOLDERS)?;
        shape(&holders, &pins, key)
    }

    /// Notes that a pin doesn't need content any more; where none does, that is a job.
    pub(crate) fn release(
        transaction: &WriteTransaction,
        record: &PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        let place = (key.as_bytes(), record.id.as_u128());
        transaction.open_table(tables::WANTED)?.remove(place)?;
        transaction.open_table(tables::HOLDERS)?.remove(place)?;
        if is_held(transaction, key)? {
            return Ok(());
        }
        add(transaction, key)
    }

    /// Notes durably that the node is about to get this content, so that it goes again unless a pin
    /// of it follows.
    pub(crate) fn expect(&self, key: &ContentKey) -> Result<(), StoreError> {
        self.0.write(|transaction| add(transaction, key))
    }

    /// Makes a job of all content that pins wait for, unless it was given up.
    pub(crate) fn take_up_waiting(&self) -> Result<(), StoreError> {
        self.0.write(|transaction| {
            let pins = transaction.open_table(tables::PINS)?;
            let wanted = transaction.open_table(tables::WANTED)?;
            let mut jobs = transaction.open_table(tables::JOBS)?;
            for entry in wanted.iter()? {
                let (place, _) = entry?;
                let (key, id) = place.value();
                let is_over = |pin: PinRecord| matches!(pin.waiting, Some(Waiting::Failed(_)));
                let given_up = unless_damaged(pins::get(&pins, id))?.is_some_and(is_over);
                if !given_up && jobs.get(key)?.is_none() {
                    jobs.insert(key, now())?;
                }
            }
            Ok(())
        })
    }

    /// All of them.
    pub(crate) fn all(&self) -> Result<Vec<Job>, StoreError> {
        self.0.read(|transaction| {
            let jobs = transaction.open_table(tables::JOBS)?;
            let holders = transaction.open_table(tables::HOLDERS)?;
            let wanted = transaction.open_table(tables::WANTED)?;
            jobs.iter()?
                .map(|entry| {
                    let (key, since) = entry?;
                    let held = any_of(&holders, key.value())? || any_of(&wanted, key.value())?;
                    Ok(Job {
                        key: ContentKey::from_bytes(key.value().to_vec()),
                        since: since.value(),
                        held,
                    })
                })
                .collect()
        })
    }

    /// The job of this content, if it is one.
    pub(crate) fn get(&self, key: &ContentKey) -> Result<Option<Job>, StoreError> {
        self.0.read(|transaction| {
            let since = transaction.open_table(tables::JOBS)?.get(key.as_bytes())?;
            let holders = transaction.open_table(tables::HOLDERS)?;
            let wanted = transaction.open_table(tables::WANTED)?;
            since
                .map(|since| {
                    let bytes = key.as_bytes();
                    Ok(Job {
                        key: key.clone(),
                        since: since.value(),
                        held: any_of(&holders, bytes)? || any_of(&wanted, bytes)?,
                    })
                })
                .transpose()
        })
    }

    /// Notes how far the node is with it.
    pub(crate) fn delay(&self, key: &ContentKey, waiting: &Waiting) -> Result<(), StoreError> {
        self.0
            .write(|transaction| pins::delay_wanting(transaction, key, waiting))
    }

    /// The node has pinned it. Where nobody needs it any more, the job goes on.
    pub(crate) fn pinned(&self, key: &ContentKey, shape: DagShape) -> Result<(), StoreError> {
        self.end(key, true, |transaction| {
            complete_wanting(transaction, key, || Ok(shape)).map(drop)
        })
    }

    /// It was given up. Where nobody needs it any more, the job goes on.
    pub(crate) fn failed(&self, key: &ContentKey, reason: &str) -> Result<(), StoreError> {
        self.end(key, true, |transaction| {
            pins::delay_wanting(transaction, key, &Waiting::Failed(reason.to_owned()))
        })
    }

    /// Whether it was uploaded, and so must not be given up, whatever its node says.
    pub(crate) fn is_upload(&self, key: &ContentKey) -> Result<bool, StoreError> {
        self.0.read(|transaction| {
            let pins = transaction.open_table(tables::PINS)?;
            let wanted = transaction.open_table(tables::WANTED)?;
            let mut is_upload = false;
            for id in pins::wanting(&wanted, key)? {
                is_upload |= !pins::get(&pins, id)?.by_cid;
            }
            Ok(is_upload)
        })
    }

    /// Whether a live pin has it complete.
    pub(crate) fn is_complete(&self, key: &ContentKey) -> Result<bool, StoreError> {
        self.0.read(|transaction| {
            let pins = transaction.open_table(tables::PINS)?;
            let holders = transaction.open_table(tables::HOLDERS)?;
            Ok(shape(&holders, &pins, key)?.is_some())
        })
    }

    /// The node has unpinned it. Where somebody needs it by now, the job goes on.
    pub(crate) fn unpinned(&self, key: &ContentKey) -> Result<(), StoreError> {
        self.end(key, false, |_| Ok(()))
    }

    /// Ends a job, unless its aim has changed while it was done.
    fn end(
        &self,
        key: &ContentKey,
        held: bool,
        note: impl FnOnce(&WriteTransaction) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.0.write(|transaction| {
            if is_held(transaction, key)? == held {
                note(transaction)?;
                Self::done(transaction, key)?;
            }
            Ok(())
        })
    }

    /// Notes that pins and node agree about this content.
    pub(crate) fn done(transaction: &WriteTransaction, key: &ContentKey) -> Result<(), StoreError> {
        transaction
            .open_table(tables::JOBS)?
            .remove(key.as_bytes())?;
        Ok(())
    }
}

fn add(transaction: &WriteTransaction, key: &ContentKey) -> Result<(), StoreError> {
    transaction
        .open_table(tables::JOBS)?
        .insert(key.as_bytes(), now())?;
    Ok(())
}

fn is_held(transaction: &WriteTransaction, key: &ContentKey) -> Result<bool, StoreError> {
    let key = key.as_bytes();
    Ok(any_of(&transaction.open_table(tables::HOLDERS)?, key)?
        || any_of(&transaction.open_table(tables::WANTED)?, key)?)
}

fn shape(
    holders: &impl ReadableTable<(&'static [u8], u128), ()>,
    pins: &impl ReadableTable<u128, &'static [u8]>,
    key: &ContentKey,
) -> Result<Option<DagShape>, StoreError> {
    for entry in holders.range((key.as_bytes(), 0)..=(key.as_bytes(), u128::MAX))? {
        let record = pins::get(pins, entry?.0.value().1)?;
        if let Some(size) = record.size {
            let is_dir = record.is_dir;
            return Ok(Some(DagShape { size, is_dir }));
        }
    }
    Ok(None)
}

fn any_of(
    pins: &impl ReadableTable<(&'static [u8], u128), ()>,
    key: &[u8],
) -> Result<bool, StoreError> {
    Ok(pins
        .range((key, 0)..=(key, u128::MAX))?
        .next()
        .transpose()?
        .is_some())
}
