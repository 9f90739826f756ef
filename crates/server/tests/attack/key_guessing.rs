use std::{
    io::Write,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use crate::frame::{
    ALICE, Account, ELSEWHERE, Figures, HERE, Others, Served, connect_from, is_short, read_reply,
    request,
};

#[test]
#[ignore = "attacks"]
fn keys_can_not_be_guessed_fast() {
    let server = Served::start();
    let address = server.address();
    let time = Duration::from_secs(if is_short() { 3 } else { 15 });
    let before = Others::call(address, time);
    let unknown = Account {
        api_key: "nobody-api-key",
        secret_key: "wrong",
    };
    let known = Account {
        secret_key: "wrong",
        ..ALICE
    };
    for (what, account) in [("an API key that exists", known), ("any API key", unknown)] {
        let (heard, asked) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let end = Instant::now() + time;
        let during = std::thread::scope(|scope| {
            for number in 0..64 {
                let (heard, asked) = (&heard, &asked);
                scope.spawn(move || {
                    while Instant::now() < end {
                        let from = [HERE, ELSEWHERE][number % 2];
                        let Ok(mut stream) = connect_from(from, address) else {
                            continue;
                        };
                        let path = "/api/apiKeys/testAuthentication";
                        let head = request("GET", path, Some(account), "");
                        let _ = stream.write_all(head.as_bytes());
                        if let Ok(reply) = read_reply(&mut stream) {
                            asked.fetch_add(1, Ordering::Relaxed);
                            if reply.status == 401 {
                                heard.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    }
                });
            }
            Others::call(address, time)
        });
        let (heard, asked) = (heard.into_inner(), asked.into_inner());
        assert!(heard < 100, "{heard} of {asked}");
        Figures::of(&format!("64 clients that guess the secret of {what}"))
            .say(&format!(
                "{heard} of {asked} tries heard in {} s",
                time.as_secs()
            ))
            .memory(&server, 256)
            .others(&before, &during)
            .keys(&server)
            .print();
    }
}
