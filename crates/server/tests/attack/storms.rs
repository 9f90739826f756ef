//! Attacks with many requests that are harmless individually.

use std::{
    io::Read,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    attack::{Attack, rounds},
    elsewhere::{answer, ask, connect_from, for_a_while, head, pin_nothing, try_upload, upload},
    fixture::{ALICE, BOB, file, form, noise, text},
};

#[test]
fn one_content_pinned_and_unpinned_by_many() {
    let mut attack = Attack::begin_load("one content");
    let contents: Vec<_> = (0..4).map(|seed| noise(seed + 1, 300_000)).collect();
    // Another user has half of them pinned meanwhile.
    for content in &contents[..2] {
        attack.upload_as(BOB, &[("x", content)]).unwrap();
    }
    let count = for_a_while(16, |number| {
        let content = &contents[number as usize % 4];
        let body = form(&[file("x", content)]);
        let Ok(reply) = try_upload(attack.address(), ALICE, &body) else {
            return;
        };
        let id = match reply.status {
            201 => text(&reply.data()["id"]).to_owned(),
            // Another request pinned it first, and another one unpins it meanwhile.
            409 => return,
            _ => panic!("{reply:?}"),
        };
        let unpin = format!("/api/pinning/unpin/{id}");
        let unpin = head("DELETE", &unpin, Some(ALICE), "");
        let unpinned = answer(&mut ask(attack.address(), &unpin)).unwrap();
        assert_eq!(unpinned.status, 200, "{unpinned:?}");
    });
    attack.note(&format!("{count} times"));
    attack.finish();
}

#[cfg(target_os = "linux")]
#[test]
fn strangers_of_many_addresses() {
    let attack = Attack::begin_load("many addresses");
    let address = |number: u64| {
        let [.., a, b] = number.to_be_bytes();
        Ipv4Addr::new(127, 1, a, b)
    };
    let mut idle: Vec<_> = (0..rounds(200, 3000))
        .map(|number| connect_from(address(number), attack.address()))
        .collect();
    let end = Instant::now() + Duration::from_secs(rounds(1, 10));
    let mut number = 10_000;
    // The oldest are removed while others are added.
    while Instant::now() < end {
        number += 1;
        let place = number as usize % idle.len();
        idle[place] = connect_from(address(number), attack.address());
    }
    drop(idle);
    attack.finish();
}

#[test]
fn lists_that_are_sipped() {
    let attack = Attack::begin_load("sipped lists");
    let metadata = json!({"keyvalues": {"k": "v".repeat(50_000)}});
    for number in 0..rounds(20, 200) {
        assert_eq!(
            pin_nothing(attack.address(), ALICE, number, &metadata).status,
            200
        );
    }
    let list = head("GET", "/api/pinning/pins/?limit=1000", Some(ALICE), "");
    let mut readers: Vec<_> = (0..rounds(40, 400))
        .map(|_| ask(attack.address(), &list))
        .collect();
    let end = Instant::now() + Duration::from_secs(rounds(1, 12));
    while Instant::now() < end {
        for reader in &mut readers {
            let _ = reader.read(&mut [0; 64]);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(readers);
    attack.finish();
}

#[test]
fn ranges_by_the_thousand() {
    let attack = Attack::begin_load("many ranges");
    let content = noise(1, rounds(1 << 20, 16 << 20) as usize);
    let body = form(&[file("x", &content)]);
    let cid = upload(attack.address(), ALICE, &body).data()["cid"].clone();
    let ranges: Vec<_> = (0..3_000).map(|at| format!("{at}-{at}")).collect();
    let range = format!("range: bytes={}\r\n", ranges.join(","));
    let read = head("GET", &format!("/ipfs/{}", text(&cid)), None, &range);
    for_a_while(32, |_| {
        let mut stream = ask(attack.address(), &read);
        let _ = stream.read(&mut [0; 4096]);
    });
    attack.finish();
}
