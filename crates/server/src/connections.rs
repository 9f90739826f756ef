//! The connections that are open, and which of them goes when another comes and there is no room.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use http::{Extensions, HeaderMap};
use tokio::{sync::Notify, task::AbortHandle};
use uuid::Uuid;

use crate::{
    limits::Limits,
    pace::Pace,
    party::{Network, Party},
};

/// How long somebody with keys may be waited for while others wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// New connections of one party that don't yield: more at a time are a flood.
const FEW: usize = 32;
/// How often those who wait look for one who takes longer.
const LOOK: Duration = Duration::from_millis(250);

/// So many connections at once. Whoever comes gets in, at the expense of those who do nothing and of
/// the parties that have the most.
#[derive(Debug)]
pub(crate) struct Connections {
    most: usize,
    table: Mutex<Table>,
    closed: Notify,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    open: HashMap<u64, Open>,
    /// How many have to go and are still there.
    closing: usize,
}

#[derive(Debug)]
struct Open {
    network: Network,
    /// Whose keys a request on it had.
    account: Option<Uuid>,
    is_busy: bool,
    /// Whether no request has come yet.
    is_new: bool,
    /// When it was opened, or last began or ended a request.
    since: Instant,
    pace: Arc<Pace>,
    /// None before it is served, and when it has to go.
    task: Option<AbortHandle>,
    is_closing: bool,
}

/// A place among the open connections, given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    id: u64,
    pace: Arc<Pace>,
}

/// What a request knows of its connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    connections: Arc<Connections>,
    id: u64,
    address: IpAddr,
    pace: Arc<Pace>,
}

impl Connections {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            table: Mutex::default(),
            closed: Notify::new(),
        })
    }

    /// Waits for room. There is some as long as anyone has to yield.
    pub(crate) async fn room(&self) {
        loop {
            let closed = self.closed.notified();
            {
                let mut table = self.lock();
                if table.open.len() < self.most {
                    return;
                }
                if table.closing == 0 {
                    table.close_one();
                }
            }
            let _ = tokio::time::timeout(LOOK, closed).await;
        }
    }

    /// Adds a connection.
    pub(crate) fn add(self: &Arc<Self>, address: IpAddr, pace: &Arc<Pace>) -> Place {
        let mut table = self.lock();
        let id = table.next;
        table.next += 1;
        let open = Open {
            network: Network::of(address),
            account: None,
            is_busy: false,
            is_new: true,
            since: Instant::now(),
            pace: Arc::clone(pace),
            task: None,
            is_closing: false,
        };
        table.open.insert(id, open);
        Place {
            connections: Arc::clone(self),
            id,
            pace: Arc::clone(pace),
        }
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut Open)) {
        if let Some(open) = self.lock().open.get_mut(&id) {
            change(open);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// What its requests know of it.
    pub(crate) fn peer(&self, address: IpAddr) -> Peer {
        Peer {
            connections: Arc::clone(&self.connections),
            id: self.id,
            address,
            pace: Arc::clone(&self.pace),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.connections.lock();
        if table
            .open
            .remove(&self.id)
            .is_some_and(|open| open.is_closing)
        {
            table.closing -= 1;
        }
        drop(table);
        self.connections.closed.notify_one();
    }
}

impl Peer {
    /// Who sent this request, as far as its connection tells.
    pub(crate) fn party_of(extensions: &Extensions) -> Party {
        Party::Address(Self::network_of(extensions))
    }

    /// The network that this request comes from.
    pub(crate) fn network_of(extensions: &Extensions) -> Network {
        let address = extensions.get::<Self>().map(|peer| peer.address);
        Network::of(address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }

    /// How fast what belongs to this request moves.
    pub(crate) fn pace_of(extensions: &Extensions, limits: &Limits) -> Arc<Pace> {
        let pace = extensions.get::<Self>().map(|peer| Arc::clone(&peer.pace));
        pace.unwrap_or_else(|| Arc::new(Pace::new(limits)))
    }

    /// Notes whose keys this request has.
    pub(crate) fn note_account(extensions: &Extensions, account: Option<Uuid>) {
        if let Some(peer) = extensions.get::<Self>() {
            peer.is_of(account);
        }
    }

    /// The same connection for whoever the proxy on its other side says that it speaks for.
    pub(crate) fn forwarded(&self, headers: &HeaderMap) -> Self {
        let said = headers.get_all("x-forwarded-for").iter().next_back();
        // Only the last is the proxy's own.
        let last = said
            .and_then(|said| said.to_str().ok())
            .and_then(|said| said.rsplit(',').next());
        let address = last.and_then(|last| last.trim().parse().ok());
        Self {
            address: address.unwrap_or(self.address),
            ..self.clone()
        }
    }

    /// The task that serves it, which ends when another connection needs the place.
    pub(crate) fn served_by(&self, task: AbortHandle) {
        self.connections
            .change(self.id, |open| open.task = Some(task));
    }

    /// A request begins or ends on it.
    pub(crate) fn is_busy(&self, is_busy: bool) {
        if is_busy {
            self.pace.begin();
        }
        let network = Network::of(self.address);
        self.connections.change(self.id, |open| {
            open.network = network;
            open.is_busy = is_busy;
            open.is_new = false;
            open.since = Instant::now();
        });
    }

    /// The request that is under way has the keys of this account, or of none.
    fn is_of(&self, account: Option<Uuid>) {
        self.connections.change(self.id, |open| {
            open.account = account;
            open.is_busy = account.is_some();
        });
    }
}

/// How much a connection is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// Nothing was asked for some time, or nothing more, or with wrong keys.
    Waits,
    /// A connection that is kept by somebody with keys, who opens another when this one is gone.
    IsKept,
    /// What is asked on it is on its way.
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

        match (self.is_busy, self.account) {
            (true, None) => Need::IsAnswered,
            (true, Some(_)) if self.pace.owed(now) >= PATIENCE => Need::IsSlow,
            (true, Some(_)) => Need::IsOwners,
            (false, Some(_)) if now.saturating_duration_since(self.since) < PAUSE => Need::IsOwners,
            (false, Some(_)) => Need::IsKept,
            (false, None) if self.is_new && now.saturating_duration_since(self.since) < PAUSE => {
                Need::IsNew
            }
            (false, None) => Need::Waits,
        }
    }

    fn party(&self) -> Party {
        self.account
            .map_or(Party::Address(self.network), Party::Account)
    }
}

impl Table {
    /// The connection that is needed least: of the party that has most of that kind, the oldest. Those
    /// with keys whose requests are under way don't yield, nor do few that are new.
    fn least_needed(&self) -> Option<u64> {
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

    /// Ends the connection that is needed least, if any may be ended.
    fn close_one(&mut self) {
        if let Some(open) = self.least_needed().and_then(|id| self.open.get_mut(&id))
            && let Some(task) = open.task.take()
        {
            open.is_closing = true;
            self.closing += 1;
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::IpAddr,
        sync::Arc,
        time::{Duration, Instant},
    };

    use uuid::Uuid;

    use super::{Connections, FEW, Limits, PATIENCE, Pace, Peer, Place};

    /// A connection, and whether it is still there.
    struct Connection {
        place: Arc<Place>,
        peer: Peer,
    }

    impl Connection {
        fn open(connections: &Arc<Connections>, address: &str) -> Self {
            let address: IpAddr = address.parse().unwrap();
            let pace = Arc::new(Pace::new(&Limits::default()));
            let place = Arc::new(connections.add(address, &pace));
            let kept = Arc::clone(&place);
            let task = tokio::spawn(async move {
                let _kept = kept;
                std::future::pending::<()>().await;
            });
            let peer = place.peer(address);
            peer.served_by(task.abort_handle());
            Self { place, peer }
        }

        async fn has_ended(&self) -> bool {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Arc::strong_count(&self.place) == 1
        }

        fn answered(&self, account: Option<u128>) {
            self.peer.is_busy(true);
            self.peer.is_of(account.map(Uuid::from_u128));
            self.peer.is_busy(account.is_none());
        }

        /// As if it had been opened, or last used, some time ago.
        fn aged(&self) {
            let before = Instant::now().checked_sub(Duration::from_secs(5)).unwrap();
            self.place
                .connections
                .change(self.place.id, |open| open.since = before);
        }
    }

    /// Another comes. There is no room before those that go are dropped here, too.
    async fn make_room(table: &Connections) {
        let _ = tokio::time::timeout(Duration::from_millis(50), table.room()).await;
    }

    /// Opens these, and tells which of them goes when another comes.
    async fn goes(connections: &[(&str, Option<u128>, bool)]) -> Option<usize> {
        let table = Connections::new(connections.len());
        let mut open = Vec::new();
        for (address, account, is_busy) in connections {
            let connection = Connection::open(&table, address);
            if account.is_some() || *is_busy {
                connection.answered(*account);
            }
            if *is_busy {
                connection.peer.is_busy(true);
            } else {
                connection.aged();
            }
            open.push(connection);
        }
        make_room(&table).await;
        for (number, connection) in open.iter().enumerate() {
            if connection.has_ended().await {
                return Some(number);
            }
        }
        None
    }

    #[tokio::test]
    async fn who_does_nothing_yields_first_and_owners_last() {
        let busy = [("10.0.0.1", Some(1), true), ("10.0.0.2", None, true)];
        assert_eq!(
            goes(&[busy[0], busy[1], ("10.0.0.3", None, false)]).await,
            Some(2)
        );
        assert_eq!(
            goes(&[busy[0], busy[1], ("10.0.0.3", Some(2), false)]).await,
            Some(2)
        );
        assert_eq!(goes(&busy).await, Some(1));
    }

    #[tokio::test]
    async fn the_party_with_the_most_yields() {
        let [one, two] = ["10.0.0.1", "10.0.0.2"];
        for is_busy in [false, true] {
            let open = [
                (two, None, is_busy),
                (one, None, is_busy),
                (one, None, is_busy),
            ];
            assert_eq!(goes(&open).await, Some(1));
        }
    }

    #[tokio::test]
    async fn what_is_new_yields_only_where_there_are_many() {
        for (count, yields) in [(FEW, false), (FEW + 1, true)] {
            let table = Connections::new(count);
            let open: Vec<_> = (0..count)
                .map(|_| Connection::open(&table, "10.0.0.1"))
                .collect();
            make_room(&table).await;
            assert_eq!(open[0].has_ended().await, yields, "{count}");
        }
    }

    #[tokio::test]
    async fn owners_yield_where_they_take_too_long() {
        let table = Connections::new(2);
        let open = [1, 2].map(|account| {
            let connection = Connection::open(&table, "10.0.0.1");
            connection.answered(Some(account));
            connection.peer.is_busy(true);
            connection
        });
        let before = Instant::now().checked_sub(PATIENCE).unwrap();
        open[1].peer.pace.wait(before);
        make_room(&table).await;
        assert!(!open[0].has_ended().await && open[1].has_ended().await);
    }
}
