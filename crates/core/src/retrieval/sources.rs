//! The gateways that content is read from, and what is known of each.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::cooldowns::Cooldowns;
use crate::{Error, ErrorKind, Gateway};

/// The gateways of a client, in the order to try them. Clones share what was found out.
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
    /// Requests under way.
    busy: u32,
    /// It has sent a block that isn't the one its CID names.
    lied: bool,
    /// It answers requests for CARs with something else.
    without_cars: bool,
}

/// A source by its place in the order.
pub(crate) type Place = usize;

/// What is asked of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    Block,
    Car,
}

/// No source can be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSource {
    /// One can be from this time on.
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

    /// The same sources, of which nothing is known.
    pub(crate) fn afresh(&self) -> Self {
        let sources = self.lock();
        let gateways = sources.iter().map(|source| source.gateway.clone());
        Self::new(gateways.collect(), self.cooldowns())
    }

    /// The hosts that are left alone.
    pub(crate) fn cooldowns(&self) -> Cooldowns {
        self.cooldowns.clone()
    }

    /// How many haven't lied.
    pub(crate) fn usable(&self) -> usize {
        self.lock().iter().filter(|source| !source.lied).count()
    }

    /// The best source for this, of those that aren't among `without`: the least busy, of these the one
    /// that succeeded most often, of these the first.
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

    /// A request to it begins, and ends with what this gives.
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

    /// It has served what it was asked for.
    pub(crate) fn served(&self, place: Place) {
        let host = self.change(place, |source| {
            source.successes = source.successes.saturating_add(1);
        });
        if let Some(host) = host {
            self.cooldowns.forget(&host);
        }
    }

    /// It has sent a wrong block, so it is never asked again.
    pub(crate) fn lied(&self, place: Place) {
        self.change(place, |source| source.lied = true);
    }

    /// It serves no CARs, so it is asked for blocks only.
    pub(crate) fn has_no_cars(&self, place: Place) {
        self.change(place, |source| source.without_cars = true);
    }

    /// Leaves its host alone for a while where it asks for that.
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

/// A request to a source that is under way.
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
    /// In per mille; one that was never asked counts as one that always serves.
    fn failure_rate(&self) -> u32 {
        let tries = u64::from(self.tries.max(1));
        let successes = u64::from(self.successes + u32::from(self.tries == 0));
        (1000 - (successes * 1000 / tries).min(1000)) as u32
    }
}
