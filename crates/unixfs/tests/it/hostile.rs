//! Tests that decoding arbitrary bytes returns, possibly with an error.

use proptest::collection::vec;
use proptest::prelude::*;
use w3pin_unixfs::{Cid, DagNode, FileBuilder, Kind, Profile, TreeBuilder, decode, leaf_matches};

use crate::blocks::Blocks;

fn dag_pb() -> Cid {
    "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"
        .parse()
        .unwrap()
}

/// Makes all calls of a reader, and checks the guarantees that it relies on.
fn read(node: &DagNode<'_>, name: &str, level: u32) {
    assert!(
        node.entries()
            .all(|entry| !entry.name.is_empty() && !entry.name.contains('/'))
    );
    assert!(node.entries().count() + node.sub_shards().count() <= node.links().len());
    let _ = node.lookup(name, level);
    if let Some(size) = node.file_size() {
        assert_eq!(node.children().len(), node.links().len());
        let parts = node.children().map(|(_, size)| size).sum::<u64>();
        assert_eq!(size, node.data().len() as u64 + parts);
    } else {
        assert!(!matches!(node.kind(), Kind::File | Kind::Raw));
    }
}

/// Valid blocks of every kind, to be corrupted.
fn sound() -> Vec<Vec<u8>> {
    let profile = Profile::custom()
        .chunk_size(8)
        .leaves(w3pin_unixfs::Leaves::Wrapped);
    let mut blocks = Blocks::default();
    for threshold in [1, 262_144] {
        let profile = profile.shard_threshold(threshold).build().unwrap();
        let mut tree = TreeBuilder::new(&profile);
        for i in 0..20 {
            let mut file = FileBuilder::with_sink(&profile, &mut blocks);
            let Ok(()) = file.update(&vec![i; 3 * usize::from(i)]);
            let Ok((node, _)) = file.finish();
            tree.add_file(&format!("{i}"), node).unwrap();
        }
        tree.add_symlink("link", "target").unwrap();
        tree.finish(&mut blocks).unwrap();
    }
    let mut blocks: Vec<_> = blocks.0.into_values().collect();
    blocks.sort();
    blocks
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400), name in ".{0,8}", level in any::<u32>()) {
        if let Ok(node) = decode(&dag_pb(), &bytes) {
            read(&node, &name, level);
        }
        let _ = leaf_matches(&dag_pb(), &bytes);
    }

    #[test]
    fn sound_blocks_damaged(
        block in prop::sample::select(sound()),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        level in 0..20u32,
    ) {
        let mut block = block;
        for (place, byte) in damage {
            let place = place.index(block.len());
            block[place] = byte;
        }
        if let Some(cut) = cut {
            block.truncate(cut.index(block.len()));
        }
        if let Ok(node) = decode(&dag_pb(), &block) {
            read(&node, "7", level);
        }
    }

    #[test]
    fn any_unixfs_data(fields in vec((1..9u8, 0..3u8, any::<u64>(), vec(any::<u8>(), 0..40)), 0..8)) {
        let mut data = vec![8, (fields.len() % 7) as u8];
        for (number, wire_type, value, bytes) in fields {
            data.push(number << 3 | [0, 2, 5][usize::from(wire_type)]);
            match wire_type {
                0 => data.extend([value as u8 & 0x7f]),
                1 => { data.push(bytes.len() as u8); data.extend(bytes); }
                _ => data.extend((value as u32).to_le_bytes()),
            }
        }
        let mut block = vec![0x0a, (data.len() & 0x7f | 0x80) as u8, (data.len() >> 7) as u8];
        block.extend(data);
        if let Ok(node) = decode(&dag_pb(), &block) {
            read(&node, "name", 0);
        }
    }

    #[test]
    fn any_profile_text(text in "(custom\\()?([a-z-]{0,8}=?[0-9a-z-]{0,9},?){0,4}\\)?") {
        if let Ok(profile) = text.parse::<Profile>() {
            prop_assert_eq!(profile.to_string().parse::<Profile>().unwrap(), profile);
        }
    }

    #[test]
    fn any_paths(paths in vec("([ab./]|é){0,7}", 0..30)) {
        let mut tree = TreeBuilder::new(&Profile::default());
        for path in &paths {
            let _ = tree.add_symlink(path, "x");
        }
        prop_assert!(tree.root().is_ok());
    }
}
