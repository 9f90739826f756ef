//! Builds the paths and queries of requests to the RPC API.

use w3pin_unixfs::{Cid, DAG_PB, Leaves, Profile, RAW};

/// Adds and pins under this profile, regardless of the node's own settings.
///
/// A request can't set when a folder is sharded. That is decided by the node's
/// `Import.UnixFSHAMTDirectorySizeEstimation` and `Import.UnixFSHAMTDirectorySizeThreshold`.
pub(super) fn add(profile: &Profile) -> String {
    format!(
        "/api/v0/add?{}&pin=true&pin-name=w3pin&progress=false&wrap-with-directory=false",
        parameters(profile)
    )
}

/// Adds the blocks of a CAR and pins its root.
pub(super) const DAG_IMPORT: &str = "/api/v0/dag/import?pin-roots=true&silent=false&stats=false";

/// Returns the node's identity.
pub(super) const ID: &str = "/api/v0/id";

/// Returns the parameters of `add` that determine the CID.
pub(super) fn parameters(profile: &Profile) -> String {
    format!(
        "cid-version={}&hash=sha2-256&raw-leaves={}&chunker=size-{}&max-file-links={}\
         &max-hamt-fanout=256&trickle=false&inline=false&preserve-mode=false&preserve-mtime=false",
        u64::from(profile.cid_version()),
        profile.leaves() == Leaves::Raw,
        profile.chunk_size(),
        profile.width(),
    )
}

pub(super) fn pin_ls(cid: &Cid) -> String {
    format!("/api/v0/pin/ls?arg={cid}&type=recursive&quiet=true")
}

pub(super) fn pin_add(cid: &Cid) -> String {
    format!("/api/v0/pin/add?arg={cid}&recursive=true&name=w3pin&progress=false")
}

pub(super) fn pin_rm(cid: &Cid) -> String {
    format!("/api/v0/pin/rm?arg={cid}&recursive=true")
}

/// Returns the size of files and folders, or of any other DAG.
pub(super) fn stat(cid: &Cid) -> String {
    match cid.codec() {
        RAW | DAG_PB => format!("/api/v0/files/stat?arg=/ipfs/{cid}"),
        _ => format!("/api/v0/dag/stat?arg={cid}&progress=false"),
    }
}

/// Returns a block that the node has, without searching the network.
pub(super) fn block_get(cid: &Cid) -> String {
    format!("/api/v0/block/get?arg={cid}&offline=true")
}

#[cfg(test)]
mod tests {
    use w3pin_unixfs::{Cid, Profile};

    use super::{add, stat};

    #[test]
    fn every_parameter_of_a_profile_is_told() {
        let told = |profile: &Profile| add(profile);
        let v1 = told(&Profile::unixfs_v1_2025());
        for parameter in [
            "?cid-version=1&",
            "&raw-leaves=true&",
            "&chunker=size-1048576&",
            "&max-file-links=1024&",
        ] {
            assert!(v1.contains(parameter), "{v1}");
        }
        let v0 = told(&Profile::unixfs_v0_2015());
        for parameter in [
            "?cid-version=0&",
            "&raw-leaves=false&",
            "&chunker=size-262144&",
            "&max-file-links=174&",
        ] {
            assert!(v0.contains(parameter), "{v0}");
        }
    }

    #[test]
    fn what_is_not_unixfs_is_asked_for_its_dag() {
        let unixfs: Cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
            .parse()
            .unwrap();
        assert!(stat(&unixfs).starts_with("/api/v0/files/stat?arg=/ipfs/baf"));
        let cbor = Cid::new_v1(0x71, *unixfs.hash());
        assert!(stat(&cbor).starts_with("/api/v0/dag/stat?arg=baf"));
    }
}
