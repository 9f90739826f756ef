//! Tests of reading whole DAGs, block by block.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use w3pin::{
    DagBlock, DagLimits, ErrorKind, Profile, Result, Retriever,
    core::ipld::{DAG_CBOR, DAG_JSON, links},
    unixfs::{Cid, verify_block},
};

use crate::{
    dag::{DAG_PB, Dag, RAW, dag_pb},
    gateway::{Gateway, Manner, announce, retriever},
};

fn small() -> Profile {
    "custom(chunk=1024,width=8,leaves=raw,cid=1)"
        .parse()
        .unwrap()
}

fn random(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn limits(blocks: u64, bytes: u64) -> DagLimits {
    let mut limits = DagLimits::default();
    limits.most_blocks = blocks;
    limits.most_bytes = bytes;
    limits
}

fn walk(retriever: &Retriever, root: Cid, limits: DagLimits) -> Result<Vec<DagBlock>> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut blocks = retriever.dag(&root.into(), limits);
        let mut all = Vec::new();
        while let Some(block) = blocks.next().await {
            all.push(block?);
        }
        Ok(all)
    })
}

/// The blocks in the expected order, according to the DAG.
fn expected(dag: &Dag, root: Cid) -> Vec<(Cid, usize)> {
    fn visit(
        dag: &Dag,
        cid: Cid,
        level: usize,
        seen: &mut BTreeSet<Cid>,
        all: &mut Vec<(Cid, usize)>,
    ) {
        if !seen.insert(cid) {
            return;
        }
        all.push((cid, level));
        let block = dag.get(&cid).unwrap();
        for link in links(&cid, &block).unwrap() {
            visit(dag, link, level + 1, seen, all);
        }
    }
    let mut all = Vec::new();
    visit(dag, root, 0, &mut BTreeSet::new(), &mut all);
    all
}

#[track_caller]
fn assert_whole(dag: &Dag, root: Cid, gateways: &[&Gateway]) {
    let blocks = walk(&retriever(gateways), root, DagLimits::default()).unwrap();
    for block in &blocks {
        verify_block(&block.cid, &block.bytes).unwrap();
        assert_eq!(
            block.links[..],
            links(&block.cid, &block.bytes).unwrap()[..]
        );
    }
    let given: Vec<_> = blocks
        .iter()
        .map(|block| (block.cid, block.level))
        .collect();
    assert_eq!(given, expected(dag, root));
}

/// A folder with repeated files, parts of files and a repeated folder.
fn repeating(dag: &Dag) -> Cid {
    let content = random(100_000);
    let zeros = vec![0; 50_000];
    let files: Vec<(String, &[u8])> = (0..20)
        .flat_map(|number| {
            let name = |what: &str| format!("{what}/{}/{number}", number % 3);
            [
                (name("same"), &content[..]),
                (name("zeros"), &zeros[..]),
                (name("other"), &content[number * 100..number * 100 + 5000]),
            ]
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, it)| (&name[..], *it)).collect();
    dag.folder(&small(), &files)
}

#[test]
fn every_block_comes_once_depth_first_in_one_response() {
    let dag = Dag::default();
    let content = random(300_000);
    let whole = dag.file(&small(), &content);
    let files: Vec<(String, Vec<u8>)> = (0..3000)
        .map(|number| (format!("{number:05}"), format!("{number}").into()))
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, it)| (&name[..], &it[..]))
        .collect();
    let sharded = dag.folder(&Profile::default(), &files);
    for root in [whole, sharded] {
        let gateway = Gateway::good(&dag);
        assert_whole(&dag, root, &[&gateway]);
        let requests = gateway.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        assert!(requests[0].contains("dag-scope=all") && requests[0].contains("car-dups=n"));
    }
    let raw = dag.file(&small(), b"one block");
    let folder_of_links = dag.folder_with_links(&small(), &[("a", b"a")], &[("l", "a")]);
    for root in [raw, folder_of_links, repeating(&dag)] {
        // This gateway sends duplicates, whatever the request says.
        assert_whole(&dag, root, &[&Gateway::good(&dag)]);
        assert_whole(&dag, root, &[&Gateway::blocks_only(&dag)]);
    }
}

/// Sends at most 3 MiB of a CAR, and closes the connection.
fn short() -> Manner {
    Arc::new(|asked, connection| {
        if !asked.car {
            return None;
        }
        let body = asked.body();
        announce(asked, connection, body.len());
        connection.send(&body[..body.len().min(3 << 20)]);
        Some(crate::server::Kept::No)
    })
}

#[test]
fn a_response_that_breaks_off_is_gone_on_with() {
    let dag = Dag::default();
    let profile: Profile = "custom(chunk=65536,width=32,leaves=raw,cid=1)"
        .parse()
        .unwrap();
    let root = dag.file(&profile, &random(16 << 20));
    let gateway = Gateway::new(&dag, short());
    assert_whole(&dag, root, &[&gateway]);
    let requests = gateway.requests().len();
    assert!(requests < 20, "not block by block: {requests}");
    // From another gateway, if there is one.
    let (broken, good) = (Gateway::new(&dag, short()), Gateway::good(&dag));
    assert_whole(&dag, root, &[&broken, &good]);
    let cars = |gateway: &Gateway| {
        let requests = gateway.requests().into_iter();
        requests.filter(|path| path.contains("format=car")).count()
    };
    assert_eq!(cars(&broken), 1);
    // One that has nothing, and one that is unreachable.
    let empty = Gateway::good(&Dag::default());
    assert_whole(&dag, root, &[&empty, &good]);
}

#[test]
fn wrong_blocks_never_come_out() {
    let dag = Dag::default();
    let root = dag.file(&small(), &random(200_000));
    let leaf = *expected(&dag, root).last().map(|(cid, _)| cid).unwrap();
    let wrong = Dag::default();
    for cid in dag.cids() {
        wrong.insert(cid, dag.get(&cid).unwrap());
    }
    wrong.insert(leaf, b"something else".to_vec());
    let (liar, good) = (Gateway::good(&wrong), Gateway::good(&dag));
    assert_whole(&dag, root, &[&liar, &good]);
    let liars = retriever(&[&liar]);
    let error = walk(&liars, root, DagLimits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    // A wrong block disqualifies the gateway only for requests that check it.
    wrong.insert(leaf, dag.get(&leaf).unwrap());
    let error = walk(&liars, root, DagLimits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    walk(&liars.afresh(), root, DagLimits::default()).unwrap();
}

/// `[link, …]` in DAG-CBOR.
fn cbor_list(cids: &[Cid]) -> Vec<u8> {
    let mut block = vec![0x80 + cids.len() as u8];
    for cid in cids {
        let bytes = cid.to_bytes();
        block.extend([0xd8, 42, 0x58, bytes.len() as u8 + 1, 0]);
        block.extend(bytes);
    }
    block
}

#[test]
fn links_of_documents_and_of_plain_dag_pb_are_followed() {
    let dag = Dag::default();
    let image = dag.file(&small(), &random(100_000));
    let folder = dag.folder(&small(), &[("a", b"a"), ("b/c", b"c")]);
    let plain = dag.add(DAG_PB, dag_pb(&[(image, "")], b"no UnixFS"));
    let json = format!(
        r#"{{"image":{{"/":"{image}"}},"more":[{{"/":"{plain}"}},{{"/":{{"bytes":"AQI"}}}}],"n":1.5}}"#
    );
    let json = dag.add(DAG_JSON, json.into_bytes());
    let empty = dag.add(DAG_CBOR, vec![0xa0]);
    let root = dag.add(DAG_CBOR, cbor_list(&[json, folder, empty, json]));
    let held = dag.directory(&[(root, "document")]);
    for root in [root, held, plain, empty] {
        assert_whole(&dag, root, &[&Gateway::good(&dag)]);
        assert_whole(&dag, root, &[&Gateway::blocks_only(&dag)]);
    }
}

#[test]
fn what_has_no_known_links_or_is_too_large_is_refused_by_name() {
    let dag = Dag::default();
    let unknown = dag.add(0x90, vec![0xa0]);
    let below = dag.directory(&[(unknown, "block")]);
    let cut = dag.add(DAG_CBOR, vec![0xa1]);
    let long = dag.add(DAG_CBOR, vec![0x9b, 255, 255, 255, 255, 255, 255, 255, 255]);
    let deep = dag.add(DAG_CBOR, vec![0x81; 100_000]);
    let deep_json = dag.add(DAG_JSON, vec![b'['; 100_000]);
    let not_pb = dag.add(DAG_PB, b"no protobuf".to_vec());
    let file = dag.file(&small(), &random(100_000));
    let missing = dag.directory(&[(crate::dag::cid_of(RAW, b"not there"), "missing")]);
    let gateway = Gateway::good(&dag);
    let refused = |root, limits| {
        let error = walk(&retriever(&[&gateway]), root, limits).unwrap_err();
        (error.kind(), error.to_string())
    };
    let all = DagLimits::default();
    for (root, limits, words) in [
        (unknown, all, "0x90"),
        (below, all, "0x90"),
        (cut, all, "can't be decoded"),
        (long, all, "can't be decoded"),
        (deep, all, "can't be decoded"),
        (deep_json, all, "can't be decoded"),
        (not_pb, all, "can't be decoded"),
        (file, limits(20, u64::MAX), "more than 20 blocks"),
        (file, limits(u64::MAX, 50_000), "more than 50000 bytes"),
    ] {
        let (kind, text) = refused(root, limits);
        assert_eq!(kind, ErrorKind::InvalidInput, "{text}");
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(refused(missing, all).0, ErrorKind::NotFound);
}

#[test]
fn a_dag_of_exponentially_many_paths_is_walked_once() {
    let dag = Dag::default();
    let mut cid = dag.add(RAW, b"leaf".to_vec());
    for _ in 0..60 {
        cid = dag.directory(&[(cid, "a"), (cid, "b")]);
    }
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let gateway = Gateway::new(
        &dag,
        Arc::new(move |asked, connection| {
            counted.fetch_add(1, Ordering::SeqCst);
            asked.car.then(|| {
                connection.answer(400, "no such format");
                crate::server::Kept::Yes
            })
        }),
    );
    assert_whole(&dag, cid, &[&gateway]);
    assert_eq!(count.load(Ordering::SeqCst), 62);
}
