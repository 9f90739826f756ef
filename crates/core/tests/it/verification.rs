use w3pin_core::{Cid, Computed, ErrorKind, Verification, Verify};
use w3pin_unixfs::Profile;

use crate::{OTHER_RAW_CID, RAW_CID, V0_CID};

fn computed(profile: &str, cid: &str) -> Computed {
    Computed {
        profile: profile.parse().unwrap(),
        cid: cid.parse().unwrap(),
    }
}

fn judge(returned: &str, computed: &[Computed]) -> Verification {
    Verification::judge(&returned.parse().unwrap(), computed)
}

#[test]
fn the_same_hash_under_any_profile_is_a_proof() {
    let candidates = [
        computed("kubo-cidv1-legacy", RAW_CID),
        computed("unixfs-v0-2015", V0_CID),
    ];
    assert_eq!(
        judge(V0_CID, &candidates),
        Verification::Verified {
            profile: Some(Profile::unixfs_v0_2015())
        }
    );
    let v1: Cid = cid::Cid::new_v1(0x70, *V0_CID.parse::<Cid>().unwrap().as_cid().hash()).into();
    assert_eq!(
        judge(v1.as_str(), &candidates).profile(),
        Some(&Profile::unixfs_v0_2015())
    );
}

#[test]
fn only_two_single_blocks_that_differ_are_certain_to_be_other_content() {
    let verdict = judge(
        OTHER_RAW_CID,
        &[
            computed("kubo-cidv1-legacy", V0_CID),
            computed("unixfs-v0-2015", RAW_CID),
        ],
    );
    assert_eq!(
        verdict,
        Verification::Mismatch {
            computed: RAW_CID.parse().unwrap()
        }
    );
    let verdict = judge(V0_CID, &[computed("kubo-cidv1-legacy", RAW_CID)]);
    assert_eq!(
        verdict,
        Verification::Unproved {
            computed: RAW_CID.parse().unwrap()
        }
    );
    assert_eq!(judge(RAW_CID, &[]), Verification::Unchecked);
}

#[test]
fn required_proof_fails_with_both_cids() {
    let returned: Cid = OTHER_RAW_CID.parse().unwrap();
    for verdict in [
        judge(OTHER_RAW_CID, &[computed("kubo-cidv1-legacy", RAW_CID)]),
        judge(OTHER_RAW_CID, &[computed("kubo-cidv1-legacy", V0_CID)]),
    ] {
        let error = verdict.require(&returned).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CidMismatch);
        assert_eq!(error.returned_cid(), Some(&returned));
        assert_eq!(error.expected_cid(), verdict.computed_cid());
        assert!(!error.is_retryable());
    }
    assert!(
        judge(RAW_CID, &[computed("kubo-cidv1-legacy", RAW_CID)])
            .require(&returned)
            .is_ok()
    );
}

#[test]
fn how_much_proof_is_a_word() {
    assert_eq!("require".parse::<Verify>().unwrap(), Verify::Require);
    assert_eq!(
        "always".parse::<Verify>().unwrap_err().field(),
        Some("verify")
    );
    assert_eq!(Verify::default(), Verify::Report);
}
