//! Tests of folders with more blocks than fit into one transaction.

use std::time::Duration;

use tempfile::TempDir;

use crate::{
    child::ChildServer,
    fixture::{ALICE, BOB, TestServer, eventually, file, folder_bytes, form, noise, text},
    fsck::fsck,
    wire::call,
};

const FILES: usize = 3000;

/// A folder of many small files, generated from `seed`.
fn folder(seed: u64) -> Vec<u8> {
    let content = noise(seed, FILES * 40);
    let names: Vec<_> = (0..FILES).map(|number| format!("d/{number}")).collect();
    let parts: Vec<_> = names
        .iter()
        .zip(content.chunks(40))
        .map(|(name, content)| file(name, content))
        .collect();
    form(&parts)
}

fn upload(server: &TestServer, keys: [&str; 2], body: &[u8]) -> crate::fixture::Reply {
    let content_type = format!("multipart/form-data; boundary={}", crate::fixture::BOUNDARY);
    let path = "/api/pinning/";
    call(
        server.address(),
        "POST",
        Some(keys),
        path,
        &content_type,
        body,
    )
    .unwrap()
}

#[test]
fn they_are_kept_once_and_go_with_their_last_pin() {
    let mut server = TestServer::embedded(|_| {});
    let body = folder(1);
    let mine = upload(&server, ALICE, &body);
    assert_eq!(mine.status, 201);
    let mine = mine.data();
    let one = folder_bytes(&server.blocks());
    upload(&server, ALICE, &body).message(409);
    let theirs = upload(&server, BOB, &body).data();
    server.wait_for_bytes(one);
    server.unpin(&mine["id"]);
    let path = format!("/ipfs/{}/2999", text(&theirs["cid"]));
    assert_eq!(server.curl_bare(&path, &[]).body.len(), 40);
    let path = format!("/api/pinning/unpin/{}", text(&theirs["id"]));
    assert_eq!(server.curl_as(BOB, &path, &["-X", "DELETE"]).status, 200);
    server.wait_for_bytes(0);
    server.stop();
    check(server.data());
}

#[test]
fn others_that_share_their_blocks_come_and_go_meanwhile() {
    let mut server = TestServer::embedded(|_| {});
    let bodies: Vec<_> = (0..3).map(|seed| folder(seed + 1)).collect();
    let content = noise(1, FILES * 40);
    std::thread::scope(|scope| {
        for (number, body) in bodies.iter().chain(&bodies).enumerate() {
            let (server, keys) = (&server, [ALICE, BOB][number % 2]);
            scope.spawn(move || {
                for _ in 0..3 {
                    let reply = upload(server, keys, body);
                    assert!(matches!(reply.status, 201 | 409), "{reply:?}");
                    if reply.status == 201 {
                        let path = format!("/api/pinning/unpin/{}", text(&reply.data()["id"]));
                        server.curl_as(keys, &path, &["-X", "DELETE"]);
                    }
                }
            });
        }
        // Single files of the first folder, whose blocks arrive before it is complete.
        for part in content.chunks(40).step_by(100) {
            let reply = upload(&server, BOB, &form(&[file("x", part)]));
            assert!(matches!(reply.status, 201 | 409), "{reply:?}");
            if reply.status == 201 {
                let path = format!("/api/pinning/unpin/{}", text(&reply.data()["id"]));
                server.curl_as(BOB, &path, &["-X", "DELETE"]);
            }
        }
    });
    server.wait_for_bytes(0);
    server.stop();
    check(server.data());
}

#[test]
fn a_kill_while_they_are_named_leaves_all_or_nothing() {
    let place = TempDir::new().unwrap();
    let data = place.path().join("data");
    for round in 0..6_u64 {
        let body = folder(round + 1);
        let mut server = ChildServer::start(&data);
        let address = server.address;
        let upload = std::thread::spawn(move || {
            let content_type =
                format!("multipart/form-data; boundary={}", crate::fixture::BOUNDARY);
            let path = "/api/pinning/";
            call(address, "POST", Some(ALICE), path, &content_type, &body)
        });
        eventually("it is being kept", || {
            folder_bytes(&data.join("blocks")) > 0
        });
        std::thread::sleep(Duration::from_millis(round * 40));
        server.kill();
        let reply = upload.join().unwrap();
        let acknowledged = reply.filter(|reply| reply.status == 201);
        let server = ChildServer::start(&data);
        let list = call(
            server.address,
            "GET",
            Some(ALICE),
            "/api/pinning/pins",
            "",
            b"",
        )
        .unwrap();
        let pins = list.data()["pins"].as_array().unwrap().clone();
        let live: Vec<_> = pins.iter().filter(|pin| pin["pinned"] == true).collect();
        if let Some(reply) = acknowledged {
            assert_eq!(live[0]["id"], reply.data()["id"]);
        }
        for pin in &live {
            let path = format!("/ipfs/{}/2999", text(&pin["cid"]));
            let read = call(server.address, "GET", None, &path, "", b"").unwrap();
            assert_eq!((read.status, read.body.len()), (200, 40));
            let path = format!("/api/pinning/unpin/{}", text(&pin["id"]));
            call(server.address, "DELETE", Some(ALICE), &path, "", b"").unwrap();
        }
        eventually("everything is freed", || {
            folder_bytes(&data.join("blocks")) == 0
        });
        drop(server);
        check(&data);
    }
}

/// The folder is undamaged.
fn check(data: &std::path::Path) {
    let report = fsck(data, false);
    assert!(report.problems.is_empty(), "{report:#?}");
}
