//! Attacks with disks that change data, and databases that are missing or old.

use std::fs;

use serde_json::Value;
use w3pin_server::ServerConfig;

use crate::{
    attack::{Attack, rounds},
    fixture::{ALICE, eventually, folder_bytes, noise, text},
    packs::{flip, packs},
};

#[test]
fn a_flipped_head_and_an_unpin() {
    let mut attack = Attack::begin("flipped heads");
    for round in 0..rounds(1, 20) {
        let seed = round * 100 + 1;
        let contents: Vec<_> = (0..10).map(|number| noise(seed + number, 20_000)).collect();
        let big = noise(seed + 50, 1_000_000);
        let names: Vec<_> = (0..10).map(|number| format!("d/{number}")).collect();
        let mut files: Vec<_> = names
            .iter()
            .zip(&contents)
            .map(|(name, content)| (&name[..], &content[..]))
            .collect();
        files.insert(5, ("d/big", &big));
        let folder = attack.upload_parts(&files).unwrap();
        // The same blocks, needed independently.
        for content in &contents {
            attack.upload("alone", content).unwrap();
        }
        attack.kill();
        flip(attack.data(), &contents[5], -38 - (round as isize % 12));
        attack.start();
        assert_eq!(attack.unpin(&folder), 200);
        attack.forget_folders();
        let blocks = attack.data().join("blocks");
        let other = attack.upload("other", &noise(seed + 60, 500_000)).unwrap();
        assert_eq!(attack.unpin(&other), 200);
        attack.forget(&noise(seed + 60, 500_000));
        eventually("what others freed is free", || {
            folder_bytes(&blocks) < (round + 2) * 1_400_000
        });
    }
    attack.finish();
}

#[test]
fn records_that_are_gone_empty_old_or_cut_short() {
    let mut attack = Attack::begin("lost records");
    attack.upload("early", &noise(1, 300_000)).unwrap();
    attack.kill();
    let path = attack.data().join("records.redb");
    let older = fs::read(&path).unwrap();
    attack.start();
    attack.upload("late", &noise(2, 300_000)).unwrap();
    attack.kill();
    let newest = fs::read(&path).unwrap();
    let kept = packs(attack.data());
    let half = &newest[..newest.len() / 2];
    for records in [
        None,
        Some(&b""[..]),
        Some(&older),
        Some(half),
        Some(&[0; 65_536]),
    ] {
        match records {
            Some(records) => fs::write(&path, records).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        attack.refusal();
        assert_eq!(packs(attack.data()), kept);
    }
    fs::write(&path, newest).unwrap();
    attack.start();
    attack.finish();
}

#[test]
fn rot_in_content() {
    let mut attack = Attack::begin("bit rot");
    for round in 0..rounds(2, 40) {
        let content = noise(round + 1, 700_000);
        let id = attack.upload("rotten", &content).unwrap();
        let look = |attack: &Attack| -> Value {
            let path = format!("/api/pinning/{id}");
            attack.call("GET", Some(ALICE), &path, "").data()
        };
        let cid = text(&look(&attack)["cid"]).to_owned();
        attack.kill();
        flip(
            attack.data(),
            &content[(round as usize * 17_000) % 650_000..],
            9,
        );
        attack.start();
        assert!(!attack.is_served(&cid, &content));
        eventually("it is named", || {
            text(&look(&attack)["status"]).starts_with("FAILED")
        });
        attack.upload("healed", &content).unwrap();
        assert!(attack.is_served(&cid, &content));
        eventually("it is done again", || look(&attack)["status"] == "DONE");
    }
    attack.finish();
}

#[test]
fn a_damaged_block_holds_up_nothing() {
    let mut attack = Attack::begin("damage holds up nothing");
    let name = "a-name-that-stands-in-the-root-alone";
    let inner = noise(1, 400_000);
    let damaged = attack
        .upload_parts(&[(&format!("d/{name}"), &inner)])
        .unwrap();
    let freed = noise(2, 6_000_000);
    let fine = attack.upload("fine", &freed).unwrap();
    attack.kill();
    flip(attack.data(), name.as_bytes(), 3);
    attack.start();
    assert_eq!(attack.unpin(&damaged), 200);
    assert_eq!(attack.unpin(&fine), 200);
    attack.forget(&inner);
    attack.forget(&freed);
    let blocks = attack.data().join("blocks");
    eventually("the rest is freed", || folder_bytes(&blocks) < 5_000_000);
    attack.kill();
    let moved = tempfile::TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ServerConfig::new(attack.data());
    let done = runtime
        .block_on(w3pin_server::export(&config, moved.path()))
        .unwrap();
    assert!(done.contents > 5 && done.skipped.is_empty(), "{done:?}");
    attack.start();
    attack.finish();
}

#[test]
fn zeroed_pages_of_the_database() {
    let mut attack = Attack::begin("zeroed pages");
    attack.upload("a", &noise(1, 300_000)).unwrap();
    attack.kill();
    let path = attack.data().join("records.redb");
    let whole = fs::read(&path).unwrap();
    let pages = whole.len() / 4096;
    let step = pages / rounds(8, 200).min(pages as u64) as usize;
    for page in (0..pages).step_by(step.max(1)) {
        let mut harmed = whole.clone();
        harmed[page * 4096..(page + 1) * 4096].fill(0);
        fs::write(&path, harmed).unwrap();
        let mut config = ServerConfig::new(attack.data());
        config.accounts = crate::fixture::accounts();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        // Both differ from a crash.
        if let Ok(server) = runtime.block_on(w3pin_server::Server::bind(config)) {
            runtime
                .block_on(async { server.spawn().shutdown().await })
                .unwrap();
        }
    }
    fs::write(&path, whole).unwrap();
    attack.start();
    attack.finish();
}
