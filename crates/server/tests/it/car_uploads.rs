//! Tests of uploading CARs.

use std::collections::BTreeSet;

use bytes::Bytes;
use cid::{Cid, multihash::Multihash};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use w3pin_car::{header, section_head};
use w3pin_unixfs::{Block, BlockSink, DAG_PB, FileBuilder, Profile, RAW, TreeBuilder};

use crate::{
    cars::fixture,
    fixture::{ALICE, BOB, Part, Reply, TestServer, file, folder_bytes, metadata, noise, text},
};

const DAG_CBOR: u64 = 0x71;

/// The blocks of a folder, parents first, as usual in CARs.
#[derive(Default)]
struct Blocks(Vec<(Cid, Vec<u8>)>);

impl BlockSink for Blocks {
    type Error = std::convert::Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Self::Error> {
        self.0.insert(0, (block.cid, block.to_vec()));
        Ok(())
    }
}

impl Blocks {
    /// A folder with these files, whose root is the first block.
    fn of(files: &[(&str, &[u8])]) -> Self {
        let profile = Profile::default();
        let (mut blocks, mut tree) = (Self::default(), TreeBuilder::new(&profile));
        for (name, content) in files {
            let mut builder = FileBuilder::with_sink(&profile, blocks);
            builder.update(content).unwrap();
            let (node, sink) = builder.finish().unwrap();
            blocks = sink;
            tree.add_file(name, node).unwrap();
        }
        tree.finish(&mut blocks).unwrap();
        blocks
    }

    fn root(&self) -> Cid {
        self.0[0].0
    }

    fn car(&self) -> Vec<u8> {
        car(&[self.root()], &self.0)
    }
}

fn car(roots: &[Cid], blocks: &[(Cid, Vec<u8>)]) -> Vec<u8> {
    let sections = blocks.iter().map(|(cid, block)| section(cid, block));
    [header(roots)]
        .into_iter()
        .chain(sections)
        .flatten()
        .collect()
}

fn section(cid: &Cid, block: &[u8]) -> Vec<u8> {
    [section_head(cid, block.len()), block.to_vec()].concat()
}

fn raw(block: &[u8]) -> (Cid, Vec<u8>) {
    of_codec(RAW, block)
}

fn of_codec(codec: u64, block: &[u8]) -> (Cid, Vec<u8>) {
    let digest = Multihash::wrap(0x12, &Sha256::digest(block)).unwrap();
    (Cid::new_v1(codec, digest), block.to_vec())
}

/// A CARv2 that contains a CARv1, followed by an index.
fn version_2(car: &[u8]) -> Vec<u8> {
    let mut file = b"\x0a\xa1\x67version\x02".to_vec();
    file.extend([0; 16]);
    file.extend(60_u64.to_le_bytes());
    file.extend((car.len() as u64).to_le_bytes());
    file.extend((60 + car.len() as u64).to_le_bytes());
    file.resize(60, 0);
    file.extend(car);
    file.extend(noise(9, 100));
    file
}

pub(crate) fn car_part<'a>(name: &str, content: &'a [u8]) -> Part<'a> {
    Part {
        disposition: format!("form-data; name=\"car\"; filename=\"{name}\""),
        content,
    }
}

fn send(server: &TestServer, car: &[u8]) -> Reply {
    server.upload(&[car_part("site.car", car)])
}

fn refused(server: &TestServer, car: &[u8], status: u16, reason: &str) {
    let reply = send(server, car);
    assert_eq!(reply.status, status, "{reply:?}");
    let message = reply.json()["message"].clone();
    assert!(
        text(&message).contains(reason),
        "{message} doesn't say {reason:?}"
    );
}

fn pins(server: &TestServer) -> Value {
    server.curl("/api/pinning/pins/", &[]).data()["totals"]["files"].clone()
}

#[test]
fn a_server_says_that_it_takes_cars() {
    let server = TestServer::start();
    let reply = server.curl("/api/apiKeys/testAuthentication", &["-i"]);
    let answer = String::from_utf8(reply.body).unwrap();
    assert!(
        answer.to_lowercase().contains("w3pin-uploads: car"),
        "{answer}"
    );
}

#[test]
fn a_car_becomes_a_pin_of_its_root() {
    let server = TestServer::start();
    let (big, small) = (noise(1, 700_000), noise(2, 10));
    let blocks = Blocks::of(&[("a/big", &big), ("b", &small)]);
    let root = blocks.root().to_string();
    let reply = send(&server, &blocks.car());
    assert_eq!(reply.status, 201, "{reply:?}");
    let pin = reply.data();
    assert_eq!(pin["cid"], json!(root));
    assert_eq!(pin["metadata"]["name"], "site");
    assert_eq!(pin["is_dir"], true);
    let pin = server.look(&pin);
    assert_eq!(
        (&pin["status"], &pin["pinned"]),
        (&json!("DONE"), &json!(true))
    );
    assert!(pin["size"].as_u64().unwrap() > 700_000);
    let get = |server: &TestServer, path: &str| server.curl_bare(path, &[]).body;
    assert!(get(&server, &format!("/ipfs/{root}/a/big")) == big);

    // Content uploaded as files equals content uploaded as a CAR.
    let same = server.upload(&[file("site/a/big", &big), file("site/b", &small)]);
    assert_eq!(same.status, 409, "{same:?}");
    assert_eq!(send(&server, &blocks.car()).status, 409);
    let theirs = server.upload_as(
        BOB,
        &[car_part("x", &blocks.car()), metadata(r#"{"name":"n"}"#)],
    );
    assert_eq!(
        (theirs.status, &theirs.data()["metadata"]["name"]),
        (201, &json!("n"))
    );

    let server = server.restart();
    assert!(get(&server, &format!("/ipfs/{root}/b")) == small);
    server.unpin(&pin["id"]);
    assert!(get(&server, &format!("/ipfs/{root}/b")) == small);
    let unpin = format!("/api/pinning/unpin/{}", text(&theirs.data()["id"]));
    assert_eq!(server.curl_as(BOB, &unpin, &["-X", "DELETE"]).status, 200);
}

#[test]
fn blocks_may_come_in_any_order_repeated_and_in_a_carv2() {
    for shape in ["reversed", "repeated", "carv2"] {
        let server = TestServer::start();
        let mut blocks = Blocks::of(&[("a", &noise(3, 600_000)), ("b/c", b"c"), ("b/d", b"c")]);
        let root = blocks.root();
        match shape {
            "reversed" => blocks.0.reverse(),
            "repeated" => blocks.0.extend(blocks.0.clone()),
            _ => {}
        }
        let mut sent = car(&[root], &blocks.0);
        if shape == "carv2" {
            sent = version_2(&sent);
        }
        let reply = send(&server, &sent);
        assert_eq!(reply.status, 201, "{shape}: {reply:?}");
        let path = format!("/ipfs/{root}/b/d");
        assert_eq!(server.curl_bare(&path, &[]).body, b"c", "{shape}");
    }
}

#[test]
fn blocks_beside_the_dag_are_not_kept() {
    let server = TestServer::embedded(|_| {});
    let blocks = Blocks::of(&[("a", b"one"), ("b", b"two")]);
    let beside = raw(&noise(4, 1_000_000));
    let mut all = blocks.0.clone();
    all.insert(1, beside.clone());
    let pin = send(&server, &car(&[blocks.root()], &all)).data();
    assert_eq!(pin["cid"], json!(blocks.root().to_string()));
    let got = server.curl_bare(&format!("/ipfs/{}", beside.0), &[]);
    assert_eq!(got.status, 404);
    assert!(folder_bytes(&server.blocks()) < 2_000);
    server.unpin(&pin["id"]);
    server.wait_for_bytes(0);
}

#[test]
fn bytes_that_are_linked_to_as_two_codecs_are_two_blocks() {
    let server = TestServer::embedded(|_| {});
    // A folder linked to both as a folder and as plain bytes.
    let folder = Blocks::of(&[("a", b"one")]);
    let [leaf, empty] = [&folder.0[1], &folder.0[0]];
    let as_raw = Cid::new_v1(RAW, *empty.0.hash());
    let document = |links: &[Cid]| {
        let mut cbor = vec![0x80 + links.len() as u8];
        for link in links {
            let bytes = link.to_bytes();
            cbor.extend([0xd8, 42, 0x58, bytes.len() as u8 + 1, 0]);
            cbor.extend(bytes);
        }
        of_codec(DAG_CBOR, &cbor)
    };
    let root = document(&[as_raw, empty.0]);
    let blocks = [root.clone(), empty.clone()];
    refused(&server, &car(&[root.0], &blocks), 400, &leaf.0.to_string());
    let blocks = [root.clone(), empty.clone(), leaf.clone()];
    let reply = send(&server, &car(&[root.0], &blocks));
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(
        server.curl_bare(&format!("/ipfs/{as_raw}"), &[]).body,
        empty.1
    );
}

#[test]
fn what_is_no_whole_car_of_one_root_is_refused_by_name() {
    let server = TestServer::start();
    let blocks = Blocks::of(&[("a", &noise(5, 300_000)), ("b", b"b")]);
    let (whole, root) = (blocks.car(), blocks.root());
    let before = pins(&server);
    refused(&server, b"", 400, "empty");
    refused(&server, b"not a CAR at all", 400, "CAR");
    refused(&server, &whole[..whole.len() - 1], 400, "cut off");
    refused(&server, &car(&[], &blocks.0), 400, "has 0 roots");
    refused(&server, &car(&[root, root], &blocks.0), 400, "has 2 roots");
    refused(&server, &header(&[root]), 400, &root.to_string());
    for missing in 1..blocks.0.len() {
        let mut some = blocks.0.clone();
        let (cid, _) = some.remove(missing);
        let reason = format!("incomplete: block {cid} is missing");
        refused(&server, &car(&[root], &some), 400, &reason);
    }
    let mut wrong = blocks.0.clone();
    wrong[1].1[0] ^= 1;
    let reason = format!("match its CID {}", wrong[1].0);
    refused(&server, &car(&[root], &wrong), 400, &reason);
    // A wrong block outside the DAG is an error, too.
    let mut beside = blocks.0.clone();
    beside.push((raw(b"x").0, b"y".to_vec()));
    refused(&server, &car(&[root], &beside), 400, "match its CID");
    // Excessive lengths: endless, an exabyte, and more than a block may have.
    for length in [&[0xff; 12][..], &[0xff; 8], &[0x80, 0x80, 0x80, 0x02]] {
        let bomb = [&header(&[root])[..], length, &[1; 100]].concat();
        let reply = send(&server, &bomb);
        assert_eq!(reply.status, 400, "{reply:?}");
    }
    let unknown = of_codec(0x78, b"git");
    refused(
        &server,
        &car(&[unknown.0], &[unknown]),
        400,
        "can't be followed",
    );
    let odd = of_codec(DAG_PB, b"\xff\xff");
    refused(&server, &car(&[odd.0], &[odd]), 400, "can't be decoded");
    let conformance = fixture("file-3k-and-3-blocks-missing-block");
    refused(&server, &conformance, 400, "is missing");
    assert_eq!(pins(&server), before);
    assert_eq!(send(&server, &whole).status, 201);
}

#[test]
fn a_car_comes_by_itself() {
    let server = TestServer::start();
    let whole = Blocks::of(&[("a", b"a")]).car();
    let cases: [&[Part<'_>]; 3] = [
        &[car_part("a.car", &whole), file("b", b"b")],
        &[file("b", b"b"), car_part("a.car", &whole)],
        &[car_part("a.car", &whole), car_part("b.car", &whole)],
    ];
    for parts in cases {
        let reply = server.upload(parts);
        assert_eq!(reply.status, 400, "{reply:?}");
        assert!(
            text(&reply.json()["message"]).contains("by itself"),
            "{reply:?}"
        );
    }
}

#[test]
fn a_pin_is_called_as_its_car_or_as_its_metadata_says() {
    let server = TestServer::start();
    let names = [
        ("site.car", "", "site"),
        ("Site.CAR", "", "Site"),
        (".car", "", ".car"),
        ("site.tar", "", "site.tar"),
        ("ü.car", "", "ü"),
        ("a/b.car", "", "b"),
        (
            "site.car",
            r#"{"name":"mine.car","keyvalues":{"k":"v"}}"#,
            "mine.car",
        ),
    ];
    for (number, (filename, json, expected)) in names.into_iter().enumerate() {
        let car = Blocks::of(&[("a", &[number as u8])]).car();
        let mut parts = vec![car_part(filename, &car)];
        if !json.is_empty() {
            parts.push(metadata(json));
        }
        let reply = server.upload(&parts);
        assert_eq!(reply.data()["metadata"]["name"], expected, "{reply:?}");
    }
}

#[test]
fn limits_hold_for_cars() {
    let server = TestServer::embedded(|config| config.limits.upload_bytes = Some(100_000));
    let car = Blocks::of(&[("a", &noise(6, 200_000))]).car();
    assert_eq!(send(&server, &car).status, 413);
    let server = TestServer::embedded(|config| config.limits.free_disk_bytes = u64::MAX);
    assert_eq!(send(&server, &car).status, 507);
    assert_eq!(folder_bytes(&server.blocks()), 0);
}

#[test]
fn many_small_blocks_take_no_more_memory_than_there_is() {
    // A chain whose blocks each link to many missing ones.
    let server = TestServer::embedded(|config| config.limits.memory_bytes = 64 << 20);
    let document = |links: usize, below: &Cid| {
        let link = |cid: &Cid| [&[0xd8, 42, 0x58, 37, 0][..], &cid.to_bytes()].concat();
        let mut cbor = vec![0x99, (links >> 8) as u8, links as u8];
        cbor.extend(link(below));
        for number in 1..links {
            cbor.extend(link(&raw(&number.to_be_bytes()).0));
        }
        of_codec(DAG_CBOR, &cbor)
    };
    let mut blocks = vec![raw(b"end")];
    for _ in 0..5 {
        blocks.push(document(40_000, &blocks[blocks.len() - 1].0));
    }
    let root = blocks[blocks.len() - 1].0;
    let reply = send(&server, &car(&[root], &blocks));
    assert!([400, 413].contains(&reply.status), "{reply:?}");
    let sound = Blocks::of(&[("a", b"a")]).car();
    assert_eq!(send(&server, &sound).status, 201);
}

#[test]
fn a_car_that_breaks_off_leaves_nothing() {
    use std::io::Write;

    let server = TestServer::embedded(|_| {});
    let blocks = Blocks::of(&[("a", &noise(7, 3_000_000))]);
    let form = crate::fixture::form(&[car_part("a.car", &blocks.car())]);
    let boundary = crate::fixture::BOUNDARY;
    let [key, secret] = ALICE;
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    write!(
        stream,
        "POST /api/pinning/ HTTP/1.1\r\nhost: {}\r\npinning_api_key: {key}\r\npinning_secret_key: {secret}\r\n\
         content-type: multipart/form-data; boundary={boundary}\r\ncontent-length: {}\r\n\r\n",
        server.address(),
        form.len(),
    )
    .unwrap();
    stream.write_all(&form[..form.len() / 2]).unwrap();
    drop(stream);
    server.wait_for_bytes(0);
    let left: BTreeSet<_> = std::fs::read_dir(server.data())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let whole = Bytes::from(blocks.car());
    assert_eq!(send(&server, &whole).status, 201);
}

/// A CAR of a folder with a large file and `b`, and its root.
pub(crate) fn car_of_a_folder() -> (Vec<u8>, String) {
    let blocks = Blocks::of(&[("a", &noise(8, 600_000)), ("b", b"b")]);
    (blocks.car(), blocks.root().to_string())
}

/// The same without one chunk of the large file.
pub(crate) fn without_a_leaf() -> Vec<u8> {
    let mut blocks = Blocks::of(&[("a", &noise(8, 600_000)), ("b", b"b")]);
    let root = blocks.root();
    blocks
        .0
        .retain(|(_, block)| block.len() != 600_000 % (256 << 10));
    car(&[root], &blocks.0)
}
