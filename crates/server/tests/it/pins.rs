//! Tests of the five calls and the credential check in normal operation.

use serde_json::{Value, json};
use w3pin_unixfs::{FileBuilder, Profile, TreeBuilder};

use crate::fixture::{ALICE, BOB, TestServer, eventually, file, metadata, noise, text};

const ZERO_ID: &str = "00000000-0000-0000-0000-000000000000";
const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// The CID of a block, computed independently of the server.
const HELLO: &[u8] = b"hello world";
const HELLO_CID: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
const HELLO_HASH: &str = "1220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

fn assert_date(date: &Value, digits: usize) {
    let date = text(date);
    assert_eq!(date.len(), "2023-01-01T11:11:11.Z".len() + digits, "{date}");
    let parsed = time::OffsetDateTime::parse(date, &time::format_description::well_known::Rfc3339);
    assert!(parsed.is_ok_and(|date| date.year() >= 2024), "{date}");
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn an_upload_is_answered_as_the_service_answers_it() {
    let server = TestServer::start();
    let reply = server.upload(&[file("test.png", HELLO)]);
    assert_eq!(reply.status, 201);
    let mut pin = reply.data();
    assert_eq!(
        keys(&pin),
        [
            "cid",
            "date_pinned",
            "date_unpinned",
            "file_record_id",
            "id",
            "is_dir",
            "is_pin_by_hash",
            "metadata",
            "pinned",
            "root_hash",
            "status",
            "sub_hash_status",
            "user_id",
        ]
    );
    assert_date(&pin["date_pinned"].take(), 9);
    assert_eq!(text(&pin["id"]).len(), 36);
    assert_eq!(pin["cid"], HELLO_CID);
    assert_eq!(pin["root_hash"], HELLO_HASH);
    assert_eq!(pin["file_record_id"], ZERO_ID);
    assert_eq!(pin["date_unpinned"], ZERO_TIME);
    assert_eq!(pin["pinned"], false);
    assert_eq!(pin["is_pin_by_hash"], false);
    assert_eq!(pin["is_dir"], false);
    assert_eq!(pin["sub_hash_status"], "DONE");
    assert_eq!(pin["status"], "PENDING");
    assert_eq!(
        pin["metadata"],
        json!({"name": "test.png", "type": "image/png"})
    );

    let later = server.curl(&format!("/api/pinning/{}", text(&pin["id"])), &[]);
    assert_eq!(later.status, 200);
    let mut later = later.data();
    assert_date(&later["date_pinned"].take(), 6);
    assert_ne!(later["file_record_id"], ZERO_ID);
    assert_eq!(later["date_unpinned"], ZERO_TIME);
    assert_eq!(later["pinned"], true);
    assert_eq!(later["size"], 11);
    assert_eq!(later["status"], "DONE");
    assert_eq!(later["sub_hash_status"], "DONE");
    for same in ["id", "cid", "root_hash", "user_id", "metadata", "is_dir"] {
        assert_eq!(later[same], pin[same], "{same}");
    }
}

#[test]
fn a_folder_has_one_root_with_its_true_cid() {
    let server = TestServer::start();
    let big = noise(1, 700_000);
    let reply = server.upload(&[
        file("site/index.html", b"<p>hi"),
        file("site/a/big.bin", &big),
        file("site/a/empty", b""),
        metadata(r#"{"name": "my site", "keyvalues": {"k": "v", "n": 3, "b": true}}"#),
    ]);
    assert_eq!(reply.status, 201, "{reply:?}");
    let pin = reply.data();

    let profile = Profile::default();
    let mut tree = TreeBuilder::new(&profile);
    for (path, content) in [
        ("index.html", &b"<p>hi"[..]),
        ("a/big.bin", &big[..]),
        ("a/empty", &b""[..]),
    ] {
        let mut content_root = FileBuilder::new(&profile);
        content_root.push(content);
        tree.add_file(path, content_root.root()).unwrap();
    }
    let root = tree.root().unwrap();
    assert_eq!(pin["cid"], root.cid.to_string());
    assert_eq!(pin["is_dir"], true);
    assert_eq!(
        pin["metadata"],
        json!({"name": "my site", "keyvalues": {"k": "v", "n": 3, "b": true}})
    );
    let later = server
        .curl(&format!("/api/pinning/{}", text(&pin["id"])), &[])
        .data();
    assert_eq!(later["size"], root.dag_size);
}

#[test]
fn metadata_may_come_before_the_files_and_names_default_to_the_root() {
    let server = TestServer::start();
    let pin = server
        .upload(&[
            metadata(r#"{"keyvalues": {"a": "b"}}"#),
            file("f/x", b"1"),
            file("f/y", b"2"),
        ])
        .data();
    assert_eq!(
        pin["metadata"],
        json!({"name": "f", "keyvalues": {"a": "b"}})
    );
    for (number, empty) in ["", "{}", r#"{"name": null, "keyvalues": null}"#]
        .iter()
        .enumerate()
    {
        let content = format!("content {number}");
        let reply = server.upload(&[file("n", content.as_bytes()), metadata(empty)]);
        assert_eq!(reply.data()["metadata"]["name"], "n", "{empty}");
    }
}

#[test]
fn the_profile_of_the_configuration_is_used() {
    let server = TestServer::with(|config| config.profile = Profile::unixfs_v0_2015());
    assert_eq!(
        server.pin("hello", HELLO)["cid"],
        "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"
    );
}

#[test]
fn both_forms_of_every_path_are_served_without_a_redirect() {
    let server = TestServer::start();
    for (number, path) in ["/api/pinning", "/api/pinning/"].iter().enumerate() {
        let form = format!("file=content {number};filename=n{number}");
        assert_eq!(server.curl(path, &["-F", &form]).status, 201, "{path}");
    }
    for (number, path) in ["/api/pinning/pinByHash", "/api/pinning/pinByHash/"]
        .iter()
        .enumerate()
    {
        let cid = ["Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs", HELLO_CID][number];
        let body = json!({ "hash_to_pin": cid }).to_string();
        assert_eq!(server.curl(path, &["-d", &body]).status, 200, "{path}");
    }
    for slash in ["", "/"] {
        for path in ["/api/pinning/pins", "/api/apiKeys/testAuthentication"] {
            assert_eq!(
                server.curl(&format!("{path}{slash}"), &[]).status,
                200,
                "{path}{slash}"
            );
        }
        let pin = server.pin("x", format!("slash {slash}").as_bytes());
        let id = text(&pin["id"]);
        assert_eq!(
            server
                .curl(&format!("/api/pinning/{id}{slash}"), &[])
                .status,
            200
        );
        let unpin = format!("/api/pinning/unpin/{id}{slash}");
        assert_eq!(server.curl(&unpin, &["-X", "DELETE"]).status, 200);
    }
}

#[test]
fn the_credential_check_answers_with_a_message() {
    let server = TestServer::start();
    let reply = server.curl("/api/apiKeys/testAuthentication", &[]);
    assert_eq!(reply.status, 200);
    assert!(!text(&reply.json()["message"]).is_empty());
}

#[test]
fn a_cid_that_is_not_here_is_waited_for() {
    let server = TestServer::start();
    let given = "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs";
    let body = json!({"hash_to_pin": given, "metadata": {"name": "name-ipfs-hash"}}).to_string();
    let reply = server.curl(
        "/api/pinning/pinByHash",
        &[
            "-X",
            "POST",
            "-H",
            "content-type: application/json",
            "--data-raw",
            &body,
        ],
    );
    assert_eq!(reply.status, 200);
    let pin = reply.data();
    assert_date(&pin["date_pinned"], 9);
    assert_eq!(pin["cid"], given, "it is echoed as it was given");
    assert_eq!(pin["status"], "RETRIEVAL");
    assert_eq!(pin["is_pin_by_hash"], true);
    assert_eq!(pin["pinned"], false);
    assert_eq!(pin["file_record_id"], ZERO_ID);
    assert_eq!(pin["metadata"], json!({"name": "name-ipfs-hash"}));
    for absent in ["size", "sub_hash_status"] {
        assert_eq!(pin.get(absent), None, "{absent}");
    }
    // A node may have queued it first.
    eventually("it is waited for", || {
        let later = server
            .curl(&format!("/api/pinning/{}", text(&pin["id"])), &[])
            .data();
        assert_eq!(later["pinned"], false);
        later["status"] == "RETRIEVAL"
    });
    assert_eq!(server.unpin(&pin["id"]).data()["pinned"], false);
}

#[test]
fn a_cid_that_is_here_is_held_and_one_that_comes_later_is_completed() {
    let server = TestServer::start();
    let upload = server.pin("hello", HELLO);
    let body = json!({"hash_to_pin": HELLO_CID, "metadata": "{\"name\": \"stringified\"}"});
    let reply = server.curl_as(BOB, "/api/pinning/pinByHash", &["-d", &body.to_string()]);
    let pin = reply.data();
    assert_eq!(pin["status"], "RETRIEVAL");
    let bobs = format!("/api/pinning/{}", text(&pin["id"]));
    let later = server.curl_as(BOB, &bobs, &[]).data();
    assert_eq!(later["status"], "DONE");
    assert_eq!(later["pinned"], true);
    assert_eq!(later["size"], 11);
    assert_eq!(later["metadata"]["name"], "stringified");

    // Bob's pin keeps the content after Alice's is removed.
    server.unpin(&upload["id"]);
    let gateway = format!("/ipfs/{HELLO_CID}");
    assert_eq!(server.curl_bare(&gateway, &[]).body, HELLO);

    // A file in a folder that is uploaded later completes a pin that waits for it.
    let inside = noise(2, 600_000);
    let mut content_root = FileBuilder::new(&Profile::default());
    content_root.push(&inside);
    let root = content_root.root();
    let body = json!({ "hash_to_pin": root.cid.to_string() }).to_string();
    let waiting = server
        .curl_as(BOB, "/api/pinning/pinByHash", &["-d", &body])
        .data();
    let folder = server
        .upload(&[file("d/inside", &inside), file("d/other", b"o")])
        .data();
    let bobs = format!("/api/pinning/{}", text(&waiting["id"]));
    // A node finds it without help.
    eventually("the pin is completed", || {
        let later = server.curl_as(BOB, &bobs, &[]).data();
        later["status"] == "DONE" && later["size"] == root.dag_size
    });
    server.unpin(&folder["id"]);
    assert_eq!(
        server.curl_bare(&format!("/ipfs/{}", root.cid), &[]).body,
        inside
    );
}

#[test]
fn the_same_content_is_pinned_once_until_it_is_unpinned() {
    let server = TestServer::start();
    let pin = server.pin("a", HELLO);
    let again = server.upload(&[file("b", HELLO)]);
    assert_eq!(again.message(409), "pin with that hash already exists");
    let by_cid = json!({ "hash_to_pin": HELLO_CID }).to_string();
    let again = server.curl("/api/pinning/pinByHash", &["-d", &by_cid]);
    assert_eq!(again.message(409), "pin with that hash already exists");

    let unpinned = server.unpin(&pin["id"]);
    assert_eq!(unpinned.status, 200);
    let unpinned = unpinned.data();
    assert_eq!(unpinned["pinned"], false);
    assert_date(&unpinned["date_unpinned"], 6);
    let later = server
        .curl(&format!("/api/pinning/{}", text(&pin["id"])), &[])
        .data();
    assert_eq!(later, unpinned, "the record stays");
    assert_eq!(server.unpin(&pin["id"]).message(404), "record not found");
    let again = server.pin("b", HELLO);
    assert_ne!(again["id"], pin["id"]);
}

#[test]
fn accounts_see_nothing_of_each_other() {
    let server = TestServer::start();
    let pin = server.pin("a", HELLO);
    let id = text(&pin["id"]);
    let path = format!("/api/pinning/{id}");
    assert_eq!(
        server.curl_as(BOB, &path, &[]).message(404),
        "record not found"
    );
    let unpin = format!("/api/pinning/unpin/{id}");
    assert_eq!(
        server.curl_as(BOB, &unpin, &["-X", "DELETE"]).message(404),
        "record not found"
    );
    let list = server.curl_as(BOB, "/api/pinning/pins/", &[]).data();
    assert_eq!(list, json!({"totals": {"files": 0, "size": 0}, "pins": []}));
    let mixed = [ALICE[0], BOB[1]];
    assert!(
        server
            .curl_as(mixed, &path, &[])
            .message(401)
            .contains("invalid api key")
    );

    let bobs = server.upload_as(BOB, &[file("a", HELLO)]);
    assert_eq!(
        bobs.status, 201,
        "the same content in another account is another pin"
    );
    assert_ne!(bobs.data()["user_id"], pin["user_id"]);
    assert_eq!(server.curl(&path, &[]).data()["pinned"], true);
}

#[test]
fn lists_page_sort_and_filter() {
    let server = TestServer::start();
    let mut ids = Vec::new();
    for (name, length, meta) in [
        ("b", 30, r#"{"keyvalues": {"kind": "x", "n": "1"}}"#),
        ("a", 10, r#"{"keyvalues": {"kind": "x"}}"#),
        ("c", 20, "{}"),
    ] {
        let content = noise(length, length as usize);
        let pin = server
            .upload(&[file(name, &content), metadata(meta)])
            .data();
        ids.push(text(&pin["id"]).to_owned());
    }
    let names = |query: &str| {
        let data = server
            .curl(&format!("/api/pinning/pins/?{query}"), &[])
            .data();
        let pins = data["pins"].as_array().unwrap();
        let names: String = pins
            .iter()
            .map(|pin| text(&pin["metadata"]["name"]))
            .collect();
        (
            names,
            data["totals"]["files"].as_u64().unwrap(),
            data["totals"]["size"].as_u64().unwrap(),
        )
    };
    let all = |names: &str| (names.to_owned(), 3, 60);
    assert_eq!(names(""), all("cab"), "newest first");
    assert_eq!(names("sortOrder=ASC"), all("bac"));
    assert_eq!(names("sortBy=name&sortOrder=ASC"), all("abc"));
    assert_eq!(names("sortBy=name"), all("cba"));
    assert_eq!(names("sortBy=size&sortOrder=ASC"), all("acb"));
    assert_eq!(names("limit=2"), all("ca"));
    assert_eq!(names("offset=1&limit=1"), all("a"));
    assert_eq!(names("offset=7"), all(""));
    assert_eq!(
        names("offset=&limit=&pinned="),
        all("cab"),
        "empty values are as absent"
    );
    let filter = "metadata=%7B%22kind%22%3A%22x%22%7D";
    assert_eq!(
        names(filter),
        ("ab".to_owned(), 2, 40),
        "totals are of what is let through"
    );
    server.unpin(&json!(ids[0]));
    assert_eq!(names("pinned=false"), ("b".to_owned(), 1, 30));
    assert_eq!(names("pinned=true&sortOrder=ASC"), ("ac".to_owned(), 2, 30));
    assert_eq!(names("pinned=all"), all("cab"));
}
