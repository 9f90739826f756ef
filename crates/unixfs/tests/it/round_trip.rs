//! Tests that content can be read back from the blocks of the sink.

use std::collections::BTreeMap;

use w3pin_unixfs::{FileBuilder, Kind, Leaves, Profile, ShardEstimate, TreeBuilder};

use crate::blocks::{Blocks, Read};
use crate::recipes::Content;

fn profiles() -> Vec<Profile> {
    let small = |leaves| {
        Profile::custom()
            .chunk_size(10)
            .width(3)
            .leaves(leaves)
            .shard_threshold(1)
            .shard_estimate(ShardEstimate::BlockBytes)
            .build()
            .unwrap()
    };
    let mut profiles = Profile::known().to_vec();
    profiles.extend([small(Leaves::Raw), small(Leaves::Wrapped)]);
    profiles
}

#[test]
fn files() {
    for profile in profiles() {
        for len in [0, 1, 9, 10, 11, 30, 31, 90, 91, 1000, 600_000] {
            if profile.chunk_size() == 10 && len > 1000 {
                continue;
            }
            let bytes = Content::Lcg32 { lcg32_seed: 3, len }.bytes();
            let mut file = FileBuilder::with_sink(&profile, Blocks::default());
            let Ok(()) = file.update(&bytes);
            let Ok((root, blocks)) = file.finish();
            assert!(
                blocks.file(&root.cid) == bytes,
                "{len} bytes under {profile}"
            );
            assert_eq!(root.size, len);
        }
    }
}

#[test]
fn trees() {
    for profile in profiles() {
        let mut blocks = Blocks::default();
        let mut tree = TreeBuilder::new(&profile);
        let mut expected = BTreeMap::new();
        for i in 0..700 {
            for path in [format!("many/{i}.txt"), format!("few/{}/{i}", i % 7)] {
                let mut file = FileBuilder::with_sink(&profile, &mut blocks);
                let Ok(()) = file.update(path.as_bytes());
                let Ok((node, _)) = file.finish();
                tree.add_file(&path, node).unwrap();
                expected.insert(path.clone(), Read::File(path.into_bytes()));
            }
        }
        tree.add_symlink("few/link", "../many/1.txt").unwrap();
        expected.insert(
            "few/link".to_owned(),
            Read::Symlink("../many/1.txt".to_owned()),
        );
        tree.add_folder("empty/inside").unwrap();
        for folder in ["many", "few", "empty", "empty/inside"] {
            expected.insert(folder.to_owned(), Read::Folder);
        }
        expected.extend((0..7).map(|i| (format!("few/{i}"), Read::Folder)));

        let root = tree.finish(&mut blocks).unwrap();
        assert_eq!(blocks.tree(&root.cid), expected, "under {profile}");
    }
}

#[test]
fn names_are_looked_up_through_shards() {
    let profile = Profile::custom().shard_threshold(1).build().unwrap();
    let mut blocks = Blocks::default();
    let mut tree = TreeBuilder::new(&profile);
    let names: Vec<_> = (0..3000).map(|i| format!("{i}.txt")).collect();
    for name in &names {
        let mut file = FileBuilder::with_sink(&profile, &mut blocks);
        let Ok(()) = file.update(name.as_bytes());
        let Ok((node, _)) = file.finish();
        tree.add_file(name, node).unwrap();
    }
    let root = tree.finish(&mut blocks).unwrap();
    let node = blocks.node(&root.cid);
    assert_eq!((node.kind(), node.fanout()), (Kind::HamtShard, Some(256)));
    assert!(node.sub_shards().count() > 200);
    for name in &names {
        let cid = blocks.lookup(&root.cid, name).unwrap();
        assert_eq!(blocks.file(&cid), name.as_bytes());
    }
    for absent in ["", "3000.txt", "470", "470.txtx", "00470.txt"] {
        assert_eq!(blocks.lookup(&root.cid, absent), None, "{absent:?}");
    }
}

#[test]
fn a_folder_lists_its_names_in_the_order_of_their_bytes() {
    let profile = Profile::unixfs_v1_2025();
    let mut blocks = Blocks::default();
    let mut tree = TreeBuilder::new(&profile);
    // In UTF-16 order, the last two would be swapped.
    let names = ["A", "Z", "a", "\u{e9}", "\u{ff5e}", "\u{1f600}"];
    for name in names.iter().rev() {
        tree.add_folder(name).unwrap();
    }
    let root = tree.finish(&mut blocks).unwrap();
    let node = blocks.node(&root.cid);
    assert!(node.entries().map(|entry| entry.name).eq(names));
    assert_eq!(blocks.lookup(&root.cid, "Z"), blocks.lookup(&root.cid, "A"));
    assert_eq!(blocks.lookup(&root.cid, "z"), None);
}
