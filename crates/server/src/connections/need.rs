//! Decides which connection is closed for a new one.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use super::{Open, PATIENCE, Table};
use crate::party::{Holder, Party};

/// The number of new connections of one party that are kept; more at a time are a flood.
pub(super) const FEW: usize = 32;

impl Table {
    /// Returns the least needed connection: the oldest of the party that has the most of that kind.
    /// Connections with valid keys and a request in progress are kept, and so are a few new ones.
    pub(super) fn least_needed(&self) -> Option<u64> {
        let now = Instant::now();
        let mut by_need: BTreeMap<Need, HashMap<Holder, Vec<(Instant, u64)>>> = BTreeMap::new();
        for (id, open) in &self.open {
            let need = open.need(now);
            if need < Need::IsOwners && open.task.is_some() {
                let parties = by_need.entry(need).or_default();
                let theirs = parties.entry(open.party().holder()).or_default();
                theirs.push((open.since, *id));
            }
        }
        by_need.into_iter().find_map(|(need, parties)| {
            let most = parties.into_values().max_by_key(Vec::len)?;
            let may_yield = need != Need::IsNew || most.len() > FEW;
            let oldest = most.into_iter().min().filter(|_| may_yield);
            oldest.map(|(_, id)| id)
        })
    }

    /// Returns the most recently used connection of an account or network that exceeds its share,
    /// since that loses the least work. Returns `None` while no other network has connected
    /// recently: a lone network waits for its own connections to end.
    pub(super) fn beyond_share(&self, share: usize) -> Option<u64> {
        let mut holders: HashMap<Holder, Vec<(Instant, u64)>> = HashMap::new();
        for (id, open) in self.open.iter().filter(|(_, open)| open.task.is_some()) {
            for holder in open.party().holders() {
                let theirs = holders.entry(holder).or_default();
                theirs.push((open.since, *id));
            }
        }
        let most = holders.into_values().max_by_key(Vec::len)?;
        let (_, newest) = most.iter().max().filter(|_| most.len() > share)?;
        let network = self.open.get(newest)?.network;
        self.has_seen_others(network).then_some(*newest)
    }
}

/// How much a connection is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// It has been idle for some time, or its requests had wrong keys.
    Waits,
    /// It is idle and belongs to an account, which can reconnect.
    IsKept,
    /// Its first request is arriving or has just arrived, so its account isn't known yet.
    IsNew,
    /// A request without keys is being served.
    IsAnswered,
    /// A request with valid keys is being served and takes too long.
    IsSlow,
    /// A request with valid keys is being served.
    IsOwners,
}

impl Open {
    fn need(&self, now: Instant) -> Need {
        /// The next request on an active connection arrives within this time.
        const PAUSE: Duration = Duration::from_millis(500);

        let is_recent = now.saturating_duration_since(self.since) < PAUSE;
        match (self.is_busy, self.account) {
            (true, None) if self.is_waiting || is_recent => Need::IsNew,
            (true, None) => Need::IsAnswered,
            (true, Some(_)) if self.pace.owed(now) >= PATIENCE => Need::IsSlow,
            (true, Some(_)) => Need::IsOwners,
            (false, Some(_)) if is_recent => Need::IsOwners,
            (false, Some(_)) => Need::IsKept,
            (false, None) if self.is_new && is_recent => Need::IsNew,
            (false, None) => Need::Waits,
        }
    }

    /// Returns the party of the connection, as far as it is known.
    pub(super) fn party(&self) -> Party {
        Party {
            account: self.account,
            network: self.network,
        }
    }
}
