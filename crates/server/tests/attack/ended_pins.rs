use std::{
    io::Write,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::frame::{
    ALICE, Figures, HERE, Served, connect_from, is_short, pin_by_cid, read_reply, request,
};

#[test]
#[ignore = "attacks"]
fn ended_pins_slow_no_list() {
    let server = Served::start();
    let address = server.address();
    let call = |method: &str, path: &str| {
        let mut stream = connect_from(HERE, address).unwrap();
        stream
            .write_all(request(method, path, Some(ALICE), "").as_bytes())
            .unwrap();
        let reply = read_reply(&mut stream).unwrap();
        assert_eq!(reply.status, 200);
    };
    let cid = |number: u64| {
        let digest = [&[0x12, 0x20][..], &number.to_be_bytes(), &[7; 24]].concat();
        w3pin_unixfs::Cid::try_from([&[1, 0x55][..], &digest].concat()).unwrap()
    };
    let pin = |number: u64| {
        let body = json!({"hash_to_pin": cid(number).to_string()});
        let mut stream = connect_from(HERE, address).unwrap();
        let pin = pin_by_cid(&mut stream, ALICE, &body).unwrap().data();
        pin["id"].as_str().unwrap().to_owned()
    };
    let list = || {
        let began = Instant::now();
        for _ in 0..100 {
            call("GET", "/api/pinning/pins/");
        }
        began.elapsed() / 100
    };
    for number in 0..20 {
        pin(u64::MAX - number);
    }
    let before = list();
    let count = if is_short() { 2000 } else { 20_000 };
    for number in 0..count {
        let id = pin(number);
        call("DELETE", &format!("/api/pinning/unpin/{id}"));
    }
    let after = list();
    let shown = |time: Duration| time.as_secs_f64() * 1000.0;
    Figures::of(&format!("{count} ended pins"))
        .say(&format!(
            "a list takes {:.2} ms, {:.2} ms before",
            shown(after),
            shown(before)
        ))
        .memory(&server, 256)
        .print();
}
