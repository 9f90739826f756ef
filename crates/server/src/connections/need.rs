//! Which connection yields to another.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use super::{Open, PATIENCE, Table};
use crate::party::{Holder, Party};

/// New connections of one party that don't yield: more at a time are a flood.
pub(super) const FEW: usize = 32;

impl Table {
    /// The connection that is needed least: of the party that has most of that kind, the oldest. Those
    /// with keys whose requests are under way don't yield, nor do few that are new.
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

    /// Of an account or a network with more than its share of connections, the most recently used one, since the least work
    /// is lost with it. None while no other network has connected lately: whoever is alone waits for its own to end.
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
    /// Nothing was asked for some time, or nothing more, or with wrong keys.
    Waits,
    /// A connection that is kept by somebody with keys, who opens another when this one is gone.
    IsKept,
    /// What is asked on it is on its way, or has only just come: whose it is isn't known yet.
    IsNew,
    /// It is answered, without keys.
    IsAnswered,
    /// It is answered, to somebody with keys who takes too long.
    IsSlow,
    /// It is answered, to somebody with keys.
    IsOwners,
}

impl Open {
    fn need(&self, now: Instant) -> Need {
        /// What comes next on a connection that is used comes within this time.
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

    /// Whose it is, as far as is known yet.
    pub(super) fn party(&self) -> Party {
        Party {
            account: self.account,
            network: self.network,
        }
    }
}
