//! Attacks that could exhaust the server's memory.

use std::{
    io::{Read, Write},
    time::Duration,
};

use serde_json::json;

use crate::{
    attack::{Attack, rounds},
    elsewhere::{ask, connect, head, pin_nothing, upload},
    fixture::{ALICE, file, form, noise, text},
};

#[test]
fn files_that_each_lie_in_a_hundred_folders() {
    let attack = Attack::begin_load("folders 127 deep");
    let files = rounds(200, 2000);
    let names: Vec<_> = (0..files)
        .map(|number| {
            let folders = format!("a-folder-of-24-bytes-{number:04}/").repeat(125);
            format!("d/{folders}x")
        })
        .collect();
    let parts: Vec<_> = names.iter().map(|name| file(name, b"x")).collect();
    let body = form(&parts);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..rounds(1, 3) {
                    let status = upload(attack.address(), ALICE, &body).status;
                    assert!(matches!(status, 201 | 409 | 413 | 503), "{status}");
                }
            });
        }
    });
    attack.finish();
}

#[test]
fn a_folder_of_many_files() {
    let mut attack = Attack::begin_load("many files");
    let count = rounds(5_000, 249_000) as usize;
    let content = noise(1, 4096);
    let names: Vec<_> = (0..count)
        .map(|number| format!("a folder/of many files/number {number:06}.json"))
        .collect();
    let parts: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(number, name)| file(name, &content[number % 4000..]))
        .collect();
    let reply = upload(attack.address(), ALICE, &form(&parts));
    assert_eq!(reply.status, 201, "{reply:?}");
    attack.note(&format!("{count} files in one folder"));
    attack.finish();
}

#[test]
fn lists_of_much() {
    let attack = Attack::begin_load("long lists");
    let address = attack.address();
    let pins = rounds(40, 1000);
    let metadata = json!({"name": "n".repeat(10_000), "keyvalues": {"k": "v".repeat(50_000)}});
    for number in 0..pins {
        assert_eq!(pin_nothing(address, ALICE, number, &metadata).status, 200);
    }
    let path = "/api/pinning/pins/?limit=1000&sortBy=name";
    let list = head("GET", path, Some(ALICE), "");
    let unread: Vec<_> = (0..40).map(|_| ask(address, &list)).collect();
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| {
                let mut answer = Vec::new();
                ask(address, &list).read_to_end(&mut answer).unwrap();
                assert!(answer.len() as u64 > pins * 50_000);
            });
        }
    });
    drop(unread);
    attack.finish();
}

#[test]
fn readers_that_do_not_read() {
    let attack = Attack::begin_load("slow readers");
    let content = noise(1, rounds(4 << 20, 64 << 20) as usize);
    let reply = upload(attack.address(), ALICE, &form(&[file("big", &content)]));
    let cid = text(&reply.data()["cid"]).to_owned();
    let read = head("GET", &format!("/ipfs/{cid}"), None, "");
    let readers: Vec<_> = (0..rounds(64, 1024))
        .map(|_| ask(attack.address(), &read))
        .collect();
    std::thread::sleep(Duration::from_secs(rounds(1, 20)));
    drop(readers);
    attack.finish();
}

#[test]
fn heads_that_do_not_end() {
    let attack = Attack::begin_load("endless heads");
    let line = [
        b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ",
        &[b'x'; 60_000][..],
    ]
    .concat();
    let mut connections = Vec::new();
    for _ in 0..rounds(64, 2000) {
        let mut stream = connect(attack.address());
        let _ = stream.write_all(&line);
        connections.push(stream);
    }
    std::thread::sleep(Duration::from_secs(rounds(1, 10)));
    drop(connections);
    attack.finish();
}

#[test]
fn metadata_that_says_much_in_few_bytes() {
    let attack = Attack::begin_load("many keyvalues");
    let pairs: serde_json::Map<_, _> = (0..6000)
        .map(|number| (format!("{number:x}"), json!(1)))
        .collect();
    let metadata = json!({ "keyvalues": pairs });
    std::thread::scope(|scope| {
        for client in 0..rounds(8, 200) {
            let (address, metadata) = (attack.address(), &metadata);
            scope.spawn(move || {
                for number in 0..rounds(2, 5) {
                    let number = client * 100 + number;
                    assert_eq!(pin_nothing(address, ALICE, number, metadata).status, 200);
                }
            });
        }
    });
    attack.finish();
}
