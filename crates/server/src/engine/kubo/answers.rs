//! Parses the responses of the RPC API.

use serde::Deserialize;
use w3pin_unixfs::Cid;

use crate::{dag_shape::DagShape, error::RpcError};

/// Returns whether a call failed because the node has no such pin. The API uses the same status for
/// all errors.
pub(super) fn is_not_pinned(error: &RpcError) -> bool {
    matches!(error, RpcError::Failed { message, .. } if message.contains("not pinned"))
}

/// Returns whether a call failed because the node doesn't have the block.
pub(super) fn is_not_found(error: &RpcError) -> bool {
    matches!(error, RpcError::Failed { message, .. } if message.contains("could not find")
        || message.contains("not found locally"))
}

/// Returns `Some` if `pin/add` reports success.
pub(super) fn pinned(body: &[u8]) -> Option<()> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Pinned {
        pins: Vec<String>,
    }
    let pinned: Pinned = serde_json::from_slice(body).ok()?;
    (!pinned.pins.is_empty()).then_some(())
}

/// Parses the size in a response of `files/stat` or `dag/stat`.
pub(super) fn shape(body: &[u8]) -> Option<DagShape> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Stat {
        cumulative_size: Option<u64>,
        total_size: Option<u64>,
        #[serde(rename = "Type")]
        kind: Option<String>,
    }
    let stat: Stat = serde_json::from_slice(body).ok()?;
    Some(DagShape {
        size: stat.cumulative_size.or(stat.total_size)?,
        is_dir: stat.kind.is_some_and(|kind| kind == "directory"),
    })
}

/// Parses the addresses in a response of `id`.
pub(super) fn addresses(body: &[u8]) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Id {
        addresses: Option<Vec<String>>,
    }
    let id: Id = serde_json::from_slice(body).ok()?;
    Some(id.addresses.unwrap_or_default())
}

/// Parses the root of an upload from the last line of the `add` response.
pub(super) fn added_root(line: &[u8]) -> Option<Cid> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Added {
        hash: String,
    }
    let added: Added = serde_json::from_slice(line).ok()?;
    added.hash.parse().ok()
}

/// Parses the root of a CAR that `dag/import` has pinned.
pub(super) fn imported_root(line: &[u8]) -> Option<Cid> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Imported {
        root: Root,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Root {
        cid: Link,
        #[serde(default)]
        pin_error_msg: String,
    }
    #[derive(Deserialize)]
    struct Link {
        #[serde(rename = "/")]
        cid: String,
    }
    let Root { cid, pin_error_msg } = serde_json::from_slice::<Imported>(line).ok()?.root;
    pin_error_msg
        .is_empty()
        .then(|| cid.cid.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::{added_root, imported_root, is_not_found, is_not_pinned, pinned, shape};
    use crate::{dag_shape::DagShape, error::RpcError};

    fn failed(message: &str) -> RpcError {
        RpcError::Failed {
            call: "x",
            status: 500,
            message: message.to_owned(),
        }
    }

    #[test]
    fn errors_are_told_by_their_text() {
        assert!(is_not_pinned(&failed("not pinned or pinned indirectly")));
        assert!(is_not_pinned(&failed("path '/ipfs/Qm' is not pinned")));
        assert!(is_not_found(&failed("ipld: could not find bafkrei")));
        assert!(!is_not_found(&failed("context canceled")));
    }

    #[test]
    fn stats_are_read() {
        let stat = |body: &str| shape(body.as_bytes());
        assert_eq!(
            stat(r#"{"Hash":"Qm","Size":0,"CumulativeSize":108,"Blocks":2,"Type":"directory"}"#),
            Some(DagShape {
                size: 108,
                is_dir: true
            })
        );
        assert_eq!(
            stat(r#"{"UniqueBlocks":2,"TotalSize":70,"SharedSize":0,"Ratio":1,"DagStats":[]}"#),
            Some(DagShape {
                size: 70,
                is_dir: false
            })
        );
        assert_eq!(stat("{}"), None);
        let root = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
        let line = format!(r#"{{"Name":"d","Hash":"{root}","Size":"53"}}"#);
        assert_eq!(added_root(line.as_bytes()), root.parse().ok());
        assert_eq!(added_root(br#"{"Name":"d","Bytes":53}"#), None);
        let line =
            |error| format!(r#"{{"Root":{{"Cid":{{"/":"{root}"}},"PinErrorMsg":"{error}"}}}}"#);
        assert_eq!(imported_root(line("").as_bytes()), root.parse().ok());
        assert_eq!(imported_root(line("no").as_bytes()), None);
        assert_eq!(pinned(br#"{"Pins":["Qm"]}"#), Some(()));
        assert_eq!(pinned(br#"{"Pins":[]}"#), None);
    }
}
