//! Tests of CARs with the cases of ipfs/gateway-conformance.

use w3pin_unixfs::Cid;

use crate::{
    cars::{Dag, Served, fixture, get_car},
    fixture::{TestServer, file, noise, text},
};

fn car(server: &TestServer, path: &str) -> Served {
    get_car(&server.url(&format!("/ipfs/{path}")), &[])
}

/// Asserts which blocks arrive, in which order.
fn assert_blocks(server: &TestServer, path: &str, expected: &[Cid]) {
    let served = car(server, path);
    assert_eq!(served.status, 200, "{path}");
    assert!(served.is_whole, "{path}");
    assert!(served.blocks == expected, "{path}");
}

#[test]
fn the_blocks_of_the_path_come_first() {
    let dag = Dag::read(&fixture(
        "trustless_gateway_car/subdir-with-two-single-block-files",
    ));
    let server = dag.serve();
    let (root, folder, name) = (dag.root, dag.at("subdir"), "subdir/ascii.txt");
    let file = dag.at(name);
    for scope in [
        "",
        "&dag-scope=all",
        "&dag-scope=entity",
        "&dag-scope=block",
    ] {
        let path = format!("{root}/{name}?format=car{scope}");
        assert_blocks(&server, &path, &[root, folder, file]);
    }
    for scope in ["entity", "block"] {
        let path = format!("{root}?format=car&dag-scope={scope}");
        assert_blocks(&server, &path, &[root]);
        let path = format!("{root}/subdir/?format=car&dag-scope={scope}");
        assert_blocks(&server, &path, &[root, folder]);
    }
    let all = dag.below(&root);
    assert_eq!(all.len(), 4);
    assert_blocks(&server, &format!("{root}?format=car"), &all);
    assert_eq!(
        car(&server, &format!("{root}/subdir/none?format=car")).status,
        404
    );
}

#[test]
fn a_sharded_folder_gives_the_shards_that_are_needed() {
    let dag = Dag::read(&fixture(
        "trustless_gateway_car/single-layer-hamt-with-multi-block-files",
    ));
    let server = dag.serve();
    let root = dag.root;
    let is_shard = |cid: &Cid| {
        let node = w3pin_unixfs::decode(cid, &dag.blocks[cid]).unwrap();
        node.kind() == w3pin_unixfs::Kind::HamtShard
    };
    let mut shards = dag.below(&root);
    shards.retain(is_shard);
    assert!(shards.len() > 10);
    for bytes in ["", "&entity-bytes=0:*", "&entity-bytes=5:6"] {
        let path = format!("{root}?format=car&dag-scope=entity{bytes}");
        assert_blocks(&server, &path, &shards);
    }
    let served = car(&server, &format!("{root}/1.txt?format=car&dag-scope=block"));
    let [first, on_the_way @ .., last] = &served.blocks[..] else {
        panic!("{served:?}");
    };
    assert_eq!(*first, root);
    assert!(on_the_way.iter().all(|cid| shards.contains(cid)));
    let whole = car(&server, &format!("{root}/1.txt?format=car"));
    let expected = [&served.blocks[..], &dag.below(last)[1..]].concat();
    assert_eq!(whole.blocks, expected);
    assert!(dag.below(last).len() > 1, "a file of many blocks");
}

#[test]
fn a_range_needs_no_more_than_its_blocks() {
    let dag = Dag::read(&fixture(
        "trustless_gateway_car/subdir-with-mixed-block-files",
    ));
    let server = dag.serve();
    // 1026 bytes: four times 256, and 2.
    let file = dag.at("subdir/multiblock.txt");
    let leaves = dag.links(&file);
    assert_eq!(leaves.len(), 5);
    for (bytes, wanted) in [
        ("0:*", 0..5),
        ("512:*", 2..5),
        ("512:1023", 2..4),
        ("512:-256", 2..4),
        ("-5:*", 3..5),
        ("-9999:*", 0..5),
        ("-9999:-3", 0..4),
        ("0:0", 0..1),
        ("255:256", 0..2),
        ("1000:99999", 3..5),
        // Nothing: the first block tells the client why.
        ("1026:*", 0..0),
        ("5000:6000", 0..0),
        ("600:-900", 0..0),
    ] {
        for scope in ["", "&dag-scope=entity"] {
            for dups in ["", "&car-dups=y", "&car-dups=n"] {
                let path = format!("{file}?format=car&entity-bytes={bytes}{scope}{dups}");
                let expected = [&[file], &leaves[wanted.clone()]].concat();
                assert_blocks(&server, &path, &expected);
            }
        }
        let path = format!("{file}?format=car&entity-bytes={bytes}&dag-scope=block");
        assert_blocks(&server, &path, &[file]);
    }
    let path = format!(
        "{}/subdir/multiblock.txt?format=car&entity-bytes=300:*",
        dag.root
    );
    let expected = [&[dag.root, dag.at("subdir"), file], &leaves[1..]].concat();
    assert_blocks(&server, &path, &expected);
}

#[test]
fn duplicates_come_as_they_are_asked_for() {
    let dag = Dag::read(&fixture("trustless_gateway_car/dir-with-duplicate-files"));
    let server = dag.serve();
    let all = dag.below(&dag.root);
    let mut once: Vec<Cid> = Vec::new();
    for cid in &all {
        if !once.contains(cid) {
            once.push(*cid);
        }
    }
    assert!(once.len() < all.len());
    let url = server.url(&format!("/ipfs/{}", dag.root));
    let plain = "application/vnd.ipld.car; version=1; order=dfs";
    for (dups, expected, says) in [
        ("y", &all, format!("{plain}; dups=y")),
        ("n", &once, format!("{plain}; dups=n")),
        ("", &once, plain.to_owned()),
    ] {
        let accept = format!("accept: {plain}; dups={dups}");
        let query = format!("{url}?format=car&car-dups={dups}&car-order=unk&car-version=1");
        for served in [get_car(&url, &["-H", &accept]), get_car(&query, &[])] {
            assert_eq!(served.status, 200);
            assert_eq!(
                (&served.blocks, served.is_whole),
                (expected, true),
                "{dups}"
            );
            assert_eq!(served.content_type, says);
        }
        // The query takes precedence over the header.
        let query = format!("{url}?format=car&car-dups=y");
        let served = get_car(&query, &["-H", &accept]);
        assert_eq!(served.blocks, all, "{dups}");
        assert!(served.content_type.ends_with("; dups=y"), "{dups}");
    }
}

#[test]
fn what_a_cid_holds_itself_is_not_in_a_car() {
    let server = TestServer::start();
    for (cid, dups) in [
        ("bafkqaaa", ""),
        ("bafkqaf3imvwgy3zaneqgc3janfxgy2lomvscay3jmqfa", "; dups=y"),
    ] {
        let url = server.url(&format!("/ipfs/{cid}?format=car"));
        let accept = format!("accept: application/vnd.ipld.car{dups}");
        let served = get_car(&url, &["-H", &accept]);
        assert_eq!((served.status, served.is_whole), (200, true));
        assert_eq!(served.blocks, []);
    }
    let probe = server.curl_bare("/ipfs/bafkqaaa?format=car", &[]);
    let root: Cid = "bafkqaaa".parse().unwrap();
    assert_eq!(probe.body, w3pin_car::header(&[root]));
    let probe = server.curl_bare("/ipfs/bafkqaaa?format=car", &["-I"]);
    assert_eq!(probe.status, 200);
    let probe = server.curl_bare("/ipfs/bafkqaaa?format=raw", &[]);
    assert_eq!((probe.status, probe.body.len()), (200, 0));
}

#[test]
fn an_upload_comes_back_as_a_car_of_its_own_blocks() {
    let server = TestServer::start();
    // More levels and links than are read ahead, and repeated blocks far from each other.
    let content = noise(7, 60 << 20);
    let paths: Vec<_> = (0..150).map(|number| format!("d/{number:03}")).collect();
    let mut parts: Vec<_> = paths
        .iter()
        .enumerate()
        .map(|(number, path)| file(path, &content[number % 75..number % 75 + 10]))
        .collect();
    parts.push(file("d/big", &content));
    parts.push(file("d/e/big again", &content));
    let cid = text(&server.upload(&parts).data()["cid"]).to_owned();
    let reply = server.curl_bare(&format!("/ipfs/{cid}?format=car&car-dups=y"), &[]);
    let dag = Dag::read(&reply.body);
    let all = dag.below(&dag.root);
    assert_eq!(dag.root.to_string(), cid);
    assert_blocks(&server, &format!("{cid}?format=car&car-dups=y"), &all);
    let once = car(&server, &format!("{cid}?format=car&car-dups=n"));
    assert!(once.is_whole);
    assert_eq!(once.blocks.len(), dag.blocks.len());

    let big = dag.at("big");
    for (from, to) in [(0, 0), (1 << 20, 9 << 20), (46 << 20, (46 << 20) + 1)] {
        for dups in ["y", "n"] {
            let path = format!("{cid}/big?format=car&entity-bytes={from}:{to}&car-dups={dups}");
            let served = car(&server, &path);
            assert!(served.is_whole);
            assert_eq!(served.blocks[..2], [dag.root, big]);
            let leaves = served.blocks.iter().filter(|cid| cid.codec() == 0x55);
            let chunk = 256 << 10;
            assert_eq!(leaves.count(), to / chunk - from / chunk + 1, "{path}");
        }
    }
}

#[test]
fn a_car_that_can_not_be_completed_does_not_end_well() {
    let server = TestServer::embedded(|_| {});
    let content = noise(9, 3 << 20);
    let cid = text(&server.pin("x", &content)["cid"]).to_owned();
    let whole = car(&server, &format!("{cid}?format=car"));
    assert!(whole.is_whole);
    // The last leaf is damaged on the disk.
    let last = &content[content.len() - 100..];
    let packs = std::fs::read_dir(server.blocks()).unwrap();
    let mut is_damaged = false;
    for pack in packs {
        let path = pack.unwrap().path();
        let Ok(mut bytes) = std::fs::read(&path) else {
            continue;
        };
        let place = bytes.windows(last.len()).position(|window| window == last);
        if let Some(place) = place {
            bytes[place] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            is_damaged = true;
        }
    }
    assert!(is_damaged);
    for dups in ["", "&car-dups=y", "&car-dups=n"] {
        let broken = car(&server, &format!("{cid}?format=car{dups}"));
        assert_eq!((broken.status, broken.is_whole), (200, false));
        assert!(whole.blocks.starts_with(&broken.blocks));
        assert_eq!(
            broken.blocks.len(),
            whole.blocks.len() - 1,
            "all but the last"
        );
    }
    // Blocks that aren't needed may be missing.
    let first = car(&server, &format!("{cid}?format=car&entity-bytes=0:1000"));
    assert!(first.is_whole);
    assert_eq!(first.blocks, whole.blocks[..2]);
}

#[test]
fn what_is_asked_for_wrongly_is_refused() {
    let server = TestServer::start();
    for query in [
        "dag-scope=x",
        "dag-scope=ALL",
        "entity-bytes=x",
        "entity-bytes=5:4",
        "entity-bytes=-4:-5",
        "entity-bytes=1",
        "entity-bytes=*:1",
        "entity-bytes=0:99999999999999999999",
        "car-version=x",
        "car-order=bfs",
        "car-dups=1",
    ] {
        let path = format!("/ipfs/bafkqaaa?format=car&{query}");
        let message = server.curl_bare(&path, &[]).message(400);
        let name = query.split('=').next().unwrap();
        assert!(message.contains(name), "{message}");
        // It only matters for CARs.
        assert_eq!(
            server.curl_bare(&path.replace("car&", "raw&"), &[]).status,
            200
        );
    }
    server
        .curl_bare("/ipfs/bafkqaaa?format=car&car-version=2", &[])
        .message(406);
    // Empty parameters are ignored, and the first of two counts.
    for query in [
        "dag-scope=&entity-bytes=&car-version=&car-order=&car-dups=",
        "car-version=1&car-version=2",
    ] {
        let path = format!("/ipfs/bafkqaaa?format=car&{query}");
        assert_eq!(server.curl_bare(&path, &[]).status, 200, "{query}");
    }
}
