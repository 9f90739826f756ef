//! A folder of any paths: what was taken is found again under its path, whatever the order and
//! however the folders are sharded.
#![no_main]

use std::{collections::HashMap, convert::Infallible};

use arbitrary::Arbitrary;
use cid::{Cid, Version};
use libfuzzer_sys::fuzz_target;
use w3pin_unixfs::{
    Block, BlockSink, FileBuilder, Kind, Lookup, MAX_SHARD_DEPTH, Node, Profile, ShardEstimate,
    TreeBuilder, decode,
};

#[derive(Arbitrary, Debug)]
enum Entry<'a> {
    File(&'a [u8]),
    Symlink(&'a str),
    Folder,
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    shard_threshold: u8,
    links_bytes: bool,
    version_0: bool,
    entries: Vec<(&'a str, Entry<'a>)>,
}

#[derive(Default)]
struct Blocks(HashMap<Cid, Vec<u8>>);

impl BlockSink for Blocks {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
        self.0.insert(block.cid, block.to_vec());
        Ok(())
    }
}

fuzz_target!(|input: Input<'_>| {
    let estimate = if input.links_bytes {
        ShardEstimate::LinksBytes
    } else {
        ShardEstimate::BlockBytes
    };
    let profile = Profile::custom()
        .cid_version(if input.version_0 {
            Version::V0
        } else {
            Version::V1
        })
        .shard_estimate(estimate)
        .shard_threshold(input.shard_threshold.into())
        .build()
        .expect("a small profile");
    let mut blocks = Blocks::default();
    let mut tree = TreeBuilder::new(&profile);
    let mut taken = Vec::new();
    for (path, entry) in &input.entries {
        if add(&mut tree, path, entry, &profile, &mut blocks) {
            taken.push((*path, entry));
        }
    }
    for (path, entry) in &taken {
        let again = add(&mut tree, path, entry, &profile, &mut Blocks::default());
        assert_eq!(again, matches!(entry, Entry::Folder), "{path:?}");
    }
    let Ok(root) = tree.finish(&mut blocks) else {
        return;
    };
    let mut size = 0;
    for (path, entry) in &taken {
        let cid = find(&root.cid, path, &blocks);
        let node =
            decode(&cid, blocks.0.get(&cid).map_or(&[], Vec::as_slice)).expect("our own block");
        match entry {
            Entry::File(content) => {
                size += content.len() as u64;
                assert_eq!(cid, file(content, &profile, &mut Blocks::default()).cid);
            }
            Entry::Symlink(target) => {
                size += target.len() as u64;
                assert_eq!(
                    (node.kind(), node.data()),
                    (Kind::Symlink, target.as_bytes())
                );
            }
            Entry::Folder => assert!(matches!(node.kind(), Kind::Directory | Kind::HamtShard)),
        }
    }
    assert_eq!(root.size, size);

    // Files first and from the end: what is a folder by its path doesn't depend on the order.
    let mut again = TreeBuilder::new(&profile);
    for (path, entry) in taken.iter().rev() {
        assert!(
            add(&mut again, path, entry, &profile, &mut Blocks::default()),
            "{path:?}"
        );
    }
    // Refused entries may have made folders, so only then the roots can differ.
    if taken.len() == input.entries.len() {
        assert_eq!(again.root().ok(), Some(root));
    }
});

fn add(
    tree: &mut TreeBuilder,
    path: &str,
    entry: &Entry<'_>,
    profile: &Profile,
    blocks: &mut Blocks,
) -> bool {
    match entry {
        Entry::File(content) => tree.add_file(path, file(content, profile, blocks)),
        Entry::Symlink(target) => tree.add_symlink(path, target),
        Entry::Folder => tree.add_folder(path),
    }
    .is_ok()
}

fn file(content: &[u8], profile: &Profile, blocks: &mut Blocks) -> Node {
    let mut file = FileBuilder::with_sink(profile, blocks);
    let Ok(()) = file.update(content);
    let Ok((node, _)) = file.finish();
    node
}

fn find(root: &Cid, path: &str, blocks: &Blocks) -> Cid {
    path.split('/').fold(*root, |folder, name| {
        let mut cid = folder;
        for level in 0..=MAX_SHARD_DEPTH {
            let node = decode(&cid, &blocks.0[&cid]).expect("our own block");
            match node.lookup(name, level) {
                Lookup::Entry(link) => return link.cid,
                Lookup::Shard(link) => cid = link.cid,
                Lookup::Absent => break,
            }
        }
        panic!("{path:?} is not in the folder");
    })
}
