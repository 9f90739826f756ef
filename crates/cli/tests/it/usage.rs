//! Tests that invalid arguments are rejected before anything is sent, with a message that says what to do.

use crate::{
    fixture::{Place, Ran},
    service::Server,
};

/// A service that must not receive a request.
fn untouched() -> (Server, String) {
    let server = Server::new(|_, request, _| panic!("{request:?} was sent"));
    let endpoint = server.endpoint().to_string();
    (server, endpoint)
}

#[test]
fn bad_arguments_are_refused_by_name() {
    let (server, endpoint) = untouched();
    let place = Place::new();
    place.write("a", "a");
    place.write("f/a", "a");
    const CID: &str = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
    let table: &[(&[&str], &str)] = &[
        (&["add"], "PATH"),
        (&["add", ""], "PATH"),
        (&["add", "-", "-"], "give it once"),
        (&["add", "a", "--name", ""], "name is empty"),
        (&["add", "a", "--meta", "k"], "KEY=VALUE"),
        (&["add", "a", "--meta", "=v"], "key is empty"),
        (
            &["add", "a", "--meta", "k=1", "--meta", "k=2"],
            "more than once",
        ),
        (&["add", "a", "--meta", "w3pin.attempt=1"], "reserved"),
        (&["add", "a", "--concurrency", "0"], "--concurrency"),
        (&["add", "a", "--concurrency", "-1"], "--concurrency"),
        (
            &["add", "a", "--concurrency", "99999999999"],
            "--concurrency",
        ),
        (&["add", "a", "--concurrency", "NaN"], "--concurrency"),
        (&["add", "a", "--length", "1"], "standard input"),
        (&["add", "-", "--length", "-1"], "--length"),
        (&["add", "a", "--profile", "newest"], "--profile"),
        (&["add", "a", "--verify", "maybe"], "--verify"),
        (&["add", "a", "--symlinks", "preserve"], "--symlinks"),
        (&["add", "a", "--file-name", "x/y"], "file's name"),
        (&["add", "a", "--file-name", "x\ty"], "control character"),
        (&["add", "a", "--content-type", "\n"], "type"),
        (&["add", "a", "--dry-run", "--wait"], "--wait"),
        (&["add", "f", "--content-type", "image/png"], "folder"),
        (&["add", "a", "--wait", "--timeout", "soon"], "10m"),
        (&["add", "a", "--wait", "--timeout", "-1s"], "-1"),
        (&["add", "a", "--wait", "--timeout", "NaN"], "10m"),
        (
            &["add", "a", "--wait", "--timeout", "999999999999999999y"],
            "--timeout",
        ),
        (
            &["add", "a", "--wait", "--timeout", "18446744073709551615"],
            "100 years",
        ),
        (&["add", "a", "--timeout", "1s"], "--wait"),
        (&["add", "a", "--poll-interval", "1s"], "--wait"),
        (&["add-cid", CID, "--timeout", "1s"], "--wait"),
        (&["add-cid", CID, "--poll-interval", "1s"], "--wait"),
        (
            &["add", "a", "--upload-timeout", "0.5.1"],
            "--upload-timeout",
        ),
        (&["add-cid", "nonsense"], "isn't a CID"),
        (&["add-cid", ""], "isn't a CID"),
        (&["add-cid", CID, "--name", ""], "name is empty"),
        (&["add-cid", CID, CID, "--name", "n"], "single CID"),
        (&["add-cid", &format!("{CID}/a.txt")], "path below"),
        (&["add-cid", "https://example.com/"], "contains no CID"),
        (&["ls", "--limit", "0"], "limit"),
        (&["ls", "--limit", "-1"], "--limit"),
        (&["ls", "--limit", "4294967296"], "--limit"),
        (&["ls", "--offset", "-1"], "--offset"),
        (&["ls", "--order", "up"], "--order"),
        (&["ls", "--sort", "cid"], "--sort"),
        (&["ls", "--pinned", "maybe"], "all, true or false"),
        (&["ls", "extra"], "extra"),
        (&["get"], "<ID>"),
        (&["get", ""], "empty"),
        (&["get", ".."], ".."),
        (&["get", "pins"], "pins"),
        (&["rm"], "<ID>"),
        (&["rm", "a\u{7f}"], "control characters"),
        (&["wait", "."], "can't be a pin's id"),
        (&["verify", "a"], "CID"),
        (&["verify", "a", "bafynonsense"], "isn't a CID"),
        (&["verify", "a", "/ipfs/nonsense"], "isn't a CID"),
        (&["verify", "a", "ipfs://"], "isn't a CID"),
        (&["verify", "a", &format!("{CID}/b")], "path below"),
        (&["verify", "a", ""], "neither a CID nor"),
        (&["verify", "a", CID, "--gateway", "nowhere"], "--gateway"),
        (&["fetch"], "CID[/PATH]"),
        (&["fetch", ""], "isn't a CID"),
        (&["fetch", "nonsense"], "isn't a CID"),
        (&["fetch", "ipfs://"], "isn't a CID"),
        (&["fetch", "https://example.com/"], "contains no CID"),
        (&["fetch", &format!("{CID}/../x")], "contains \"..\""),
        (&["fetch", CID, "a", "b"], "'b'"),
        (&["fetch", CID, ""], "DESTINATION"),
        (&["fetch", CID, "--gateway", "nowhere"], "--gateway"),
        (&["fetch", CID, "--gateway", ""], "--gateway"),
        (&["fetch", CID, "--concurrency", "0"], "--concurrency"),
        (&["fetch", CID, "--concurrency", "-1"], "--concurrency"),
        (&["fetch", CID, "--most-bytes", "many"], "--most-bytes"),
        (&["fetch", CID, "--most-bytes", "-1"], "--most-bytes"),
        (&["fetch", CID, "--most-bytes", "NaN"], "--most-bytes"),
        (&["fetch", CID, "--most-bytes", "1PiBB"], "--most-bytes"),
        (&["fetch", CID, "--most-entries", "0"], "--most-entries"),
        (&["fetch", CID, "--most-entries", "1e6"], "--most-entries"),
        (&["fetch", CID, "--symlinks", "follow"], "--symlinks"),
        (&["fetch", CID, "-", "--json"], "--json"),
        (&["cat"], "CID[/PATH]"),
        (&["cat", CID, "nonsense"], "isn't a CID"),
        (&["cat", CID, "--json"], "--json"),
        (&["cat", CID, "--range", "9-5"], "--range"),
        (&["cat", CID, "--range", "0"], "--range"),
        (&["cat", CID, "--gateway", "ftp://x"], "--gateway"),
        (&["tree"], "CID[/PATH]"),
        (&["tree", CID, CID], CID),
        (&["tree", CID, "--depth", "0"], "--depth"),
        (&["tree", CID, "--depth", "-1"], "--depth"),
        (&["tree", CID, "--depth", "99999"], "--depth"),
        (&["tree", CID, "--most-entries", "-1"], "--most-entries"),
        (&["cid", "a", "--profile", "custom(chunk=0)"], "--profile"),
        (&["completions", "sh"], "SHELL"),
        (&["check", "--save", "--local"], "--local"),
        (&["check", "--save", "--isolated"], "--isolated"),
        (&["ls", "--retries", "-1"], "--retries"),
        (&["ls", "--retries", "99999"], "--retries"),
        (&["ls", "--rate-limit", "0"], "requests a minute"),
        (&["ls", "--rate-limit", "inf"], "requests a minute"),
        (&["ls", "--connect-timeout", "0"], "see --connect-timeout"),
        (&["ls", "--idle-timeout", "0s"], "timeout is 0"),
        (&["ls", "--call-timeout", ""], "--call-timeout"),
        (&["ls", "--user-agent", "a\nb"], "user agent"),
        (&["ls", "--color", "sometimes"], "--color"),
        (&["ls", "--config", "x", "--isolated"], "--isolated"),
        (&["ls", "--nonsense"], "--nonsense"),
        (&["list"], "list"),
        (&[], "Usage"),
    ];
    let mut wrong = Vec::new();
    for (args, part) in table {
        let ran = place.run(&crate::fixture::to(&endpoint, args));
        if ran.code != 2 || !ran.err.contains(part) {
            wrong.push(format!("{args:?} should name {part:?}: {ran:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(server.requests().is_empty());
}

#[test]
fn a_cid_is_taken_however_it_is_written() {
    let place = Place::new();
    place.write("a", "hello\n");
    const CID: &str = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
    let served = place.serve(&[]);
    place.run(&served.flags(&["add", "a"])).ok();
    for written in [
        CID.to_owned(),
        format!("/ipfs/{CID}"),
        format!("ipfs://{CID}"),
        format!("ipfs://{CID}/"),
        format!("https://ipfs.io/ipfs/{CID}?download=true"),
        format!("https://{CID}.ipfs.dweb.link/"),
    ] {
        let pin = place
            .run(&served.flags(&["add-cid", &written, "--json"]))
            .json();
        assert_eq!(pin["cid"], CID, "{written}");
        let proof = place
            .run(&served.flags(&["verify", "a", &written, "--json"]))
            .json();
        assert_eq!(proof["cid"], CID, "{written}");
    }
    for args in [&["get", CID][..], &["wait", CID], &["rm", CID]] {
        let said = place.run(&served.flags(args)).fails(4);
        assert!(
            said.contains("this is a CID, not a pin's id"),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn secrets_are_in_no_usage_error() {
    let place = Place::new();
    const SECRET: &str = "s3cr3tS3cr3t";
    const CID: &str = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
    let url = format!("http://me:{SECRET}@node:1");
    for args in [
        &["serve", "--backend", &format!("kubo={url}/x")][..],
        &["serve", "--backend", &format!("other={url}")],
        &["serve", "--ipfs", &format!("{url}/x y")],
        &["ls", "--proxy", &format!("ftp://me:{SECRET}@proxy")],
        &["ls", "--endpoint", &url],
        &["ls", "--endpoint", &format!("https://me:{SECRET}@ho st/")],
        &["ls", "--endpoint", &format!("me:{SECRET}@host")],
        &[
            "verify",
            "x",
            "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am",
            "--gateway",
            &url,
        ],
        &[
            "verify",
            "x",
            "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am",
            "--gateway",
            &format!("http://u:{SECRET}'w@h"),
        ],
        &["fetch", CID, "--gateway", &url],
        &["fetch", &format!("{url}/nothing")],
        &[
            "cat",
            CID,
            "--gateway",
            &format!("http://u:{SECRET}@h/ x y"),
        ],
        &["tree", CID, "--gateway", &format!("u:{SECRET}@h")],
        &["ls", "--secret-key", SECRET],
        &["ls", "--api-key", SECRET],
        &["ls", "--secret-key", SECRET, "--secret-key", SECRET],
        &[
            "ls",
            "--secret-key",
            SECRET,
            "--secret-key-file",
            "x",
            "--api-key",
            "K",
        ],
        &["ls", "--secret-kye", SECRET],
        &["ls", &format!("--secret-kye={SECRET}")],
        &[
            "ls",
            "--api-key",
            "K",
            "--secret-key",
            &format!("{SECRET} with a blank"),
        ],
    ] {
        for form in [&[][..], &["--json"], &["-vv"]] {
            let ran = place.run(&[args, form].concat());
            assert!([2, 3].contains(&ran.code), "{args:?}: {ran:?}");
            let all = format!("{}{}", ran.out, ran.err);
            assert!(!all.contains(SECRET), "{args:?}: {all}");
        }
    }
    let mut command = place.command(&["ls", "--json"]);
    command.env("W3PIN_ENDPOINT", &url);
    let ran = Ran::of(&mut command);
    assert!(!format!("{ran:?}").contains(SECRET), "{ran:?}");
}

#[test]
fn failures_are_documents_too() {
    let place = Place::new();
    let served = place.serve(&[]);
    let ran = place.run(&served.flags(&["get", "nope", "--json"]));
    assert_eq!(ran.code, 4);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["of"], "nope");
    assert_eq!(document["error"]["kind"], "not_found");
    assert_eq!(document["error"]["status"], 404);
    assert_eq!(document["error"]["is_retryable"], false);
    let ran = place.run(&["cid", "gone", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&document["of"], &document["error"]["path"]),
        (&"gone".into(), &"gone".into())
    );
    let ran = place.run(&["ls", "--json", "--isolated"]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["error"]["field"], "credentials");
    // Fails on this machine, without a call.
    let failures = [
        (&["serve", "--backend", "other"][..], 2, "invalid_input"),
        (&["serve", "--listen", "0.0.0.0:0"], 2, "invalid_input"),
        (&["fsck", "--data", "gone"], 1, "local_io"),
        (&["export", "x", "--data", "gone"], 1, "local_io"),
    ];
    for (args, code, kind) in failures {
        let ran = place.run(&[args, &["--json"]].concat());
        let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(document["error"]["kind"], kind, "{args:?}");
        let reason = document["error"]["reason"].as_str().unwrap().to_owned();
        assert!(ran.fails(code).contains(&reason), "{args:?}");
    }
}
