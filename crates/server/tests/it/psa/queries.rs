//! Tests of queries and their results, and of rejected queries and bodies.

use serde_json::{Value, json};

use super::{ALL, NOBODYS, add, failure, find, post, psa, remove};
use crate::{
    fixture::{ALICE, TestServer, file, metadata, noise, text},
    packs::flip,
};

fn id(pin: &Value) -> String {
    text(&pin["requestid"]).to_owned()
}

#[test]
fn names_are_matched_in_four_ways() {
    let server = TestServer::start();
    let pins: Vec<_> = ["Über-Data.pdf", "über-data.pdf", "data", ""]
        .iter()
        .map(|name| add(&server, &json!({"cid": NOBODYS[0], "name": name})))
        .collect();
    let found = |query: &str| {
        let (count, mut ids) = find(&server, query);
        assert_eq!(count, ids.len() as u64);
        ids.reverse();
        let number = |found: &String| pins.iter().position(|pin| id(pin) == *found).unwrap();
        ids.iter().map(number).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("name=%C3%9Cber-Data.pdf", &[0][..]),
        ("name=%C3%9Cber-Data.pdf&match=exact", &[0]),
        ("name=%C3%9CBER-DATA.PDF&match=iexact", &[0, 1]),
        ("name=%C3%9CBER-DATA.PDF", &[]),
        ("name=ata&match=partial", &[0, 1, 2]),
        ("name=Data&match=partial", &[0]),
        ("name=DATA&match=ipartial", &[0, 1, 2]),
        ("name=", &[3]),
        ("name=&match=partial", &[0, 1, 2, 3]),
        // A pattern is matched literally.
        ("name=.*&match=partial", &[]),
        ("name=%25&match=ipartial", &[]),
        ("name=data&status=pinned", &[]),
        ("match=partial", &[]),
    ] {
        assert_eq!(found(query), expected, "{query}");
    }
}

#[test]
fn pins_are_found_by_content_state_and_metadata() {
    let server = TestServer::start();
    let pinned = server.upload(&[
        file("a", &noise(1, 400)),
        metadata(r#"{"keyvalues":{"a":"1"}}"#),
    ]);
    let pinned = pinned.data();
    let cid = text(&pinned["cid"]);
    let queued = add(
        &server,
        &json!({"cid": NOBODYS[2], "meta": {"a": "1", "b": "é{"}}),
    );
    let [pinned, queued] = [text(&pinned["id"]).to_owned(), id(&queued)];
    // The same content as a CID of version 1.
    let v1 = "bafybeicgmdpvw4duutrmdxl4a7gc52sxyuk7nz5gby77afwdteh3jc5bqa";
    for (query, expected) in [
        ("", &[&pinned][..]),
        ("status=pinned", &[&pinned]),
        ("status=failed", &[]),
        (ALL, &[&queued, &pinned]),
        ("status=queued&status=pinning", &[&queued]),
        ("status=queued,pinning,queued", &[&queued]),
        (&format!("cid={cid}"), &[&pinned]),
        (&format!("cid={}", NOBODYS[2]), &[]),
        (&format!("{ALL}&cid={}", NOBODYS[2]), &[&queued]),
        (
            &format!("{ALL}&cid={},{cid}", NOBODYS[2]),
            &[&queued, &pinned],
        ),
        (
            &format!("{ALL}&cid={}&cid={cid}&cid={cid}", NOBODYS[2]),
            &[&queued, &pinned],
        ),
        (&format!("{ALL}&cid={}", NOBODYS[0]), &[]),
        (&format!("{ALL}&cid={v1}"), &[&queued]),
        (
            &format!("{ALL}&meta=%7B%22a%22%3A%221%22%7D"),
            &[&queued, &pinned],
        ),
        ("meta=%7B%22a%22%3A%221%22%7D", &[&pinned]),
        (
            &format!("{ALL}&meta=%7B%22b%22%3A%22%C3%A9%7B%22%7D"),
            &[&queued],
        ),
        (&format!("{ALL}&meta=%7B%22c%22%3A%22%22%7D"), &[]),
        (&format!("{ALL}&meta=%7B%7D"), &[&queued, &pinned]),
        (&format!("{ALL}&cid={cid}&meta=%7B%22b%22%3A%22%22%7D"), &[]),
        (&format!("{ALL}&unknown=1&limit=1000"), &[&queued, &pinned]),
    ] {
        let expected: Vec<_> = expected.iter().map(|id| (*id).clone()).collect();
        assert_eq!(
            find(&server, query),
            (expected.len() as u64, expected),
            "{query}"
        );
    }
}

#[test]
fn pins_are_paged_by_the_time_they_were_made() {
    let server = TestServer::start();
    let mut expected: Vec<_> = (0..25)
        .map(|number| {
            if number % 3 == 0 {
                text(&server.pin("a", &noise(number + 1, 50))["id"]).to_owned()
            } else {
                id(&add(&server, &json!({"cid": NOBODYS[0]})))
            }
        })
        .collect();
    let ended = expected.remove(7);
    remove(&server, &json!(ended));
    expected.reverse();
    assert_eq!(find(&server, ALL), (24, expected[..10].to_vec()));
    let mut seen = Vec::new();
    let mut before = "2200-01-01T00:00:00Z".to_owned();
    loop {
        let path = format!("/pins?{ALL}&limit=7&before={before}");
        let page = psa(&server, ALICE, &path, &[]).json();
        let left = expected.len() - seen.len();
        assert_eq!(page["count"], left);
        let results = page["results"].as_array().unwrap();
        assert_eq!(results.len(), left.min(7));
        let Some(last) = results.last() else { break };
        seen.extend(results.iter().map(id));
        text(&last["created"]).clone_into(&mut before);
    }
    assert_eq!(seen, expected);

    // The same time in another notation.
    let path = format!("/pins/{}", expected[5]);
    let created = psa(&server, ALICE, &path, &[]).json()["created"].clone();
    let created = text(&created);
    let newer = find(&server, &format!("{ALL}&after={created}"));
    assert_eq!(newer, (5, expected[..5].to_vec()));
    let local = created.replace('Z', "+00:00");
    for same in [
        created.to_lowercase(),
        local.replace('+', "%2B"),
        local.clone(),
        local.replace('+', "-"),
        created.replace('Z', "000000Z"),
        created.replace('Z', "000000999Z"),
    ] {
        assert_eq!(
            find(&server, &format!("{ALL}&after={same}")),
            newer,
            "{same}"
        );
    }
    let between = format!("{ALL}&after={created}&before={created}");
    assert_eq!(find(&server, &between).0, 0);
    for (query, count) in [
        ("after=9999-12-31T23:59:59.999999999Z", 0),
        ("before=0000-01-01T00:00:00Z", 0),
        ("after=0000-01-01T00:00:00Z&before=9999-12-31T23:59:59Z", 24),
        ("after=2200-01-01T00:00:00Z&before=1900-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(find(&server, &format!("{ALL}&{query}")).0, count, "{query}");
    }
    assert_eq!(find(&server, "before=2200-01-01T00:00:00Z").0, 9);
}

#[test]
fn damaged_pins_have_failed() {
    let mut server = TestServer::embedded(|_| {});
    let contents = [noise(1, 300), noise(2, 300)];
    let pins = [0, 1].map(|number| text(&server.pin("a", &contents[number])["id"]).to_owned());
    server.stop();
    flip(server.data(), &contents[0], 20);
    let server = server.restart();
    let cid = server.look(&json!({"id": pins[0]}))["cid"].clone();
    server
        .curl_bare(&format!("/ipfs/{}", text(&cid)), &[])
        .message(500);
    crate::fixture::eventually("the damage is noted", || {
        find(&server, "status=failed") == (1, vec![pins[0].clone()])
    });
    assert_eq!(find(&server, ""), (1, vec![pins[1].clone()]));
    assert_eq!(
        find(&server, "status=pinned,queued"),
        (1, vec![pins[1].clone()])
    );
    assert_eq!(find(&server, ALL).0, 2);
    assert_eq!(
        find(&server, "status=failed&after=2200-01-01T00:00:00Z").0,
        0
    );
    let shown = psa(&server, ALICE, &format!("/pins/{}", pins[0]), &[]).json();
    let details = text(&shown["info"]["status_details"]);
    assert!(details.contains("damaged on the server"), "{shown}");
}

#[test]
fn queries_that_make_no_sense_are_refused() {
    let server = TestServer::start();
    let cids = [NOBODYS[0]; 11].join(",");
    let name = "n".repeat(256);
    for query in [
        "cid=",
        "cid=x",
        "cid=,",
        &format!("cid={},", NOBODYS[0]),
        &format!("cid={cids}"),
        &format!("cid=/ipfs/{}", NOBODYS[0]),
        &format!("cid={}", NOBODYS[2].to_lowercase()),
        &format!("name={name}"),
        "name=a&name=b",
        "match=",
        "match=regex",
        "match=EXACT",
        "match=exact&match=exact",
        "status=",
        "status=done",
        "status=PINNED",
        "status=pinned,",
        "before=",
        "before=yesterday",
        "before=2020-07-27",
        "before=1595871148",
        "before=2020-07-27T17:32:28",
        "before=2020-13-27T17:32:28Z",
        "before=2020-02-30T17:32:28Z",
        "before=10000-01-01T00:00:00Z",
        "before=2020-07-27T17:32:28Z%00",
        "after=-2020-07-27T17:32:28Z",
        "after=2020-07-27T17:32:28Z&after=2020-07-27T17:32:28Z",
        "limit=",
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=%2B5",
        "limit=1e3",
        "limit=10%20",
        "limit=10.0",
        "limit=99999999999999999999999999",
        "limit=1&limit=2",
        "meta=",
        "meta=x",
        "meta=[]",
        "meta=null",
        "meta=%7B",
        "meta=%7B%22a%22%3A1%7D",
        "meta=%7B%22a%22%3Anull%7D",
        "meta=%7B%22a%22%3A%7B%7D%7D",
    ] {
        let reply = psa(&server, ALICE, &format!("/pins?{query}"), &["-g"]);
        let details = failure(&reply, 400, "BAD_REQUEST");
        let parameter = query.split('=').next().unwrap();
        assert!(details.contains(parameter), "{query}: {details}");
    }
    let deep = format!("/pins?meta={}", "[".repeat(5000));
    failure(&psa(&server, ALICE, &deep, &["-g"]), 400, "BAD_REQUEST");
    let long = format!("/pins?meta={}", "x".repeat(20_000));
    failure(&psa(&server, ALICE, &long, &[]), 414, "URI_TOO_LONG");
}

#[test]
fn bodies_that_make_no_sense_are_refused_and_odd_ones_are_taken() {
    let server = TestServer::start();
    let cid = NOBODYS[0];
    let many: Value = (0..1001)
        .map(|number| (number.to_string(), json!("")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for body in [
        json!({}),
        json!([]),
        json!(null),
        json!("x"),
        json!({"cid": null}),
        json!({"cid": 5}),
        json!({"cid": ""}),
        json!({"cid": "x"}),
        json!({"cid": [cid]}),
        json!({"cid": format!("ipfs://{cid}")}),
        json!({"cid": format!("{cid}/a")}),
        json!({"cid": format!(" {cid}")}),
        json!({"cid": format!("{cid}\0")}),
        json!({"cid": cid, "name": 5}),
        json!({"cid": cid, "name": "n".repeat(256)}),
        json!({"cid": cid, "meta": []}),
        json!({"cid": cid, "meta": {"a": 1}}),
        json!({"cid": cid, "meta": {"a": null}}),
        json!({"cid": cid, "meta": many}),
        json!({"cid": cid, "origins": "x"}),
        json!({"cid": cid, "origins": [1]}),
    ] {
        failure(&post(&server, "/pins", &body), 400, "BAD_REQUEST");
    }
    for body in ["", "{", "\u{1}"] {
        let reply = psa(&server, ALICE, "/pins", &["--data-raw", body]);
        failure(&reply, 400, "BAD_REQUEST");
    }
    let large = json!({"cid": cid, "meta": {"a": "x".repeat(70_000)}});
    failure(&post(&server, "/pins", &large), 413, "PAYLOAD_TOO_LARGE");
    assert_eq!(find(&server, ALL).0, 0);

    let name = "é".repeat(255);
    for body in [
        json!({"cid": cid, "name": null, "meta": null, "origins": null, "more": {}}),
        json!({"cid": cid, "name": name, "meta": {"": "", "\0": "\0\n\u{1F980}"}}),
        json!({"cid": cid, "origins": ["", "x", "/ip4/1.2.3.4", "/ip4/1.2.3.4", "/p2p/\0"]}),
        json!({"cid": cid, "origins": vec!["/ip4/127.0.0.1/tcp/1/p2p/x"; 100]}),
    ] {
        let pin = add(&server, &body);
        if body["name"].is_string() {
            assert_eq!(pin["pin"], body);
        }
        assert!(pin["delegates"].is_array());
    }
    assert_eq!(find(&server, ALL).0, 4);
}
