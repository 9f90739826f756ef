//! The gateways to read from, and what is known about each.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::cooldowns::Cooldowns;
use crate::{Error, ErrorKind, Gateway};

/// A client's gateways, in the order to try them. Clones share their state.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    sources: Arc<Mutex<Vec<Source>>>,
    cooldowns: Cooldowns,
}

#[derive(Debug)]
struct Source {
    gateway: Gateway,
    host: String,
    tries: u32,
    successes: u32,
    /// Requests in progress.
    busy: u32,
    /// Whether it has sent a block that doesn't match its CID.
    lied: bool,
    /// Whether it responds to requests for CARs with something else.
    without_cars: bool,
}

/// The index of a source.
pub(crate) type Place = usize;

/// What is requested from a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    Block,
    Car,
}

/// No source can be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSource {
    /// One can be asked from this time on.
    Until(Duration),
    /// None is left.
    Left,
}

impl Sources {
    pub(crate) fn new(gateways: Vec<Gateway>, cooldowns: Cooldowns) -> Self {
        let sources = gateways.into_iter().map(|gateway| Source {
            host: gateway.host(),
            gateway,
            tries: 0,
            successes: 0,
            busy: 0,
            lied: false,
            without_cars: false,
        });
        Self {
            sources: Arc::new(Mutex::new(sources.collect())),
            cooldowns,
        }
    }

    /// Returns the same sources with a clean state.
    pub(crate) fn afresh(&self) -> Self {
        let sources = self.lock();
        let gateways = sources.iter().map(|source| source.gateway.clone());
        Self::new(gateways.collect(), self.cooldowns())
    }

    /// Returns the hosts that asked for a pause.
    pub(crate) fn cooldowns(&self) -> Cooldowns {
        self.cooldowns.clone()
    }

    /// Returns how many haven't sent wrong blocks.
    pub(crate) fn usable(&self) -> usize {
        self.lock().iter().filter(|source| !source.lied).count()
    }

    /// Returns the best source that isn't in `without`: the least busy; among equals, the most
    /// reliable; and among these, the first.
    pub(crate) fn choose(
        &self,
        want: Want,
        without: &[Place],
        now: Duration,
    ) -> Result<Place, NoSource> {
        let sources = self.lock();
        let candidates = || {
            let all = sources.iter().enumerate();
            all.filter(|(place, source)| {
                let unfit = source.lied || (want == Want::Car && source.without_cars);
                !unfit && !without.contains(place)
            })
        };
        let ready = candidates().filter(|(_, source)| self.cooldowns.until(&source.host) <= now);
        let best = ready.min_by_key(|(place, source)| (source.busy, source.failure_rate(), *place));
        match best {
            Some((place, _)) => Ok(place),
            None => candidates()
                .map(|(_, source)| self.cooldowns.until(&source.host))
                .min()
                .map_or(Err(NoSource::Left), |until| Err(NoSource::Until(until))),
        }
    }

    pub(crate) fn gateway(&self, place: Place) -> Option<Gateway> {
        self.lock().get(place).map(|source| source.gateway.clone())
    }

    /// Starts a request, which ends when the result is dropped.
    pub(crate) fn begin(&self, place: Place) -> Busy {
        self.change(place, |source| {
            source.tries = source.tries.saturating_add(1);
            source.busy += 1;
        });
        Busy {
            sources: self.clone(),
            place,
        }
    }

    /// Records a success.
    pub(crate) fn served(&self, place: Place) {
        let host = self.change(place, |source| {
            source.successes = source.successes.saturating_add(1);
        });
        if let Some(host) = host {
            self.cooldowns.forget(&host);
        }
    }

    /// Records a wrong block. The source isn't used again.
    pub(crate) fn lied(&self, place: Place) {
        self.change(place, |source| source.lied = true);
    }

    /// Records that it doesn't serve CARs, so that only blocks are requested.
    pub(crate) fn has_no_cars(&self, place: Place) {
        self.change(place, |source| source.without_cars = true);
    }

    /// Records a failure, and pauses requests to its host if it asks for that.
    pub(crate) fn failed(&self, place: Place, error: &Error, now: Duration) {
        let overloaded = error.kind() == ErrorKind::RateLimited
            || matches!(error.status(), Some(429 | 502 | 503 | 504));
        if !overloaded {
            return;
        }
        let host = self.change(place, |_| {});
        if let Some(host) = host {
            self.cooldowns.pause(&host, now, error.retry_after());
        }
    }

    fn change(&self, place: Place, change: impl FnOnce(&mut Source)) -> Option<String> {
        let mut sources = self.lock();
        let source = sources.get_mut(place)?;
        change(source);
        Some(source.host.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Source>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in progress.
#[derive(Debug)]
pub(crate) struct Busy {
    sources: Sources,
    place: Place,
}

impl Busy {
    pub(crate) fn place(&self) -> Place {
        self.place
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Self { sources, place } = self;
        sources.change(*place, |source| source.busy = source.busy.saturating_sub(1));
    }
}

impl Source {
    /// Returns the failure rate in per mille; an unused source counts as reliable.
    fn failure_rate(&self) -> u32 {
        let tries = u64::from(self.tries.max(1));
        let successes = u64::from(self.successes + u32::from(self.tries == 0));
        (1000 - (successes * 1000 / tries).min(1000)) as u32
    }
}
