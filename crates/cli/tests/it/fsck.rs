use std::fs;

use serde_json::Value;

use crate::fixture::Place;

/// Creates a place with the content of three files in the default data folder.
fn place() -> (Place, Vec<Value>) {
    let place = Place::new();
    for (name, byte) in [("a", 1), ("b", 2), ("c", 3)] {
        place.write(name, vec![byte; 9_000]);
    }
    let add = ["--local", "--data", "d", "add", "a", "b", "c", "--json"];
    let pins = place.run(&add).json();
    let pins = pins.as_array().unwrap().clone();
    (place, pins)
}

fn flip(place: &Place, byte: u8) {
    for entry in fs::read_dir(place.path().join("d/blocks")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        let found = bytes
            .windows(100)
            .position(|window| window.iter().all(|it| *it == byte));
        if let Some(at) = found {
            bytes[at + 50] ^= 4;
            fs::write(&path, bytes).unwrap();
            return;
        }
    }
    panic!("no pack holds it");
}

#[test]
fn a_check_names_what_is_lost_and_its_exit_code_tells() {
    let (place, pins) = place();
    let sound = place.run(&["fsck", "--data", "d"]).ok();
    assert!(sound.starts_with("read 3 packs, 3 good blocks"), "{sound}");
    flip(&place, 2);
    let ran = place.run(&["fsck", "--data", "d"]);
    assert_eq!(ran.code, 6, "{ran:?}");
    let id = pins[1]["id"].as_str().unwrap();
    assert!(ran.out.contains(&format!("lost: pin {id}")), "{ran:?}");
    assert!(ran.err.contains("--repair"), "{ran:?}");
    let ran = place.run(&["fsck", "--repair", "--data", "d", "--json"]);
    assert_eq!(ran.code, 6, "content is lost still: {ran:?}");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["lost"][0]["id"], id);
    assert_eq!(
        (&report["repaired"], &report["sound"]),
        (&true.into(), &false.into())
    );
    // The pin reports it, and uploading the same content repairs it.
    let shown = place
        .run(&["--local", "--data", "d", "get", id, "--json"])
        .json();
    assert!(
        shown["status"].as_str().unwrap().starts_with("FAILED: "),
        "{shown}"
    );
    place.run(&["--local", "--data", "d", "add", "b"]).ok();
    assert!(place.run(&["fsck", "--data", "d", "--json"]).json()["sound"] == true);
}

#[test]
fn lost_records_are_told_of_and_made_anew() {
    let (place, pins) = place();
    fs::remove_file(place.path().join("d/records.redb")).unwrap();
    for command in [
        &["--local", "--data", "d", "ls"][..],
        &["serve", "--data", "d", "--listen", "127.0.0.1:0"],
    ] {
        let said = place.run(command).fails(1);
        assert!(
            said.contains("the records are missing") && said.contains("w3pin fsck"),
            "{said}"
        );
    }
    place
        .run(&["--local", "fsck", "--repair", "--data", "d"])
        .ok();
    let list = place
        .run(&["--local", "--data", "d", "ls", "--json"])
        .json();
    let mut cids: Vec<_> = list["pins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pin| &pin["cid"])
        .collect();
    let mut expected: Vec<_> = pins.iter().map(|pin| &pin["cid"]).collect();
    cids.sort_by_key(|cid| cid.to_string());
    expected.sort_by_key(|cid| cid.to_string());
    assert_eq!(cids, expected);
}

#[test]
fn what_nobody_owns_goes_to_the_account_of_the_environment() {
    let (mut place, pins) = place();
    place.node = None;
    let repair = |variables: &[(&str, &str)], args: &[&str]| {
        fs::remove_file(place.path().join("d/records.redb")).unwrap();
        let fsck = ["fsck", "--repair", "--data", "d", "--json"];
        let mut command = place.command(&[&fsck, args].concat());
        crate::fixture::Ran::of(command.envs(variables.iter().copied()))
    };
    let keys = [("W3PIN_API_KEY", "K-env"), ("W3PIN_SECRET_KEY", "S-env")];
    let report = repair(&keys, &[]).json();
    assert_eq!(report["recovered"]["pins"], pins.len());
    assert!(report["recovered"]["api_key"].is_null(), "{report}");
    let account = ["--api-key", "K-env", "--secret-key", "S-env"];
    let served = place.serve(&[&["--data", "d"], &account[..]].concat());
    let list = [&["ls", "--endpoint", served.endpoint()], &account[..]].concat();
    assert_eq!(place.run(&list).ok().lines().count(), pins.len());
    drop(served);
    // `--local` uses its own account, regardless of the settings of another service in the environment.
    repair(&keys, &["--local"]).ok();
    let list = ["--local", "--data", "d", "ls"];
    assert_eq!(place.run(&list).ok().lines().count(), pins.len());
    let half = repair(&keys[..1], &[]).fails(3);
    assert!(half.contains("one of them is missing"), "{half}");
}

#[test]
fn a_folder_in_use_or_without_data_is_not_checked() {
    let place = Place::new();
    let said = place.run(&["fsck", "--data", "nothing"]).fails(1);
    assert!(said.contains("not the data folder of a server"), "{said}");
    assert!(!place.path().join("nothing").exists());
    let served = place.serve(&["--data", "d", "--scrub", "off"]);
    if place.node.is_none() {
        let said = place.run(&["fsck", "--data", "d"]).fails(1);
        assert!(
            said.contains("in use") && said.contains("--scrub"),
            "{said}"
        );
    }
    drop(served);
    let refused = place.run(&["serve", "--scrub", "never"]);
    assert_eq!(refused.code, 2, "{refused:?}");
}

#[cfg(unix)]
#[test]
fn a_full_disk_lets_pins_be_seen_exported_and_removed() {
    let disk = crate::small_disk::SmallDisk::new(32);
    let place = Place::new();
    for (name, byte) in [("a", 1_u8), ("b", 2)] {
        let content: Vec<u8> = (0..3_000_000_u32)
            .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8 ^ byte)
            .collect();
        place.write(name, content);
    }
    let data = disk.path().join("data");
    let local =
        |args: &[&str]| place.run(&[&["--local", "--data", data.to_str().unwrap()], args].concat());
    // The disk is smaller than the free space that uploads must leave by default, so it is filled from a
    // larger one.
    let seeded = ["--local", "--data", "seeded"];
    let pins = place
        .run(&[&seeded[..], &["add", "a", "b", "--json"]].concat())
        .json();
    let copied = std::process::Command::new("cp")
        .args(["-r", "seeded"])
        .arg(&data)
        .current_dir(place.path())
        .status()
        .unwrap();
    assert!(copied.success());
    fs::remove_file(data.join("reserve")).unwrap();
    local(&["ls"]).ok();
    disk.fill();
    assert_eq!(local(&["ls"]).ok().lines().count(), 2);
    let export = ["export", "moved", "--data", data.to_str().unwrap()];
    place.run(&export).ok();
    let said = local(&["add", "a", "--name", "again"]);
    assert_ne!(said.code, 0, "{said:?}");
    for pin in pins.as_array().unwrap() {
        local(&["rm", pin["id"].as_str().unwrap()]).ok();
    }
    let left: u64 = fs::read_dir(data.join("blocks"))
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert_eq!(left, 0, "the room is there again");
}

#[test]
fn a_server_logs_what_goes_wrong_without_being_asked() {
    let (place, pins) = place();
    flip(&place, 2);
    let log = fs::File::create(place.path().join("log")).unwrap();
    let mut server = place
        .command(&["serve", "--json", "--data", "d", "--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = std::io::BufReader::new(server.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let origin = said["endpoint"]
        .as_str()
        .unwrap()
        .trim_end_matches("/api/pinning");
    let cid = pins[1]["cid"].as_str().unwrap();
    let reply = crate::curl::curl(&format!("{origin}/ipfs/{cid}"), &[]);
    assert_eq!(reply.status, 500);
    server.kill().unwrap();
    server.wait().unwrap();
    let log = fs::read_to_string(place.path().join("log")).unwrap();
    assert!(log.contains("ERROR") && log.contains(cid), "{log}");
}
