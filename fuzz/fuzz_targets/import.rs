//! A file's root doesn't depend on how its bytes arrive, and its blocks hold its content.
#![no_main]

use std::{collections::HashMap, convert::Infallible};

use arbitrary::Arbitrary;
use cid::{Cid, Version};
use libfuzzer_sys::fuzz_target;
use w3pin_unixfs::{
    Block, BlockSink, FileBuilder, Leaves, Profile, ShardEstimate, decode, verify_block,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    chunk_size: u8,
    width: u8,
    wrapped: bool,
    version_0: bool,
    repeat: u8,
    cuts: Vec<u8>,
    content: &'a [u8],
}

#[derive(Default)]
struct Blocks(HashMap<Cid, Vec<u8>>);

impl BlockSink for Blocks {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
        let bytes = block.to_vec();
        assert_eq!(bytes.len(), block.len());
        verify_block(&block.cid, &bytes).expect("a block has its CID");
        assert!(
            block.links().iter().all(|link| self.0.contains_key(link)),
            "children come first"
        );
        self.0.insert(block.cid, bytes);
        Ok(())
    }
}

fuzz_target!(|input: Input<'_>| {
    let profile = Profile::custom()
        .chunk_size(usize::from(input.chunk_size) + 1)
        .width(usize::from(input.width % 16) + 2)
        .leaves(if input.wrapped {
            Leaves::Wrapped
        } else {
            Leaves::Raw
        })
        .cid_version(if input.version_0 {
            Version::V0
        } else {
            Version::V1
        })
        .shard_estimate(ShardEstimate::BlockBytes)
        .build()
        .expect("a small profile");
    assert_eq!(
        profile.to_string().parse::<Profile>().as_ref(),
        Ok(&profile)
    );
    let content = input.content.repeat(usize::from(input.repeat % 8) + 1);

    let mut whole = FileBuilder::new(&profile);
    whole.push(&content);
    let whole = whole.root();

    let mut sliced = FileBuilder::with_sink(&profile, Blocks::default());
    let mut rest = &content[..];
    for cut in input.cuts {
        let (slice, behind) = rest.split_at(usize::from(cut).min(rest.len()));
        let Ok(()) = sliced.update(slice);
        rest = behind;
    }
    let Ok(()) = sliced.update(rest);
    let Ok((root, blocks)) = sliced.finish();
    assert_eq!(root, whole);
    assert_eq!(root.size, content.len() as u64);

    let mut read = Vec::new();
    let dag_size = walk(&root.cid, &blocks, &mut read);
    assert_eq!(read, content);
    assert_eq!(dag_size, root.dag_size);
});

/// Reads a file's content and gives the bytes of all its blocks.
fn walk(cid: &Cid, blocks: &Blocks, content: &mut Vec<u8>) -> u64 {
    let block = &blocks.0[cid];
    let node = decode(cid, block).expect("our own block");
    content.extend_from_slice(node.data());
    let mut dag_size = block.len() as u64;
    for (link, size) in node.children() {
        let before = content.len();
        let below = walk(&link.cid, blocks, content);
        assert_eq!(below, link.dag_size);
        assert_eq!((content.len() - before) as u64, size);
        dag_size += below;
    }
    dag_size
}
