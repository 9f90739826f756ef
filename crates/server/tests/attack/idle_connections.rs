use std::{io::Write, time::Duration};

use crate::frame::{ELSEWHERE, Figures, HERE, Others, Served, connect_from, is_short};

#[test]
#[ignore = "attacks"]
fn idle_connections_hold_up_nobody() {
    let server = Served::start();
    let address = server.address();
    let time = Duration::from_secs(if is_short() { 3 } else { 15 });
    let before = Others::call(address, time);
    // Silent ones, those that stop within the head, and those that were answered and stay.
    let sent: [&[u8]; 3] = [
        b"",
        b"GET /openapi.json HTTP/1.1\r\nx: ",
        b"GET /openapi.json HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
    ];
    let count = 2000;
    let mut idle = Vec::new();
    for number in 0..count {
        let from = [HERE, ELSEWHERE][number % 2];
        let mut stream = connect_from(from, address).unwrap();
        let _ = stream.write_all(sent[number % 3]);
        idle.push(stream);
    }
    let during = Others::call(address, time);
    // And heads as long as they may be, that never end.
    let long = [
        b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ",
        &[b'x'; 60_000][..],
    ]
    .concat();
    for stream in &mut idle {
        let _ = stream.write_all(&long);
    }
    drop(idle);
    let mut long_heads = Vec::new();
    for _ in 0..count {
        let mut stream = connect_from(ELSEWHERE, address).unwrap();
        let _ = stream.write_all(&long);
        long_heads.push(stream);
    }
    let later = Others::call(address, time);
    let name = "2,000 connections";
    Figures::of(&format!("{name} that are idle"))
        .others(&before, &during)
        .print();
    Figures::of(&format!("{name} with heads of 60 KB that don't end"))
        .memory(&server, 256)
        .others(&before, &later)
        .keys(&server)
        .print();
}
