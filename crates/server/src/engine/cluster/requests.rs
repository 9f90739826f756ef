//! Builds the paths and queries of requests to the REST API.

use w3pin_unixfs::{Cid, Leaves, Profile};

use crate::backend::Replication;

/// The links of a file node, which requests can't change.
const WIDTH: usize = 174;

/// Adds files under this profile and pins them; `None` if a cluster doesn't support the profile.
pub(super) fn add(profile: &Profile, replication: Replication) -> Option<String> {
    let usual = Profile::kubo_cidv1_legacy();
    let shards_as_usual = profile.shard_estimate() == usual.shard_estimate()
        && profile.shard_threshold() == usual.shard_threshold();
    (profile.width() == WIDTH && shards_as_usual).then(|| {
        format!(
            "/add?cid-version={}&hash=sha2-256&raw-leaves={}&chunker=size-{}&layout=&format=unixfs\
             &shard=false&hidden=true&wrap-with-directory=false&progress=false\
             &stream-channels=true&no-pin=false&name=w3pin&{}",
            u64::from(profile.cid_version()),
            profile.leaves() == Leaves::Raw,
            profile.chunk_size(),
            copies(replication),
        )
    })
}

/// Adds the blocks of a CAR and pins its root.
pub(super) fn add_car(replication: Replication) -> String {
    let copies = copies(replication);
    format!("/add?format=car&shard=false&stream-channels=true&no-pin=false&name=w3pin&{copies}")
}

/// The path of a pin, to query or remove it.
pub(super) fn pin(cid: &Cid) -> String {
    format!("/pins/{cid}")
}

pub(super) fn new_pin(cid: &Cid, replication: Replication) -> String {
    format!(
        "/pins/{cid}?mode=recursive&name=w3pin&{}",
        copies(replication)
    )
}

/// Asks failed peers to try again.
pub(super) fn recover(cid: &Cid) -> String {
    format!("/pins/{cid}/recover")
}

fn copies(replication: Replication) -> String {
    let Replication { min, max } = replication;
    format!("replication-min={min}&replication-max={max}")
}

#[cfg(test)]
mod tests {
    use w3pin_unixfs::Profile;

    use super::add;
    use crate::backend::Replication;

    #[test]
    fn a_cluster_is_asked_for_what_it_can_make() {
        let replication = Replication { min: 2, max: 3 };
        let add = |profile: &Profile| add(profile, replication);
        let legacy = add(&Profile::kubo_cidv1_legacy()).unwrap();
        for parameter in [
            "cid-version=1&",
            "&raw-leaves=true&",
            "&chunker=size-262144&",
            "&replication-min=2&replication-max=3",
        ] {
            assert!(legacy.contains(parameter), "{legacy}");
        }
        let v0 = add(&Profile::unixfs_v0_2015()).unwrap();
        assert!(
            v0.contains("cid-version=0&") && v0.contains("&raw-leaves=false&"),
            "{v0}"
        );
        assert_eq!(add(&Profile::unixfs_v1_2025()), None);
    }
}
