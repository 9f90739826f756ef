//! Peers that fetch content, as the Pinning Service API reports them to its clients.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use cid::{Cid, multihash::Multihash};
use sha2::{Digest, Sha256};

/// The most addresses that are reported to a client.
pub(crate) const MOST: usize = 20;

/// Returns the address of a server without a node. The API requires at least one address that ends
/// in a peer ID. Nothing listens there for libp2p, and clients can tell: they can't dial HTTP.
pub(crate) fn of_server(identity: u128, address: SocketAddr) -> String {
    let digest = Sha256::digest(identity.to_be_bytes());
    let family = if address.is_ipv4() { "ip4" } else { "ip6" };
    let (ip, port) = (reachable(address.ip()), address.port());
    let peer = Multihash::wrap(SHA2_256, &digest).map(Cid::new_v0);
    match peer {
        // A peer ID of this kind is written as such a CID.
        Ok(Ok(peer)) => format!("/{family}/{ip}/tcp/{port}/http/p2p/{peer}"),
        _ => format!("/{family}/{ip}/tcp/{port}/http"),
    }
}

/// Replaces an unspecified address by one that clients on this machine can reach.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

const SHA2_256: u64 = 0x12;

/// Returns the node's addresses that other machines can reach, or all if there are none: loopback
/// addresses help only local clients.
pub(crate) fn of_node(addresses: Vec<String>) -> Vec<String> {
    let is_of_peer = |address: &String| address.starts_with('/') && address.contains("/p2p/");
    let mut addresses: Vec<_> = addresses.into_iter().filter(is_of_peer).collect();
    let is_elsewhere = |address: &String| {
        !["/ip4/127.", "/ip6/::1/"]
            .iter()
            .any(|local| address.starts_with(local))
    };
    if addresses.iter().any(is_elsewhere) {
        addresses.retain(is_elsewhere);
    }
    addresses.sort();
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use super::{of_node, of_server};

    #[test]
    fn a_server_has_an_address_of_its_own() {
        let address = of_server(1, "127.0.0.1:4880".parse().unwrap());
        assert!(
            address.starts_with("/ip4/127.0.0.1/tcp/4880/http/p2p/Qm"),
            "{address}"
        );
        assert_ne!(address, of_server(2, "127.0.0.1:4880".parse().unwrap()));
        let address = of_server(1, "[::1]:4880".parse().unwrap());
        assert!(
            address.starts_with("/ip6/::1/tcp/4880/http/p2p/Qm"),
            "{address}"
        );
    }

    #[test]
    fn addresses_of_this_machine_are_told_where_there_are_no_others() {
        let [local, other] =
            ["/ip4/127.0.0.1/tcp/1/p2p/a", "/ip4/192.0.2.1/tcp/1/p2p/a"].map(str::to_owned);
        assert_eq!(of_node(vec![local.clone()]), std::slice::from_ref(&local));
        assert_eq!(of_node(vec![local, other.clone(), other.clone()]), [other]);
        assert!(of_node(vec!["/ip4/192.0.2.1/tcp/1".to_owned(), "x".to_owned()]).is_empty());
    }
}
