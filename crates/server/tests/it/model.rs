//! A model of what the server must have kept, against random uploads, pins, kills, damage, full disks
//! and old databases.
//!
//! Whatever was acknowledged and wasn't harmed by the test itself is there, byte for byte. Whatever was
//! harmed is named, and its bytes are never other ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::SocketAddr,
    os::unix::fs::FileExt,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;
use w3pin_server::{Server, ServerConfig};

use crate::{
    child::ChildServer,
    fixture::{ALICE, BOB, BOUNDARY, Reply, accounts, eventually, file, form, noise, text},
    fsck::fsck,
    packs::packs,
    small_disk::SmallDisk,
    wire::call,
};

/// The files of uploads, so that they share blocks.
const POOL: u64 = 24;
const KEYS: [[&str; 2]; 2] = [ALICE, BOB];

#[test]
fn no_intact_content_is_lost_and_damage_is_named() {
    Model::new(seed(), 40).run(90);
}

#[test]
#[ignore = "takes a quarter of an hour"]
fn no_intact_content_is_lost_in_the_long_run() {
    for round in 0..20 {
        Model::new(seed().wrapping_add(round * 7919), 48).run(400);
    }
}

/// That of `W3PIN_TEST_SEED`, to reproduce a failure, or a new one.
fn seed() -> u64 {
    let given = std::env::var("W3PIN_TEST_SEED").ok();
    let seed = given.map_or_else(
        || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_nanos() as u64
        },
        |seed| seed.parse().unwrap(),
    );
    println!("W3PIN_TEST_SEED={seed}");
    seed
}

/// Which files of the pool, in order of their names.
type Files = BTreeSet<u64>;

#[derive(Clone, Debug)]
struct Pin {
    id: String,
    cid: String,
}

struct Model {
    random: u64,
    disk: SmallDisk,
    server: Option<ChildServer>,
    /// The acknowledged live pins, by account and content.
    live: BTreeMap<(usize, Files), Pin>,
    /// The bytes of each root that was ever acknowledged.
    roots: BTreeMap<Files, Vec<u8>>,
    /// Blocks whose stored copies were damaged by the test.
    harmed: BTreeSet<Vec<u8>>,
    /// Content that may or may not be pinned, since the response was lost.
    unsure: BTreeSet<(usize, Files)>,
    is_full: bool,
    /// The disk was filled again, including the space released by a reserve.
    is_fuller: bool,
    /// An old database, and the packs at that time.
    older: Option<(Vec<u8>, Vec<PathBuf>)>,
    counts: BTreeMap<&'static str, u64>,
}

fn pool(number: u64) -> Vec<u8> {
    noise(number + 1, 1 + (number * number * 97) as usize % 50_000)
}

impl Model {
    fn new(seed: u64, mebibytes: u64) -> Self {
        let disk = SmallDisk::new(mebibytes);
        let mut model = Self {
            random: seed | 1,
            disk,
            server: None,
            live: BTreeMap::new(),
            roots: BTreeMap::new(),
            harmed: BTreeSet::new(),
            unsure: BTreeSet::new(),
            is_full: false,
            is_fuller: false,
            older: None,
            counts: BTreeMap::new(),
        };
        model.start();
        model
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % limit
    }

    fn data(&self) -> PathBuf {
        self.disk.path().join("data")
    }

    fn address(&self) -> SocketAddr {
        self.server.as_ref().unwrap().address
    }

    fn start(&mut self) {
        self.server = Some(ChildServer::start(&self.data()));
    }

    fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    fn run(mut self, steps: u64) {
        for _ in 0..steps {
            let (what, step): (_, fn(&mut Self)) = match self.below(100) {
                0..45 => ("uploads", Self::upload),
                45..60 => ("unpins", Self::unpin),
                60..66 => ("pins by CID", Self::pin_by_cid),
                66..71 => ("kills", Self::kill_and_start),
                71..75 => ("kills under load", Self::kill_under_load),
                75..81 => ("flipped bits", Self::flip),
                81..83 => ("cut packs", Self::cut),
                83..84 => ("removed packs", Self::remove),
                84..87 => ("full disks", Self::fill),
                87..91 => ("room", Self::give_back),
                91..93 => ("old databases kept", Self::keep_database),
                93..96 => ("old databases", Self::old_database),
                96..98 => ("checks", Self::check_folder),
                _ => ("repairs", Self::repair),
            };
            *self.counts.entry(what).or_default() += 1;
            step(&mut self);
        }
        self.give_back();
        self.check();
        self.check_folder();
        println!(
            "{:?}; {} pins, {} blocks harmed",
            self.counts,
            self.live.len(),
            self.harmed.len()
        );
    }

    fn files(&mut self) -> Files {
        (0..=self.below(4)).map(|_| self.below(POOL)).collect()
    }

    fn upload(&mut self) {
        let files = self.files();
        let account = self.below(2) as usize;
        let address = self.address();
        let reply = send_upload(address, account, &files);
        self.uploaded(account, files, reply);
    }

    fn uploaded(&mut self, account: usize, files: Files, reply: Option<Reply>) {
        let Some(reply) = reply else {
            self.unsure.insert((account, files));
            return;
        };
        match reply.status {
            201 => {
                let pin = reply.data();
                self.know(account, files.clone(), &pin);
                // New content is valid, whatever was stored before.
                let blocks = self.blocks(&files);
                self.harmed.retain(|block| !blocks.contains(block));
            }
            409 => {
                let known = (account, files);
                if !self.live.contains_key(&known) {
                    assert!(self.unsure.contains(&known), "who has pinned {known:?}?");
                    self.adopt(known.0, known.1);
                }
            }
            507 => assert!(self.is_full, "the disk isn't full: {reply:?}"),
            _ => panic!("{reply:?}"),
        }
    }

    fn know(&mut self, account: usize, files: Files, pin: &Value) {
        let (id, cid) = (text(&pin["id"]).to_owned(), text(&pin["cid"]).to_owned());
        if !self.roots.contains_key(&files) {
            let root = self.call("GET", None, &format!("/ipfs/{cid}?format=raw"), None);
            let root = root.unwrap();
            if root.status == 200 {
                self.roots.insert(files.clone(), root.body);
            }
        }
        self.unsure.remove(&(account, files.clone()));
        self.live.insert((account, files), Pin { id, cid });
    }

    /// Accepts a pin whose acknowledgement was lost.
    fn adopt(&mut self, account: usize, files: Files) {
        let list = self.call("GET", Some(account), "/api/pinning/pins?limit=1000", None);
        let list = list.unwrap().data();
        let found = list["pins"].as_array().unwrap().iter().find(|pin| {
            pin["metadata"]["name"] == name(&files)
                && pin["date_unpinned"] == "0001-01-01T00:00:00Z"
        });
        let pin = found.unwrap_or_else(|| panic!("{list}")).clone();
        self.know(account, files, &pin);
    }

    fn unpin(&mut self) {
        if self.live.is_empty() {
            return;
        }
        let place = self.below(self.live.len() as u64) as usize;
        let (key, pin) = self.live.iter().nth(place).unwrap();
        let (key, pin) = (key.clone(), pin.clone());
        let path = format!("/api/pinning/unpin/{}", pin.id);
        let reply = self.call("DELETE", Some(key.0), &path, None).unwrap();
        if reply.status == 507 && self.is_fuller {
            return;
        }
        assert_eq!(reply.status, 200, "{reply:?}");
        self.live.remove(&key);
        self.unsure.remove(&key);
    }

    fn pin_by_cid(&mut self) {
        let Some(((account, files), pin)) = self.live.first_key_value() else {
            return;
        };
        let (account, files, cid) = (1 - account, files.clone(), pin.cid.clone());
        let body = format!(
            "{{\"hash_to_pin\": \"{cid}\", \"metadata\": {{\"name\": \"{}\"}}}}",
            name(&files)
        );
        let reply = self
            .call("POST", Some(account), "/api/pinning/pinByHash", Some(&body))
            .unwrap();
        match reply.status {
            200 => {
                let pin = reply.data();
                self.know(account, files, &pin);
            }
            409 => assert!(
                self.live.contains_key(&(account, files.clone()))
                    || self.unsure.contains(&(account, files))
            ),
            507 => assert!(self.is_full, "{reply:?}"),
            _ => panic!("{reply:?}"),
        }
    }

    fn kill_and_start(&mut self) {
        self.kill();
        self.start();
        self.check();
    }

    fn kill_under_load(&mut self) {
        let address = self.address();
        let uploads: Vec<_> = (0..6)
            .map(|_| (self.below(2) as usize, self.files()))
            .collect();
        let moment = Duration::from_millis(self.below(60));
        let replies = std::thread::scope(|scope| {
            let senders: Vec<_> = uploads
                .iter()
                .map(|(account, files)| scope.spawn(move || send_upload(address, *account, files)))
                .collect();
            std::thread::sleep(moment);
            self.kill();
            let replies = senders.into_iter().map(|sender| sender.join().unwrap());
            replies.collect::<Vec<_>>()
        });
        self.start();
        for ((account, files), reply) in uploads.into_iter().zip(replies) {
            // Two uploads of the same content at once: one of them gets the other's pin.
            match reply {
                Some(reply) if reply.status == 409 => {
                    self.unsure.insert((account, files));
                }
                reply => self.uploaded(account, files, reply),
            }
        }
        self.check();
    }

    /// Damages a pack, and records the affected blocks.
    fn harm(&mut self, harm: impl FnOnce(&mut Self, &PathBuf, u64)) {
        let packs = packs(&self.data());
        let packs: Vec<_> = packs
            .into_iter()
            .filter(|path| path.extension().unwrap() == "pack")
            .collect();
        if packs.is_empty() {
            return;
        }
        let pack = packs[self.below(packs.len() as u64) as usize].clone();
        let before = fs::read(&pack).unwrap_or_default();
        if before.is_empty() {
            return;
        }
        harm(self, &pack, before.len() as u64);
        let after = fs::read(&pack).unwrap_or_default();
        let known: BTreeSet<_> = self
            .roots
            .keys()
            .cloned()
            .flat_map(|files| self.blocks(&files))
            .collect();
        for block in known {
            if holds(&before, &block) && !holds(&after, &block) {
                self.harmed.insert(block);
            }
        }
    }

    fn flip(&mut self) {
        self.harm(|model, pack, length| {
            let at = model.below(length);
            let bit = model.below(8);
            let file = fs::File::options()
                .read(true)
                .write(true)
                .open(pack)
                .unwrap();
            let mut byte = [0];
            // It may be compacted at this moment.
            if file.read_exact_at(&mut byte, at).is_ok() {
                byte[0] ^= 1 << bit;
                file.write_all_at(&byte, at).unwrap();
            }
        });
    }

    fn cut(&mut self) {
        self.harm(|model, pack, length| {
            let at = model.below(length);
            fs::File::options()
                .write(true)
                .open(pack)
                .unwrap()
                .set_len(at)
                .unwrap();
        });
    }

    fn remove(&mut self) {
        self.kill();
        self.harm(|_, pack, _| fs::remove_file(pack).unwrap());
        self.start();
    }

    fn fill(&mut self) {
        self.is_fuller = self.is_full;
        self.is_full = true;
        self.disk.fill();
    }

    fn give_back(&mut self) {
        if self.is_full {
            self.is_full = false;
            self.is_fuller = false;
            self.disk.give_back(u64::MAX);
        }
    }

    fn keep_database(&mut self) {
        self.kill();
        let database = fs::read(self.data().join("records.redb")).unwrap();
        self.older = Some((database, packs(&self.data())));
        self.start();
    }

    /// A database that doesn't know some of the packs isn't trusted.
    fn old_database(&mut self) {
        let Some((older, packs_then)) = self.older.clone() else {
            return;
        };
        self.give_back();
        self.kill();
        self.start();
        self.kill();
        let now = packs(&self.data());
        let is_new =
            |path: &&PathBuf| !packs_then.contains(path) && path.extension().unwrap() == "pack";
        if now.iter().any(|path| is_new(&path)) {
            let path = self.data().join("records.redb");
            let newest = fs::read(&path).unwrap();
            fs::write(&path, older).unwrap();
            let mut config = ServerConfig::new(self.data());
            config.accounts = accounts();
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let refused = runtime.block_on(Server::bind(config));
            assert!(refused.is_err(), "the records are older than the packs");
            let left: BTreeSet<_> = packs(&self.data()).into_iter().collect();
            assert!(
                now.iter()
                    .all(|path| path.extension().unwrap() != "pack" || left.contains(path))
            );
            fs::write(&path, newest).unwrap();
        }
        self.start();
        self.check();
    }

    fn check_folder(&mut self) {
        self.kill();
        let report = fsck(&self.data(), false);
        let lost: BTreeSet<_> = report.lost.iter().map(|pin| pin.id.clone()).collect();
        for ((account, files), pin) in &self.live {
            if self.is_intact(files) {
                assert!(
                    !lost.contains(&pin.id),
                    "{account} {files:?} is intact: {report:#?}"
                );
            }
            // There may be another copy, which a check finds.
            if lost.contains(&pin.id) {
                assert!(!self.is_intact(files));
            }
        }
        self.start();
    }

    fn repair(&mut self) {
        self.give_back();
        self.kill();
        fsck(&self.data(), true);
        self.start();
        self.check();
    }

    fn blocks(&self, files: &Files) -> Vec<Vec<u8>> {
        let root = self.roots.get(files).cloned();
        files
            .iter()
            .map(|number| pool(*number))
            .chain(root)
            .collect()
    }

    fn is_intact(&self, files: &Files) -> bool {
        self.blocks(files)
            .iter()
            .all(|block| !self.harmed.contains(block))
    }

    fn check(&mut self) {
        let live = self.live.clone();
        for ((account, files), pin) in &live {
            let mut is_whole = true;
            for number in files {
                let path = format!("/ipfs/{}/{number}", pin.cid);
                let reply = self.call("GET", None, &path, None).unwrap();
                if reply.status == 200 {
                    assert!(
                        reply.body == pool(*number),
                        "wrong bytes in {files:?} {number}"
                    );
                } else {
                    is_whole = false;
                    assert!(!self.is_intact(files), "{files:?} is lost: {reply:?}");
                }
            }
            let path = format!("/api/pinning/{}", pin.id);
            let shown = self
                .call("GET", Some(*account), &path, None)
                .unwrap()
                .data();
            assert_eq!(shown["date_unpinned"], "0001-01-01T00:00:00Z", "{shown}");
            if is_whole {
                continue;
            }
            let mut shown = shown;
            eventually("what is damaged is named", || {
                let reply = self.call("GET", Some(*account), &path, None).unwrap();
                shown = reply.data();
                text(&shown["status"]) != "DONE" && shown["pinned"] == false
            });
        }
    }

    fn call(
        &self,
        method: &str,
        account: Option<usize>,
        path: &str,
        body: Option<&str>,
    ) -> Option<Reply> {
        let body = body.unwrap_or_default().as_bytes();
        call(
            self.address(),
            method,
            account.map(|account| KEYS[account]),
            path,
            "application/json",
            body,
        )
    }
}

fn holds(bytes: &[u8], block: &[u8]) -> bool {
    memchr::memmem::find(bytes, block).is_some()
}

fn name(files: &Files) -> String {
    let numbers: Vec<_> = files.iter().map(u64::to_string).collect();
    format!("d-{}", numbers.join("-"))
}

fn send_upload(address: SocketAddr, account: usize, files: &Files) -> Option<Reply> {
    let contents: Vec<_> = files.iter().map(|number| (number, pool(*number))).collect();
    let parts: Vec<_> = contents
        .iter()
        .map(|(number, content)| file(&format!("{}/{number}", name(files)), content))
        .collect();
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    call(
        address,
        "POST",
        Some(KEYS[account]),
        "/api/pinning/",
        &content_type,
        &form(&parts),
    )
}
