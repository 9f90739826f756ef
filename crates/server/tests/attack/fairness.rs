//! Attacks that could starve other users.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    attack::{Attack, rounds},
    elsewhere::{
        answer, ask, connect, crowd_member, for_a_while, head, pin_nothing, try_upload, upload,
        upload_head,
    },
    fixture::{ALICE, BOB, file, form, noise, text},
};

#[test]
fn uploads_that_drip() {
    let attack = Attack::begin_load("dripping uploads");
    let body = form(&[file("slow", &noise(1, 1 << 20))]);
    let mut uploads: Vec<_> = (0..64)
        .map(|_| {
            let mut stream = ask(attack.address(), &upload_head(ALICE, body.len()));
            stream.write_all(&body[..1000]).unwrap();
            stream
        })
        .collect();
    for byte in body[1000..].chunks(1).take(rounds(1, 4) as usize) {
        std::thread::sleep(Duration::from_secs(rounds(1, 10)));
        for stream in &mut uploads {
            let _ = stream.write_all(byte);
        }
    }
    drop(uploads);
    attack.finish();
}

#[test]
fn connections_that_are_idle() {
    let attack = Attack::begin_load("idle connections");
    // Connections that are silent, that stop within the head, and that stay open after a response.
    let sent = [
        "",
        "GET /openapi.json HTTP/1.1\r\nx: ",
        "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n",
    ];
    let mut idle = Vec::new();
    for number in 0..rounds(200, 3000) as usize {
        let mut stream = connect(attack.address());
        let _ = stream.write_all(sent[number % 3].as_bytes());
        idle.push(stream);
    }
    std::thread::sleep(Duration::from_secs(rounds(1, 15)));
    drop(idle);
    attack.finish();
}

#[cfg(unix)]
#[test]
fn uploads_with_64_open_files() {
    uploads_with_few_files("64 open files", "ulimit -n 64 && exec \"$0\" \"$@\"");
}

#[cfg(unix)]
#[test]
fn uploads_with_128_open_files() {
    uploads_with_few_files("128 open files", "ulimit -n 128 && exec \"$0\" \"$@\"");
}

#[cfg(unix)]
fn uploads_with_few_files(name: &'static str, shell: &'static str) {
    let attack = Attack::begin_load_by(name, Some(shell));
    std::thread::scope(|scope| {
        for number in 0..55 {
            let address = attack.address();
            scope.spawn(move || {
                let content = noise(number + 1, 300_000);
                let body = form(&[file("x", &content)]);
                // A slow sender loses its place, and retries with increasing delays, like a client.
                let (tries, reply) = (0..20)
                    .find_map(|tries: u32| {
                        std::thread::sleep(Duration::from_millis(50) * tries);
                        Some((tries, try_upload(address, ALICE, &body).ok()?))
                    })
                    .unwrap();
                // Content pinned just as the place was lost is found by the next attempt.
                let was_pinned = tries > 0 && reply.status == 409;
                assert!(reply.status == 201 || was_pinned, "{reply:?}");
            });
        }
    });
    let log = attack.log_text();
    assert!(!log.contains("os error 24"), "{log}");
    attack.finish();
}

#[test]
fn one_account_that_does_all_it_can() {
    let attack = Attack::begin_load("a busy account");
    let end = Instant::now() + Duration::from_secs(rounds(1, 15));
    std::thread::scope(|scope| {
        for client in 0..64 {
            let address = attack.address();
            scope.spawn(move || {
                for number in 0.. {
                    if Instant::now() > end {
                        return;
                    }
                    let number = client * 1_000_000 + number;
                    let content = noise(number + 1, 200_000);
                    match client % 3 {
                        0 => drop(upload(address, ALICE, &form(&[file("x", &content)]))),
                        1 => drop(pin_nothing(address, ALICE, number, &json!({}))),
                        _ => {
                            let path = "/api/pinning/pins/?limit=1000";
                            let list = head("GET", path, Some(ALICE), "");
                            drop(answer(&mut ask(address, &list)));
                        }
                    }
                }
            });
        }
    });
    attack.finish();
}

#[test]
fn many_accounts_at_one_address() {
    let mut attack = Attack::begin_load("many accounts");
    let address = attack.address();
    let count = for_a_while(64, |number| {
        let keys = crowd_member(number / 1_000_000 + number);
        let content = noise(number + 1, 200_000);
        match number % 3 {
            0 => drop(try_upload(address, keys, &form(&[file("x", &content)]))),
            1 => drop(pin_nothing(address, keys, number, &json!({}))),
            _ => {
                let list = head("GET", "/api/pinning/pins/?limit=1000", Some(keys), "");
                drop(answer(&mut ask(address, &list)));
            }
        }
    });
    attack.note(&format!("{count} calls of 200 accounts"));
    attack.finish();
}

#[test]
fn a_folder_of_many_files_while_others_write() {
    let mut attack = Attack::begin_load("a long commit");
    let address = attack.address();
    let count = rounds(10_000, 249_000) as usize;
    let content = noise(1, 4096);
    let names: Vec<_> = (0..count).map(|number| format!("d/{number}")).collect();
    let parts: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(number, name)| file(name, &content[number % 4000..]))
        .collect();
    let body = form(&parts);
    let mut number = 0;
    let mut write = || {
        number += 1;
        let began = Instant::now();
        assert_eq!(pin_nothing(address, BOB, number, &json!({})).status, 200);
        began.elapsed()
    };
    let before = (0..50).map(|_| write()).max().unwrap();
    let (longest, took) = std::thread::scope(|scope| {
        let upload = scope.spawn(|| {
            let mut stream = ask(address, &upload_head(ALICE, body.len()));
            stream.write_all(&body).unwrap();
            let began = Instant::now();
            assert_eq!(answer(&mut stream).unwrap().status, 201);
            began.elapsed()
        });
        let mut longest = Duration::ZERO;
        while !upload.is_finished() {
            longest = longest.max(write());
        }
        (longest, upload.join().unwrap())
    });
    attack.note(&format!(
        "{count} files committed in {:.1} s, the longest write of others in it {} ms ({} ms before)",
        took.as_secs_f64(),
        longest.as_millis(),
        before.as_millis()
    ));
    attack.finish();
}

#[test]
fn pins_that_have_ended() {
    let mut attack = Attack::begin_load("ended pins");
    let address = attack.address();
    let time_of_list = || {
        let list = head("GET", "/api/pinning/pins/", Some(ALICE), "");
        let began = Instant::now();
        for _ in 0..100 {
            assert_eq!(answer(&mut ask(address, &list)).unwrap().status, 200);
        }
        began.elapsed().as_secs_f64() * 10.0
    };
    for number in 0..10 {
        pin_nothing(address, ALICE, u64::MAX - number, &json!({}));
    }
    let before = time_of_list();
    let count = rounds(200, 20_000);
    std::thread::scope(|scope| {
        for client in 0..4 {
            scope.spawn(move || {
                for number in (client..count).step_by(4) {
                    let pin = pin_nothing(address, ALICE, number, &json!({})).data();
                    let path = format!("/api/pinning/unpin/{}", text(&pin["id"]));
                    let unpin = head("DELETE", &path, Some(ALICE), "");
                    assert_eq!(answer(&mut ask(address, &unpin)).unwrap().status, 200);
                }
            });
        }
    });
    let after = time_of_list();
    attack.note(&format!(
        "a list takes {after:.2} ms with {count} ended pins, {before:.2} ms without"
    ));
    attack.finish();
}
