//! Tests of the content and order of lists, whatever happens to the pins.

use redb::{Database, ReadableDatabase, TableDefinition};
use serde_json::{Value, json};

use crate::{
    fixture::{BOB, TestServer, eventually, file, metadata, noise, text},
    packs::flip,
};

const NOBODYS: &str = "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs";

/// A pin as the test knows it.
#[derive(Clone, Debug)]
struct Known {
    id: String,
    name: String,
    size: u64,
    is_pinned: bool,
}

fn list(server: &TestServer, query: &str) -> Value {
    server
        .curl(&format!("/api/pinning/pins?limit=1000&{query}"), &[])
        .data()
}

fn ids(page: &Value) -> Vec<String> {
    let pins = page["pins"].as_array().unwrap();
    pins.iter().map(|pin| text(&pin["id"]).to_owned()).collect()
}

/// Compares every list with the expected one.
fn check(server: &TestServer, known: &[Known]) {
    for (pinned, takes) in [
        ("all", &[true, false][..]),
        ("true", &[true]),
        ("false", &[false]),
    ] {
        let of: Vec<_> = known
            .iter()
            .filter(|pin| takes.contains(&pin.is_pinned))
            .collect();
        for by in ["created_at", "size", "name"] {
            let mut expected = of.clone();
            match by {
                "size" => expected.sort_by_key(|pin| pin.size),
                "name" => expected.sort_by(|a, b| a.name.cmp(&b.name)),
                _ => {}
            }
            let mut expected: Vec<_> = expected.iter().map(|pin| pin.id.clone()).collect();
            for order in ["ASC", "DESC"] {
                let query = format!("pinned={pinned}&sortBy={by}&sortOrder={order}");
                let page = list(server, &query);
                assert_eq!(ids(&page), expected, "{query}");
                assert_eq!(page["totals"]["files"], of.len(), "{query}");
                let size: u64 = of.iter().map(|pin| pin.size).sum();
                assert_eq!(page["totals"]["size"], size, "{query}");
                let some = list(server, &format!("{query}&offset=1&limit=2"));
                let few = expected.iter().skip(1).take(2);
                assert_eq!(ids(&some), few.cloned().collect::<Vec<_>>(), "{query}");
                expected.reverse();
            }
        }
    }
}

/// The sizes of the pins in `some`.
fn content(number: usize) -> Vec<u8> {
    noise(number as u64 + 1, 100 * (7 - number))
}

fn some(server: &TestServer) -> Vec<Known> {
    let mut known = Vec::new();
    for (number, name) in ["b", "a", "ab", "", "a", "é"].into_iter().enumerate() {
        let content = content(number);
        let json = json!({ "name": format!("n{name}") }).to_string();
        let pin = server
            .upload(&[file("x", &content), metadata(&json)])
            .data();
        let pin = server.look(&pin);
        known.push(Known {
            id: text(&pin["id"]).to_owned(),
            name: text(&pin["metadata"]["name"]).to_owned(),
            size: pin["size"].as_u64().unwrap(),
            is_pinned: true,
        });
    }
    known
}

#[test]
fn pins_are_listed_as_they_are_now() {
    let server = TestServer::start();
    let mut known = some(&server);
    check(&server, &known);
    // A waiting pin isn't pinned, nor is an ended one, and both stay listed.
    let waiting = server.pin_by_cid(crate::fixture::ALICE, NOBODYS);
    known.push(Known {
        id: text(&waiting["id"]).to_owned(),
        name: NOBODYS.to_owned(),
        size: 0,
        is_pinned: false,
    });
    for place in [1, 4] {
        server.unpin(&json!(known[place].id));
        known[place].is_pinned = false;
    }
    check(&server, &known);
    check(&server.restart(), &known);
}

#[test]
fn damaged_pins_are_listed_as_not_pinned() {
    let mut server = TestServer::embedded(|_| {});
    let mut known = some(&server);
    server.unpin(&json!(known[2].id));
    known[2].is_pinned = false;
    let theirs = server.upload_as(BOB, &[file("x", &content(3))]).data();
    server.stop();
    for place in [1, 3, 4] {
        flip(server.data(), &content(place), 20);
    }
    let server = server.restart();
    for place in [1, 3, 4] {
        let pin = server.look(&json!({ "id": known[place].id }));
        let path = format!("/ipfs/{}", text(&pin["cid"]));
        server.curl_bare(&path, &[]).message(500);
        eventually("the damage is noted", || {
            server.look(&pin)["pinned"] == false
        });
        known[place].is_pinned = false;
    }
    check(&server, &known);
    // The same content is damaged for other accounts, and counted in theirs.
    let page = server.curl_as(BOB, "/api/pinning/pins?pinned=false", &[]);
    assert_eq!(ids(&page.data()), [text(&theirs["id"])]);

    // An ended pin doesn't need its content, and repaired content is pinned.
    server.unpin(&json!(known[4].id));
    assert_eq!(server.upload(&[file("x", &content(1))]).status, 201);
    known[1].is_pinned = true;
    check(&server, &known);
}

#[test]
fn folders_of_earlier_versions_get_their_lists() {
    let mut server = TestServer::embedded(|_| {});
    let pins: Vec<_> = (0..3)
        .map(|number| server.pin("a", &noise(number + 1, 500)))
        .collect();
    server.unpin(&pins[1]["id"]);
    let before = list(&server, "sortBy=size");
    let identity = identity(&mut server);
    forget_lists(&server);
    let mut server = server.restart();
    assert_eq!(list(&server, "sortBy=size"), before);
    assert_eq!(list(&server, "pinned=true")["totals"]["files"], 2);
    assert_eq!(
        self::identity(&mut server),
        identity,
        "it is the same folder"
    );
}

const SETTINGS: TableDefinition<'_, &str, u64> = TableDefinition::new("settings");
const IDENTITY: TableDefinition<'_, &str, u128> = TableDefinition::new("identity");
const LISTS: TableDefinition<'_, (u128, u8, &[u8]), ()> = TableDefinition::new("pin_lists");
const TOTALS: TableDefinition<'_, (u128, bool), (u64, u64)> = TableDefinition::new("pin_totals");

fn database(server: &TestServer) -> Database {
    Database::open(server.data().join("records.redb")).unwrap()
}

/// Stops the server; returns the identity of its folder.
fn identity(server: &mut TestServer) -> u128 {
    server.stop();
    let database = database(server);
    let read = database.begin_read().unwrap();
    let table = read.open_table(IDENTITY).unwrap();
    table.get("folder").unwrap().unwrap().value()
}

/// Converts the records to the format of the second version.
fn forget_lists(server: &TestServer) {
    let database = database(server);
    let write = database.begin_write().unwrap();
    write.delete_table(LISTS).unwrap();
    write.delete_table(TOTALS).unwrap();
    write
        .open_table(SETTINGS)
        .unwrap()
        .insert("version", 2)
        .unwrap();
    write.commit().unwrap();
}
