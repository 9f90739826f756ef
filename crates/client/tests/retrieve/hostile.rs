//! Tests with misbehaving gateways: no wrong byte is returned, and no wait is endless.

use std::{sync::Arc, thread::sleep, time::Duration};

use w3pin::{ErrorKind, Profile, ReadOptions, unixfs::Cid};

use crate::{
    dag::{DAG_PB, Dag, RAW, cid_of, dag_pb},
    gateway::{
        Asked, Gateway, Manner, announce, car, header, patient, retriever, section, send, trickle,
    },
    reading::{below, path},
    server::{Connection, Kept, content},
};

const CAR: &str = "application/vnd.ipld.car; version=1; order=dfs; dups=y";

/// What the gateway sends instead of a CAR.
fn with_car(body: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Manner {
    Arc::new(move |asked, connection| {
        asked.car.then(|| {
            send(connection, CAR, &body(asked));
            Kept::Yes
        })
    })
}

/// What the gateway sends instead of a block.
fn with_block(body: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Manner {
    Arc::new(move |asked, connection| {
        let kind = asked.content_type();
        let body = if asked.car {
            return refuse(connection);
        } else {
            body(asked)
        };
        send(connection, kind, &body);
        Some(Kept::Yes)
    })
}

fn refuse(connection: &mut Connection) -> Option<Kept> {
    connection.answer(400, "no such format");
    Some(Kept::Yes)
}

fn answer(status: u16, headers: &'static [(&str, &str)], body: &'static str) -> Manner {
    Arc::new(move |_, connection| {
        connection.answer_with(status, headers, body);
        Some(Kept::Yes)
    })
}

fn blocks(asked: &Asked) -> Vec<(Cid, Vec<u8>)> {
    let blocks = asked.blocks.iter();
    blocks.map(|cid| (*cid, asked.block(cid))).collect()
}

/// All misbehaviours, by name.
fn manners() -> Vec<(&'static str, Manner)> {
    let stranger = |size: usize| {
        let block = content(size);
        (cid_of(RAW, &block), block)
    };
    vec![
        (
            "a flipped bit in a block",
            with_block(|asked| {
                let mut block = asked.body();
                block[0] ^= 1;
                block
            }),
        ),
        ("another block", with_block(|_| b"something else".to_vec())),
        ("an empty block", with_block(|_| Vec::new())),
        (
            "a block with more behind it",
            with_block(|asked| [asked.body(), vec![0]].concat()),
        ),
        (
            "a block cut short",
            with_block(|asked| {
                let block = asked.body();
                block[..block.len() / 2].to_vec()
            }),
        ),
        ("a block of 5 MiB", with_block(|_| vec![0; 5 << 20])),
        (
            "a CAR in place of a block",
            with_block(|asked| car(&asked.blocks, &blocks(asked))),
        ),
        (
            "a page in place of everything",
            Arc::new(|_, connection| {
                send(connection, "text/html", b"<h1>Welcome</h1>");
                Some(Kept::Yes)
            }),
        ),
        (
            "a page that says it is a CAR",
            with_car(|_| b"<h1>Welcome</h1>".to_vec()),
        ),
        ("an empty CAR", with_car(|_| Vec::new())),
        (
            "a CAR of a header",
            with_car(|asked| header(&asked.blocks[..1])),
        ),
        (
            "a CAR without roots",
            with_car(|asked| car(&[], &blocks(asked)[..1])),
        ),
        (
            "a CAR of another root",
            with_car(move |_| {
                let (cid, block) = stranger(5000);
                car(&[cid], &[(cid, block)])
            }),
        ),
        (
            "a CAR with a flipped bit in each block",
            with_car(|asked| {
                let mut blocks = blocks(asked);
                for (_, block) in &mut blocks {
                    block[0] ^= 1;
                }
                car(&asked.blocks[..1], &blocks)
            }),
        ),
        (
            "a CAR with a flipped bit in the last block",
            with_car(|asked| {
                let mut blocks = blocks(asked);
                blocks.last_mut().unwrap().1[0] ^= 1;
                car(&asked.blocks[..1], &blocks)
            }),
        ),
        (
            "a CAR whose blocks have each other's CIDs",
            with_car(|asked| {
                let mut blocks = blocks(asked);
                let first = blocks[0].0;
                blocks[0].0 = blocks.last().unwrap().0;
                blocks.last_mut().unwrap().0 = first;
                car(&asked.blocks[..1], &blocks)
            }),
        ),
        (
            "a CAR cut in a block",
            with_car(|asked| {
                let body = asked.body();
                body[..body.len() - 10].to_vec()
            }),
        ),
        (
            "a CAR cut between blocks",
            with_car(|asked| {
                let mut blocks = blocks(asked);
                blocks.pop();
                car(&asked.blocks[..1], &blocks)
            }),
        ),
        (
            "a CAR in reverse",
            with_car(|asked| {
                let mut blocks = blocks(asked);
                blocks.reverse();
                car(&asked.blocks[..1], &blocks)
            }),
        ),
        (
            "a CAR with blocks that nobody asked for, first",
            with_car(move |asked| {
                let all = [&vec![stranger(1000); 50][..], &blocks(asked)].concat();
                car(&asked.blocks[..1], &all)
            }),
        ),
        (
            "a CAR with blocks that nobody asked for, last",
            with_car(move |asked| {
                let all = [&blocks(asked)[..], &vec![stranger(100_000); 50]].concat();
                car(&asked.blocks[..1], &all)
            }),
        ),
        (
            "a CAR with a block that nobody asked for after each",
            with_car(move |asked| {
                let each = blocks(asked)
                    .into_iter()
                    .flat_map(|block| [block, stranger(10)]);
                car(&asked.blocks[..1], &each.collect::<Vec<_>>())
            }),
        ),
        (
            "a CAR with each block twice",
            with_car(|asked| {
                let each = blocks(asked)
                    .into_iter()
                    .flat_map(|block| [block.clone(), block]);
                car(&asked.blocks[..1], &each.collect::<Vec<_>>())
            }),
        ),
        (
            "a CAR of all when a part was asked for",
            with_car(|asked| {
                let all: Vec<_> = asked.dag.0.cids();
                let all: Vec<_> = all.iter().map(|cid| (*cid, asked.block(cid))).collect();
                car(&asked.blocks[..1], &all)
            }),
        ),
        (
            "a section of more than any block",
            with_car(|asked| {
                let mut body = header(&asked.blocks[..1]);
                crate::dag::varint(&mut body, 1 << 40);
                body.extend(vec![0; 1 << 20]);
                body
            }),
        ),
        (
            "a length that never ends",
            with_car(|asked| [header(&asked.blocks[..1]), vec![0xff; 1000]].concat()),
        ),
        (
            "a section without a CID",
            with_car(|asked| [header(&asked.blocks[..1]), vec![0x02, 0xff, 0xff]].concat()),
        ),
        (
            "a section of no bytes",
            with_car(|asked| [header(&asked.blocks[..1]), vec![0; 10]].concat()),
        ),
        (
            "a header of a gigabyte",
            with_car(|_| {
                let mut body = Vec::new();
                crate::dag::varint(&mut body, 1 << 30);
                body.extend(vec![0xa2; 1 << 20]);
                body
            }),
        ),
        (
            "a CAR that is gzip",
            Arc::new(|asked, connection| {
                if !asked.car {
                    return None;
                }
                let body = asked.body();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: {CAR}\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                connection.send(head.as_bytes());
                connection.send(&body);
                Some(Kept::Yes)
            }),
        ),
        (
            "an endless CAR",
            Arc::new(move |asked, connection| {
                if !asked.car {
                    return None;
                }
                let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {CAR}\r\n\r\n");
                connection.send(head.as_bytes());
                connection.send(&header(&asked.blocks[..1]));
                for at in 0_u64..100_000 {
                    let block = at.to_le_bytes().to_vec();
                    connection.send(&section(&cid_of(RAW, &block), &block));
                }
                Some(Kept::No)
            }),
        ),
        (
            "a body longer than its length",
            Arc::new(|asked, connection| {
                let body = asked.body();
                announce(asked, connection, body.len() / 2);
                connection.send(&body);
                Some(Kept::No)
            }),
        ),
        (
            "a body shorter than its length",
            Arc::new(|asked, connection| {
                let body = asked.body();
                announce(asked, connection, body.len() * 2);
                connection.send(&body);
                Some(Kept::No)
            }),
        ),
        (
            "chunks that aren't ended",
            Arc::new(|asked, connection| {
                let body = asked.body();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
                    asked.content_type(),
                    body.len()
                );
                connection.send(head.as_bytes());
                connection.send(&body);
                Some(Kept::No)
            }),
        ),
        ("no answer", Arc::new(|_, _| Some(Kept::No))),
        (
            "an answer that isn't HTTP",
            Arc::new(|_, connection| {
                connection.send(b"220 mail.example.org ESMTP\r\n");
                Some(Kept::No)
            }),
        ),
        (
            "a head that stalls",
            Arc::new(|_, _| {
                sleep(Duration::from_secs(20));
                Some(Kept::No)
            }),
        ),
        (
            "a body that stalls",
            Arc::new(|asked, connection| {
                let body = asked.body();
                announce(asked, connection, body.len());
                connection.send(&body[..body.len() / 2]);
                sleep(Duration::from_secs(20));
                Some(Kept::No)
            }),
        ),
        ("too many requests", answer(429, &[], "")),
        (
            "too many requests, for long",
            answer(429, &[("Retry-After", "3600")], ""),
        ),
        ("overloaded", answer(503, &[("Retry-After", "1")], "")),
        ("a broken gateway", answer(502, &[], "<html>")),
        ("a failure", answer(500, &[], "")),
        ("not found", answer(404, &[], "")),
        ("gone", answer(410, &[], "")),
        ("blocked", answer(451, &[], "")),
        ("forbidden", answer(403, &[], "")),
        (
            "unauthorised",
            answer(401, &[("WWW-Authenticate", "Basic")], ""),
        ),
        ("no content", answer(204, &[], "")),
        ("not modified", answer(304, &[], "")),
        (
            "a redirect to itself",
            Arc::new(|asked, connection| {
                connection.answer_with(302, &[("Location", &asked.target)], "");
                Some(Kept::Yes)
            }),
        ),
        (
            "a redirect to a file",
            answer(302, &[("Location", "file:///etc/passwd")], ""),
        ),
        (
            "a redirect with a password",
            answer(302, &[("Location", "http://a:b@127.0.0.1/")], ""),
        ),
    ]
}

/// If a gateway stalls, another is asked after this time.
const IDLE: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_gateway_gets_a_wrong_byte_out_or_holds_a_read_up() {
    let dag = Dag::default();
    let bytes = content(3_000_000);
    let file = dag.file(&Profile::kubo_cidv1_legacy(), &bytes);
    let small = content(70_000);
    let folder = dag.folder(
        &"custom(shard-threshold=200)".parse().unwrap(),
        &[
            ("a/small", &small),
            ("b", b"b"),
            ("c/d/e/f", b"f"),
            ("g", b"g"),
            ("h", b"h"),
        ],
    );
    let kinds = manners();
    assert!(kinds.len() >= 40);
    for (name, manner) in kinds {
        let alone = Gateway::new(&dag, Arc::clone(&manner));
        let retriever = patient(&[&alone], IDLE);
        let calm = tokio::time::timeout(Duration::from_secs(60), async {
            for (place, expected) in [(path(file), &bytes), (below(folder, "a/small"), &small)] {
                match retriever.read(&place, ReadOptions::new()).await {
                    Ok(read) => assert!(read == *expected, "{name}: other bytes"),
                    Err(error) => {
                        let ours =
                            matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::LocalIo);
                        assert!(!ours, "{name}: {error}");
                    }
                }
            }
        });
        calm.await.unwrap_or_else(|_| panic!("{name}: it hangs"));

        let (bad, good) = (Gateway::new(&dag, manner), Gateway::good(&dag));
        let retriever = patient(&[&bad, &good], IDLE);
        let rescued = tokio::time::timeout(Duration::from_secs(60), async {
            for (place, expected) in [(path(file), &bytes), (below(folder, "a/small"), &small)] {
                let read = retriever.read(&place, ReadOptions::new()).await;
                let read = read.unwrap_or_else(|error| panic!("{name}: {error}"));
                assert!(read == *expected, "{name}: other bytes");
            }
        });
        rescued.await.unwrap_or_else(|_| panic!("{name}: it hangs"));
        // The ports stay bound, since the pause that the gateways requested outlives them.
        std::mem::forget((alone, bad));
    }
}

#[tokio::test]
async fn a_gateway_that_lies_is_never_asked_again() {
    let dag = Dag::default();
    let bytes = content(3_000_000);
    let file = dag.file(&Profile::default(), &bytes);
    let liar = Gateway::new(&dag, with_block(|_| b"something else".to_vec()));
    let good = Gateway::blocks_only(&dag);
    let retriever = retriever(&[&liar, &good]);
    assert!(
        retriever
            .read(&path(file), ReadOptions::new())
            .await
            .unwrap()
            == bytes
    );
    let asked = liar.requests().len();
    assert!(
        retriever
            .read(&path(file), ReadOptions::new())
            .await
            .unwrap()
            == bytes
    );
    assert_eq!(liar.requests().len(), asked);
    assert!(asked <= 2, "one CAR, one block");
}

#[tokio::test]
async fn a_host_that_asks_for_a_pause_gets_it_from_every_client() {
    let dag = Dag::default();
    let cid = dag.add(RAW, b"block".to_vec());
    let tired = Gateway::new(&dag, answer(429, &[("Retry-After", "600")], ""));
    let good = Gateway::good(&dag);
    assert!(
        retriever(&[&tired, &good])
            .read(&path(cid), ReadOptions::new().most_bytes(10))
            .await
            .is_ok()
    );
    assert_eq!(tired.requests().len(), 1);
    assert!(
        retriever(&[&tired, &good])
            .read(&path(cid), ReadOptions::new().most_bytes(10))
            .await
            .is_ok()
    );
    assert_eq!(tired.requests().len(), 1);
    let error = retriever(&[&tired])
        .read(&path(cid), ReadOptions::new().most_bytes(10))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(error.is_retryable());
    assert!(error.retry_after().unwrap() > Duration::from_secs(500));
    assert_eq!(tired.requests().len(), 1);
    // The port stays bound, since the pause that the gateway requested outlives it.
    std::mem::forget(tired);
}

#[tokio::test]
async fn a_slow_gateway_is_as_good_as_any() {
    let dag = Dag::default();
    let bytes = content(20_000);
    let file = dag.file(&"custom(chunk=1000,width=4)".parse().unwrap(), &bytes);
    let slow = Gateway::new(
        &dag,
        Arc::new(|asked, connection| {
            let body = asked.body();
            announce(asked, connection, body.len());
            trickle(connection, &body, 997, Duration::from_millis(5));
            Some(Kept::Yes)
        }),
    );
    let read = patient(&[&slow], IDLE)
        .read(&path(file), ReadOptions::new())
        .await;
    assert!(read.unwrap() == bytes);
    assert_eq!(slow.requests().len(), 1);
}

/// DAGs that were forged to keep their reader busy, or to contradict themselves.
#[tokio::test]
async fn dishonest_dags_are_errors() {
    let dag = Dag::default();
    let leaf = dag.add(RAW, vec![1; 100]);
    let other = dag.folder(&Profile::default(), &[("a", b"a")]);
    let deep = (0..100).fold(leaf, |below, _| dag.node(b"", &[(below, 100)]));
    let bomb = (0..50).fold((leaf, 100_u64), |(below, size), _| {
        let size = size.saturating_mul(2);
        (dag.node(b"", &[(below, size / 2), (below, size / 2)]), size)
    });
    let missing = cid_of(RAW, b"nowhere");
    for (name, root, kind, says) in [
        (
            "a lying size",
            dag.node(b"", &[(leaf, 99)]),
            ErrorKind::Decode,
            "sizes",
        ),
        (
            "a lying size above",
            dag.node(b"", &[(dag.node(b"", &[(leaf, 100)]), 101)]),
            ErrorKind::Decode,
            "sizes",
        ),
        (
            "a folder in a file",
            dag.node(b"", &[(other, 100)]),
            ErrorKind::Decode,
            "a folder",
        ),
        ("too deep", deep, ErrorKind::Decode, "too many links"),
        (
            "a hole",
            dag.node(b"", &[(leaf, 100), (missing, 100)]),
            ErrorKind::NotFound,
            "",
        ),
        ("a bomb", bomb.0, ErrorKind::InvalidInput, "more than"),
        (
            "not dag-pb",
            dag.add(DAG_PB, vec![0xff; 10]),
            ErrorKind::Decode,
            "",
        ),
    ] {
        for gateway in [Gateway::good(&dag), Gateway::blocks_only(&dag)] {
            let error = retriever(&[&gateway])
                .read(&path(root), ReadOptions::new().most_bytes(1 << 20))
                .await;
            let error = error.unwrap_err();
            assert_eq!(error.kind(), kind, "{name}: {error}");
            assert!(error.to_string().contains(says), "{name}: {error}");
        }
    }
    for links in [
        vec![(leaf, "a"), (leaf, "a")],
        vec![(leaf, "..")],
        vec![(leaf, "")],
        vec![(leaf, "a/b")],
    ] {
        let root = dag.directory(&links);
        let gateway = Gateway::good(&dag);
        let entry = retriever(&[&gateway]).list(&path(root)).next().await;
        assert_eq!(entry.unwrap().unwrap_err().kind(), ErrorKind::Decode);
    }
    // A shard with a name that lookups don't find there.
    let message = [
        &[0x08, 5, 0x12, 32][..],
        &{
            let mut bits = [0; 32];
            bits[31] = 1;
            bits
        },
        &[0x28, 0x22, 0x30, 0x80, 0x02],
    ]
    .concat();
    let root = dag.add(DAG_PB, dag_pb(&[(leaf, "00wrong place")], &message));
    let gateway = Gateway::good(&dag);
    let entry = retriever(&[&gateway]).list(&path(root)).next().await;
    let error = entry.unwrap().unwrap_err();
    assert!(
        error.to_string().contains("where a lookup doesn't find it"),
        "{error}"
    );
}
