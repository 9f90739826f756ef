use std::{
    io::{Read, Write},
    time::Duration,
};

use serde_json::json;

use crate::frame::{
    ELSEWHERE, Figures, MALLORY, Others, Served, connect_from, is_short, pin_by_cid, request,
};

const PINS: usize = 1000;
const METADATA: usize = 50_000;
const LISTINGS: usize = 40;

#[test]
#[ignore = "attacks"]
fn long_lists_are_never_in_memory_as_a_whole() {
    let server = Served::start();
    let address = server.address();
    let time = Duration::from_secs(if is_short() { 3 } else { 15 });
    let before = Others::call(address, time);
    let text = "x".repeat(METADATA);
    for number in 0..PINS as u64 {
        let digest = [&[0x12, 0x20][..], &number.to_be_bytes(), &[7; 24]].concat();
        let cid = w3pin_unixfs::Cid::try_from([&[1, 0x55][..], &digest].concat()).unwrap();
        let body = json!({"hash_to_pin": cid.to_string(), "metadata": {"keyvalues": {"k": text}}});
        let mut stream = connect_from(ELSEWHERE, address).unwrap();
        let reply = pin_by_cid(&mut stream, MALLORY, &body).unwrap();
        assert_eq!(reply.status, 200);
    }
    let path = "/api/pinning/pins/?limit=1000&sortBy=name";
    let head = request("GET", path, Some(MALLORY), "");
    let list = || {
        let mut stream = connect_from(ELSEWHERE, address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    // Those that nobody reads, and then those that are read at once.
    let unread: Vec<_> = (0..LISTINGS).map(|_| list()).collect();
    let (lengths, during) = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..LISTINGS)
            .map(|_| {
                scope.spawn(|| {
                    let mut answer = Vec::new();
                    list().read_to_end(&mut answer).unwrap();
                    answer.len()
                })
            })
            .collect();
        let during = Others::call(address, time);
        let lengths = readers.into_iter().map(|reader| reader.join().unwrap());
        (lengths.collect::<Vec<_>>(), during)
    });
    drop(unread);
    assert!(lengths.iter().all(|length| *length > PINS * METADATA));
    Figures::of("80 listings at once of 1,000 pins with 50 KB each, half of them unread")
        .memory(&server, 256)
        .others(&before, &during)
        .keys(&server)
        .print();
}
