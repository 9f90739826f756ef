//! Tests of servers that fetch content pinned by CID from gateways, which are real servers or fakes.

use std::{fs, path::Path, thread, time::Duration};

use serde_json::Value;

use crate::{
    curl::{curl, eventually, text},
    dag,
    fixture::{Place, Served, to},
    service::{Kept, Server, cid, content},
    small_disk::SmallDisk,
    throttle::Throttle,
};

const OWN: [&str; 4] = ["--api-key", "K-8f2d17", "--secret-key", "S-1c9a44"];
const DATA: &str = "pins";

fn place() -> Place {
    let mut place = Place::new();
    // A node finds content itself.
    place.node = None;
    place
}

/// A server that fetches from these gateways.
fn fetcher(place: &Place, gateways: &[&str], args: &[&str]) -> Served {
    let from = gateways.iter().flat_map(|url| ["--retrieve-from", url]);
    let from: Vec<&str> = from.collect();
    place.serve(&[&OWN[..], &["--data", DATA], &from, args].concat())
}

/// A server that has this file or folder, and its CID.
fn origin(place: &Place, name: &str) -> (Served, String) {
    let served = place.serve(&["--data", "origin"]);
    let pin = place.run(&served.flags(&["add", name, "--json"])).json();
    let cid = text(&pin["cid"]).to_owned();
    (served, cid)
}

fn add_cid(place: &Place, served: &Served, cid: &str) -> String {
    let pin = place.run(&to(served.endpoint(), &["add-cid", cid, "--json"]));
    let pin = pin.json();
    assert_eq!(pin["status"], "RETRIEVAL");
    text(&pin["id"]).to_owned()
}

fn look(place: &Place, served: &Served, id: &str) -> Value {
    let got = place.run(&to(served.endpoint(), &["get", id, "--json"]));
    got.json()
}

fn status(place: &Place, served: &Served, id: &str) -> String {
    text(&look(place, served, id)["status"]).to_owned()
}

#[track_caller]
fn done(place: &Place, served: &Served, id: &str) {
    let mut last = String::new();
    eventually(&format!("{id} is pinned"), || {
        last = status(place, served, id);
        assert!(!last.starts_with("FAILED"), "{last}");
        last == "DONE"
    });
    assert_eq!(look(place, served, id)["pinned"], true);
}

/// The reason of a failed pin.
#[track_caller]
fn failure(place: &Place, served: &Served, id: &str) -> String {
    let mut last = String::new();
    eventually(&format!("{id} fails"), || {
        last = status(place, served, id);
        assert_ne!(last, "DONE");
        last.starts_with("FAILED: ")
    });
    last
}

/// The number of packs being written.
fn parts(data: &Path) -> usize {
    let files = fs::read_dir(data.join("blocks")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.ends_with(".pack")).count()
}

#[test]
fn files_folders_and_sharded_folders_come_and_stay() {
    let place = place();
    place.write("one", "one block");
    place.write("big", content(3_000_000));
    place.write("site/index.html", "<h1>");
    place.write("site/css/main.css", "x".repeat(300_000));
    for number in 0..1200 {
        place.write(&format!("many/{number:0>240}"), format!("{}", number % 7));
    }
    let names = ["one", "big", "site", "many"];
    let origin = place.serve(&["--data", "origin"]);
    let cids = names.map(|name| {
        let pin = place.run(&origin.flags(&["add", name, "--json"])).json();
        text(&pin["cid"]).to_owned()
    });
    let served = fetcher(&place, &[origin.gateway()], &[]);
    assert_eq!(served.said["retrieve_from"][0], origin.gateway());
    let ids = cids.clone().map(|cid| add_cid(&place, &served, &cid));
    ids.iter().for_each(|id| done(&place, &served, id));
    for (id, name) in ids.iter().zip(names) {
        let path = format!("/api/pinning/{id}");
        let url = served.endpoint().replace("/api/pinning", &path);
        let keys = ["pinning_api_key: K-8f2d17", "pinning_secret_key: S-1c9a44"];
        let shown = curl(&url, &["-H", keys[0], "-H", keys[1]]).data();
        assert_eq!(shown["is_dir"], ["site", "many"].contains(&name));
        assert_eq!(shown["is_pin_by_hash"], true);
    }
    drop(origin);
    for (cid, name) in cids.iter().zip(names) {
        place
            .run(&["verify", name, cid, "--gateway", served.gateway()])
            .ok();
    }
    drop(served);
    place.run(&["fsck", "--data", DATA]).ok();
    // It is available without any gateway, too.
    let served = place.serve(&[&OWN[..], &["--data", DATA]].concat());
    assert_eq!(served.said["retrieve_from"], serde_json::json!([]));
    place
        .run(&["verify", "many", &cids[3], "--gateway", served.gateway()])
        .ok();
    for id in &ids {
        place.run(&to(served.endpoint(), &["rm", id])).ok();
    }
    let blocks = place.path().join(DATA).join("blocks");
    eventually("all is freed", || {
        fs::read_dir(&blocks).unwrap().count() == 0
    });
}

#[test]
fn what_nobody_has_fails_when_its_time_is_over_and_an_upload_mends_it() {
    let place = place();
    place.write("late", "late");
    let (origin, _) = {
        place.write("other", "other");
        origin(&place, "other")
    };
    let served = fetcher(&place, &[origin.gateway()], &["--retrieval-timeout", "2s"]);
    let id = add_cid(&place, &served, &cid(b"late"));
    let reason = failure(&place, &served, &id);
    let words = "FAILED: the content wasn't found within 2 s: ";
    assert!(reason.starts_with(words), "{reason}");
    assert!(
        reason.contains("not found") || reason.contains("404"),
        "{reason}"
    );
    // Pinning again retries.
    place.run(&to(served.endpoint(), &["rm", &id])).ok();
    let id = add_cid(&place, &served, &cid(b"late"));
    place.run(&origin.flags(&["add", "late", "--wait"])).ok();
    done(&place, &served, &id);
    let gone = add_cid(&place, &served, &cid(b"gone"));
    failure(&place, &served, &gone);
    place.write("gone", "gone");
    place.run(&to(served.endpoint(), &["add", "gone"])).ok();
    done(&place, &served, &gone);
}

#[test]
fn a_gateway_that_lies_makes_no_pin_and_spoils_none() {
    let place = place();
    place.write("big", content(2_000_000));
    let (origin, root) = origin(&place, "big");
    let liar = Server::new(|_, _, connection| {
        dag::serve(connection, b"something else");
        Kept::Yes
    });
    let liar_url = format!("http://{}", liar.address());
    let served = fetcher(&place, &[&liar_url], &["--retrieval-timeout", "2s"]);
    let id = add_cid(&place, &served, &root);
    let reason = failure(&place, &served, &id);
    assert!(reason.contains("served wrong bytes"), "{reason}");
    assert!(liar.requests().len() >= 3, "it is asked again");
    assert_eq!(parts(&place.path().join(DATA)), 0);
    drop(served);
    let served = fetcher(&place, &[&liar_url, origin.gateway()], &[]);
    place.run(&to(served.endpoint(), &["rm", &id])).ok();
    let id = add_cid(&place, &served, &root);
    done(&place, &served, &id);
    let verify = ["verify", "big", &root, "--gateway", served.gateway()];
    place.run(&verify).ok();
}

#[test]
fn of_two_gateways_one_may_be_dead_or_empty() {
    let place = place();
    place.write("big", content(2_000_000));
    let (origin, root) = origin(&place, "big");
    let empty = place.serve(&["--data", "empty"]);
    let dead = "http://127.0.0.1:9";
    for (data, first) in [("a", dead), ("b", empty.gateway())] {
        let from = [
            "--retrieve-from",
            first,
            "--retrieve-from",
            origin.gateway(),
        ];
        let served = place.serve(&[&OWN[..], &["--data", data], &from].concat());
        let id = add_cid(&place, &served, &root);
        done(&place, &served, &id);
    }
    // From the environment.
    let mut command = place.command(&["serve", "--json", "--listen", "127.0.0.1:0", "--data", "c"]);
    command.env(
        "W3PIN_RETRIEVE_FROM",
        format!("{dead}, {}", origin.gateway()),
    );
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let served = Served { child, said };
    assert_eq!(served.said["retrieve_from"][1], origin.gateway());
    let args = ["add-cid", &root, "--wait", "--json"];
    let pin = place.run(&served.flags(&args)).json();
    assert_eq!(pin["status"], "DONE");
}

/// A slow connection to a server that has a large file, and the file's CID.
fn slow(place: &Place, pause: u64) -> (Served, Throttle, String) {
    place.write("big", content(16 << 20));
    let (origin, root) = origin(place, "big");
    let way = Throttle::new(origin.gateway(), Duration::from_millis(pause));
    (origin, way, root)
}

#[test]
fn a_server_that_is_killed_in_the_middle_goes_on_when_it_is_started_again() {
    let place = place();
    let (_origin, way, root) = slow(&place, 4);
    let data = place.path().join(DATA);
    let mut served = fetcher(&place, &[&way.url()], &[]);
    let id = add_cid(&place, &served, &root);
    for _ in 0..2 {
        let before = way.passed();
        eventually("some of it has come", || way.passed() > before + (4 << 20));
        assert_eq!(status(&place, &served, &id), "RETRIEVAL");
        drop(served);
        assert_ne!(parts(&data), 0, "it was killed in the middle");
        served = fetcher(&place, &[&way.url()], &[]);
    }
    done(&place, &served, &id);
    assert_eq!(parts(&data), 0, "nothing half is left");
    drop(served);
    place.run(&["fsck", "--data", DATA]).ok();
}

#[test]
fn an_upload_meanwhile_completes_the_pins_of_all_accounts() {
    let place = place();
    let (_origin, way, root) = slow(&place, 20);
    let served = fetcher(&place, &[&way.url()], &["--account", "K2:S2"]);
    let id = add_cid(&place, &served, &root);
    eventually("some of it has come", || way.passed() > 1 << 20);
    let theirs = ["--endpoint", served.endpoint(), "--api-key", "K2"];
    let add = ["--secret-key", "S2", "add", "big"];
    place.run(&[&theirs[..], &add].concat()).ok();
    done(&place, &served, &id);
    eventually("the fetch has stopped", || {
        parts(&place.path().join(DATA)) == 0
    });
    assert!(way.passed() < 12 << 20, "{} bytes came", way.passed());
    drop(served);
    place.run(&["fsck", "--data", DATA]).ok();
}

#[test]
fn an_unpin_in_the_middle_stops_the_fetch_and_leaves_nothing() {
    let place = place();
    let (_origin, way, root) = slow(&place, 20);
    let data = place.path().join(DATA);
    let served = fetcher(&place, &[&way.url()], &[]);
    let id = add_cid(&place, &served, &root);
    eventually("some of it has come", || way.passed() > 1 << 20);
    assert_ne!(parts(&data), 0);
    place.run(&to(served.endpoint(), &["rm", &id])).ok();
    let blocks = data.join("blocks");
    eventually("nothing is left", || {
        fs::read_dir(&blocks).unwrap().count() == 0
    });
    thread::sleep(Duration::from_millis(100));
    let passed = way.passed();
    thread::sleep(Duration::from_millis(300));
    assert!(way.passed() - passed < 1 << 20, "it goes on");
}

#[test]
fn what_two_accounts_pin_is_fetched_once() {
    let place = place();
    let (_origin, way, root) = slow(&place, 4);
    let served = fetcher(&place, &[&way.url()], &["--account", "K2:S2"]);
    let first = add_cid(&place, &served, &root);
    eventually("it has begun", || way.passed() > 1 << 20);
    let keys = [
        "--endpoint",
        served.endpoint(),
        "--api-key",
        "K2",
        "--secret-key",
        "S2",
    ];
    let second = [&keys[..], &["add-cid", &root, "--wait", "--json"]].concat();
    assert_eq!(place.run(&second).json()["status"], "DONE");
    done(&place, &served, &first);
    assert!(way.passed() < 18 << 20, "{} bytes came", way.passed());
    // One of the folders contains it, the other doesn't.
    place.run(&to(served.endpoint(), &["rm", &first])).ok();
    place
        .run(&["verify", "big", &root, "--gateway", served.gateway()])
        .ok();
}

#[test]
fn documents_are_pinned_with_all_that_they_link_to() {
    let place = place();
    let blocks = dag::Dag::default();
    let image = blocks.file(&content(100_000));
    let link = |cid: &w3pin::unixfs::Cid| {
        let bytes = cid.to_bytes();
        [&[0xd8, 42, 0x58, bytes.len() as u8 + 1, 0], &bytes[..]].concat()
    };
    let metadata = blocks.block(&[&b"\xa1\x65image"[..], &link(&image)].concat());
    let root = blocks.block(&[&[0x81][..], &link(&metadata)].concat());
    let gateway = blocks.gateway();
    let url = format!("http://{}", gateway.address());
    let served = fetcher(&place, &[&url], &[]);
    let id = add_cid(&place, &served, &root.to_string());
    done(&place, &served, &id);
    let pin = look(&place, &served, &id);
    // A document doesn't contain the sizes of the blocks below it.
    assert_eq!(pin["size"], 42, "{pin}");
    drop(gateway);
    for cid in [root, metadata, image] {
        let block = curl(&format!("{}/ipfs/{cid}?format=raw", served.gateway()), &[]);
        assert_eq!(block.status, 200);
    }
    let pulled = place.serve(
        &[
            &OWN[..],
            &["--data", "copy", "--retrieve-from", served.gateway()],
        ]
        .concat(),
    );
    let id = add_cid(&place, &pulled, &root.to_string());
    done(&place, &pulled, &id);
    // Once it is unpinned, everything is removed.
    drop((served, pulled));
    let checked = place.run(&["fsck", "--data", DATA, "--json"]).json();
    assert_eq!(
        checked["damaged"].as_array().map_or(0, Vec::len),
        0,
        "{checked}"
    );
}

#[test]
fn what_is_too_large_or_of_no_kind_that_is_read_fails_by_name() {
    let place = place();
    place.write("big", content(2_000_000));
    let (origin, root) = origin(&place, "big");
    let blocks = dag::Dag::default();
    let cut = blocks.block(&[0xa1]).to_string();
    let other = blocks.gateway();
    let other = format!("http://{}", other.address());
    let served = fetcher(
        &place,
        &[origin.gateway(), &other],
        &["--retrieval-limit", "1MB"],
    );
    let large = add_cid(&place, &served, &root);
    let reason = failure(&place, &served, &large);
    assert!(reason.contains("more than 1000000 bytes"), "{reason}");
    let cut = add_cid(&place, &served, &cut);
    let reason = failure(&place, &served, &cut);
    assert!(reason.contains("can't be decoded"), "{reason}");
    assert_eq!(parts(&place.path().join(DATA)), 0);
}

#[test]
fn a_full_disk_fails_a_pin_by_name_and_is_not_filled() {
    let place = place();
    place.write("big", content(48 << 20));
    place.write("small", "small");
    let (origin, root) = origin(&place, "big");
    place.run(&origin.flags(&["add", "small"])).ok();
    let disk = SmallDisk::new(110);
    let data = disk.path().join("data");
    let data = data.to_str().unwrap();
    let args = ["--data", data, "--retrieve-from", origin.gateway()];
    let served = place.serve(&[&OWN[..], &args].concat());
    let id = add_cid(&place, &served, &root);
    let reason = failure(&place, &served, &id);
    assert_eq!(reason, "FAILED: no space left in the data folder");
    assert_eq!(parts(Path::new(data)), 0);
    let id = add_cid(&place, &served, &cid(b"small"));
    done(&place, &served, &id);
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    let place = place();
    let gateway = ["--retrieve-from", "http://127.0.0.1:9"];
    for backend in [
        "kubo=http://127.0.0.1:5001",
        "cluster=http://127.0.0.1:9094",
    ] {
        let said = place.run(&[&["serve", "--backend", backend], &gateway[..]].concat());
        let said = said.fails(2);
        assert!(
            said.contains("--retrieve-from") && said.contains("http://127"),
            "{said}"
        );
    }
    for url in [
        "",
        " ",
        "nonsense",
        "ftp://127.0.0.1",
        "http://user:hush@127.0.0.1",
        "http://127.0.0.1?x=1",
        "file:///etc/passwd",
    ] {
        let said = place.run(&["serve", "--retrieve-from", url]).fails(2);
        assert!(
            said.contains("--retrieve-from") && !said.contains("hush"),
            "{said}"
        );
    }
    let said = place.run(&[&["serve", "--memory", "100MiB"], &gateway[..]].concat());
    let said = said.fails(2);
    assert!(said.contains("--memory"), "{said}");
    let local = place.run(&[&["--local", "ls"], &gateway[..]].concat());
    local.fails(2);
}
