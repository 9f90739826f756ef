use std::{io::Write, time::Duration};

use crate::frame::{
    ELSEWHERE, Figures, HERE, MALLORY, Others, Served, connect_from, file, form, is_short, noise,
};

#[test]
#[ignore = "attacks"]
fn uploads_at_a_byte_every_ten_seconds_hold_up_nobody() {
    let server = Served::start();
    let address = server.address();
    let time = Duration::from_secs(if is_short() { 5 } else { 40 });
    let before = Others::call(address, time);
    let mut uploads: Vec<_> = [ELSEWHERE, HERE]
        .into_iter()
        .cycle()
        .take(64)
        .map(|from| {
            let (head, body) = form(MALLORY, &file("slow", &noise(1, 1 << 20)));
            let mut stream = connect_from(from, address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&body[..1000]).unwrap();
            (stream, body)
        })
        .collect();
    let during = std::thread::scope(|scope| {
        let during = scope.spawn(|| Others::call(address, time));
        let mut sent = 1000;
        while !during.is_finished() {
            for (stream, body) in &mut uploads {
                let _ = stream.write_all(&body[sent..=sent]);
            }
            sent += 1;
            for _ in 0..100 {
                if !during.is_finished() {
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
        during.join().unwrap()
    });
    Figures::of("64 uploads at a byte every ten seconds")
        .memory(&server, 256)
        .others(&before, &during)
        .keys(&server)
        .print();
}
