use std::net::{IpAddr, Ipv6Addr};

use uuid::Uuid;

/// Who asks something of the server, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Party {
    /// None where no keys were shown.
    pub(crate) account: Option<Uuid>,
    pub(crate) network: Network,
}

/// What has shares of its own: an account, wherever it calls from, and a network, whoever calls from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    Account(Uuid),
    Network(Network),
}

impl Party {
    /// Somebody without keys.
    pub(crate) fn stranger(network: Network) -> Self {
        Self {
            account: None,
            network,
        }
    }

    /// Whose own share it uses.
    pub(crate) fn holder(&self) -> Holder {
        let network = Holder::Network(self.network);
        self.account.map_or(network, Holder::Account)
    }

    /// All whose shares it uses: those of its network, too, so that many accounts at one place are no more than
    /// one.
    pub(crate) fn holders(&self) -> impl Iterator<Item = Holder> + use<> {
        let account = self.account.map(Holder::Account);
        account.into_iter().chain([Holder::Network(self.network)])
    }
}

/// The part of an address that one party has for itself: with IPv6 whole networks are handed out.
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
