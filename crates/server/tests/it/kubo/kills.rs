//! Kills server and node in turn while clients continue.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::add;
use crate::{
    child::ChildServer,
    fixture::{ALICE, BOUNDARY, curl, eventually, file, form, noise, text},
    node::KuboNode,
};

const OPERATIONS: u64 = 80;
/// The number of acknowledged operations between two kills. However long a node takes to start, work
/// continues.
const BETWEEN_KILLS: u64 = 3;
/// Content that only another node has.
const ELSEWHERE: u64 = 10;

/// A pin that was acknowledged and not changed since, or whose removal was acknowledged.
struct Acknowledged {
    id: String,
    cid: String,
    content: Vec<u8>,
    live: bool,
}

/// The progress of the operations.
#[derive(Default)]
struct Progress {
    acknowledged: AtomicU64,
    has_finished: AtomicBool,
}

impl Progress {
    /// Waits until this many more are acknowledged; returns whether there are more to come.
    fn wait_for_more(&self, count: u64) -> bool {
        let enough = self.acknowledged.load(Ordering::Relaxed) + count;
        loop {
            if self.has_finished.load(Ordering::Relaxed) {
                return false;
            }
            if self.acknowledged.load(Ordering::Relaxed) >= enough {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The operations have finished or failed.
struct Finished<'a>(&'a Progress);

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        self.0.has_finished.store(true, Ordering::Relaxed);
    }
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn what_was_acknowledged_outlives_server_and_node() {
    let data = TempDir::new().unwrap();
    let other = KuboNode::start();
    let elsewhere: Vec<_> = (0..ELSEWHERE)
        .map(|number| {
            let content = noise(1_000_000 + number, 300_000);
            (add(&other, &content), content)
        })
        .collect();
    let mut node = KuboNode::start();
    node.connect(&other);
    let backend = node.backend();
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut server = ChildServer::start_at(anywhere, data.path(), &backend);
    let address = server.address;

    let progress = Progress::default();
    let mut kills = 0;
    let acknowledged = std::thread::scope(|scope| {
        let operations = scope.spawn(|| operate(address, elsewhere, &progress));
        while progress.wait_for_more(BETWEEN_KILLS) {
            // At an arbitrary time.
            std::thread::sleep(Duration::from_millis(17 * (kills % 7)));
            if kills % 2 == 0 {
                server.kill();
                server = ChildServer::start_at(address, data.path(), &backend);
            } else {
                node.kill();
                node.revive();
                node.connect(&other);
            }
            kills += 1;
        }
        operations.join().unwrap()
    });
    let count = |live| acknowledged.iter().filter(|it| it.live == live).count();
    println!(
        "{OPERATIONS} operations were acknowledged in spite of {kills} kills; {} pins stayed, {} were ended",
        count(true),
        count(false)
    );
    assert!(kills > 1, "both were killed");

    for pin in &acknowledged {
        let look = || get(address, &pin.id);
        if !pin.live {
            assert_eq!(look()["pinned"], false, "{}", pin.id);
            continue;
        }
        eventually("every pin becomes done", || look()["status"] == "DONE");
        let url = format!("http://{address}/ipfs/{}", pin.cid);
        assert!(curl(&url, &[]).body == pin.content, "{} is whole", pin.cid);
    }

    // Unacknowledged operations left nothing without a record.
    let listed = list(address);
    eventually("the node has what the records name, and no more", || {
        let mut named: Vec<_> = list(address)
            .iter()
            .map(|pin| text(&pin["cid"]).to_owned())
            .collect();
        let mut pinned = node.pins();
        named.sort_unstable();
        pinned.sort_unstable();
        named == pinned
    });
    for pin in &listed {
        request(
            address,
            "DELETE",
            &format!("unpin/{}", text(&pin["id"])),
            b"",
            "",
        )
        .unwrap();
    }
    eventually("nothing is left", || node.pins().is_empty());
}

/// Uploads, pins CIDs and unpins until this many operations are acknowledged.
fn operate(
    address: SocketAddr,
    elsewhere: Vec<(String, Vec<u8>)>,
    progress: &Progress,
) -> Vec<Acknowledged> {
    let _finished = Finished(progress);
    let mut elsewhere = elsewhere.into_iter().peekable();
    let mut pins: Vec<Acknowledged> = Vec::new();
    for number in 0.. {
        if progress.acknowledged.load(Ordering::Relaxed) == OPERATIONS {
            break;
        }
        let acknowledged = match number % 5 {
            4 => unpin(address, &mut pins, number),
            2 if elsewhere.peek().is_some() => pin_elsewhere(address, &mut elsewhere, &mut pins),
            _ => upload(address, number, &mut pins),
        };
        if acknowledged {
            progress.acknowledged.fetch_add(1, Ordering::Relaxed);
        } else {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    pins
}

fn upload(address: SocketAddr, number: u64, pins: &mut Vec<Acknowledged>) -> bool {
    let content = noise(number + 1, 60_000 * (1 + number as usize % 9));
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let body = form(&[file("a", &content)]);
    match request(address, "POST", "", &body, &content_type) {
        Some((201, pin)) => {
            pins.push(Acknowledged {
                id: text(&pin["id"]).to_owned(),
                cid: text(&pin["cid"]).to_owned(),
                content,
                live: true,
            });
            true
        }
        _ => false,
    }
}

fn pin_elsewhere(
    address: SocketAddr,
    elsewhere: &mut std::iter::Peekable<std::vec::IntoIter<(String, Vec<u8>)>>,
    pins: &mut Vec<Acknowledged>,
) -> bool {
    let (cid, content) = elsewhere.peek().unwrap();
    let body = json!({ "hash_to_pin": cid }).to_string();
    let id = match request(
        address,
        "POST",
        "pinByHash",
        body.as_bytes(),
        "application/json",
    ) {
        Some((200, pin)) => text(&pin["id"]).to_owned(),
        // An earlier attempt succeeded, though its response was lost.
        Some((409, _)) => {
            let pin = list(address).into_iter().find(|pin| pin["cid"] == *cid);
            text(&pin.unwrap()["id"]).to_owned()
        }
        _ => return false,
    };
    pins.push(Acknowledged {
        id,
        cid: cid.clone(),
        content: content.clone(),
        live: true,
    });
    elsewhere.next();
    true
}

fn unpin(address: SocketAddr, pins: &mut Vec<Acknowledged>, number: u64) -> bool {
    if pins.is_empty() {
        return false;
    }
    let place = number as usize % pins.len();
    if !pins[place].live {
        return false;
    }
    match request(
        address,
        "DELETE",
        &format!("unpin/{}", pins[place].id),
        b"",
        "",
    ) {
        Some((200, _)) => {
            pins[place].live = false;
            true
        }
        // It may or may not have been removed.
        _ => {
            pins.remove(place);
            false
        }
    }
}

/// A request as Alice: the status and data of the response, if there is one.
fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: &[u8],
    content_type: &str,
) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!(
        "{method} /api/pinning/{path} HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\n\
         pinning_secret_key: {}\r\ncontent-type: {content_type}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        ALICE[0],
        ALICE[1],
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut json: Value = serde_json::from_str(body).ok()?;
    Some((status, json["data"].take()))
}

fn get(address: SocketAddr, id: &str) -> Value {
    request(address, "GET", id, b"", "").unwrap().1
}

/// All live pins, retrying while the server is being killed.
fn list(address: SocketAddr) -> Vec<Value> {
    loop {
        if let Some((200, page)) = request(address, "GET", "pins/?limit=1000", b"", "") {
            let pins = page["pins"].as_array().unwrap().iter();
            let ended = |pin: &&Value| text(&pin["date_unpinned"]).starts_with("0001");
            return pins.filter(ended).cloned().collect();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
