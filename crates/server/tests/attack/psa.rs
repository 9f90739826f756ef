//! Attacks on the same pins with the Pinning Service API.

use std::{io::Write, sync::Mutex};

use serde_json::{Value, json};

use crate::{
    attack::{Attack, rounds},
    elsewhere::{answer, ask, for_a_while, head, nobodys_cid},
    fixture::{ALICE, Reply, text},
};

/// Sends a request; returns the response, or `None` if the connection breaks.
fn call(attack: &Attack, method: &str, path: &str, body: &str) -> Option<Reply> {
    let more = format!(
        "authorization: Bearer {}:{}\r\ncontent-length: {}\r\n",
        ALICE[0],
        ALICE[1],
        body.len()
    );
    let head = head(method, &format!("/psa/pins{path}"), None, &more);
    let mut stream = ask(attack.address(), &head);
    let _ = stream.write_all(body.as_bytes());
    answer(&mut stream).ok()
}

/// A request that pins content that doesn't exist.
fn pin(number: u64, meta: &Value) -> String {
    json!({ "cid": nobodys_cid(number), "name": "n".repeat(200), "meta": meta }).to_string()
}

/// The id of the new pin.
fn id(reply: &Reply) -> String {
    assert_eq!(reply.status, 202, "{reply:?}");
    text(&reply.json()["requestid"]).to_owned()
}

#[test]
fn searches_long_bodies_and_replacements() {
    let mut attack = Attack::begin_load("pinning service");
    let pins = rounds(50, 400);
    let large = json!({ "k": "v".repeat(10_000) });
    for number in 0..pins {
        id(&call(&attack, "POST", "", &pin(number, &large)).unwrap());
    }
    let many: serde_json::Map<_, _> = (0..4_000)
        .map(|number| (format!("{number:x}"), json!("1")))
        .collect();
    let many = Value::Object(many);
    let none = Value::Object(serde_json::Map::new());
    let replaced: Vec<_> = (0..32)
        .map(|client| {
            let first = call(&attack, "POST", "", &pin(1_000_000_000 + client, &none));
            Mutex::new(id(&first.unwrap()))
        })
        .collect();
    let statuses = "status=queued,pinning,pinned,failed&limit=1000";
    let searches = [
        format!("?{statuses}&meta=%7B%22k%22:%22w%22%7D"),
        format!("?{statuses}&match=ipartial&name={}", "x".repeat(200)),
        format!("?{statuses}"),
    ];
    let count = for_a_while(32, |number| {
        let client = (number / 1_000_000) as usize;
        match client % 3 {
            0 => {
                let search = &searches[number as usize % searches.len()];
                drop(call(&attack, "GET", search, ""));
            }
            1 => drop(call(
                &attack,
                "POST",
                "",
                &pin(2_000_000_000 + number, &many),
            )),
            _ => {
                let mut replaced = replaced[client].lock().unwrap();
                let path = format!("/{replaced}");
                let body = pin(3_000_000_000 + number, &large);
                if let Some(reply) = call(&attack, "POST", &path, &body) {
                    *replaced = id(&reply);
                }
            }
        }
    });
    attack.note(&format!("{pins} pins, {count} calls"));
    attack.finish();
}
