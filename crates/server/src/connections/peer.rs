use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use http::{Extensions, HeaderMap};
use tokio::task::AbortHandle;
use uuid::Uuid;

use super::{Connections, Open, Place};
use crate::{
    limits::Limits,
    pace::Pace,
    party::{Network, Party},
};

/// What a request knows about its connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    connections: Arc<Connections>,
    id: u64,
    address: IpAddr,
    pub(super) pace: Arc<Pace>,
}

impl Peer {
    pub(super) fn new(place: &Place, address: IpAddr) -> Self {
        Self {
            connections: Arc::clone(&place.connections),
            id: place.id,
            address,
            pace: Arc::clone(&place.pace),
        }
    }

    /// Returns the party at the other end, as far as its requests have identified it.
    pub(crate) fn party(&self) -> Party {
        let open = self.connections.lock().open.get(&self.id).map(Open::party);
        open.unwrap_or(Party::stranger(Network::of(self.address)))
    }

    /// Returns the party that sent this request, as far as its connection has identified it.
    pub(crate) fn party_of(extensions: &Extensions) -> Party {
        Party::stranger(Self::network_of(extensions))
    }

    /// Returns the network that this request comes from.
    pub(crate) fn network_of(extensions: &Extensions) -> Network {
        let address = extensions.get::<Self>().map(|peer| peer.address);
        Network::of(address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }

    /// Returns the pace of this request's connection.
    pub(crate) fn pace_of(extensions: &Extensions, limits: &Limits) -> Arc<Pace> {
        let pace = extensions.get::<Self>().map(|peer| Arc::clone(&peer.pace));
        pace.unwrap_or_else(|| Arc::new(Pace::new(limits)))
    }

    /// Records the account whose keys this request has.
    pub(crate) fn note_account(extensions: &Extensions, account: Option<Uuid>) {
        if let Some(peer) = extensions.get::<Self>() {
            peer.is_of(account);
        }
    }

    /// Returns the peer for the client that the proxy at the other end forwards.
    pub(crate) fn forwarded(&self, headers: &HeaderMap) -> Self {
        let said = headers.get_all("x-forwarded-for").iter().next_back();
        // Only the last address was added by the proxy itself.
        let last = said
            .and_then(|said| said.to_str().ok())
            .and_then(|said| said.rsplit(',').next());
        let address = last.and_then(|last| last.trim().parse().ok());
        Self {
            address: address.unwrap_or(self.address),
            ..self.clone()
        }
    }

    /// Sets the task that serves the connection. It is aborted when another connection needs the
    /// place.
    pub(crate) fn served_by(&self, task: AbortHandle) {
        self.connections
            .change(self.id, |open| open.task = Some(task));
    }

    /// Records that a request has started or ended.
    pub(crate) fn is_busy(&self, is_busy: bool) {
        if is_busy {
            self.pace.begin();
        }
        let network = Network::of(self.address);
        self.connections.change(self.id, |open| {
            open.network = network;
            open.is_busy = is_busy;
            open.is_waiting = is_busy;
            open.is_new = false;
            open.since = Instant::now();
        });
    }

    /// Records that the current request has got its turn and will reveal its account.
    pub(crate) fn has_begun(&self) {
        self.connections.change(self.id, |open| {
            open.is_waiting = false;
            open.since = Instant::now();
        });
    }

    /// Records that the current request has the keys of this account, or of none.
    pub(super) fn is_of(&self, account: Option<Uuid>) {
        self.connections.change(self.id, |open| {
            open.account = account;
            open.is_busy = account.is_some();
        });
    }
}
