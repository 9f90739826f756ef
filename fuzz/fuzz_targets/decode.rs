//! Any bytes under any CID decode or are refused.
#![no_main]

use arbitrary::Arbitrary;
use cid::Cid;
use libfuzzer_sys::fuzz_target;
use w3pin_unixfs::{Kind, Lookup, decode, leaf_matches, verify_block};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    cid: &'a [u8],
    name: &'a str,
    level: u32,
    block: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let dag_pb: Cid = "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"
        .parse()
        .expect("a CID");
    for cid in Cid::read_bytes(input.cid).ok().into_iter().chain([dag_pb]) {
        let _ = verify_block(&cid, input.block);
        let _ = leaf_matches(&cid, input.block);
        let Ok(node) = decode(&cid, input.block) else {
            continue;
        };
        assert!(node.data().len() <= input.block.len());
        assert!(node.sub_shards().count() + node.entries().count() <= node.links().len());
        if matches!(node.kind(), Kind::File | Kind::Raw) {
            let below: u64 = node.children().map(|(_, size)| size).sum();
            assert_eq!(node.file_size(), Some(below + node.data().len() as u64));
        }
        let _ = node.lookup(input.name, input.level);
        for entry in node.entries() {
            assert!(!matches!(entry.name, "" | "." | "..") && !entry.name.contains('/'));
            if node.kind() == Kind::Directory {
                assert_eq!(node.lookup(entry.name, 0), Lookup::Entry(entry.link));
            }
        }
    }
});
