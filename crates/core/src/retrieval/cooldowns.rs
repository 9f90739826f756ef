//! Hosts that asked for a pause.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The pause of a host that asks for one without saying how long.
const FIRST: Duration = Duration::from_secs(2);
/// The longest pause that a host gets without asking for a longer one, and the longest that it can ask for.
const LONGEST_BY_ITSELF: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// Hosts that are remembered.
const MOST_HOSTS: usize = 1024;

/// Until when each host is left alone, because it answered 429 or that it is overloaded.
///
/// Clones share what they know. One for the whole process keeps many short-lived clients from asking a
/// host again that has asked all of them to wait.
#[derive(Clone, Debug, Default)]
pub struct Cooldowns(Arc<Mutex<BTreeMap<String, Pause>>>);

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Duration,
    length: Duration,
}

impl Cooldowns {
    /// No host is left alone yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// When a host may be asked again, by the clock of the calls.
    pub(crate) fn until(&self, host: &str) -> Duration {
        self.hosts()
            .get(host)
            .map_or(Duration::ZERO, |pause| pause.until)
    }

    /// Leaves a host alone for as long as it asks, or twice as long as the last time.
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

    /// Forgets what a host asked for, since it answers.
    pub(crate) fn forget(&self, host: &str) {
        self.hosts().remove(host);
    }

    fn hosts(&self) -> MutexGuard<'_, BTreeMap<String, Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
