//! Watches over stored content: records damage, and scrubs all blocks regularly.

use std::{
    io,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::inner::{Inner, blocks_after};
use crate::{content_key::ContentKey, error::StoreError, records::tables};

/// The shortest and the longest pause of a scrub between two blocks.
const PAUSES: [Duration; 2] = [Duration::from_millis(1), Duration::from_secs(60 * 60)];
/// The longest delay before the first scrub after a start.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// How often a scrub saves its progress and updates the total size.
const NOTE: Duration = Duration::from_secs(10 * 60);

/// Runs until the folder is closed and `wake` is signaled.
pub(super) fn start(
    inner: &Arc<Inner>,
    wake: mpsc::Receiver<()>,
    interval: Option<Duration>,
) -> io::Result<JoinHandle<()>> {
    let inner = Arc::clone(inner);
    let work = move || {
        let mut scrub = interval.map(|interval| Scrub::new(&inner, interval));
        // A server that runs only briefly doesn't scrub.
        let mut pause = interval.unwrap_or_default().min(FIRST_PAUSE);
        let mut must_note = false;
        loop {
            let event = if scrub.is_some() || must_note {
                wake.recv_timeout(pause)
            } else {
                wake.recv()
                    .map_err(|_| mpsc::RecvTimeoutError::Disconnected)
            };
            if inner.is_closing() {
                break;
            }
            let done = match event {
                Err(mpsc::RecvTimeoutError::Timeout) if !must_note => match &mut scrub {
                    Some(scrub) => scrub.step(),
                    None => Ok(pause),
                },
                Ok(()) | Err(mpsc::RecvTimeoutError::Timeout) => {
                    let noted = inner
                        .damage
                        .note(&inner.records, &inner.packs, &|| inner.is_closing());
                    must_note = noted.is_err();
                    noted.map(|()| pause)
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            };
            pause = done.unwrap_or_else(|cause| {
                tracing::error!(%cause, "failed to look for damage; trying again later");
                Duration::from_secs(10)
            });
        }
        if let Some(scrub) = scrub
            && scrub.has_gone_on
        {
            scrub.note();
        }
    };
    let thread = std::thread::Builder::new().name("w3pin-warden".to_owned());
    thread.spawn(work)
}

/// A repeated walk through all blocks that takes about `interval` each time.
struct Scrub {
    inner: Arc<Inner>,
    interval: Duration,
    /// The block that was read last.
    after: Option<ContentKey>,
    has_gone_on: bool,
    noted: Instant,
    /// The size of all blocks when it was last determined.
    all_bytes: u64,
}

impl Scrub {
    fn new(inner: &Arc<Inner>, interval: Duration) -> Self {
        let after = inner.records.read(|transaction| {
            let scrub = transaction.open_table(tables::SCRUB)?;
            let after = scrub.get("after")?;
            Ok(after.map(|after| ContentKey::from_bytes(after.value().to_vec())))
        });
        Self {
            inner: Arc::clone(inner),
            interval,
            after: after.unwrap_or_default(),
            has_gone_on: false,
            noted: Instant::now(),
            all_bytes: 0,
        }
    }

    /// Reads the next block. Returns the pause before the one after it.
    fn step(&mut self) -> Result<Duration, StoreError> {
        let next = blocks_after(&self.inner.records, self.after.as_ref(), 1)?.pop();
        let Some((key, (_, _, length, _))) = next else {
            if self.after.take().is_some() {
                tracing::info!("finished a scrub of all blocks");
            }
            return Ok(self.interval.clamp(PAUSES[0], PAUSES[1]));
        };
        if self.after.is_none() || self.all_bytes == 0 {
            self.all_bytes = self.count_bytes()?;
        }
        match self.inner.block(&key) {
            // Reported where it was found.
            Err(StoreError::DamagedBlock { .. }) | Ok(_) => {}
            Err(cause) => return Err(cause),
        }
        self.after = Some(key);
        self.has_gone_on = true;
        if self.noted.elapsed() > NOTE {
            self.note();
            self.noted = Instant::now();
            self.all_bytes = self.count_bytes()?;
        }
        let share = f64::from(length) / self.all_bytes.max(1) as f64;
        let pause = self.interval.mul_f64(share.min(1.0));
        Ok(pause.clamp(PAUSES[0], PAUSES[1]))
    }

    fn count_bytes(&self) -> Result<u64, StoreError> {
        self.inner.records.read(|transaction| {
            let packs = transaction.open_table(tables::PACKS)?;
            let mut all = 0_u64;
            for pack in packs.range::<u64>(..)? {
                all = all.saturating_add(pack?.1.value().1);
            }
            Ok(all)
        })
    }

    fn note(&self) {
        let Some(after) = &self.after else { return };
        let noted = self.inner.records.write(|transaction| {
            let mut scrub = transaction.open_table(tables::SCRUB)?;
            scrub.insert("after", after.as_bytes())?;
            Ok(())
        });
        if let Err(cause) = noted {
            tracing::debug!(%cause, "failed to save the scrub's progress");
        }
    }
}
