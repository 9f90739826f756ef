use std::{io::Write, time::Duration};

use crate::frame::{
    ELSEWHERE, Figures, MALLORY, Others, Served, connect_from, file, is_short, noise, request,
    upload,
};

const READERS: usize = 1024;

#[test]
#[ignore = "attacks"]
fn readers_that_do_not_read_hold_little() {
    let server = Served::start();
    let address = server.address();
    let time = Duration::from_secs(if is_short() { 3 } else { 15 });
    let before = Others::call(address, time);
    let content = noise(1, 64 << 20);
    let mut stream = connect_from(ELSEWHERE, address).unwrap();
    let pin = upload(&mut stream, MALLORY, &file("big", &content)).unwrap();
    let cid = pin.data()["cid"].as_str().unwrap().to_owned();
    let head = request("GET", &format!("/ipfs/{cid}"), None, "");
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let mut stream = connect_from(ELSEWHERE, address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    let during = Others::call(address, time);
    drop(readers);
    Figures::of("1,024 readers of the gateway that don't read")
        .memory(&server, 256)
        .others(&before, &during)
        .keys(&server)
        .print();
}
