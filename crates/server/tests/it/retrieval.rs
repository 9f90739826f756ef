//! Tests of pins by CID with a source controlled by the test.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream, stream::BoxStream};
use tokio::sync::Semaphore;
use w3pin_core::{Cid, DagBlock, DagLimits, Error, ErrorKind, Result};
use w3pin_server::{DagSource, ServerConfig};
use w3pin_unixfs::{
    Block, BlockSink, Cid as BlockCid, FileBuilder, Profile, TreeBuilder, decode, raw_leaf,
};

use crate::{
    fixture::{ALICE, BOB, TestServer, eventually, folder_bytes, noise, text},
    packs::flip,
    psa::psa,
};

/// The content of the source, and how it provides it.
#[derive(Clone, Debug)]
struct Source {
    blocks: Arc<Mutex<HashMap<BlockCid, Vec<u8>>>>,
    /// Blocks that it provides.
    gate: Arc<Semaphore>,
    asked: Arc<AtomicUsize>,
    /// Streams that weren't dropped yet.
    open: Arc<AtomicUsize>,
    spoil: Spoil,
}

type Spoil = fn(Vec<Result<DagBlock>>) -> Vec<Result<DagBlock>>;

impl Default for Source {
    fn default() -> Self {
        Self {
            blocks: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            asked: Arc::default(),
            open: Arc::default(),
            spoil: |blocks| blocks,
        }
    }
}

impl BlockSink for Source {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> std::result::Result<(), Infallible> {
        let mut blocks = self.blocks.lock().unwrap();
        blocks.insert(block.cid, block.to_vec());
        Ok(())
    }
}

impl Source {
    /// Provides this many blocks, and more on request.
    fn held_back(blocks: usize) -> Self {
        Self {
            gate: Arc::new(Semaphore::new(blocks)),
            ..Self::default()
        }
    }

    fn spoiled(spoil: Spoil) -> Self {
        Self {
            spoil,
            ..Self::default()
        }
    }

    fn file(&self, profile: &str, content: &[u8]) -> String {
        let profile: Profile = profile.parse().unwrap();
        let mut file = FileBuilder::with_sink(&profile, self.clone());
        file.update(content).unwrap();
        file.finish().unwrap().0.cid.to_string()
    }

    fn is_idle(&self) -> bool {
        self.open.load(Ordering::SeqCst) == 0
    }

    fn walk(
        &self,
        cid: BlockCid,
        level: usize,
        had: &mut HashSet<BlockCid>,
        all: &mut Vec<Result<DagBlock>>,
    ) {
        if !had.insert(cid) {
            return;
        }
        let Some(bytes) = self.blocks.lock().unwrap().get(&cid).cloned() else {
            all.push(Err(Error::new(ErrorKind::NotFound, "it isn't here")));
            return;
        };
        let node = decode(&cid, &bytes).unwrap();
        let links: Arc<[BlockCid]> = node.links().iter().map(|link| link.cid).collect();
        let bytes = bytes.clone().into();
        all.push(Ok(DagBlock {
            cid,
            bytes,
            links: Arc::clone(&links),
            level,
        }));
        for link in links.iter() {
            self.walk(*link, level + 1, had, all);
        }
    }
}

impl DagSource for Source {
    fn dag(&self, root: Cid, _: DagLimits) -> BoxStream<'static, Result<DagBlock>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut all = Vec::new();
        self.walk(*root.as_cid(), 0, &mut HashSet::new(), &mut all);
        let (gate, open) = (Arc::clone(&self.gate), Open::new(&self.open));
        let blocks = stream::unfold(
            ((self.spoil)(all).into_iter(), gate, open),
            |mut state| async {
                let block = state.0.next()?;
                state.1.acquire().await.unwrap().forget();
                Some((block, state))
            },
        );
        blocks.boxed()
    }
}

/// A stream that wasn't dropped yet.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn from(source: &Source) -> impl FnOnce(&mut ServerConfig) + use<> {
    let source = source.clone();
    move |config| config.source = Some(Arc::new(source))
}

fn server(source: &Source) -> TestServer {
    TestServer::embedded(from(source))
}

fn is_done(server: &TestServer, pin: &serde_json::Value) -> bool {
    let status = server.look(pin)["status"].clone();
    assert!(!text(&status).starts_with("FAILED"), "{status}");
    status == "DONE"
}

fn failure(server: &TestServer, pin: &serde_json::Value) -> String {
    let mut last = String::new();
    eventually("the pin fails", || {
        last = text(&server.look(pin)["status"]).to_owned();
        assert_ne!(last, "DONE");
        last.starts_with("FAILED: ")
    });
    last
}

/// Small blocks, so that a DAG has many.
const SMALL: &str = "custom(chunk=1024,width=16,leaves=raw,cid=1)";

#[test]
fn a_dag_of_more_blocks_than_one_transaction_names_comes_whole_and_goes_whole() {
    let source = Source::default();
    // Its start is repeated at its end.
    let mut content = noise(1, 2_500_000);
    content.extend_from_within(..500_000);
    let cid = source.file(SMALL, &content);
    let server = server(&source);
    let pin = server.pin_by_cid(ALICE, &cid);
    assert_eq!(pin["status"], "RETRIEVAL");
    eventually("it comes", || is_done(&server, &pin));
    assert_eq!(source.asked.load(Ordering::SeqCst), 1);
    let pin = server.look(&pin);
    assert_eq!(
        (&pin["pinned"], &pin["is_dir"], &pin["is_pin_by_hash"]),
        (&true.into(), &false.into(), &true.into())
    );
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
    let server = server.restart();
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
    server.unpin(&pin["id"]);
    server.wait_for_bytes(0);
}

#[test]
fn pins_of_the_pinning_service_api_are_fetched() {
    let source = Source::held_back(0);
    let content = noise(1, 3000);
    let cid = source.file(SMALL, &content);
    let server = server(&source);
    let add = |cid: &str| {
        let body = serde_json::json!({ "cid": cid }).to_string();
        let reply = psa(&server, ALICE, "/pins", &["--data-raw", &body]);
        assert_eq!(reply.status, 202, "{reply:?}");
        format!("/pins/{}", text(&reply.json()["requestid"]))
    };
    let look = |path: &str| psa(&server, ALICE, path, &[]).json();
    // Both pins share one fetch.
    let pins = [add(&cid), add(&cid)];
    for pin in &pins {
        eventually("it is fetched", || look(pin)["status"] == "pinning");
    }
    source.gate.add_permits(100);
    for pin in &pins {
        eventually("it has come", || look(pin)["status"] == "pinned");
    }
    assert_eq!(source.asked.load(Ordering::SeqCst), 1);
    assert_eq!(
        look(&pins[0])["info"]["dag_size"],
        look(&pins[1])["info"]["dag_size"]
    );
}

#[test]
fn more_than_are_looked_for_at_once_are_queued() {
    let source = Source::held_back(0);
    let [first, second] = [1, 2].map(|seed| source.file(SMALL, &noise(seed, 100)));
    let configure = from(&source);
    let server = TestServer::embedded(|config| {
        configure(config);
        config.limits.retrievals = 1;
    });
    let first = server.pin_by_cid(ALICE, &first);
    eventually("the first is asked for", || {
        server.look(&first)["status"] == "RETRIEVAL" && !source.is_idle()
    });
    let second = server.pin_by_cid(ALICE, &second);
    assert_eq!(server.look(&second)["status"], "PENDING");
    server.unpin(&first["id"]);
    eventually("the second has its turn", || {
        server.look(&second)["status"] == "RETRIEVAL"
    });
    source.gate.add_permits(1);
    eventually("it comes", || is_done(&server, &second));
}

#[test]
fn what_comes_slowly_gives_way_to_others() {
    let source = Source::held_back(0);
    let cids = [1, 2, 3].map(|seed| source.file(SMALL, &noise(seed, 100)));
    let configure = from(&source);
    let server = TestServer::embedded(|config| {
        configure(config);
        config.limits.memory_bytes = 160 << 20;
        config.limits.stall_timeout = Duration::from_millis(300);
    });
    let pins = cids.map(|cid| server.pin_by_cid(ALICE, &cid));
    // There is memory for one at a time, and all get their turn.
    eventually("each is asked for", || {
        source.asked.load(Ordering::SeqCst) >= 3
    });
    source.gate.add_permits(100);
    for pin in pins {
        eventually("it comes", || is_done(&server, &pin));
    }
}

#[test]
fn an_unpin_stops_it_and_another_account_keeps_it_going() {
    let source = Source::held_back(50);
    let content = noise(1, 300_000);
    let cid = source.file(SMALL, &content);
    let server = server(&source);
    let mine = server.pin_by_cid(ALICE, &cid);
    eventually("some of it comes", || source.gate.available_permits() == 0);
    let theirs = server.pin_by_cid(BOB, &cid);
    assert_eq!(server.look(&mine)["status"], "RETRIEVAL");
    server.unpin(&mine["id"]);
    source.gate.add_permits(50);
    eventually("it goes on", || source.gate.available_permits() == 0);
    let unpin = format!("/api/pinning/unpin/{}", text(&theirs["id"]));
    server.curl_as(BOB, &unpin, &["-X", "DELETE"]).data();
    eventually("it stops", || source.is_idle());
    server.wait_for_bytes(0);
    assert_eq!(source.asked.load(Ordering::SeqCst), 1);
    // Pinned again, it starts again.
    source.gate.add_permits(1000);
    let again = server.pin_by_cid(ALICE, &cid);
    eventually("it comes", || is_done(&server, &again));
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
}

#[test]
fn an_upload_meanwhile_completes_it() {
    let source = Source::held_back(50);
    let content = noise(1, 3_000_000);
    let server = server(&source);
    let profile = Profile::default().to_string();
    let cid = source.file(&profile, &content);
    source.gate.forget_permits(49);
    let pin = server.pin_by_cid(ALICE, &cid);
    eventually("some of it comes", || source.gate.available_permits() == 0);
    let uploaded = server.pin("name", &content);
    assert_eq!(
        (&uploaded["id"], &uploaded["cid"]),
        (&pin["id"], &pin["cid"])
    );
    assert!(is_done(&server, &pin));
    eventually("it stops", || source.is_idle());
    server.wait_for_bytes(3_100_000);
}

#[test]
fn a_source_that_breaks_its_word_makes_no_pin_and_leaves_nothing() {
    let cases: [(&str, Spoil); 5] = [
        ("a different root", |mut blocks| {
            drop(blocks.remove(0));
            blocks
        }),
        ("skipped a level", |mut blocks| {
            drop(blocks.remove(1));
            blocks
        }),
        ("links to a missing one", |mut blocks| {
            drop(blocks.pop());
            blocks
        }),
        ("no block", |_| Vec::new()),
        ("larger than it may be", |mut blocks| {
            let reason = "it is larger than it may be";
            blocks.push(Err(Error::invalid_input("most_bytes", reason)));
            blocks
        }),
    ];
    for (words, spoil) in cases {
        let source = Source::spoiled(spoil);
        let cid = source.file(SMALL, &noise(1, 100_000));
        let server = server(&source);
        let pin = server.pin_by_cid(ALICE, &cid);
        let reason = failure(&server, &pin);
        assert!(reason.contains(words), "{words}: {reason}");
        assert_eq!(folder_bytes(&server.blocks()), 0, "{words}");
        assert_eq!(source.asked.load(Ordering::SeqCst), 1, "{words}");
    }
}

#[test]
fn what_breaks_off_is_tried_again_until_its_time_is_over() {
    let source = Source::default();
    let cid = source.file(SMALL, &noise(1, 100_000));
    let last = raw_leaf(&noise(1, 100_000)[99_328..]);
    let block = source.blocks.lock().unwrap().remove(&last).unwrap();
    let configure = from(&source);
    let server = TestServer::embedded(|config| {
        configure(config);
        config.limits.retrieval_timeout = Duration::from_millis(1500);
    });
    let pin = server.pin_by_cid(ALICE, &cid);
    let reason = failure(&server, &pin);
    let expected = "FAILED: the content wasn't found within 1500 ms: not found: it isn't here";
    assert!(
        reason.starts_with("FAILED: the content wasn't found within"),
        "{reason}"
    );
    assert!(reason.ends_with("it isn't here"), "{reason} {expected}");
    assert!(source.asked.load(Ordering::SeqCst) >= 2);
    assert_eq!(folder_bytes(&server.blocks()), 0);
    // A pin of another account retries, which completes both.
    source.blocks.lock().unwrap().insert(last, block);
    server.pin_by_cid(BOB, &cid);
    eventually("it comes", || server.look(&pin)["status"] == "DONE");
}

#[test]
fn pins_go_on_after_a_restart_with_and_without_a_source() {
    let source = Source::held_back(20);
    let content = noise(1, 100_000);
    let cid = source.file(SMALL, &content);
    let waits = TestServer::embedded(|_| {});
    let pin = waits.pin_by_cid(ALICE, &cid);
    let server = waits.restart_as(from(&source));
    eventually("it is fetched", || source.gate.available_permits() == 0);
    // In the middle.
    let server = server.restart();
    assert!(source.is_idle());
    assert_eq!(server.look(&pin)["status"], "RETRIEVAL");
    assert_eq!(folder_bytes(&server.blocks()), 0);
    source.gate.add_permits(1000);
    let server = server.restart_as(from(&source));
    eventually("it comes", || is_done(&server, &pin));
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
}

#[test]
fn damaged_content_is_fetched_again_with_another_pin_of_it() {
    let source = Source::default();
    let content = noise(1, 5_000);
    let cid = source.file(&Profile::default().to_string(), &content);
    let mut server = TestServer::embedded(|_| {});
    let pin = server.pin("small", &content);
    assert_eq!(pin["cid"], cid.as_str());
    server.stop();
    flip(server.data(), &content, 100);
    let server = server.restart_as(from(&source));
    let theirs = server.pin_by_cid(BOB, &cid);
    assert_eq!(theirs["status"], "RETRIEVAL");
    eventually("it is mended", || {
        let reply = server.curl_bare(&format!("/ipfs/{cid}"), &[]);
        reply.status == 200 && reply.body == content
    });
    eventually("the other is as before", || {
        server.look(&pin)["status"] == "DONE"
    });
}

#[test]
fn folders_that_share_files_with_what_is_here_are_kept_once() {
    let source = Source::default();
    let profile = Profile::default();
    let content = noise(1, 1_000_000);
    let mut tree = TreeBuilder::new(&profile);
    for name in ["a", "b/c", "b/d"] {
        let mut file = FileBuilder::with_sink(&profile, source.clone());
        file.update(&content).unwrap();
        tree.add_file(name, file.finish().unwrap().0).unwrap();
    }
    let cid = tree.finish(&mut source.clone()).unwrap().cid.to_string();
    let server = server(&source);
    let file = server.pin("a", &content);
    let folder = server.pin_by_cid(ALICE, &cid);
    eventually("it comes", || is_done(&server, &folder));
    assert_eq!(server.look(&folder)["is_dir"], true);
    server.unpin(&file["id"]);
    for path in ["a", "b/c", "b/d"] {
        let reply = server.curl_bare(&format!("/ipfs/{cid}/{path}"), &[]);
        assert!(reply.body == content, "{path}");
    }
    server.wait_for_bytes(2_100_000);
    server.unpin(&folder["id"]);
    server.wait_for_bytes(0);
}
