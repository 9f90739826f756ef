//! Tests of the IPFS Pinning Service API according to its specification.

use serde_json::{Value, json};

use crate::fixture::{ALICE, BOB, Reply, TestServer, file, metadata, noise, text};

mod clients;
mod guards;
mod kubo;
mod queries;
mod several;

/// Every status.
const ALL: &str = "status=queued,pinning,pinned,failed";

/// Content that doesn't exist.
const NOBODYS: [&str; 3] = [
    "bafkreidkhyj5aibadhxukcbyy3jkfbl6xyga2bhh2rfr3rwtxfvubdtnni",
    "bafkreign3y2xs7swpya7b6bekuwk2r6o5wycbw52pinxf3gedjntupwdoy",
    "QmT5NvUtoM5nWFfrQdVrFtvGfKFmG7AHE8P34isapyhCxX",
];

/// A request with an account's access token.
pub(crate) fn psa(server: &TestServer, keys: [&str; 2], path: &str, arguments: &[&str]) -> Reply {
    let token = format!("authorization: Bearer {}:{}", keys[0], keys[1]);
    let mut all = vec!["-H", &token];
    all.extend(arguments);
    server.curl_bare(&format!("/psa{path}"), &all)
}

fn post(server: &TestServer, path: &str, body: &Value) -> Reply {
    let body = body.to_string();
    let arguments = ["-H", "content-type: application/json", "--data-raw", &body];
    psa(server, ALICE, path, &arguments)
}

/// Adds a pin; returns its status.
fn add(server: &TestServer, pin: &Value) -> Value {
    let reply = post(server, "/pins", pin);
    assert_eq!(reply.status, 202, "{reply:?}");
    reply.json()
}

fn get(server: &TestServer, id: &Value) -> Reply {
    psa(server, ALICE, &format!("/pins/{}", text(id)), &[])
}

fn remove(server: &TestServer, id: &Value) -> Reply {
    let path = format!("/pins/{}", text(id));
    psa(server, ALICE, &path, &["-X", "DELETE"])
}

/// The results of a query: the count, and the request ids in order.
fn find(server: &TestServer, query: &str) -> (u64, Vec<String>) {
    let reply = psa(server, ALICE, &format!("/pins?{query}"), &[]);
    assert_eq!(reply.status, 200, "{query}: {reply:?}");
    let page = reply.json();
    let results = page["results"].as_array().unwrap();
    let ids = results.iter().map(|pin| text(&pin["requestid"]).to_owned());
    (page["count"].as_u64().unwrap(), ids.collect())
}

/// The details of a failure of this status and reason.
fn failure(reply: &Reply, status: u16, reason: &str) -> String {
    assert_eq!(reply.status, status, "{reply:?}");
    let error = &reply.json()["error"];
    assert_eq!(error["reason"], reason, "{reply:?}");
    text(&error["details"]).to_owned()
}

#[test]
fn a_pin_is_the_same_in_both_apis() {
    let server = TestServer::start();
    let content = noise(1, 5000);
    let upload = server.upload(&[file("a", &content), metadata(r#"{"name":"by upload"}"#)]);
    let upload = upload.data();
    let shown = get(&server, &upload["id"]).json();
    assert_eq!(shown["requestid"], upload["id"]);
    assert_eq!(shown["status"], "pinned");
    assert_eq!(
        shown["pin"],
        json!({"cid": upload["cid"], "name": "by upload"})
    );
    let size = server.look(&upload)["size"].to_string();
    assert_eq!(shown["info"]["dag_size"], size);

    let pin = json!({"cid": NOBODYS[0], "name": "by psa", "meta": {"app": "x"}, "origins": []});
    let pin = add(&server, &pin);
    let other = server.look(&json!({"id": pin["requestid"]}));
    assert_eq!(other["cid"], NOBODYS[0]);
    assert_eq!(other["is_pin_by_hash"], true);
    assert_eq!(
        other["metadata"],
        json!({"name": "by psa", "keyvalues": {"app": "x"}})
    );

    // A pin removed through one API is gone in the other.
    let reply = remove(&server, &pin["requestid"]);
    assert_eq!((reply.status, &reply.body[..]), (202, &b""[..]));
    failure(&get(&server, &pin["requestid"]), 404, "NOT_FOUND");
    failure(&remove(&server, &pin["requestid"]), 404, "NOT_FOUND");
    let other = server.look(&json!({"id": pin["requestid"]}));
    assert_ne!(other["date_unpinned"], "0001-01-01T00:00:00Z");
    assert_eq!(server.unpin(&upload["id"]).status, 200);
    failure(&get(&server, &upload["id"]), 404, "NOT_FOUND");
    assert_eq!(find(&server, ALL).0, 0);
}

#[test]
fn values_that_are_no_texts_are_shown_and_found_as_texts() {
    let server = TestServer::start();
    let keyvalues = r#"{"keyvalues":{"n":5,"t":"5","b":true,"f":1.50}}"#;
    let pin = server
        .upload(&[file("a", b"a"), metadata(keyvalues)])
        .data();
    let shown = get(&server, &pin["id"]).json();
    let meta = json!({"n": "5", "t": "5", "b": "true", "f": "1.5"});
    assert_eq!(shown["pin"]["meta"], meta);
    let query = r"meta=%7B%22n%22%3A%225%22%2C%22b%22%3A%22true%22%7D";
    assert_eq!(find(&server, query).0, 1);
    assert_eq!(find(&server, r"meta=%7B%22n%22%3A%226%22%7D").0, 0);
}

#[test]
fn content_that_comes_completes_what_waits_for_it() {
    let server = TestServer::embedded(|_| {});
    let content = noise(2, 300);
    // With the server's profile, a file of one block is that block.
    let cid = {
        let other = TestServer::embedded(|_| {});
        text(&other.pin("a", &content)["cid"]).to_owned()
    };
    let pin = add(&server, &json!({"cid": cid}));
    assert_eq!(pin["status"], "queued");
    assert!(pin["pin"].get("name").is_none());
    assert_eq!(server.upload(&[file("a", &content)]).status, 201);
    assert_eq!(get(&server, &pin["requestid"]).json()["status"], "pinned");
    // A pin of available content is done at once, for every account.
    let body = json!({"cid": cid}).to_string();
    let theirs = psa(&server, BOB, "/pins", &["--data-raw", &body]);
    assert_eq!(theirs.json()["status"], "pinned");
}

#[test]
fn a_replaced_pin_is_gone_and_its_content_stays_as_long_as_it_is_needed() {
    let server = TestServer::start();
    let pin = server.pin("a", &noise(3, 700));
    let cid = text(&pin["cid"]).to_owned();
    // By the same content, under another name.
    let path = format!("/pins/{}", text(&pin["id"]));
    let renamed = post(&server, &path, &json!({"cid": cid, "name": "new"}));
    assert_eq!(renamed.status, 202, "{renamed:?}");
    let renamed = renamed.json();
    assert_eq!(renamed["status"], "pinned");
    assert_ne!(renamed["requestid"], pin["id"]);
    failure(&get(&server, &pin["id"]), 404, "NOT_FOUND");
    failure(
        &post(&server, &path, &json!({"cid": cid})),
        404,
        "NOT_FOUND",
    );
    assert_eq!(server.curl_bare(&format!("/ipfs/{cid}"), &[]).status, 200);
    assert_eq!(find(&server, "name=new").0, 1);

    // Not replaced if the new pin can't be created.
    let path = format!("/pins/{}", text(&renamed["requestid"]));
    failure(
        &post(&server, &path, &json!({"cid": "x"})),
        400,
        "BAD_REQUEST",
    );
    assert_eq!(get(&server, &renamed["requestid"]).json(), renamed);
    // A pin of another account isn't found, and nothing is pinned instead.
    let body = json!({"cid": NOBODYS[0]}).to_string();
    let reply = psa(&server, BOB, &path, &["--data-raw", &body]);
    failure(&reply, 404, "NOT_FOUND");
    let all = "/pins?status=queued,pinning,pinned,failed";
    assert_eq!(psa(&server, BOB, all, &[]).json()["count"], 0);

    let other = post(&server, &path, &json!({"cid": NOBODYS[0]})).json();
    assert_eq!(other["pin"], json!({"cid": NOBODYS[0]}));
    assert_eq!(find(&server, "status=pinned").0, 0);
    assert_eq!(find(&server, "status=queued,pinning").0, 1);
}
