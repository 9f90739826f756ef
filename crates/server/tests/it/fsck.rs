//! Tests of checking the data folder of a stopped server, and of rebuilding its records.

use std::{fs, path::Path};

use tempfile::TempDir;
use w3pin_server::{FsckError, FsckReport, ProblemKind, ServerConfig};

use crate::{
    fixture::{ALICE, BOB, TestServer, accounts, eventually, file, noise, text},
    packs::flip,
};

pub(crate) fn fsck(data: &Path, repair: bool) -> FsckReport {
    let mut config = ServerConfig::new(data);
    config.accounts = accounts();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime
        .block_on(w3pin_server::fsck(&config, repair))
        .unwrap()
}

fn kinds(report: &FsckReport) -> Vec<ProblemKind> {
    let mut kinds: Vec<_> = report.problems.iter().map(|problem| problem.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// Pins of both accounts with shared blocks, an ended one and a waiting one.
fn fill() -> TestServer {
    let server = TestServer::embedded(|_| {});
    let shared = noise(1, 700_000);
    server.upload(&[file("d/a", &shared), file("d/b/c", &noise(2, 900_000))]);
    assert_eq!(server.upload_as(BOB, &[file("a", &shared)]).status, 201);
    let ended = server.pin("ended", &noise(3, 400_000));
    server.unpin(&ended["id"]);
    server.pin_by_cid(BOB, "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs");
    server.wait_for_bytes(1_700_000);
    server
}

fn listings(server: &TestServer) -> Vec<serde_json::Value> {
    [ALICE, BOB]
        .map(|keys| {
            server
                .curl_as(keys, "/api/pinning/pins/?limit=1000", &[])
                .data()
        })
        .to_vec()
}

fn records(data: &Path) -> Vec<u8> {
    fs::read(data.join("records.redb")).unwrap()
}

#[test]
fn a_sound_folder_is_called_so_and_left_as_it_is() {
    let (data, _) = fill().into_folder();
    let before = records(data.path());
    for repair in [false, true] {
        let report = fsck(data.path(), repair);
        assert!(report.is_sound() && !report.is_repaired, "{report:#?}");
        assert!(report.problems.is_empty(), "{report:#?}");
        assert_eq!((report.pins, report.packs), (4, 1));
        assert!(report.blocks > 5 && report.bytes > 1_500_000, "{report:?}");
    }
    assert!(records(data.path()) == before, "nothing was written");
    assert!(!data.path().join("records.new").exists());
}

#[test]
fn damaged_blocks_are_named_with_the_pins_that_lose_them() {
    let server = fill();
    let list = listings(&server);
    let (data, _) = server.into_folder();
    flip(data.path(), &noise(2, 900_000)[300_000..], 5);
    let before = records(data.path());
    let report = fsck(data.path(), false);
    assert!(!report.is_sound());
    let lost: Vec<_> = report.lost.iter().map(|pin| &pin.id[..]).collect();
    let folder = list[0]["pins"]
        .as_array()
        .unwrap()
        .iter()
        .find(|pin| pin["is_dir"] == true);
    assert_eq!(lost, [text(&folder.unwrap()["id"])]);
    assert!(kinds(&report).contains(&ProblemKind::Block), "{report:?}");
    assert!(records(data.path()) == before);

    let report = fsck(data.path(), true);
    assert!(report.is_repaired && !report.is_sound(), "{report:?}");
    let server = TestServer::in_folder(data, None, |_| {});
    let folder = folder.unwrap();
    assert!(text(&server.look(folder)["status"]).starts_with("FAILED: "));
    let shared = noise(1, 700_000);
    server.upload(&[file("d/a", &shared), file("d/b/c", &noise(2, 900_000))]);
    eventually("it is mended", || server.look(folder)["status"] == "DONE");
    let (data, _) = server.into_folder();
    let report = fsck(data.path(), false);
    assert!(
        report.is_sound() && report.problems.is_empty(),
        "{report:#?}"
    );
}

#[test]
fn records_that_are_lost_are_made_anew() {
    for what in ["gone", "empty", "zeroed"] {
        let server = fill();
        let contents = [noise(1, 700_000), noise(2, 900_000)];
        let cids: Vec<_> = listings(&server)
            .iter()
            .flat_map(|list| list["pins"].as_array().unwrap().clone())
            .filter(|pin| pin["status"] == "DONE" && pin["pinned"] == true)
            .map(|pin| text(&pin["cid"]).to_owned())
            .collect();
        let (data, _) = server.into_folder();
        let path = data.path().join("records.redb");
        match what {
            "gone" => fs::remove_file(&path).unwrap(),
            "empty" => fs::write(&path, b"").unwrap(),
            _ => fs::write(&path, vec![0; records(data.path()).len()]).unwrap(),
        }
        let report = fsck(data.path(), false);
        assert!(!report.is_sound(), "{what}: {report:?}");
        let report = fsck(data.path(), true);
        assert!(
            report.is_sound() && report.is_repaired,
            "{what}: {report:#?}"
        );
        assert!(report.recovered.as_ref().unwrap().pins >= 1, "{report:?}");
        let server = TestServer::in_folder(data, None, |_| {});
        // If one root is below another, only the upper one is pinned.
        let pins = listings(&server)[0]["pins"].as_array().unwrap().clone();
        assert!(pins.iter().all(|pin| pin["status"] == "DONE"), "{pins:?}");
        for cid in cids {
            assert_eq!(
                server.curl_bare(&format!("/ipfs/{cid}"), &["-L"]).status,
                200,
                "{cid}"
            );
        }
        let folder = pins.iter().find(|pin| pin["is_dir"] == true).unwrap();
        let path = format!("/ipfs/{}/b/c", text(&folder["cid"]));
        assert!(server.curl_bare(&path, &[]).body == contents[1]);
    }
}

#[test]
fn a_record_that_is_damaged_is_made_anew_and_holds_up_no_listing() {
    let server = TestServer::embedded(|_| {});
    let pins: Vec<_> = (0..5)
        .map(|seed| server.pin(&format!("name-{seed}"), &noise(seed + 1, 50_000)))
        .collect();
    let (data, _) = server.into_folder();
    // The name is only in the record.
    damage_record(data.path(), "name-2");
    let server = TestServer::in_folder(data, None, |_| {});
    let list = server.curl("/api/pinning/pins", &[]).data();
    assert_eq!(list["totals"]["files"], 5, "{list}");
    let damaged = server.look(&pins[2]);
    assert!(
        text(&damaged["status"]).starts_with("FAILED: "),
        "{damaged}"
    );
    assert_eq!(damaged["cid"], pins[2]["cid"]);
    let (data, _) = server.into_folder();
    let report = fsck(data.path(), false);
    assert!(
        kinds(&report).contains(&ProblemKind::PinRecord),
        "{report:?}"
    );
    let report = fsck(data.path(), true);
    assert!(report.is_sound() && report.is_repaired, "{report:?}");
    let server = TestServer::in_folder(data, None, |_| {});
    let pin = server.look(&pins[2]);
    assert_eq!(
        (&pin["status"], &pin["cid"]),
        (&"DONE".into(), &pins[2]["cid"])
    );
    for pin in &pins {
        assert_eq!(server.unpin(&pin["id"]).status, 200);
    }
    server.wait_for_bytes(0);
}

#[test]
fn a_pin_with_a_damaged_record_can_be_ended() {
    let server = TestServer::embedded(|_| {});
    let pin = server.pin("a-damaged-name", &noise(1, 50_000));
    let (data, _) = server.into_folder();
    damage_record(data.path(), "a-damaged-name");
    let server = TestServer::in_folder(data, None, |_| {});
    assert_eq!(server.unpin(&pin["id"]).status, 200);
    let list = server.curl("/api/pinning/pins", &[]).data();
    assert_eq!(list["totals"]["files"], 1, "{list}");
    assert_eq!(list["totals"]["size"], 0, "{list}");
    server.wait_for_bytes(0);
}

/// Changes a record in a way that the database doesn't notice, as a disk might.
pub(crate) fn damage_record(data: &Path, name: &str) {
    use redb::{Database, ReadableTable, TableDefinition};

    const PINS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("pins");
    let database = Database::open(data.join("records.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut pins = transaction.open_table(PINS).unwrap();
        let rows: Vec<_> = pins
            .iter()
            .unwrap()
            .map(|row| {
                let (id, bytes) = row.unwrap();
                (id.value(), bytes.value().to_vec())
            })
            .collect();
        for (id, mut bytes) in rows {
            let found = bytes
                .windows(name.len())
                .position(|it| it == name.as_bytes());
            if let Some(at) = found {
                bytes[at] ^= 1;
                pins.insert(id, &bytes[..]).unwrap();
            }
        }
    }
    transaction.commit().unwrap();
}

#[test]
fn counts_that_are_wrong_are_found_and_mended() {
    use redb::{Database, ReadableTable, TableDefinition};

    type Place = (u64, u64, u32, u64);
    const BLOCKS: TableDefinition<'_, &[u8], Place> = TableDefinition::new("blocks");
    let server = TestServer::embedded(|_| {});
    let content = noise(1, 700_000);
    let pin = server.pin("a", &content);
    let (data, _) = server.into_folder();
    {
        let database = Database::open(data.path().join("records.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut blocks = transaction.open_table(BLOCKS).unwrap();
            let (key, place) = {
                let (key, place) = blocks.first().unwrap().unwrap();
                (key.value().to_vec(), place.value())
            };
            blocks
                .insert(&key[..], (place.0, place.1, place.2, place.3 + 7))
                .unwrap();
        }
        transaction.commit().unwrap();
    }
    let report = fsck(data.path(), false);
    assert_eq!(kinds(&report), [ProblemKind::Count], "{report:?}");
    assert!(fsck(data.path(), true).is_sound());
    let server = TestServer::in_folder(data, None, |_| {});
    server.unpin(&pin["id"]);
    server.wait_for_bytes(0);
}

#[test]
fn what_an_upload_that_was_killed_has_named_is_no_miscount() {
    use redb::{Database, ReadableTable, TableDefinition};

    type Place = (u64, u64, u32, u64);
    const BLOCKS: TableDefinition<'_, &[u8], Place> = TableDefinition::new("blocks");
    const STAGED: TableDefinition<'_, u64, ()> = TableDefinition::new("staged");
    let server = TestServer::embedded(|_| {});
    server.pin("a", &noise(1, 700_000));
    let (data, _) = server.into_folder();
    {
        let database = Database::open(data.path().join("records.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            // As if another pack linked to this block and was only partially listed.
            let mut blocks = transaction.open_table(BLOCKS).unwrap();
            let (key, place) = {
                let (key, place) = blocks.first().unwrap().unwrap();
                (key.value().to_vec(), place.value())
            };
            let more = (place.0, place.1, place.2, place.3 + 1);
            blocks.insert(&key[..], more).unwrap();
            let mut staged = transaction.open_table(STAGED).unwrap();
            staged.insert(place.0 + 1, ()).unwrap();
        }
        transaction.commit().unwrap();
    }
    let report = fsck(data.path(), false);
    assert!(report.is_sound(), "{report:?}");
}

#[cfg(unix)]
#[test]
fn a_pack_that_cannot_be_read_is_not_taken_for_a_damaged_one() {
    let server = TestServer::embedded(|_| {});
    server.pin("a", &noise(1, 400_000));
    let (data, _) = server.into_folder();
    let [pack] = &crate::packs::packs(data.path())[..] else {
        panic!("there is one pack");
    };
    fs::remove_file(pack).unwrap();
    std::os::unix::fs::symlink(pack.file_name().unwrap(), pack).unwrap();
    let before = (records(data.path()), names(data.path()));
    for repair in [false, true] {
        let refused = try_fsck(data.path(), repair).unwrap_err();
        assert!(
            matches!(
                &refused,
                FsckError::Store {
                    source: w3pin_server::StoreError::Io(_),
                    ..
                }
            ),
            "{refused:?}"
        );
    }
    assert!((records(data.path()), names(data.path())) == before);
    // Neither if no records say what it should contain.
    fs::remove_file(data.path().join("records.redb")).unwrap();
    let refused = try_fsck(data.path(), true).unwrap_err().to_string();
    assert!(refused.contains(pack.to_str().unwrap()), "{refused}");
    assert!(!data.path().join("records.redb").exists());
}

#[test]
fn an_older_database_is_completed_from_the_packs() {
    let mut server = TestServer::embedded(|_| {});
    let early = server.pin("early", &noise(1, 300_000));
    server.stop();
    let path = server.data().join("records.redb");
    let older = fs::read(&path).unwrap();
    let server = server.restart();
    let content = noise(2, 300_000);
    let late = server.pin("late", &content);
    let (data, _) = server.into_folder();
    fs::write(&path, older).unwrap();
    let report = fsck(data.path(), true);
    assert!(report.is_sound() && report.is_repaired, "{report:?}");
    assert!(
        kinds(&report).contains(&ProblemKind::UnknownPack),
        "{report:?}"
    );
    assert_eq!(report.recovered.unwrap().pins, 1);
    let server = TestServer::in_folder(data, None, |_| {});
    assert_eq!(server.look(&early)["status"], "DONE");
    let list = server.curl("/api/pinning/pins", &[]).data();
    assert_eq!(list["totals"]["files"], 2, "{list}");
    let cid = text(&late["cid"]);
    assert!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).body == content);
}

#[test]
fn intact_blocks_behind_a_damaged_head_are_found() {
    let server = TestServer::embedded(|_| {});
    let contents: Vec<_> = (0..4).map(|seed| noise(seed + 1, 40_000)).collect();
    let parts: Vec<_> = ["d/0", "d/1", "d/2", "d/3"]
        .into_iter()
        .zip(&contents)
        .map(|(name, content)| file(name, content))
        .collect();
    let pin = server.upload(&parts).data();
    let (data, _) = server.into_folder();
    flip(data.path(), &contents[1], -20);
    // Without the records that locate the block, only the heads do.
    fs::remove_file(data.path().join("records.redb")).unwrap();
    let report = fsck(data.path(), true);
    assert!(kinds(&report).contains(&ProblemKind::Pack), "{report:?}");
    assert_eq!(report.lost.len(), 1, "{report:?}");
    let server = TestServer::in_folder(data, None, |_| {});
    for number in [0, 2, 3] {
        let path = format!("/ipfs/{}/{number}", text(&pin["cid"]));
        assert!(server.curl_bare(&path, &[]).body == contents[number]);
    }
    // Lost data is restored with the content.
    assert_eq!(server.upload(&parts).status, 201);
    let path = format!("/ipfs/{}/1", text(&pin["cid"]));
    assert!(server.curl_bare(&path, &[]).body == contents[1]);
}

fn try_fsck(data: &Path, repair: bool) -> Result<FsckReport, FsckError> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(w3pin_server::fsck(&ServerConfig::new(data), repair))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn a_repair_keeps_the_old_records_as_they_were() {
    let server = TestServer::embedded(|_| {});
    server.pin("a-damaged-name", &noise(1, 50_000));
    let (data, _) = server.into_folder();
    damage_record(data.path(), "a-damaged-name");
    let before = records(data.path());
    assert!(fsck(data.path(), true).is_repaired);
    let names = names(data.path());
    let kept: Vec<_> = names
        .iter()
        .filter(|name| name.starts_with("records.redb."))
        .collect();
    assert_eq!(kept.len(), 1, "{names:?}");
    assert!(fs::read(data.path().join(kept[0])).unwrap() == before);
    assert!(records(data.path()) != before);
    assert!(!names.contains(&"records.new".to_owned()), "{names:?}");
}

#[test]
fn records_of_a_later_version_are_left_alone() {
    use redb::{Database, TableDefinition};

    const SETTINGS: TableDefinition<'_, &str, u64> = TableDefinition::new("settings");
    let server = TestServer::embedded(|_| {});
    server.pin("a", &noise(1, 50_000));
    let (data, _) = server.into_folder();
    {
        let database = Database::open(data.path().join("records.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        let mut settings = transaction.open_table(SETTINGS).unwrap();
        settings.insert("version", 1_000).unwrap();
        drop(settings);
        transaction.commit().unwrap();
    }
    let before = (records(data.path()), names(data.path()));
    for repair in [false, true] {
        let refused = try_fsck(data.path(), repair).unwrap_err().to_string();
        assert!(refused.contains("newer version"), "{refused}");
    }
    assert!((records(data.path()), names(data.path())) == before);
}

#[cfg(unix)]
#[test]
fn records_that_cannot_be_read_are_not_taken_for_none() {
    let server = TestServer::embedded(|_| {});
    server.pin("a", &noise(1, 50_000));
    let (data, _) = server.into_folder();
    let path = data.path().join("records.redb");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("records.redb", &path).unwrap();
    let before = names(data.path());
    for repair in [false, true] {
        let refused = try_fsck(data.path(), repair).unwrap_err();
        let FsckError::Store { source, .. } = &refused else {
            panic!("{refused:?}");
        };
        assert!(
            matches!(source, w3pin_server::StoreError::Io(_)),
            "{refused:?}"
        );
    }
    assert_eq!(names(data.path()), before);
}

#[test]
fn what_is_no_data_folder_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let config = ServerConfig::new(folder.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert!(runtime.block_on(w3pin_server::fsck(&config, true)).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
