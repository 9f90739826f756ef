//! Tests of which files are selected and what would be sent.

use serde_json::{Value, json};

use crate::fixture::Place;

fn site() -> Place {
    let place = Place::new();
    for (name, content) in [
        ("site/index.html", "<h1>"),
        ("site/app.js", "js"),
        ("site/app.js.map", "map"),
        ("site/drafts/a.html", "a"),
        ("site/empty.txt", ""),
        ("site/.gitignore", "*.map\n"),
    ] {
        place.write(name, content);
    }
    place
}

#[test]
fn what_would_be_sent_is_listed_and_nothing_is_sent() {
    let place = site();
    let out = ["--exclude", "empty.txt", "--gitignore"];
    // Without an account or a network.
    let listed = place
        .run(&[&["add", "--dry-run", "site"], &out[..]].concat())
        .ok();
    let cid = place
        .local(&[&["add", "site", "--json"], &out[..]].concat())
        .json()["cid"]
        .as_str()
        .unwrap()
        .to_owned();
    let line = |name: &str, size: u64| format!("{cid}\tsite/{name}\t{size}\n");
    assert_eq!(
        listed,
        [
            line("app.js", 2),
            line("drafts/a.html", 1),
            line("index.html", 4)
        ]
        .concat()
    );
    let document = place
        .run(&[&["add", "--dry-run", "site", "--json"], &out[..]].concat())
        .json();
    assert_eq!(
        document,
        json!({
            "of": "site",
            "cid": cid,
            "size": 7,
            "files": [
                {"name": "site/app.js", "size": 2},
                {"name": "site/drafts/a.html", "size": 1},
                {"name": "site/index.html", "size": 4},
            ],
        })
    );
    let several = place.run(&["add", "--dry-run", "site/app.js", "gone", "site", "--json"]);
    assert_eq!(several.code, 1, "{several:?}");
    let documents: Value = serde_json::from_str(&several.out).unwrap();
    assert_eq!(documents[0]["size"], 2);
    assert_eq!(documents[1]["error"]["kind"], "local_io");
    assert_eq!(
        documents[2]["error"]["kind"], "invalid_input",
        "an empty file: {several:?}"
    );
    place.run(&["add", "--dry-run", "-"]).fails(2);
}

#[test]
fn a_preview_follows_the_profile_of_the_service() {
    let place = Place::new();
    place.write("big", "0123456789".repeat(30_000));
    let cid = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = place.command(args);
        crate::fixture::Ran::of(command.envs(variables.iter().copied())).ok()[..59].to_owned()
    };
    let modern = [("W3PIN_PROFILE", "unixfs-v1-2025")];
    let expected = "bafkreierymcojwxnc3i2yb2im7b2pnvsl4itnbecfo44wxnsknopnmq4rq";
    assert_eq!(cid(&modern, &["add", "--dry-run", "big"]), expected);
    assert_eq!(cid(&modern, &["cid", "--as-upload", "big"]), expected);
    let own = ["add", "--dry-run", "big", "--profile", "kubo-cidv1-legacy"];
    assert_ne!(cid(&modern, &own), expected);
    assert_ne!(
        cid(&modern, &["--isolated", "add", "--dry-run", "big"]),
        expected
    );
}

#[test]
fn patterns_count_for_everything_that_walks_a_folder() {
    let place = site();
    let served = place.serve(&[]);
    let walk = [
        "--include",
        "*.html",
        "--include",
        "*.js",
        "--exclude",
        "/drafts",
    ];
    let pin = place
        .run(&served.flags(&[&["add", "site", "--json"], &walk[..]].concat()))
        .json();
    let cid = pin["cid"].as_str().unwrap();
    let computed = place
        .run(&[&["cid", "site", "--as-upload"], &walk[..]].concat())
        .ok();
    assert_eq!(computed, format!("{cid}\tsite\n"));
    let proof = place
        .run(&served.flags(&[&["verify", "site", cid, "--json"], &walk[..]].concat()))
        .json();
    assert_eq!(proof["files"], 2);
    place.run(&served.flags(&["verify", "site", cid])).fails(5);
    for pattern in ["", "!a", "[", "a{b"] {
        for command in [
            &["cid", "site"][..],
            &["add", "--dry-run", "site"],
            &["verify", "site", cid],
        ] {
            let args = [command, &["--exclude", pattern]].concat();
            let said = place.run(&args).fails(2);
            assert!(said.contains("isn't a pattern"), "{args:?}: {said}");
        }
    }
}

#[test]
fn a_lone_file_is_called_and_typed_as_it_is_told() {
    let server = crate::service::Server::new(|_, request, connection| {
        crate::service::honest(request, connection)
    });
    let endpoint = server.endpoint().to_string();
    let place = Place::new();
    place.write("a", "a");
    let args = [
        "add",
        "a",
        "--file-name",
        "picture.png",
        "--content-type",
        "image/png",
        "--no-mark",
    ];
    place.run(&crate::fixture::to(&endpoint, &args)).ok();
    let request = server.requests().pop().unwrap();
    let body = String::from_utf8(request.body.clone()).unwrap();
    assert_eq!(request.files()[0].1.as_deref(), Some("picture.png"));
    assert!(
        body.contains("image/png") && !body.contains("w3pin.attempt"),
        "{body}"
    );
    for flag in ["--file-name", "--content-type", "--name"] {
        let args = ["add", "a", "b", flag, "image/png"];
        let said = place.run(&crate::fixture::to(&endpoint, &args)).fails(2);
        assert!(
            said.contains("single path") && said.contains(flag),
            "{said}"
        );
    }
    place.write("f/a", "a");
    let args = ["add", "f", "--file-name", "g"];
    let said = place.run(&crate::fixture::to(&endpoint, &args)).fails(2);
    assert!(said.contains("folder"), "{said}");
}
