use std::{
    io::Write,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::frame::{
    ALICE, ELSEWHERE, Figures, HERE, MALLORY, Served, connect_from, file, form, is_short, noise,
    pin_by_cid, read_reply,
};

#[test]
#[ignore = "attacks"]
fn a_folder_of_many_files_holds_up_no_write() {
    let server = Served::start();
    let address = server.address();
    let content = noise(1, 4096);
    let count = if is_short() { 30_000 } else { 249_000_usize };
    let mut parts = Vec::new();
    for number in 0..count {
        parts.extend(file(&format!("d/{number}"), &content[number % 4000..]));
    }
    let (head, body) = form(MALLORY, &parts);
    let mut number = 0_u64;
    let mut pin = || {
        number += 1;
        let digest = [&[0x12, 0x20][..], &number.to_be_bytes(), &[7; 24]].concat();
        let cid = w3pin_unixfs::Cid::try_from([&[1, 0x55][..], &digest].concat()).unwrap();
        let mut stream = connect_from(HERE, address).unwrap();
        let began = Instant::now();
        let body = json!({"hash_to_pin": cid.to_string()});
        assert_eq!(pin_by_cid(&mut stream, ALICE, &body).unwrap().status, 200);
        began.elapsed()
    };
    let before = (0..50).map(|_| pin()).max().unwrap();
    let (longest, took) = std::thread::scope(|scope| {
        let upload = scope.spawn(|| {
            let mut stream = connect_from(ELSEWHERE, address).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(600)))
                .unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&body).unwrap();
            let began = Instant::now();
            assert_eq!(read_reply(&mut stream).unwrap().status, 201);
            began.elapsed()
        });
        let mut longest = Duration::ZERO;
        while !upload.is_finished() {
            longest = longest.max(pin());
        }
        (longest, upload.join().unwrap())
    });
    Figures::of(&format!("a folder of {count} files is committed"))
        .say(&format!(
            "in {:.1} s, in which the longest write of others took {} ms, {} ms before",
            took.as_secs_f64(),
            longest.as_millis(),
            before.as_millis()
        ))
        .memory(&server, 256)
        .print();
}
