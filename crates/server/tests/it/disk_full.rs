//! Tests with full disks, and files that can't grow.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    child::ChildServer,
    fixture::{ALICE, TestServer, curl, eventually, file, noise, text},
    small_disk::SmallDisk,
};

fn serve(disk: &SmallDisk) -> TestServer {
    TestServer::at(&disk.path().join("data"), |config| {
        config.limits.free_disk_bytes = 0;
    })
}

fn fetch(server: &TestServer, pin: &Value) -> Vec<u8> {
    server
        .curl_bare(&format!("/ipfs/{}", text(&pin["cid"])), &[])
        .body
}

#[test]
fn a_full_disk_refuses_pins_and_lets_them_be_ended() {
    let disk = SmallDisk::new(48);
    let server = serve(&disk);
    let contents: Vec<_> = (0..6).map(|seed| noise(seed + 1, 3_000_000)).collect();
    let pins: Vec<_> = contents
        .iter()
        .map(|content| server.pin("a", content))
        .collect();
    disk.fill();
    for seed in 0..5 {
        let refused = server.upload(&[file("b", &noise(100 + seed, 50_000))]);
        refused.message(507);
    }
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    let body = format!("{{\"hash_to_pin\": \"{cid}\"}}");
    for _ in 0..3 {
        let reply = server.curl("/api/pinning/pinByHash", &["--data-raw", &body]);
        assert!([200, 409, 507].contains(&reply.status), "{reply:?}");
    }
    // Whatever failed, existing content is listed and served.
    let list = server.curl("/api/pinning/pins?limit=100", &[]).data();
    assert!(list["pins"].as_array().unwrap().len() >= 6, "{list}");
    for (pin, content) in pins.iter().zip(&contents) {
        assert!(fetch(&server, pin) == *content);
    }
    // Unpinning works, and frees space.
    for pin in &pins[..3] {
        let reply = server.unpin(&pin["id"]);
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    server.wait_for_bytes(10_000_000);
    let content = noise(200, 2_000_000);
    let pin = server.pin("c", &content);
    assert!(fetch(&server, &pin) == content);
    // After a restart everything is as reported.
    drop(server);
    let server = serve(&disk);
    for (pin, content) in pins.iter().zip(&contents).skip(3) {
        assert!(fetch(&server, pin) == *content);
    }
    assert!(fetch(&server, &pin) == content);
    assert_eq!(server.look(&pins[0])["pinned"], false);
}

/// Removing a pin of many blocks changes most pages of the database, which needs additional pages first.
#[test]
fn a_pin_of_many_blocks_can_be_ended_on_a_full_disk() {
    let disk = SmallDisk::new(80);
    let server = serve(&disk);
    let names: Vec<_> = (0..20_000).map(|number| format!("d/{number}")).collect();
    let contents: Vec<_> = (0..20_000).map(|seed| noise(seed + 1, 40)).collect();
    let parts: Vec<_> = names
        .iter()
        .zip(&contents)
        .map(|(name, content)| file(name, content))
        .collect();
    let pin = server.upload(&parts).data();
    let kept = server.pin("kept", &noise(1, 100_000));
    disk.fill();
    server.upload(&[file("b", &noise(7, 100_000))]).message(507);
    assert_eq!(server.unpin(&pin["id"]).status, 200);
    server.wait_for_bytes(110_000);
    assert!(fetch(&server, &kept) == noise(1, 100_000));
}

#[test]
fn a_server_starts_on_a_full_disk_and_room_can_be_made() {
    let disk = SmallDisk::new(32);
    let server = serve(&disk);
    let contents: Vec<_> = (0..3).map(|seed| noise(seed + 1, 2_000_000)).collect();
    let pins: Vec<_> = contents
        .iter()
        .map(|content| server.pin("a", content))
        .collect();
    drop(server);
    disk.fill();
    for pin in &pins[..2] {
        let server = serve(&disk);
        let list = server.curl("/api/pinning/pins?limit=100", &[]).data();
        assert_eq!(list["totals"]["files"], 3, "{list}");
        assert_eq!(server.unpin(&pin["id"]).status, 200);
        drop(server);
    }
    let server = serve(&disk);
    server.wait_for_bytes(2_100_000);
    assert!(fetch(&server, &pins[2]) == contents[2]);
    server.pin("b", &noise(50, 1_000_000));
}

#[test]
fn uploads_at_the_edge_of_a_disk_never_harm_what_is_there() {
    let disk = SmallDisk::new(40);
    let server = serve(&disk);
    let mut pins = Vec::new();
    for seed in 0..4 {
        pins.push((server.pin("a", &noise(seed + 1, 1_500_000)), seed + 1));
    }
    disk.fill();
    let mut refused = 0;
    for round in 0..30_u64 {
        disk.give_back(150_000 + round * 9_000);
        let seed = 1_000 + round;
        let reply = server.upload(&[file("b", &noise(seed, 60_000 + round as usize * 20_000))]);
        match reply.status {
            201 => pins.push((reply.data(), seed)),
            507 => refused += 1,
            _ => panic!("{reply:?}"),
        }
        disk.fill();
    }
    println!("{refused} of 30 were refused");
    for (pin, seed) in &pins {
        let size = if *seed < 1_000 {
            1_500_000
        } else {
            60_000 + (*seed as usize - 1_000) * 20_000
        };
        assert!(fetch(&server, pin) == noise(*seed, size), "{seed}");
    }
    drop(server);
    let report = crate::fsck::fsck(&disk.path().join("data"), false);
    assert!(report.lost.is_empty(), "{report:?}");
}

#[test]
fn a_limit_on_the_size_of_files_is_no_end_of_the_process() {
    let folder = TempDir::new().unwrap();
    // In units of 512 bytes: the database fits, a large pack doesn't.
    let mut server = ChildServer::start_by(
        Command::new("sh").args(["-c", "ulimit -f 20000 && exec \"$0\" \"$@\""]),
        folder.path(),
    );
    let url = |path: &str| format!("http://{}{path}", server.address);
    let keys = [
        format!("pinning_api_key: {}", ALICE[0]),
        format!("pinning_secret_key: {}", ALICE[1]),
    ];
    let upload = |content: &[u8]| {
        let path = folder.path().join("upload");
        std::fs::write(&path, content).unwrap();
        let form = format!("file=@{}", path.display());
        curl(
            &url("/api/pinning/"),
            &["-H", &keys[0], "-H", &keys[1], "-F", &form],
        )
    };
    upload(&noise(1, 30_000_000)).message(507);
    assert_eq!(upload(&noise(2, 1_000_000)).status, 201);
    upload(&noise(3, 30_000_000)).message(507);
    let blocks = folder.path().join("blocks");
    eventually("nothing is left of them", || {
        crate::fixture::folder_bytes(&blocks) < 1_100_000
    });
    server.kill();
}
