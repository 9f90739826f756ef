//! Parses the REST API's description of a pin.

use std::collections::BTreeMap;

use serde::Deserialize;
use w3pin_unixfs::Cid;

use crate::{backend::Replication, error::rpc_excerpt};

/// A pin as seen by all peers: `GlobalPinInfo` in the API.
#[derive(Debug, Deserialize)]
pub(super) struct PinInfo {
    /// The peers that should keep it; `None` means all peers.
    #[serde(default)]
    allocations: Option<Vec<String>>,
    #[serde(default)]
    peer_map: Option<BTreeMap<String, PeerInfo>>,
}

#[derive(Debug, Deserialize)]
struct PeerInfo {
    status: String,
    #[serde(default)]
    error: String,
}

/// The state of a pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The cluster has no such pin.
    Absent,
    /// No peer has started on it.
    Queued,
    /// Peers are fetching it.
    Pinning,
    /// Enough peers have it.
    Pinned,
    /// Too many peers failed; this is the error of one of them.
    Failed(String),
}

impl Standing {
    /// Returns the pinned one of two forms of a CID.
    pub(super) fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Absent, _) => other,
            (_, Self::Pinned) => other,
            _ => self,
        }
    }
}

impl PinInfo {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    pub(super) fn standing(&self, replication: Replication) -> Standing {
        let peers: Vec<&PeerInfo> = self.peer_map.iter().flat_map(BTreeMap::values).collect();
        // The other peers aren't involved.
        let concerned: Vec<&PeerInfo> = peers
            .into_iter()
            .filter(|peer| {
                !matches!(
                    &peer.status[..],
                    "remote" | "unpinned" | "unpinning" | "unpin_queued" | "unpin_error"
                )
            })
            .collect();
        if concerned.is_empty() {
            return Standing::Absent;
        }
        let count = |status: &str| {
            concerned
                .iter()
                .filter(|peer| peer.status == status)
                .count()
        };
        let allocated = self.allocations.as_ref().map_or(0, Vec::len);
        let wanted = match usize::try_from(replication.min) {
            Ok(wanted @ 1..) => wanted,
            // All peers that the cluster chose, or all there are if it chose none.
            _ => allocated.max(concerned.len()),
        };
        if count("pinned") >= wanted {
            return Standing::Pinned;
        }
        if count("pinning") > 0 {
            return Standing::Pinning;
        }
        if count("pin_queued") > 0 {
            return Standing::Queued;
        }
        let failed = concerned.iter().find(|peer| {
            matches!(
                &peer.status[..],
                "pin_error" | "cluster_error" | "error" | "unexpectedly_unpinned"
            )
        });
        match failed {
            Some(peer) if peer.error.is_empty() => Standing::Failed(peer.status.replace('_', " ")),
            Some(peer) => Standing::Failed(rpc_excerpt(&peer.error)),
            // The chosen peers have yet to learn of it.
            None => Standing::Pinning,
        }
    }
}

/// Returns whether a peer failed because the content didn't arrive in time.
pub(super) fn is_timeout(reason: &str) -> bool {
    [
        "timed out",
        "timeout",
        "deadline exceeded",
        "context canceled",
    ]
    .iter()
    .any(|sign| reason.contains(sign))
}

/// Parses the root of an upload from the last line of the `add` response.
pub(super) fn added_root(line: &[u8]) -> Option<Cid> {
    #[derive(Deserialize)]
    struct Added {
        cid: String,
    }
    let added: Added = serde_json::from_slice(line).ok()?;
    added.cid.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{PinInfo, Standing, added_root, is_timeout};
    use crate::backend::Replication;

    fn standing(statuses: &[&str], allocations: usize, min: i32) -> Standing {
        let peers: serde_json::Map<_, _> = statuses
            .iter()
            .enumerate()
            .map(|(number, status)| {
                let error = if status.ends_with("error") {
                    "disk full"
                } else {
                    ""
                };
                (
                    number.to_string(),
                    json!({"status": status, "error": error}),
                )
            })
            .collect();
        let info = json!({"cid": "x", "allocations": vec!["p"; allocations], "peer_map": peers});
        let replication = Replication { min, max: min };
        PinInfo::read(info.to_string().as_bytes())
            .unwrap()
            .standing(replication)
    }

    #[test]
    fn a_pin_is_done_when_as_many_peers_have_it_as_are_wanted() {
        use Standing::{Absent, Failed, Pinned, Pinning, Queued};
        let failed = || Failed("disk full".to_owned());
        let cases = [
            (&["pinned", "pinned", "remote"][..], 2, 2, Pinned),
            (&["pinned", "pinning", "remote"], 2, 2, Pinning),
            (&["pinned", "pin_queued"], 2, 2, Queued),
            (&["pinned", "pinning"], 2, 1, Pinned),
            (&["pinned", "pin_error"], 2, 1, Pinned),
            (&["pinned", "pin_error"], 2, 2, failed()),
            (&["pin_error", "pinning"], 2, 2, Pinning),
            (&["cluster_error"], 1, 1, failed()),
            // Left to the cluster: all that it chose.
            (&["pinned", "remote"], 1, 0, Pinned),
            (&["pinned", "pinning"], 2, 0, Pinning),
            // One of two; the other hasn't reported yet.
            (&["pinned"], 2, 0, Pinning),
            // All peers.
            (&["pinned", "pinned"], 0, -1, Pinned),
            (&["pinned", "pin_queued"], 0, -1, Queued),
            (&["unpinned", "unpinned"], 0, 0, Absent),
            (&[], 0, 0, Absent),
            (
                &["unexpectedly_unpinned"],
                1,
                1,
                Failed("unexpectedly unpinned".to_owned()),
            ),
        ];
        for (statuses, allocations, min, expected) in cases {
            assert_eq!(
                standing(statuses, allocations, min),
                expected,
                "{statuses:?}"
            );
        }
    }

    #[test]
    fn answers_are_read() {
        let root = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
        let line = format!(r#"{{"name":"d","cid":"{root}","size":53,"allocations":[]}}"#);
        assert_eq!(added_root(line.as_bytes()), root.parse().ok());
        assert_eq!(added_root(b"{}"), None);
        assert!(PinInfo::read(br#"{"allocations":null,"peer_map":null}"#).is_some());
        assert!(PinInfo::read(b"{").is_none());
        assert!(is_timeout("context deadline exceeded"));
    }
}
