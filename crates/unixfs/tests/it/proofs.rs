//! Tests that content is proved against leaves of any form, and that nothing else is.

use sha2::{Digest as _, Sha256};
use w3pin_unixfs::{
    BlockError, Cid, Discard, FileBuilder, Leaves, Profile, leaf_matches, symlink, verify_block,
};

use cid::multihash::Multihash;

fn dag_pb(block: &[u8]) -> Cid {
    Cid::new_v1(0x70, Multihash::wrap(0x12, &Sha256::digest(block)).unwrap())
}

#[test]
fn a_leaf_of_every_profile_matches_its_chunk_only() {
    for profile in Profile::known() {
        for len in [0, 1, 127, 128, 16_383, 262_144] {
            let chunk = vec![7; len];
            let mut file = FileBuilder::new(&profile);
            file.push(&chunk);
            let cid = file.root().cid;
            assert!(leaf_matches(&cid, &chunk), "{len} bytes under {profile}");
            assert!(!leaf_matches(&cid, &[&chunk[..], &[7]].concat()));
            let mut other = chunk;
            if let Some(last) = other.last_mut() {
                *last ^= 1;
                assert!(!leaf_matches(&cid, &other));
            }
        }
    }
}

#[test]
fn wrapped_leaves_of_older_importers_match() {
    for block in [
        &b"\x0a\x09\x08\x00\x12\x03abc\x18\x03"[..],
        b"\x0a\x09\x08\x02\x12\x03abc\x18\x03",
        b"\x0a\x07\x08\x00\x12\x03abc",
        b"\x0a\x07\x08\x02\x12\x03abc",
    ] {
        assert!(leaf_matches(&dag_pb(block), b"abc"), "{block:x?}");
        assert!(!leaf_matches(&dag_pb(block), b"abd"));
    }
    let symlink = symlink("abc", &Profile::default(), &mut Discard).unwrap();
    assert!(!leaf_matches(&symlink.cid, b"abc"));
}

#[test]
fn an_inner_node_matches_no_chunk() {
    let profile = Profile::custom()
        .chunk_size(4)
        .leaves(Leaves::Wrapped)
        .build()
        .unwrap();
    let mut file = FileBuilder::new(&profile);
    file.push(b"abcdefgh");
    assert!(!leaf_matches(&file.root().cid, b"abcdefgh"));
}

#[test]
fn a_cid_that_holds_its_content_proves_it() {
    let identity = Cid::new_v1(0x55, Multihash::wrap(0, b"abc").unwrap());
    assert!(leaf_matches(&identity, b"abc"));
    assert_eq!(verify_block(&identity, b"abc"), Ok(()));
    assert!(!leaf_matches(&identity, b"abd"));
    assert_eq!(
        verify_block(&identity, b"abd"),
        Err(BlockError::Mismatch(identity))
    );
}

#[test]
fn a_hash_that_is_unknown_or_cut_short_proves_nothing() {
    let sha1 = Cid::new_v1(0x55, Multihash::wrap(0x11, &[0; 20]).unwrap());
    assert!(!leaf_matches(&sha1, b"abc"));
    assert_eq!(
        verify_block(&sha1, b"abc"),
        Err(BlockError::UnsupportedHash(sha1))
    );
    let short = Cid::new_v1(0x55, Multihash::wrap(0x12, &[0; 20]).unwrap());
    assert_eq!(
        verify_block(&short, b"abc"),
        Err(BlockError::UnsupportedHash(short))
    );
}
