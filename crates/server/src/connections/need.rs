//! Which connection yields to another.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use super::{Open, PATIENCE, Table};
use crate::party::Party;

/// New connections of one party that don't yield: more at a time are a flood.
pub(super) const FEW: usize = 32;

impl Table {
    /// The connection that is needed least: of the party that has most of that kind, the oldest. Those
    /// with keys whose requests are under way don't yield, nor do few that are new.
    pub(super) fn least_needed(&self) -> Option<u64> {
        let now = Instant::now();
        let mut by_need: BTreeMap<Need, HashMap<Party, Vec<(Instant, u64)>>> = BTreeMap::new();
        for (id, open) in &self.open {
            let need = open.need(now);
            if need < Need::IsOwners && open.task.is_some() {
                let parties = by_need.entry(need).or_default();
                let theirs = parties.entry(open.party()).or_default();
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

    fn party(&self) -> Party {
        self.account
            .map_or(Party::Address(self.network), Party::Account)
    }
}
