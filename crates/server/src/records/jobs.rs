//! Work that remains to be done on a node or by a source. It is kept across restarts.
//!
//! A job only names content. What to do follows from the records: content that a live pin needs is
//! fetched, any other is unpinned. So a job may be done twice, and a superfluous one does no harm.

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

/// Content whose state on the node may differ from the pins, or that a source should deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) key: ContentKey,
    /// When it was added, in nanoseconds of Unix time.
    pub(crate) since: i64,
    /// Whether a live pin needs it.
    pub(crate) held: bool,
}

impl Jobs {
    pub(crate) fn new(records: Arc<Records>) -> Self {
        Self(records)
    }

    /// Records that a pin needs content which is complete on the node.
    pub(crate) fn hold(
        transaction: &WriteTransaction,
        record: &PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        let mut holders = transaction.open_table(tables::HOLDERS)?;
        holders.insert((key.as_bytes(), record.id.as_u128()), ())?;
        Ok(())
    }

    /// Records that a pin waits for content, like any others that already wait for it.
    pub(crate) fn want(
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        Self::hold(transaction, record, key)?;
        pins::delay_wanting(transaction, key, &Waiting::Queued)?;
        Self::await_content(transaction, record, key, Waiting::Queued)
    }

    /// Like `want`, for an engine that stores content itself; pins reference it once it has
    /// arrived. It may be on its way already.
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

    /// Returns the shape of content that another live pin has complete on the node.
    pub(crate) fn shape(
        transaction: &WriteTransaction,
        key: &ContentKey,
    ) -> Result<Option<DagShape>, StoreError> {
        let pins = transaction.open_table(tables::PINS)?;
        let holders = transaction.open_table(tables::HOLDERS)?;
        shape(&holders, &pins, key)
    }

    /// Records that a pin doesn't need content anymore. If no pin does, that is a job.
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

    /// Records durably that the node is about to receive this content, so that it is removed again
    /// unless a pin follows.
    pub(crate) fn expect(&self, key: &ContentKey) -> Result<(), StoreError> {
        self.0.write(|transaction| add(transaction, key))
    }

    /// Adds jobs for all content that pins wait for, unless it has failed.
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

    /// Returns all jobs.
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

    /// Returns the job for this content, if there is one.
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

    /// Records the node's progress.
    pub(crate) fn delay(&self, key: &ContentKey, waiting: &Waiting) -> Result<(), StoreError> {
        self.0
            .write(|transaction| pins::delay_wanting(transaction, key, waiting))
    }

    /// Records that the node has pinned the content. If no pin needs it anymore, the job continues.
    pub(crate) fn pinned(&self, key: &ContentKey, shape: DagShape) -> Result<(), StoreError> {
        self.end(key, true, |transaction| {
            complete_wanting(transaction, key, || Ok(shape)).map(drop)
        })
    }

    /// Records that the content was given up. If no pin needs it anymore, the job continues.
    pub(crate) fn failed(&self, key: &ContentKey, reason: &str) -> Result<(), StoreError> {
        self.end(key, true, |transaction| {
            pins::delay_wanting(transaction, key, &Waiting::Failed(reason.to_owned()))
        })
    }

    /// Returns whether the content was uploaded and so must not be given up, whatever the node
    /// reports.
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

    /// Returns whether a live pin has the content complete.
    pub(crate) fn is_complete(&self, key: &ContentKey) -> Result<bool, StoreError> {
        self.0.read(|transaction| {
            let pins = transaction.open_table(tables::PINS)?;
            let holders = transaction.open_table(tables::HOLDERS)?;
            Ok(shape(&holders, &pins, key)?.is_some())
        })
    }

    /// Records that the node has unpinned the content. If a pin needs it by now, the job continues.
    pub(crate) fn unpinned(&self, key: &ContentKey) -> Result<(), StoreError> {
        self.end(key, false, |_| Ok(()))
    }

    /// Ends a job, unless its goal has changed in the meantime.
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

    /// Records that the pins and the node agree about this content.
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
