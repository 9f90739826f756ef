//! Tests of several pins of one content, which this API allows.

use std::{collections::HashSet, thread};

use redb::{Database, ReadableDatabase, TableDefinition};
use serde_json::json;
use tempfile::TempDir;
use w3pin_server::Backend;

use super::{ALL, NOBODYS, add, failure, find, get, post, psa, remove};
use crate::{
    fixture::{ALICE, BOB, TestServer, eventually, file, noise, talk, text},
    fsck::fsck,
    transfer::{counts, export, import},
};

#[test]
fn each_pin_of_a_content_is_one_of_its_own() {
    let server = TestServer::start();
    let pin = server.pin("a", &noise(1, 900));
    let cid = text(&pin["cid"]).to_owned();
    let second = add(&server, &json!({"cid": cid, "name": "second"}));
    let third = add(&server, &json!({"cid": cid, "name": "third"}));
    assert_eq!(second["status"], "pinned");
    assert_eq!(third["status"], "pinned");
    let (count, ids) = find(&server, &format!("cid={cid}"));
    let expected = [&third["requestid"], &second["requestid"], &pin["id"]].map(text);
    assert_eq!((count, &ids[..]), (3, &expected.map(str::to_owned)[..]));
    // The other API allows one, which neither conflicts with these nor replaces them.
    let body = json!({"hash_to_pin": cid}).to_string();
    let again = server.curl("/api/pinning/pinByHash", &["--data-raw", &body]);
    again.message(409);
    assert_eq!(server.upload(&[file("a", &noise(1, 900))]).status, 409);

    assert_eq!(server.unpin(&pin["id"]).status, 200);
    assert_eq!(remove(&server, &third["requestid"]).status, 202);
    let server = server.restart();
    assert_eq!(
        get(&server, &second["requestid"]).json()["status"],
        "pinned"
    );
    assert_eq!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).status, 200);
    assert_eq!(remove(&server, &second["requestid"]).status, 202);
    eventually("the content is gone", || server.kept() == 0);
}

#[test]
fn all_pins_that_wait_for_a_content_are_completed_by_it() {
    let server = TestServer::embedded(|_| {});
    let content = noise(4, 300);
    let cid = {
        let other = TestServer::embedded(|_| {});
        text(&other.pin("a", &content)["cid"]).to_owned()
    };
    let pins: Vec<_> = (0..3).map(|_| add(&server, &json!({"cid": cid}))).collect();
    assert_eq!(server.upload(&[file("a", &content)]).status, 201);
    for pin in &pins {
        assert_eq!(get(&server, &pin["requestid"]).json()["status"], "pinned");
        assert_eq!(remove(&server, &pin["requestid"]).status, 202);
    }
    server.wait_for_bytes(0);
}

#[test]
fn an_account_has_so_many_pins_of_a_content_and_no_more() {
    let server = TestServer::embedded(|_| {});
    // Over one connection, which is much faster.
    let body = json!({"cid": NOBODYS[0]}).to_string();
    let request = |more: &str| {
        format!(
            "POST /psa/pins HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}:{}\r\n{more}\
             Content-Length: {}\r\n\r\n{body}",
            ALICE[0],
            ALICE[1],
            body.len()
        )
    };
    let requests = request("").repeat(99) + &request("Connection: close\r\n");
    let replies = talk(server.address(), requests.as_bytes());
    let replies = replies.headers + &String::from_utf8(replies.body).unwrap();
    assert_eq!(replies.matches("HTTP/1.1 202").count(), 100);
    let reply = post(&server, "/pins", &json!({"cid": NOBODYS[0]}));
    failure(&reply, 409, "CONFLICT");
    // Replacing a pin doesn't increase their number.
    let of_it = format!("{ALL}&cid={}", NOBODYS[0]);
    let (_, pins) = find(&server, &of_it);
    let path = format!("/pins/{}", pins[0]);
    let reply = post(&server, &path, &json!({"cid": NOBODYS[0], "name": "new"}));
    assert_eq!(reply.status, 202, "{reply:?}");
    assert_eq!(find(&server, &of_it).0, 100);
    add(&server, &json!({"cid": NOBODYS[1]}));
    let body = json!({"cid": NOBODYS[0]}).to_string();
    assert_eq!(
        psa(&server, BOB, "/pins", &["--data-raw", &body]).status,
        202
    );
}

#[test]
fn of_two_who_replace_or_remove_a_pin_at_once_one_does() {
    let server = TestServer::start();
    for round in 0..5 {
        let pin = add(
            &server,
            &json!({"cid": NOBODYS[round % 2], "name": format!("r{round}")}),
        );
        let path = format!("/pins/{}", text(&pin["requestid"]));
        let replace = || post(&server, &path, &json!({"cid": NOBODYS[2], "name": "won"}));
        let statuses: Vec<_> = thread::scope(|scope| {
            let tries = [
                scope.spawn(|| replace().status),
                scope.spawn(|| replace().status),
                scope.spawn(|| psa(&server, ALICE, &path, &["-X", "DELETE"]).status),
            ];
            tries.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let won = statuses.iter().filter(|status| **status == 202).count();
        let lost = statuses.iter().filter(|status| **status == 404).count();
        assert_eq!((won, lost), (1, 2), "{statuses:?}");
        let (count, ids) = find(&server, "name=won");
        assert!(count <= 1);
        for id in ids {
            remove(&server, &json!(id));
        }
    }
}

#[test]
fn no_two_pins_of_an_account_are_made_in_one_millisecond() {
    let server = TestServer::start();
    thread::scope(|scope| {
        for name in ["a", "b", "c"] {
            let server = &server;
            scope.spawn(move || {
                for number in 0..10 {
                    add(
                        server,
                        &json!({"cid": NOBODYS[0], "name": format!("{name}{number}")}),
                    );
                }
            });
        }
    });
    let reply = psa(
        &server,
        ALICE,
        "/pins?limit=1000&status=queued,pinning",
        &[],
    );
    let page = reply.json();
    let created = page["results"].as_array().unwrap().iter();
    let created: Vec<_> = created
        .map(|pin| text(&pin["created"]).to_owned())
        .collect();
    assert_eq!(created.iter().collect::<HashSet<_>>().len(), 30);
    assert!(created.is_sorted_by(|a, b| a > b), "{created:?}");
    for time in created {
        assert_eq!(time.len(), "2020-07-27T17:32:28.276Z".len(), "{time}");
    }
}

#[test]
fn all_pins_of_a_content_are_repaired_and_moved() {
    let mut server = TestServer::embedded(|_| {});
    let pin = server.pin("a", &noise(1, 900));
    let cid = text(&pin["cid"]).to_owned();
    for name in ["second", "third"] {
        add(&server, &json!({"cid": cid, "name": name}));
        add(&server, &json!({"cid": NOBODYS[0], "name": name}));
    }
    let before = find(&server, ALL);
    assert_eq!(before.0, 5);
    server.stop();
    assert!(fsck(server.data(), false).problems.is_empty());
    assert!(fsck(server.data(), true).problems.is_empty());
    let (files, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let exported = export(server.data(), Backend::Embedded, files.path());
    assert_eq!(counts(exported), [2, 5, 1]);
    let imported = import(data.path(), Backend::Embedded, files.path());
    assert_eq!(counts(imported), [2, 5, 1]);
    for server in [server.restart(), TestServer::in_folder(data, None, |_| {})] {
        assert_eq!(find(&server, ALL), before);
        let (pinned, ids) = find(&server, "");
        assert_eq!(pinned, 3);
        for id in ids {
            assert_eq!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).status, 200);
            assert_eq!(remove(&server, &json!(id)).status, 202);
        }
        server.wait_for_bytes(0);
    }
}

const SETTINGS: TableDefinition<'_, &str, u64> = TableDefinition::new("settings");
const LIVE: TableDefinition<'_, (u128, &[u8], u128), ()> =
    TableDefinition::new("live_pins_of_content");
const LONE_LIVE: TableDefinition<'_, (u128, &[u8]), u128> = TableDefinition::new("live_pins");
const LISTS: TableDefinition<'_, (u128, u8, &[u8]), ()> = TableDefinition::new("pin_lists");

#[test]
fn pins_of_the_third_version_are_live() {
    let mut server = TestServer::embedded(|_| {});
    let pins: Vec<_> = (0..3)
        .map(|number| server.pin("a", &noise(number + 1, 500)))
        .collect();
    let waiting = add(&server, &json!({"cid": NOBODYS[0]}));
    server.unpin(&pins[0]["id"]);
    let before = find(&server, ALL);
    server.stop();
    {
        let database = Database::open(server.data().join("records.redb")).unwrap();
        let write = database.begin_write().unwrap();
        let live: Vec<_> = {
            let read = database.begin_read().unwrap();
            let table = read.open_table(LIVE).unwrap();
            let rows = table.range::<(u128, &[u8], u128)>(..).unwrap();
            rows.map(|row| {
                let (account, key, id) = {
                    let key = row.unwrap().0;
                    let (account, content, id) = key.value();
                    (account, content.to_vec(), id)
                };
                (account, key, id)
            })
            .collect()
        };
        assert_eq!(live.len(), 3);
        let mut lone = write.open_table(LONE_LIVE).unwrap();
        for (account, key, id) in &live {
            lone.insert((*account, &key[..]), *id).unwrap();
        }
        drop(lone);
        write.delete_table(LIVE).unwrap();
        // It had other lists, which are rebuilt.
        write.delete_table(LISTS).unwrap();
        write
            .open_table(SETTINGS)
            .unwrap()
            .insert("version", 3)
            .unwrap();
        write.commit().unwrap();
    }
    let server = server.restart();
    assert_eq!(find(&server, ALL), before);
    assert_eq!(find(&server, &format!("{ALL}&cid={}", NOBODYS[0])).0, 1);
    assert_eq!(remove(&server, &waiting["requestid"]).status, 202);
    assert_eq!(server.upload(&[file("a", &noise(2, 500))]).status, 409);
}
