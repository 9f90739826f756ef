//! Tests of the command against the Pinning Service API of the server.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::fixture::{Place, Ran, Served};

mod cluster;
mod servers;

const CID: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
/// What that CID is of.
const CONTENT: &str = "hello world";
const TOKEN: &str = "K:S-of-the-account";

fn serve(place: &Place) -> Served {
    place.serve(&["--api-key", "K", "--secret-key", "S-of-the-account"])
}

fn url(served: &Served) -> String {
    served.endpoint().replace("/api/pinning", "/psa")
}

/// Runs a command with the flags for the service.
fn run(place: &Place, served: &Served, args: &[&str]) -> Ran {
    let url = url(served);
    let flags = ["--api", "pinning-service", "--token", TOKEN, "--endpoint"];
    place.run(&[&flags[..], &[&url, "--json"], args].concat())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn content_is_pinned_by_cid_found_awaited_and_unpinned() {
    let place = Place::new();
    let served = serve(&place);
    let pins: Vec<String> = (0..3)
        .map(|number| {
            let name = format!("pin {number}");
            let pin = run(
                &place,
                &served,
                &["add-cid", CID, "--name", &name, "--meta", "k=v"],
            );
            let pin = json(&pin.ok());
            assert_eq!(pin["name"], name.as_str());
            assert_eq!(pin["keyvalues"]["k"], "v");
            pin["id"].as_str().unwrap().to_owned()
        })
        .collect();

    let shown = json(&run(&place, &served, &["get", &pins[1]]).ok());
    assert_eq!(shown["cid"], CID);
    assert_eq!(shown["pinned"], false);
    let listed = json(&run(&place, &served, &["ls", "--limit", "2"]).ok());
    assert_eq!(listed["totals"]["files"], 3);
    assert_eq!(listed["pins"][0]["id"], pins[2].as_str());
    let all = run(&place, &served, &["ls", "--all", "--limit", "2"]).ok();
    let ids: Vec<_> = all.lines().map(|line| json(line)["id"].clone()).collect();
    assert_eq!(
        ids,
        [&pins[2], &pins[1], &pins[0]].map(|id| Value::from(id.as_str()))
    );
    let found = json(&run(&place, &served, &["ls", "--meta", "k=other"]).ok());
    assert_eq!(found["totals"]["files"], 0);

    // An upload to the server's other API provides the content.
    place.write("hello.txt", "hello world");
    let keys = ["--api-key", "K", "--secret-key", "S-of-the-account"];
    let to_it = ["--endpoint", served.endpoint(), "add", "hello.txt"];
    place.run(&[&keys[..], &to_it].concat()).ok();
    let done = json(&run(&place, &served, &["wait", &pins[0]]).ok());
    assert_eq!(done["pinned"], true);

    run(&place, &served, &["rm", &pins[0], &pins[1], &pins[2]]).ok();
    run(&place, &served, &["get", &pins[0]]).fails(4);
}

#[test]
fn what_the_api_has_not_is_refused_by_name() {
    let place = Place::new();
    let served = serve(&place);
    place.write("site/hello.txt", "hello world");
    for args in [
        &["add", "site/hello.txt"][..],
        &["add", "site"],
        &["sync", "site", "--name", "x"],
    ] {
        let said = run(&place, &served, args).fails(2);
        assert!(said.contains("doesn't support uploads"), "{said}");
        assert!(said.contains("--api w3ipfs"), "{said}");
    }
    let said = run(&place, &served, &["ls", "--offset", "3"]).fails(2);
    assert!(said.contains("doesn't support an offset"), "{said}");
    let said = place
        .run(&["--api", "pinning-service", "--token", TOKEN, "ls"])
        .fails(2);
    assert!(said.contains("W3PIN_ENDPOINT"), "{said}");
    let said = place
        .run(&["--api", "kubo", "--token", TOKEN, "ls"])
        .fails(2);
    assert!(said.contains("pinning-service"), "{said}");
}

#[test]
fn the_token_is_checked_saved_and_shown_nowhere() {
    let place = Place::new();
    let served = serve(&place);
    let said = json(&run(&place, &served, &["check"]).ok());
    assert_eq!(said["accepted"], true);
    let url = url(&served);
    let service = ["--api", "pinning-service", "--endpoint", &url];
    let wrong = [&service[..], &["--token", "wrong:one", "check"]].concat();
    let said = place.run(&wrong).fails(3);
    assert!(said.contains("rejected the token"), "{said}");

    let file = place.write("token", format!("{TOKEN}\n"));
    let file = file.to_str().unwrap();
    place.write(
        "home/config/w3pin/config.toml",
        "api_key = \"old\" # mine\n",
    );
    let config = place.path().join("home/config/w3pin/config.toml");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    let save = [
        &service[..],
        &["--token-file", file, "-vv", "check", "--save"],
    ]
    .concat();
    let saved = place.run(&save);
    assert!(!saved.err.contains("S-of-the-account"), "{}", saved.err);
    saved.ok();
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("token = \"K:S-of-the-account\""), "{text}");
    assert!(
        !text.contains("api_key"),
        "a token and keys exclude each other: {text}"
    );
    let mode = fs::metadata(&config).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    place.run(&["ls"]).ok();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
    let said = place.run(&["ls"]).fails(2);
    assert!(said.contains("chmod 600"), "{said}");

    let keys = [
        "--token",
        TOKEN,
        "--api-key",
        "K",
        "--secret-key",
        "S",
        "ls",
    ];
    let said = place.run(&keys).fails(2);
    assert!(said.contains("cannot be used with"), "{said}");
    let said = place.run(&["--local", "ls", "--token", TOKEN]).fails(2);
    assert!(said.contains("--token"), "{said}");
}

#[test]
fn another_users_list_of_processes_needs_no_token() {
    let place = Place::new();
    let served = serve(&place);
    let url = url(&served);
    let variables = [
        ("W3PIN_API", "pinning-service"),
        ("W3PIN_TOKEN", TOKEN),
        ("W3PIN_ENDPOINT", &url),
    ];
    Ran::of(place.command(&["check"]).envs(variables)).ok();
    let both = [("W3PIN_API_KEY", "K"), ("W3PIN_SECRET_KEY", "S")];
    let said = Ran::of(place.command(&["ls"]).envs(variables).envs(both)).fails(3);
    assert!(said.contains("can't be combined with keys"), "{said}");
    assert!(!said.contains("S-of-the-account"), "{said}");
}
