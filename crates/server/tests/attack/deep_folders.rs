use std::time::Duration;

use crate::frame::{
    ELSEWHERE, Figures, MALLORY, Others, Served, connect_from, file, is_short, noise, upload,
};

/// Files of one upload, and folders that each lies in, shared with no other.
const FILES: usize = 2000;
const DEPTH: usize = 127;

#[test]
#[ignore = "attacks"]
fn files_each_in_a_hundred_folders_of_its_own_take_little_memory() {
    let server = Served::start();
    let time = Duration::from_secs(if is_short() { 3 } else { 15 });
    let before = Others::call(server.address(), time);
    let parts: Vec<u8> = (0..FILES)
        .flat_map(|number| {
            let folders = format!("a-folder-of-24-bytes-{number:04}/").repeat(DEPTH - 2);
            file(&format!("d/{folders}x"), b"x")
        })
        .collect();
    let (statuses, during) = std::thread::scope(|scope| {
        let uploads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut stream = connect_from(ELSEWHERE, server.address()).unwrap();
                    upload(&mut stream, MALLORY, &parts).unwrap().status
                })
            })
            .collect();
        let during = Others::call(server.address(), time);
        let statuses = uploads.into_iter().map(|upload| upload.join().unwrap());
        (statuses.collect::<Vec<_>>(), during)
    });
    let accepted = statuses.iter().filter(|status| **status == 201).count();
    assert!(
        statuses.iter().all(|status| matches!(status, 201 | 413 | 503)),
        "{statuses:?}"
    );
    Figures::of("8 uploads at once of 2,000 files, each in 126 folders of its own")
        .say(&format!("{accepted} accepted"))
        .memory(&server, 256)
        .others(&before, &during)
        .keys(&server)
        .print();
}

#[test]
#[ignore = "attacks"]
fn a_folder_of_many_files_is_no_attack() {
    let server = Served::start();
    let content = noise(1, 4096);
    let mut parts = Vec::new();
    for number in 0..249_000_usize {
        let name = format!("a folder/of many files/number {number:06}.json");
        parts.extend(file(&name, &content[number % 4000..]));
    }
    let mut stream = connect_from(ELSEWHERE, server.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(600)))
        .unwrap();
    let reply = upload(&mut stream, MALLORY, &parts).unwrap();
    assert_eq!(reply.status, 201, "{}", String::from_utf8_lossy(&reply.body));
    Figures::of("a folder of 249,000 files")
        .memory(&server, 256)
        .keys(&server)
        .print();
}
