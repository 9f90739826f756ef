//! Tests that acknowledged content is available, that other content isn't, and that unused content is
//! removed.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tempfile::TempDir;

use crate::{
    child::ChildServer,
    fixture::{ALICE, BOB, BOUNDARY, TestServer, curl, file, folder_bytes, form, noise, text},
};

#[test]
fn unpinned_content_frees_its_space_and_shared_blocks_stay() {
    let server = TestServer::embedded(|_| {});
    let shared = noise(1, 3 << 20);
    let mine = noise(2, 5 << 20);
    let first = server
        .upload(&[file("d/shared", &shared), file("d/mine", &mine)])
        .data();
    let one_pack = folder_bytes(&server.blocks());
    assert!(one_pack > 8 << 20);
    let second = server
        .upload(&[file("e/other", &shared), file("e/x", b"x")])
        .data();
    // Existing blocks aren't stored again.
    server.wait_for_bytes(one_pack + 10_000);

    server.unpin(&first["id"]);
    // The first pack is rewritten with only the shared blocks.
    server.wait_for_bytes((3 << 20) + 20_000);
    let cid = text(&second["cid"]);
    assert!(server.curl_bare(&format!("/ipfs/{cid}/other"), &[]).body == shared);
    let gone = format!("/ipfs/{}/mine", text(&first["cid"]));
    server.curl_bare(&gone, &[]).message(404);

    let server = server.restart();
    assert!(server.curl_bare(&format!("/ipfs/{cid}/other"), &[]).body == shared);
    server.unpin(&second["id"]);
    server.wait_for_bytes(0);
    server
        .curl_bare(&format!("/ipfs/{cid}/other"), &[])
        .message(404);
}

#[test]
fn content_of_two_accounts_goes_with_the_last_pin() {
    let server = TestServer::embedded(|_| {});
    let content = noise(3, 1 << 20);
    let mine = server.pin("a", &content);
    let theirs = server.upload_as(BOB, &[file("a", &content)]).data();
    server.unpin(&mine["id"]);
    let cid = text(&mine["cid"]);
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
    let unpin = format!("/api/pinning/unpin/{}", text(&theirs["id"]));
    assert_eq!(server.curl_as(BOB, &unpin, &["-X", "DELETE"]).status, 200);
    server.wait_for_bytes(0);
}

#[test]
fn content_that_repeats_is_stored_once() {
    let server = TestServer::embedded(|_| {});
    let zeros = vec![0; 64 << 20];
    let pin = server.pin("zeros", &zeros);
    assert!(folder_bytes(&server.blocks()) < 1 << 20);
    let cid = text(&pin["cid"]);
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == zeros);
    let parts: Vec<_> = ["d/a", "d/b", "d/c"]
        .map(|name| file(name, &zeros[..1000]))
        .into();
    let folder = server.upload(&parts).data();
    server.unpin(&pin["id"]);
    let path = format!("/ipfs/{}/c", text(&folder["cid"]));
    assert_eq!(server.curl_bare(&path, &[]).body, &zeros[..1000]);
    server.unpin(&folder["id"]);
    server.wait_for_bytes(0);
}

#[test]
fn an_upload_that_a_kill_interrupts_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let mut server = ChildServer::start(folder.path());
    assert!(try_upload(server.address, &noise(4, 100_000)).is_some());
    let blocks = folder.path().join("blocks");
    let kept = folder_bytes(&blocks);
    let mut stream = TcpStream::connect(server.address).unwrap();
    let body = form(&[file("a", &noise(5, 3_000_000))]);
    write!(
        stream,
        "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\npinning_secret_key: {}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {}\r\n\r\n",
        ALICE[0],
        ALICE[1],
        body.len()
    )
    .unwrap();
    stream.write_all(&body[..2_500_000]).unwrap();
    crate::fixture::eventually("the upload is under way", || {
        folder_bytes(&blocks) > kept + 1_000_000
    });
    server.kill();
    let _server = ChildServer::start(folder.path());
    assert_eq!(folder_bytes(&blocks), kept);
}

/// Sends an upload over a raw connection; returns the CID and id if it was acknowledged.
fn try_upload(address: SocketAddr, content: &[u8]) -> Option<(String, String)> {
    use std::io::Read;

    let body = form(&[
        file("d/a", content),
        file("d/b", &content[..content.len() / 2]),
    ]);
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!(
        "POST /api/pinning/ HTTP/1.1\r\nhost: localhost\r\npinning_api_key: {}\r\npinning_secret_key: {}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        ALICE[0],
        ALICE[1],
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    if !head.starts_with("HTTP/1.1 201") {
        return None;
    }
    let json: serde_json::Value = serde_json::from_str(body).ok()?;
    Some((
        text(&json["data"]["cid"]).to_owned(),
        text(&json["data"]["id"]).to_owned(),
    ))
}

fn kill_and_check(rounds: u64) {
    let folder = TempDir::new().unwrap();
    let acknowledged = Mutex::new(Vec::new());
    let mut moment = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos() as u64;
    println!("the moments of killing come from {moment}");
    for round in 0..rounds {
        let mut server = ChildServer::start(folder.path());
        let address = server.address;
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for worker in 0..3 {
                let (acknowledged, stop) = (&acknowledged, &stop);
                scope.spawn(move || {
                    for number in 0.. {
                        let seed = round * 100_000 + worker * 10_000 + number + 1;
                        let content = noise(seed, 200_000 * (1 + seed as usize % 9));
                        match try_upload(address, &content) {
                            Some(pin) => acknowledged.lock().unwrap().push((seed, pin)),
                            None if stop.load(Ordering::Relaxed) => return,
                            None => {}
                        }
                    }
                });
            }
            moment ^= moment << 13;
            moment ^= moment >> 7;
            moment ^= moment << 17;
            if round == 0 {
                let is_there = || !acknowledged.lock().unwrap().is_empty();
                crate::fixture::eventually("something was uploaded", is_there);
            }
            std::thread::sleep(Duration::from_millis(50 + moment % 250));
            stop.store(true, Ordering::Relaxed);
            server.kill();
        });
    }

    let acknowledged = acknowledged.into_inner().unwrap();
    println!(
        "{} uploads were acknowledged in {rounds} rounds",
        acknowledged.len()
    );
    let server = ChildServer::start(folder.path());
    let keys = [
        "-H",
        &format!("pinning_api_key: {}", ALICE[0]),
        "-H",
        &format!("pinning_secret_key: {}", ALICE[1]),
    ];
    let url = |path: &str| format!("http://{}{path}", server.address);
    for (seed, (cid, id)) in &acknowledged {
        let content = noise(*seed, 200_000 * (1 + *seed as usize % 9));
        for (name, expected) in [("a", &content[..]), ("b", &content[..content.len() / 2])] {
            let reply = curl(&url(&format!("/ipfs/{cid}/{name}")), &[]);
            assert!(
                reply.body == expected,
                "{cid} isn't whole: {}",
                reply.status
            );
        }
        let pin = curl(&url(&format!("/api/pinning/{id}")), &keys).data();
        assert_eq!(
            (&pin["pinned"], text(&pin["cid"])),
            (&true.into(), &cid[..])
        );
    }

    // Nothing incomplete is visible: every listed pin serves its content, and once all pins are removed, so
    // are all blocks.
    let mut listed = Vec::new();
    loop {
        let page = format!("/api/pinning/pins/?limit=1000&offset={}", listed.len());
        let page = curl(&url(&page), &keys).data();
        let pins = page["pins"].as_array().unwrap().clone();
        if pins.is_empty() {
            break;
        }
        listed.extend(pins);
    }
    assert!(listed.len() >= acknowledged.len());
    for pin in &listed {
        for name in ["a", "b"] {
            let reply = curl(&url(&format!("/ipfs/{}/{name}", text(&pin["cid"]))), &[]);
            assert_eq!(reply.status, 200);
        }
        let unpin = url(&format!("/api/pinning/unpin/{}", text(&pin["id"])));
        assert_eq!(
            curl(&unpin, &[&keys[..], &["-X", "DELETE"]].concat()).status,
            200
        );
    }
    let blocks = folder.path().join("blocks");
    crate::fixture::eventually("every block is gone", || folder_bytes(&blocks) == 0);
}

#[test]
fn a_server_that_is_killed_loses_nothing_it_acknowledged() {
    kill_and_check(10);
}

#[test]
#[ignore = "takes minutes"]
fn a_server_that_is_killed_fifty_times_loses_nothing_it_acknowledged() {
    kill_and_check(50);
}
