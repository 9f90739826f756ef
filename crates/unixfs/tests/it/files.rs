//! Tests that chunks don't depend on how the bytes are pushed.

use std::convert::Infallible;

use w3pin_unixfs::{
    Attributes, Block, BlockSink, Candidates, FileBuilder, HashedChunks, Leaves,
    ParallelFileBuilder, Profile,
};

use crate::recipes::Content;

fn bytes(len: u64) -> Vec<u8> {
    Content::Lcg32 { lcg32_seed: 7, len }.bytes()
}

fn root(profile: &Profile, bytes: &[u8]) -> w3pin_unixfs::Node {
    let mut file = FileBuilder::new(profile);
    file.push(bytes);
    file.root()
}

fn small(leaves: Leaves) -> Profile {
    Profile::custom()
        .chunk_size(16)
        .width(3)
        .leaves(leaves)
        .build()
        .unwrap()
}

#[test]
fn slices_of_any_length_give_the_same_root() {
    for profile in [small(Leaves::Raw), small(Leaves::Wrapped)] {
        for len in [0, 1, 15, 16, 17, 31, 32, 33, 48, 49, 500] {
            let bytes = bytes(len);
            let whole = root(&profile, &bytes);
            for slice in 1..=70 {
                let mut file = FileBuilder::new(&profile);
                for slice in bytes.chunks(slice) {
                    file.push(slice);
                    file.push(&[]);
                }
                assert_eq!(
                    file.root(),
                    whole,
                    "{len} bytes in slices of {slice} under {profile}"
                );
            }
        }
    }
}

#[test]
fn odd_slices_of_a_large_file_give_the_same_root() {
    let bytes = bytes(5 << 20);
    for profile in Profile::known() {
        let whole = root(&profile, &bytes);
        for slice in [4093, 262_143, 262_145, 1_000_003, 3 << 20] {
            let mut file = FileBuilder::new(&profile);
            bytes.chunks(slice).for_each(|slice| file.push(slice));
            assert_eq!(file.root(), whole, "slices of {slice} under {profile}");
        }
    }
}

#[test]
fn attributes_do_not_depend_on_slices_either() {
    let attributes = Attributes {
        mode: Some(0o644),
        mtime: None,
    };
    for len in [0, 1, 15, 16, 17, 32, 100] {
        let bytes = bytes(len);
        let with = |slice: usize| {
            let mut file = FileBuilder::new(&small(Leaves::Raw)).with_attributes(attributes);
            bytes.chunks(slice).for_each(|slice| file.push(slice));
            file.root()
        };
        let whole = with(1000);
        assert_ne!(whole.cid, root(&small(Leaves::Raw), &bytes).cid);
        for slice in 1..40 {
            assert_eq!(with(slice), whole, "{len} bytes in slices of {slice}");
        }
    }
}

#[test]
fn candidates_are_what_each_profile_gives_alone() {
    let same_leaves = Profile::custom().width(1024).build().unwrap();
    let profiles = [
        &[same_leaves, small(Leaves::Wrapped)],
        &Profile::known()[..],
    ]
    .concat();
    for len in [0, 1, 262_144, 262_145, 3_000_000] {
        let bytes = bytes(len);
        let mut candidates = Candidates::new(&profiles);
        bytes
            .chunks(100_000)
            .for_each(|slice| candidates.update(slice));
        let alone: Vec<_> = profiles
            .iter()
            .map(|profile| (*profile, root(profile, &bytes)))
            .collect();
        assert_eq!(candidates.finish(), alone);
        for before in [0, 1, 262_144] {
            let Some((first, last)) = bytes.split_at_checked(before) else {
                continue;
            };
            let mut candidates = Candidates::new(&profiles);
            candidates.update(first);
            assert_eq!(candidates.finish_with(last), alone);
        }
    }
}

#[test]
fn a_whole_chunk_is_hashed_where_it_lies() {
    struct Within(std::ops::Range<*const u8>, usize);
    impl BlockSink for Within {
        type Error = Infallible;
        fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
            let [_, chunk, _] = block.parts();
            self.1 += usize::from(self.0.contains(&chunk.as_ptr()) && chunk.len() == 16);
            Ok(())
        }
    }
    let bytes = bytes(16 * 9);
    for leaves in [Leaves::Raw, Leaves::Wrapped] {
        let sink = Within(bytes.as_ptr_range(), 0);
        let mut file = FileBuilder::with_sink(&small(leaves), sink);
        let Ok(()) = file.update(&bytes);
        let Ok((_, Within(_, in_place))) = file.finish();
        assert_eq!(in_place, 9, "{leaves:?}");
    }
}

#[test]
fn an_error_of_the_sink_is_handed_on() {
    #[derive(Debug, PartialEq)]
    struct Full;
    struct TwoOnly(u8);
    impl BlockSink for TwoOnly {
        type Error = Full;
        fn put(&mut self, _block: Block<'_>) -> Result<(), Full> {
            self.0 = self.0.checked_sub(1).ok_or(Full)?;
            Ok(())
        }
    }
    let profile = small(Leaves::Raw);
    let mut file = FileBuilder::with_sink(&profile, TwoOnly(2));
    assert_eq!(file.update(&[0; 48]), Err(Full));
    let mut file = FileBuilder::with_sink(&profile, TwoOnly(2));
    assert_eq!(file.update(&[0; 32]), Ok(()));
    assert_eq!(file.finish().err(), Some(Full));
}

#[test]
fn slices_hashed_apart_and_brought_in_any_order_give_the_same_root() {
    for profile in [small(Leaves::Raw), small(Leaves::Wrapped)] {
        for len in [0, 1, 16, 17, 32, 48, 49, 64, 500] {
            let bytes = bytes(len);
            let whole = root(&profile, &bytes);
            for chunks in 1..=5 {
                let slices: Vec<_> = bytes.chunks(16 * chunks).enumerate().collect();
                let mut parallel = ParallelFileBuilder::new(&profile);
                let (even, odd): (Vec<_>, Vec<_>) =
                    slices.into_iter().partition(|(place, _)| place % 2 == 0);
                for (place, slice) in odd.into_iter().chain(even.into_iter().rev()) {
                    parallel.push(place as u64, HashedChunks::new(&profile, slice));
                }
                assert_eq!(
                    parallel.root(),
                    Some(whole),
                    "{len} bytes in slices of {chunks} chunks under {profile}"
                );
            }
        }
    }
}

#[test]
fn slices_that_make_no_file_have_no_root() {
    let profile = small(Leaves::Raw);
    let root = |slices: &[(u64, &[u8])]| {
        let mut parallel = ParallelFileBuilder::new(&profile);
        for (place, slice) in slices {
            parallel.push(*place, HashedChunks::new(&profile, slice));
        }
        parallel.root()
    };
    let (whole, short) = (&[1; 16][..], &[2; 15][..]);
    assert!(root(&[(0, whole), (1, short)]).is_some());
    assert_eq!(root(&[(1, whole)]), None, "the first is missing");
    assert_eq!(root(&[(0, whole), (2, short)]), None, "one is missing");
    assert_eq!(root(&[(0, whole), (0, whole)]), None, "one came twice");
    assert_eq!(
        root(&[(1, whole), (1, whole), (0, whole)]),
        None,
        "early and twice"
    );
    assert_eq!(root(&[(0, short), (1, whole)]), None, "one behind the end");

    let mut parallel = ParallelFileBuilder::new(&profile);
    parallel.push(0, HashedChunks::new(&small(Leaves::Wrapped), whole));
    assert_eq!(parallel.root(), None, "of another profile");
}
