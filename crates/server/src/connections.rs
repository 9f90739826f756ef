//! Tracks open connections, and decides which one to close when a new one arrives and there is no
//! room.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::Notify, task::AbortHandle};
use uuid::Uuid;

use crate::{pace::Pace, party::Network};

mod need;
mod peer;

pub(crate) use self::peer::Peer;

/// How long a request with valid keys may block while others wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// One in this many places is freed in advance.
const SPARE: usize = 16;
/// How often waiting connections look for a slow one to replace.
const LOOK: Duration = Duration::from_millis(250);
/// How long the result "no connection can be closed" is cached: searching again for each connection
/// of a flood would slow down others.
const HOLDS: Duration = Duration::from_millis(10);

/// The open connections, up to a limit. A new connection replaces an idle one, or one of the party
/// that has the most.
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
    /// Connections that were told to close and are still open.
    closing: usize,
    /// The two different networks that connected most recently, and when.
    latest: [Option<(Network, Instant)>; 2],
    /// When a search last found no connection that can be closed.
    nobody_yields: Option<Instant>,
    /// The network whose new connection was refused, and when.
    refused: Option<(Network, Instant)>,
}

#[derive(Debug)]
struct Open {
    network: Network,
    /// The account whose keys the connection has used.
    account: Option<Uuid>,
    is_busy: bool,
    /// Whether no request has arrived yet.
    is_new: bool,
    /// Whether the current request is waiting for its turn.
    is_waiting: bool,
    /// When the connection was opened, or last started or ended a request.
    since: Instant,
    pace: Arc<Pace>,
    /// The task that serves the connection; `None` before it is served and once it is being closed.
    task: Option<AbortHandle>,
    is_closing: bool,
}

/// A place among the open connections, released on drop.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    id: u64,
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

    /// Waits for room for a connection from this address, which exists as long as any connection
    /// can be closed. Returns whether the connection is accepted: it isn't if it would replace
    /// active work of its own network.
    pub(crate) async fn room(&self, address: IpAddr) -> bool {
        let network = Network::of(address);
        // Noted before waiting: that others have connected decides which connections are closed.
        self.lock().note(network);
        loop {
            let closed = self.closed.notified();
            {
                let mut table = self.lock();
                // Some connections are closed before the limit is reached, so that new ones needn't
                // wait for that.
                let spare = self.most / SPARE;
                if table.open.len() - table.closing + spare >= self.most
                    && !table.make_room(self.most, network)
                {
                    return false;
                }
                if table.open.len() < self.most {
                    return true;
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
            is_waiting: false,
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
    /// Returns what requests on this connection know about it.
    pub(crate) fn peer(&self, address: IpAddr) -> Peer {
        Peer::new(self, address)
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

impl Table {
    fn note(&mut self, network: Network) {
        let [latest, _] = self.latest;
        if latest.is_some_and(|(latest, _)| latest != network) {
            self.latest[1] = latest;
        }
        self.latest[0] = Some((network, Instant::now()));
    }

    /// Returns whether other networks have connected recently.
    fn has_seen_others(&self, network: Network) -> bool {
        /// How long a network counts as recently connected.
        const LATELY: Duration = Duration::from_secs(60);

        let mut latest = self.latest.iter().flatten();
        latest.any(|(other, at)| *other != network && at.elapsed() < LATELY)
    }

    /// Closes the least needed connection, if one may be closed for this network. Returns false if
    /// that would be one of the network's own connections beyond its share.
    fn make_room(&mut self, most: usize, network: Network) -> bool {
        let is_full = self.open.len() - self.closing >= most;
        let now = Instant::now();
        let holds = |since| now.saturating_duration_since(since) < HOLDS;
        let mut least = None;
        if !self.nobody_yields.is_some_and(holds) {
            least = self.least_needed();
            self.nobody_yields = least.is_none().then_some(now);
        }
        if least.is_none() && is_full {
            let refused = self.refused.filter(|(_, since)| holds(*since));
            if refused.is_some_and(|(refused, _)| refused == network) {
                return false;
            }
            least = self.beyond_share(most - most / 4);
            let is_own = |id| {
                self.open
                    .get(&id)
                    .is_some_and(|open| open.network == network)
            };
            if least.is_some_and(is_own) {
                self.refused = Some((network, now));
                return false;
            }
        }
        if let Some(open) = least.and_then(|id| self.open.get_mut(&id))
            && let Some(task) = open.task.take()
        {
            open.is_closing = true;
            self.closing += 1;
            task.abort();
        }
        true
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

    use super::{Connections, Network, PATIENCE, Pace, Peer, Place, need::FEW};
    use crate::limits::Limits;

    /// A test connection, and whether it is still open.
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

        /// Makes connections look as if they were opened or last used some time ago.
        fn aged(&self) {
            let before = Instant::now().checked_sub(Duration::from_secs(5)).unwrap();
            self.place
                .connections
                .change(self.place.id, |open| open.since = before);
        }
    }

    /// Simulates a new connection. There is no room until the closed ones are dropped.
    async fn make_room(table: &Connections, address: &str) {
        let room = table.room(address.parse().unwrap());
        let _ = tokio::time::timeout(Duration::from_millis(50), room).await;
    }

    /// Opens these connections and returns which one is closed when another arrives.
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
                connection.peer.has_begun();
            }
            connection.aged();
            open.push(connection);
        }
        make_room(&table, "10.0.0.9").await;
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
            make_room(&table, "10.0.0.9").await;
            assert_eq!(open[0].has_ended().await, yields, "{count}");
        }
    }

    #[tokio::test]
    async fn what_waits_for_its_turn_yields_only_once_it_is_answered() {
        let table = Connections::new(1);
        let open = Connection::open(&table, "10.0.0.1");
        open.peer.is_busy(true);
        open.aged();
        make_room(&table, "10.0.0.9").await;
        assert!(!open.has_ended().await);
        open.peer.has_begun();
        make_room(&table, "10.0.0.9").await;
        assert!(!open.has_ended().await);
        open.aged();
        make_room(&table, "10.0.0.9").await;
        assert!(open.has_ended().await);
    }

    #[tokio::test]
    async fn nobody_has_all_connections() {
        for (comes, is_other) in [("10.0.0.1", false), ("10.0.0.2", true)] {
            let table = Connections::new(4);
            let open: Vec<_> = (0..4)
                .map(|_| {
                    let connection = Connection::open(&table, "10.0.0.1");
                    connection.answered(Some(1));
                    connection.peer.is_busy(true);
                    connection
                })
                .collect();
            make_room(&table, comes).await;
            for (number, connection) in open.iter().enumerate() {
                let yields = is_other && number == 3;
                assert_eq!(connection.has_ended().await, yields, "{number}");
            }
        }
    }

    #[tokio::test]
    async fn who_has_more_than_its_share_does_not_lose_what_is_under_way_to_its_own() {
        let table = Connections::new(4);
        let open: Vec<_> = (0..4)
            .map(|_| {
                let connection = Connection::open(&table, "10.0.0.1");
                connection.answered(Some(1));
                connection.peer.is_busy(true);
                connection
            })
            .collect();
        let comes = || {
            let room = table.room("10.0.0.1".parse().unwrap());
            tokio::time::timeout(Duration::from_millis(50), room)
        };
        assert!(comes().await.is_err(), "alone it waits");
        table.lock().note(Network::of("10.0.0.2".parse().unwrap()));
        for _ in 0..20 {
            assert!(matches!(comes().await, Ok(false)));
        }
        for connection in &open {
            assert!(!connection.has_ended().await);
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
        make_room(&table, "10.0.0.9").await;
        assert!(!open[0].has_ended().await && open[1].has_ended().await);
    }
}
