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

/// What a request knows of its connection.
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

    /// Who is at its other end, as far as its requests have told.
    pub(crate) fn party(&self) -> Party {
        let open = self.connections.lock().open.get(&self.id).map(Open::party);
        open.unwrap_or(Party::stranger(Network::of(self.address)))
    }

    /// Who sent this request, as far as its connection tells.
    pub(crate) fn party_of(extensions: &Extensions) -> Party {
        Party::stranger(Self::network_of(extensions))
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
            open.is_waiting = is_busy;
            open.is_new = false;
            open.since = Instant::now();
        });
    }

    /// The request that is under way has had its turn: what follows tells whose it is.
    pub(crate) fn has_begun(&self) {
        self.connections.change(self.id, |open| {
            open.is_waiting = false;
            open.since = Instant::now();
        });
    }

    /// The request that is under way has the keys of this account, or of none.
    pub(super) fn is_of(&self, account: Option<Uuid>) {
        self.connections.change(self.id, |open| {
            open.account = account;
            open.is_busy = account.is_some();
        });
    }
}
