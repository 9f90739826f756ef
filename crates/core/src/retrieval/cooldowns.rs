//! Hosts that asked for a pause.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The pause of a host that doesn't say how long it should be.
const FIRST: Duration = Duration::from_secs(2);
/// The longest pause of a host that doesn't ask for a longer one, and the longest that it can ask
/// for.
const LONGEST_BY_ITSELF: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// The most hosts to remember.
const MOST_HOSTS: usize = 1024;

/// Pauses requests to hosts that responded with 429 or reported overload.
///
/// Clones share their state. A process-wide instance keeps many short-lived clients from asking a
/// host again that has asked all of them to wait.
#[derive(Clone, Debug, Default)]
pub struct Cooldowns(Arc<Mutex<BTreeMap<String, Pause>>>);

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Duration,
    length: Duration,
}

impl Cooldowns {
    /// Creates an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns when a host may be asked again, on the clock of calls.
    pub(crate) fn until(&self, host: &str) -> Duration {
        self.hosts()
            .get(host)
            .map_or(Duration::ZERO, |pause| pause.until)
    }

    /// Pauses requests to a host for as long as it asks, or twice as long as the last time.
    pub(crate) fn pause(&self, host: &str, now: Duration, asked: Option<Duration>) {
        let mut hosts = self.hosts();
        if hosts.len() >= MOST_HOSTS {
            hosts.retain(|_, pause| pause.until > now);
        }
        let last = hosts.get(host).map(|pause| pause.length);
        let own = last.map_or(FIRST, |last| (last * 2).min(LONGEST_BY_ITSELF));
        let length = asked.unwrap_or(own).min(LONGEST);
        let until = now.saturating_add(length);
        let length = own;
        if hosts.len() < MOST_HOSTS || hosts.contains_key(host) {
            hosts.insert(host.to_owned(), Pause { until, length });
        }
    }

    /// Ends the pause of a host, since it responds.
    pub(crate) fn forget(&self, host: &str) {
        self.hosts().remove(host);
    }

    fn hosts(&self) -> MutexGuard<'_, BTreeMap<String, Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
