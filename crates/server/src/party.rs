use std::net::{IpAddr, Ipv6Addr};

use uuid::Uuid;

/// The originator of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Party {
    /// `None` if no keys were sent.
    pub(crate) account: Option<Uuid>,
    pub(crate) network: Network,
}

/// A holder of shares: an account, wherever it connects from, or a network, whoever connects from
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    Account(Uuid),
    Network(Network),
}

impl Party {
    /// Returns a party without keys.
    pub(crate) fn stranger(network: Network) -> Self {
        Self {
            account: None,
            network,
        }
    }

    /// Returns the holder whose own share the party uses.
    pub(crate) fn holder(&self) -> Holder {
        let network = Holder::Network(self.network);
        self.account.map_or(network, Holder::Account)
    }

    /// Returns all holders whose shares the party uses, including its network: many accounts in one
    /// network get no more than one does.
    pub(crate) fn holders(&self) -> impl Iterator<Item = Holder> + use<> {
        let account = self.account.map(Holder::Account);
        account.into_iter().chain([Holder::Network(self.network)])
    }
}

/// The part of an IP address that identifies one party: for IPv6, providers assign whole networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Network(IpAddr);

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn an_ipv6_network_is_one_party_and_an_ipv4_address_is_one() {
        let same = |a: &str, b: &str| {
            let of = |text: &str| Network::of(text.parse().unwrap());
            of(a) == of(b)
        };
        assert!(same("2001:db8:1:2::3", "2001:db8:1:2:ffff::"));
        assert!(!same("2001:db8:1:2::3", "2001:db8:1:3::3"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }
}
