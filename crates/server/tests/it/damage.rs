//! Tests with flipped bits, missing packs, and databases that are older than the content.

use std::{fs, path::Path};

use serde_json::Value;
use w3pin_server::{ServeError, Server, ServerConfig, StoreError};
use w3pin_unixfs::{FileBuilder, Profile};

use crate::{
    fixture::{ALICE, BOB, TestServer, accounts, eventually, file, folder_bytes, noise, text},
    packs::{flip, packs},
};

fn get(server: &TestServer, pin: &Value) -> Vec<u8> {
    let reply = server.curl_bare(&format!("/ipfs/{}", text(&pin["cid"])), &[]);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body
}

fn refuse(data: &Path) -> StoreError {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut config = ServerConfig::new(data);
    config.accounts = accounts();
    match runtime.block_on(Server::bind(config)) {
        Err(ServeError::Store { source, .. }) => source,
        other => panic!("it must be refused: {other:?}"),
    }
}

/// Ten pins of one account in a pack that is mostly unused since another account's pins were removed.
#[test]
fn a_flipped_head_costs_nobody_a_pin() {
    let mut server = TestServer::embedded(|_| {});
    let contents: Vec<_> = (0..10).map(|seed| noise(seed + 1, 30_000)).collect();
    let big = noise(99, 2_000_000);
    let names: Vec<_> = (0..10).map(|number| format!("d/{number}")).collect();
    let mut parts: Vec<_> = names
        .iter()
        .zip(&contents)
        .map(|(name, it)| file(name, it))
        .collect();
    parts.insert(5, file("d/big", &big));
    let folder = server.upload(&parts).data();
    let pins: Vec<_> = contents
        .iter()
        .map(|content| server.upload_as(BOB, &[file("a", content)]).data())
        .collect();
    server.stop();
    // In the head of the sixth file's block: its key starts at least 38 bytes before its content.
    for distance in [-38, -41, -46, -49] {
        flip(server.data(), &contents[5], distance);
    }
    let server = server.restart();
    assert_eq!(server.unpin(&folder["id"]).status, 200);
    // Other content is removed meanwhile: the damage blocks nothing.
    let other = server.pin("other", &noise(500, 3_000_000));
    server.unpin(&other["id"]);
    server.wait_for_bytes(2_400_000);
    for (pin, content) in pins.iter().zip(&contents) {
        assert!(get(&server, pin) == *content);
    }
    let server = server.restart();
    for (pin, content) in pins.iter().zip(&contents) {
        assert!(get(&server, pin) == *content);
    }
}

#[test]
fn rot_is_never_served_is_named_and_heals() {
    let mut server = TestServer::embedded(|_| {});
    let small = noise(1, 5_000);
    let big = noise(2, 2_000_000);
    let pin = server.pin("small", &small);
    let folder = server
        .upload(&[file("d/big", &big), file("d/x", b"x")])
        .data();
    let theirs = server.upload_as(BOB, &[file("big", &big)]).data();
    server.stop();
    flip(server.data(), &small, 100);
    flip(server.data(), &big[1_200_000..], 100);
    let server = server.restart();

    let path = format!("/ipfs/{}", text(&pin["cid"]));
    let refused = server.curl_bare(&path, &[]);
    let message = refused.message(500);
    assert!(
        message.contains(text(&pin["cid"])) && message.contains("damaged"),
        "{message}"
    );
    assert!(refused.header("cache-control").is_none());
    server
        .curl_bare(&path, &["-H", "range: bytes=0-10"])
        .message(500);
    server
        .curl_bare(&format!("{path}?format=raw"), &[])
        .message(500);
    // A response that has started can't be revoked, but it is truncated.
    let torn = std::process::Command::new("curl")
        .args([
            "-sS",
            "-o",
            "/dev/null",
            &server.url(&format!("/ipfs/{}/big", text(&folder["cid"]))),
        ])
        .status()
        .unwrap();
    assert_eq!(torn.code(), Some(18), "curl tells a body that is cut off");
    // Reported in the pins of every account.
    for pin in [&pin, &folder] {
        eventually("the damage is named", || {
            let pin = server.look(pin);
            text(&pin["status"]).starts_with("FAILED: ") && pin["pinned"] == false
        });
    }
    let list = server.curl_as(BOB, "/api/pinning/pins", &[]).data();
    assert!(
        text(&list["pins"][0]["status"]).starts_with("FAILED: "),
        "{list}"
    );
    let whole = server.curl("/api/pinning/pins?pinned=true", &[]).data();
    assert_eq!(whole["totals"]["files"], 0, "{whole}");
    // It persists after a restart, too.
    let server = server.restart();
    assert!(text(&server.look(&pin)["status"]).starts_with("FAILED: "));

    // Uploading the same content repairs it, under the same pin.
    let again = server.upload(&[file("small", &small)]);
    assert_eq!((again.status, &again.data()["id"]), (201, &pin["id"]));
    assert!(get(&server, &pin) == small);
    // Uploads of other accounts repair it, too.
    let again = server.upload_as(BOB, &[file("big", &big)]);
    assert_eq!((again.status, &again.data()["id"]), (201, &theirs["id"]));
    for pin in [&pin, &folder] {
        eventually("it is mended", || {
            let pin = server.look(pin);
            pin["status"] == "DONE" && pin["pinned"] == true
        });
    }
    let body = server
        .curl_bare(&format!("/ipfs/{}/big", text(&folder["cid"])), &[])
        .body;
    assert!(body == big);
    let conflict = server.upload(&[file("small", &small)]);
    conflict.message(409);
    // Everything is removed normally.
    for (keys, id) in [
        (ALICE, &pin["id"]),
        (ALICE, &folder["id"]),
        (BOB, &theirs["id"]),
    ] {
        let unpin = format!("/api/pinning/unpin/{}", text(id));
        assert_eq!(server.curl_as(keys, &unpin, &["-X", "DELETE"]).status, 200);
    }
    server.wait_for_bytes(0);
}

#[test]
fn rot_that_nobody_has_read_heals_by_an_upload() {
    let mut server = TestServer::embedded(|_| {});
    let content = noise(1, 1_000_000);
    let pin = server.pin("a", &content);
    server.stop();
    flip(server.data(), &content[600_000..], 0);
    let server = server.restart();
    let again = server.upload(&[file("a", &content)]);
    assert_eq!((again.status, &again.data()["id"]), (201, &pin["id"]));
    assert!(get(&server, &pin) == content);
    assert_eq!(server.look(&pin)["status"], "DONE");
}

#[test]
fn an_upload_completes_a_pin_that_waits() {
    let server = TestServer::start();
    let content = noise(7, 700_000);
    let mut content_root = FileBuilder::new(&Profile::default());
    content_root.push(&content);
    let waiting = server.pin_by_cid(ALICE, &content_root.root().cid.to_string());
    let upload = server.upload(&[file("a", &content)]);
    assert_eq!((upload.status, &upload.data()["id"]), (201, &waiting["id"]));
    eventually("it is done", || server.look(&waiting)["status"] == "DONE");
    assert!(get(&server, &waiting) == content);
    server.upload(&[file("a", &content)]).message(409);
}

#[test]
fn a_scrub_finds_what_nobody_reads() {
    let mut server = TestServer::embedded(|_| {});
    let content = noise(1, 3_000_000);
    let pin = server.pin("a", &content);
    server.pin("b", &noise(2, 100_000));
    server.stop();
    flip(server.data(), &content[2_500_000..], 7);
    let server =
        server.restart_as(|config| config.scrub = Some(std::time::Duration::from_millis(1)));
    eventually("the scrub has found it", || {
        text(&server.look(&pin)["status"]).starts_with("FAILED: ")
    });
}

#[test]
fn a_pack_that_is_gone_or_cut_short_is_named_and_the_rest_is_there() {
    let mut server = TestServer::embedded(|_| {});
    let contents: Vec<_> = (0..3).map(|seed| noise(seed + 1, 300_000)).collect();
    let pins: Vec<_> = contents.iter().map(|it| server.pin("a", it)).collect();
    server.stop();
    let packs = packs(server.data());
    fs::remove_file(&packs[0]).unwrap();
    let short = fs::read(&packs[1]).unwrap();
    fs::write(&packs[1], &short[..100_000]).unwrap();
    let server = server.restart();
    for pin in &pins[..2] {
        eventually("the damage is named", || {
            text(&server.look(pin)["status"]).starts_with("FAILED: ")
        });
    }
    assert!(get(&server, &pins[2]) == contents[2]);
    assert_eq!(server.look(&pins[2])["status"], "DONE");
    for (pin, content) in pins.iter().zip(&contents).take(2) {
        assert_eq!(server.upload(&[file("a", content)]).status, 201);
        assert!(get(&server, pin) == *content);
    }
    for pin in &pins {
        assert_eq!(server.unpin(&pin["id"]).status, 200);
    }
    server.wait_for_bytes(0);
}

#[test]
fn a_damaged_block_that_is_unpinned_holds_up_nothing() {
    let mut server = TestServer::embedded(|_| {});
    // A folder with a damaged root, so that its links are unknown.
    let name = "a-name-that-is-in-the-root-alone";
    let damaged = server
        .upload(&[file(&format!("d/{name}"), &noise(1, 600_000))])
        .data();
    let fine = server.pin("b", &noise(2, 4_000_000));
    server.stop();
    flip(server.data(), name.as_bytes(), 3);
    let server = server.restart();
    assert_eq!(server.unpin(&damaged["id"]).status, 200);
    assert_eq!(server.unpin(&fine["id"]).status, 200);
    server.wait_for_bytes(700_000);
    // The records are rebuilt without it.
    let (data, _) = server.into_folder();
    let report = crate::fsck::fsck(data.path(), true);
    assert!(report.is_repaired && report.lost.is_empty(), "{report:?}");
    let server = TestServer::in_folder(data, None, |_| {});
    server.wait_for_bytes(0);
}

#[test]
fn packs_without_their_records_are_never_deleted() {
    let mut server = TestServer::embedded(|_| {});
    let content = noise(1, 500_000);
    let early = server.pin("early", &content);
    server.stop();
    let records = server.data().join("records.redb");
    let older = fs::read(&records).unwrap();
    let mut server = server.restart();
    let late = server.pin("late", &noise(2, 500_000));
    server.stop();
    let newest = fs::read(&records).unwrap();
    let kept = packs(server.data());
    let bytes = folder_bytes(&server.blocks());
    let fresh = {
        let mut other = TestServer::embedded(|_| {});
        other.stop();
        fs::read(other.data().join("records.redb")).unwrap()
    };

    for (what, database) in [
        ("gone", None),
        ("empty", Some(&b""[..])),
        ("older", Some(&older[..])),
        ("fresh", Some(&fresh[..])),
        ("cut short", Some(&newest[..newest.len() / 2])),
        ("no database", Some(&[7; 8192][..])),
    ] {
        match database {
            Some(database) => fs::write(&records, database).unwrap(),
            None => fs::remove_file(&records).unwrap(),
        }
        for _ in 0..2 {
            let cause = refuse(server.data());
            assert!(
                matches!(
                    cause,
                    StoreError::RecordsMissing { .. }
                        | StoreError::RecordsOlder { .. }
                        | StoreError::RecordsDamaged(_)
                ),
                "{what}: {cause:?}"
            );
            assert_eq!(packs(server.data()), kept, "{what}");
            assert_eq!(folder_bytes(&server.blocks()), bytes, "{what}");
        }
    }
    fs::write(&records, newest).unwrap();
    let server = server.restart();
    assert!(get(&server, &early) == content);
    assert!(get(&server, &late) == noise(2, 500_000));
}

#[test]
fn a_stranger_s_pack_is_set_aside() {
    let mut other = TestServer::embedded(|_| {});
    other.pin("theirs", &noise(9, 200_000));
    other.stop();
    let theirs = fs::read(&packs(other.data())[0]).unwrap();
    let mut server = TestServer::embedded(|_| {});
    let pin = server.pin("mine", &noise(1, 200_000));
    server.stop();
    let blocks = server.blocks();
    fs::write(blocks.join("00000000000000ff.pack"), &theirs).unwrap();
    fs::write(blocks.join("00000000000000fe.part"), &theirs).unwrap();
    fs::write(blocks.join("00000000000000fd.pack"), b"not a pack at all").unwrap();
    let server = server.restart();
    assert!(get(&server, &pin) == noise(1, 200_000));
    let aside = |name: &str| fs::read(blocks.join("aside").join(name)).unwrap();
    assert_eq!(aside("00000000000000ff.pack"), theirs);
    assert_eq!(aside("00000000000000fe.part"), theirs);
    assert_eq!(aside("00000000000000fd.pack"), b"not a pack at all");
    // No other pack gets its name.
    server.pin("more", &noise(2, 1000));
    assert!(
        packs(server.data())
            .iter()
            .any(|path| path.ends_with("0000000000000100.pack"))
    );
}

#[test]
fn packs_of_the_first_version_are_read() {
    // Its magic ends in 1; heads are the length, the key's length and the key, without a checksum.
    let mut server = TestServer::embedded(|_| {});
    let content = noise(1, 300_000);
    let pin = server.pin("a", &content);
    server.stop();
    let pack = packs(server.data()).remove(0);
    let bytes = fs::read(&pack).unwrap();
    // A pack in which the checksum of each head is covered by the preceding block isn't a pack of the first
    // version, so only the blocks at positions known from the records are used.
    let mut first = bytes.clone();
    first[..8].copy_from_slice(b"w3pack\0\x01");
    fs::write(&pack, &first).unwrap();
    let server = server.restart();
    assert!(get(&server, &pin) == content);
    // None of it is deleted for being unusual.
    let other = server.pin("b", &noise(2, 1000));
    server.unpin(&other["id"]);
    assert!(get(&server, &pin) == content);
}

#[cfg(unix)]
#[test]
fn folders_are_the_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;

    let place = tempfile::TempDir::new().unwrap();
    let data = place.path().join("a/b");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime
        .block_on(Server::bind(ServerConfig::new(&data)))
        .unwrap();
    drop(server);
    for (path, mode) in [("", 0o700), ("blocks", 0o700), ("records.redb", 0o600)] {
        let found = data.join(path).metadata().unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_pack_that_cannot_be_read_for_a_while_is_not_damaged() {
    let server = TestServer::embedded(|_| {});
    let content = noise(1, 400_000);
    let pin = server.pin("a", &content);
    let (data, _) = server.into_folder();
    let [pack] = &packs(data.path())[..] else {
        panic!("there is one pack");
    };
    let elsewhere = data.path().join("elsewhere");
    fs::rename(pack, &elsewhere).unwrap();
    // Opening it fails, but it exists.
    std::os::unix::fs::symlink(pack.file_name().unwrap(), pack).unwrap();
    let server = TestServer::in_folder(data, None, |_| {});
    let path = format!("/ipfs/{}", text(&pin["cid"]));
    assert!(server.curl_bare(&path, &[]).status >= 500);
    let body = serde_json::json!({ "hash_to_pin": pin["cid"] }).to_string();
    let pin_by_cid = || {
        let arguments = ["--data-raw", &body];
        server.curl_as(BOB, "/api/pinning/pinByHash", &arguments)
    };
    assert!(pin_by_cid().status >= 500);
    assert_eq!(server.look(&pin)["status"], "DONE");

    fs::remove_file(pack).unwrap();
    fs::rename(&elsewhere, pack).unwrap();
    assert_eq!(get(&server, &pin), content);
    assert_eq!(pin_by_cid().status, 200);
    let theirs = server.curl_as(BOB, "/api/pinning/pins", &[]).data();
    assert_eq!(theirs["pins"][0]["status"], "DONE", "{theirs}");
    let server = server.restart();
    assert_eq!(server.look(&pin)["status"], "DONE");
}
