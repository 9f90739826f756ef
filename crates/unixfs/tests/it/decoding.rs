//! Tests with blocks of other implementations and with invalid blocks.

use w3pin_unixfs::{Cid, DagNode, DecodeError, Kind, Lookup, MAX_BLOCK_SIZE, decode};

fn cid() -> Cid {
    "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"
        .parse()
        .unwrap()
}

fn dag_pb(block: &[u8]) -> Result<DagNode<'_>, DecodeError> {
    decode(&cid(), block)
}

/// A length-delimited field.
fn field(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    let bytes = parts.concat();
    assert!(bytes.len() < 128);
    [&[number << 3 | 2, bytes.len() as u8][..], &bytes].concat()
}

fn link(name: &str, dag_size: u8) -> Vec<u8> {
    let name = field(2, &[name.as_bytes()]);
    field(
        2,
        &[&field(1, &[&cid().to_bytes()]), &name, &[0x18, dag_size]],
    )
}

fn data(bytes: &[u8]) -> Vec<u8> {
    field(1, &[bytes])
}

#[test]
fn links_and_data_may_come_in_either_order() {
    let (a, b, folder) = (link("a", 1), link("b", 2), data(&[8, 1]));
    let links_first = [&a[..], &b, &folder].concat();
    let data_first = [&folder[..], &a, &b].concat();
    let node = dag_pb(&links_first).unwrap();
    assert_eq!(dag_pb(&data_first).as_ref(), Ok(&node));
    let entries: Vec<_> = node
        .entries()
        .map(|e| (e.name, e.link.cid, e.link.dag_size))
        .collect();
    assert_eq!(entries, [("a", cid(), 1), ("b", cid(), 2)]);

    let both_sides = [&a[..], &folder, &b].concat();
    assert!(matches!(dag_pb(&both_sides), Err(DecodeError::NotDagPb(_))));
    let twice = [&folder[..], &folder].concat();
    assert!(matches!(dag_pb(&twice), Err(DecodeError::NotDagPb(_))));
}

#[test]
fn a_file_whose_links_have_no_names_or_packed_sizes_is_a_file() {
    let nameless = field(2, &[&field(1, &[&cid().to_bytes()])]);
    for sizes in [&[0x20, 5, 0x20, 6][..], &[0x22, 2, 5, 6]] {
        let file = data(&[&[8, 2, 0x18, 11], sizes].concat());
        let block = [&nameless[..], &nameless, &file].concat();
        let node = dag_pb(&block).unwrap();
        assert_eq!((node.kind(), node.file_size()), (Kind::File, Some(11)));
        assert!(node.children().map(|(_, size)| size).eq([5, 6]));
        assert_eq!(node.lookup("", 0), Lookup::Absent);
    }
}

#[test]
fn bytes_in_a_node_come_before_those_of_its_links() {
    let block = [link("", 1), data(&[8, 2, 0x12, 2, b'h', b'i', 0x20, 5])].concat();
    let node = dag_pb(&block).unwrap();
    assert_eq!((node.data(), node.file_size()), (&b"hi"[..], Some(7)));
}

#[test]
fn files_at_odds_with_themselves_are_refused() {
    let refused = |parts: &[Vec<u8>]| dag_pb(&parts.concat()).unwrap_err();
    assert_eq!(
        refused(&[link("", 1), data(&[8, 2, 0x18, 6, 0x20, 5])]),
        DecodeError::FileSize
    );
    assert_eq!(
        refused(&[data(&[8, 2, 0x12, 1, 0, 0x18, 2])]),
        DecodeError::FileSize
    );
    let count = DecodeError::BlockSizeCount {
        links: 1,
        block_sizes: 0,
    };
    assert_eq!(refused(&[link("", 1), data(&[8, 2])]), count);
    let count = DecodeError::BlockSizeCount {
        links: 0,
        block_sizes: 1,
    };
    assert_eq!(refused(&[data(&[8, 2, 0x20, 5])]), count);
    let max: Vec<u8> = [&[0x20][..], &[0xff; 9], &[1]].concat();
    let overflow = data(&[&[8, 2][..], &max, &max].concat());
    assert_eq!(
        refused(&[link("", 1), link("", 1), overflow]),
        DecodeError::FileSize
    );
}

#[test]
fn names_that_could_lead_elsewhere_are_refused() {
    for name in ["", ".", "..", "a/b", "/"] {
        let directory = [link(name, 1), data(&[8, 1])].concat();
        assert_eq!(dag_pb(&directory), Err(DecodeError::Name(name.to_owned())));
        if !name.is_empty() {
            let shard = shard(&[link(&format!("03{name}"), 1)], &[8]);
            assert_eq!(dag_pb(&shard), Err(DecodeError::Name(name.to_owned())));
        }
    }
    let latin1 = field(2, &[&field(1, &[&cid().to_bytes()]), &field(2, &[b"\xe9"])]);
    assert_eq!(
        dag_pb(&[latin1, data(&[8, 1])].concat()),
        Err(DecodeError::LinkName)
    );
}

#[test]
fn a_folder_with_one_name_twice_is_refused() {
    let twice = [link("a", 1), link("b", 1), link("a", 2), data(&[8, 1])].concat();
    assert_eq!(
        dag_pb(&twice),
        Err(DecodeError::DuplicateName("a".to_owned()))
    );
    let unsorted = [link("b", 1), link("a", 2), data(&[8, 1])].concat();
    assert!(dag_pb(&unsorted).is_ok());
}

fn shard(links: &[Vec<u8>], bitfield: &[u8]) -> Vec<u8> {
    let data = data(
        &[
            &[8, 5][..],
            &field(2, &[bitfield]),
            &[0x28, 0x22, 0x30, 0x80, 2],
        ]
        .concat(),
    );
    [links.concat(), data].concat()
}

#[test]
fn shards_are_as_their_bitfield_says_or_refused() {
    let block = shard(&[link("03", 1), link("0Aname", 1)], &[0, 0, 4, 8]);
    let node = dag_pb(&block).unwrap();
    assert!(node.entries().map(|entry| entry.name).eq(["name"]));
    assert!(node.sub_shards().map(|link| link.name).eq(["03"]));

    let reason = |links: &[Vec<u8>], bitfield: &[u8]| match dag_pb(&shard(links, bitfield)) {
        Err(DecodeError::Shard(reason)) => reason,
        other => panic!("{other:?}"),
    };
    let no_bucket = "a link name has no bucket";
    for name in ["", "0", "0a", "+1", "G0", "é"] {
        assert_eq!(reason(&[link(name, 1)], &[8]), no_bucket, "{name}");
    }
    assert_eq!(
        reason(&[link("03", 1), link("03x", 1)], &[9]),
        "its buckets are not in order"
    );
    assert_eq!(
        reason(&[link("04", 1)], &[8]),
        "a link's bucket is not in its bitfield"
    );
    assert_eq!(
        reason(&[link("FF", 1)], &[8]),
        "a link's bucket is not in its bitfield"
    );
    let count = "its bitfield has not as many bits as there are links";
    assert_eq!(reason(&[link("03", 1)], &[9]), count);
    for fanout in [&[0x30, 7][..], &[0x30, 9], &[0x30, 0x80, 0x10], &[]] {
        let data = data(&[&[8, 5, 0x28, 0x22], fanout].concat());
        assert!(
            matches!(dag_pb(&data), Err(DecodeError::Shard(_))),
            "{fanout:?}"
        );
    }
    assert!(matches!(
        dag_pb(&data(&[8, 5, 0x30, 0x80, 2])),
        Err(DecodeError::Shard(_))
    ));
}

#[test]
fn a_shard_of_another_fanout_is_followed_by_its_own_digits() {
    // 470.txt has the hash 006e88df5847e67c: with 16 buckets, 0, 0, 6, E and so on.
    let data = data(&[8, 5, 0x12, 2, 0x40, 0x01, 0x28, 0x22, 0x30, 16]);
    let block = [link("0", 1), link("E470.txt", 1), data].concat();
    let node = dag_pb(&block);
    assert!(
        matches!(node, Ok(ref node) if node.fanout() == Some(16)),
        "{node:?}"
    );
    let node = node.unwrap();
    assert_eq!(node.lookup("470.txt", 0), Lookup::Shard(node.links()[0]));
    assert_eq!(node.lookup("470.txt", 2), Lookup::Absent);
    assert_eq!(node.lookup("470.txt", 3), Lookup::Entry(node.links()[1]));
    assert_eq!(node.lookup("470.txt", 16), Lookup::Absent);
    assert_eq!(node.lookup("470.txt", u32::MAX), Lookup::Absent);
}

#[test]
fn other_blocks_are_refused_with_the_reason() {
    assert_eq!(dag_pb(&[]), Err(DecodeError::NotUnixFs("no data")));
    assert_eq!(dag_pb(&data(&[])), Err(DecodeError::NotUnixFs("no type")));
    assert_eq!(dag_pb(&data(&[8, 3])), Err(DecodeError::UnsupportedType(3)));
    assert_eq!(
        dag_pb(&data(&[8, 1, 8, 1])),
        Err(DecodeError::NotUnixFs("a repeated field"))
    );
    assert_eq!(dag_pb(&[0x0a, 5, 8]), Err(DecodeError::Malformed));
    assert_eq!(
        dag_pb(&[link("a", 1), data(&[8, 4])].concat()),
        Err(DecodeError::UnexpectedLinks)
    );
    assert!(matches!(dag_pb(&[0x1a, 0]), Err(DecodeError::NotDagPb(_))));
    let trailing = field(1, &[&cid().to_bytes(), &[0]]);
    for hash in [field(1, &[&[1, 2, 3]]), field(1, &[]), trailing, Vec::new()] {
        let block = [field(2, &[&hash]), data(&[8, 1])].concat();
        assert_eq!(dag_pb(&block), Err(DecodeError::LinkCid), "{hash:?}");
    }
    let cbor = Cid::new_v1(0x71, *cid().hash());
    assert_eq!(decode(&cbor, &[]), Err(DecodeError::UnsupportedCodec(0x71)));
    let raw = Cid::new_v1(0x55, *cid().hash());
    assert!(decode(&raw, &vec![0; MAX_BLOCK_SIZE]).is_ok());
    let large = vec![0; MAX_BLOCK_SIZE + 1];
    assert_eq!(
        decode(&raw, &large),
        Err(DecodeError::TooLarge(MAX_BLOCK_SIZE + 1))
    );
}
