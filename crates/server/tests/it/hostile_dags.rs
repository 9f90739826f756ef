//! Tests with DAGs that no importer creates, but that a node or an export may contain.

use cid::Cid;
use sha2::{Digest, Sha256};

use crate::{
    cars,
    fixture::{TestServer, talk, text},
};

const RAW: u64 = 0x55;
const DAG_PB: u64 = 0x70;
/// The field number of each row in UnixFS data, and its value.
const FILE: [u8; 2] = [0x08, 2];
const SHARD: [u8; 2] = [0x08, 5];

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A field of bytes with this tag.
fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[tag], &varint(bytes.len() as u64)[..], bytes].concat()
}

/// A CAR in construction, children before parents.
#[derive(Default)]
struct Car(Vec<u8>);

impl Car {
    fn block(&mut self, codec: u64, block: &[u8]) -> Cid {
        let hash = cid::multihash::Multihash::wrap(0x12, &Sha256::digest(block)).unwrap();
        let cid = Cid::new_v1(codec, hash);
        let bytes = cid.to_bytes();
        self.0.extend(varint((bytes.len() + block.len()) as u64));
        self.0.extend(bytes);
        self.0.extend(block);
        cid
    }

    fn node(&mut self, links: &[(&str, Cid)], data: &[u8]) -> Cid {
        let mut block = Vec::new();
        for (name, cid) in links {
            let hash = field(0x0a, &cid.to_bytes());
            let link = [hash, field(0x12, name.as_bytes()), vec![0x18, 1]].concat();
            block.extend(field(0x12, &link));
        }
        block.extend(field(0x0a, data));
        self.block(DAG_PB, &block)
    }

    /// A server that imported it.
    fn serve(self, root: Cid) -> TestServer {
        cars::serve(root, &self.0)
    }
}

#[test]
fn a_folder_of_shards_without_end_is_not_listed() {
    let mut car = Car::default();
    let content = car.block(RAW, b"x");
    // A HAMT node with the first of 8 buckets filled, hashed by murmur3.
    let bits = |bits| [&SHARD[..], &[0x12, 1, bits, 0x28, 0x22, 0x30, 8]].concat();
    let mut shard = car.node(&[("0a", content)], &bits(1));
    let mut shards = vec![shard];
    for _ in 0..100 {
        shard = car.node(&[("0", shard), ("1b", content)], &bits(3));
        shards.push(shard);
    }
    let server = car.serve(shard);
    let get =
        format!("GET /ipfs/{shard}/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let deep = talk(server.address(), get.as_bytes());
    assert_eq!(deep.status, 400, "{deep:?}");
    let shallow = server.curl_bare(&format!("/ipfs/{}/", shards[10]), &[]);
    let page = String::from_utf8(shallow.body).unwrap();
    assert_eq!(page.matches(">b</a>").count(), 10, "{page}");
    assert_eq!(page.matches(">a</a>").count(), 1, "{page}");
    assert!(page.ends_with("</ul>\n"), "{page}");
}

#[test]
fn a_folder_of_shards_without_entries_is_not_listed() {
    let mut car = Car::default();
    let bits = |bits| [&SHARD[..], &[0x12, 1, bits, 0x28, 0x22, 0x30, 8]].concat();
    // A million paths that lead to nothing.
    let mut shard = car.node(&[], &bits(0));
    for _ in 0..20 {
        shard = car.node(&[("0", shard), ("1", shard)], &bits(3));
    }
    let server = car.serve(shard);
    let get =
        format!("GET /ipfs/{shard}/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let reply = talk(server.address(), get.as_bytes());
    assert_eq!(reply.status, 400, "{reply:?}");
}

#[test]
fn a_file_of_a_thousand_levels_is_served_whole() {
    let mut car = Car::default();
    let leaves: Vec<_> = (0..=255).map(|byte| car.block(RAW, &[byte])).collect();
    let mut node: Option<Cid> = None;
    let mut expected = Vec::new();
    for size in 1..=1000_u64 {
        let byte = (size * 7 % 256) as u8;
        let mut links = Vec::new();
        // The size of the whole, then that of each child.
        let mut data = [&FILE[..], &[0x18], &varint(size)].concat();
        if let Some(deeper) = node {
            links.push(("", deeper));
            data.extend([&[0x20], &varint(size - 1)[..]].concat());
        }
        links.push(("", leaves[usize::from(byte)]));
        data.extend([0x20, 1]);
        node = Some(car.node(&links, &data));
        expected.push(byte);
    }
    let root = node.unwrap();
    let unused: Vec<_> = (0..=255_u8)
        .filter(|byte| !expected.contains(byte))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
    let server = car.serve(root);
    let path = format!("/ipfs/{root}");
    assert!(server.curl_bare(&path, &[]).body == expected);
    let part = server.curl_bare(&path, &["-r", "500-899"]);
    assert_eq!(part.status, 206);
    assert!(part.body == expected[500..900]);
    let pins = server.curl("/api/pinning/pins", &[]).data();
    assert_eq!(text(&pins["pins"][0]["cid"]), root.to_string());
}
