use std::{fs, io::Write, process::Stdio};

use serde_json::json;

use crate::{
    fixture::{Place, Ran, link, shown, to},
    service::{Kept, Server, cid, failure, pin, success},
};

const HELLO: &str = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";

#[test]
fn a_file_is_pinned_and_its_line_has_fields_for_scripts() {
    let place = Place::new();
    place.write("a.txt", "hello\n");
    let out = place.local(&["add", "a.txt"]).ok();
    let fields: Vec<&str> = out.trim_end().split('\t').collect();
    assert_eq!(fields.len(), 7, "{out}");
    assert_eq!(&fields[1..6], &[HELLO, "a.txt", "", "PENDING", "false"]);
    assert!(place.path().join("home/data/w3pin/records.redb").exists());
}

#[test]
fn json_tells_all_of_the_pin() {
    let place = Place::new();
    place.write("a.txt", "hello\n");
    let args = [
        "add", "a.txt", "--json", "--name", "n", "--meta", "k=v", "--meta", "e=a=b",
    ];
    let pin = place.local(&args).json();
    assert_eq!(pin["cid"], HELLO);
    assert_eq!(pin["name"], "n");
    assert_eq!(pin["status"], "PENDING");
    assert_eq!(pin["pinned"], false);
    assert_eq!(pin["keyvalues"], json!({ "k": "v", "e": "a=b" }));
    assert!(pin["id"].is_string() && pin.as_object().unwrap().contains_key("size"));
    assert_eq!(
        pin["verification"],
        json!({ "result": "verified", "profile": "kubo-cidv1-legacy", "computed_cid": null })
    );
    let waited = place.local(&["add", "a.txt", "--json", "--wait"]).json();
    assert_eq!(waited["pinned"], true);
    assert_eq!(waited["already_pinned"], true);
    assert_eq!(waited["verification"]["result"], "verified");
}

#[test]
fn a_folder_is_pinned_as_cid_says() {
    let place = Place::new();
    place.write("site/index.html", "<h1>");
    place.write("site/css/main.css", "x".repeat(700_000));
    place.write("site/.hidden", "h");
    let pin = place.local(&["add", "site", "--json"]).json();
    assert_eq!(pin["is_dir"], true);
    let cid = place.run(&["cid", "site"]).ok();
    assert_eq!(cid, format!("{}\tsite\n", pin["cid"].as_str().unwrap()));
    let hidden = place.local(&["add", "site", "--hidden", "--json"]).json();
    let cid = place.run(&["cid", "site", "--hidden", "--json"]).json();
    assert_eq!(hidden["cid"], cid["cid"]);
    assert_ne!(hidden["cid"], pin["cid"]);
}

#[test]
fn several_paths_give_several_results_and_the_first_failure_s_code() {
    let place = Place::new();
    place.write("a", "a");
    place.write("b", "b");
    let ran = place.local(&["add", "a", "gone", "b", "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let documents: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(documents[0]["name"], "a");
    assert_eq!(documents[1]["of"], "gone");
    assert_eq!(documents[1]["error"]["kind"], "local_io");
    assert_eq!(documents[2]["name"], "b");
    assert!(ran.err.contains("error: gone: "), "{}", ran.err);
    let named = place.local(&["add", "a", "b", "--name", "n"]).fails(2);
    assert!(named.contains("single path"), "{named}");
}

#[test]
fn standard_input_is_pinned() {
    let place = Place::new();
    let (mut command, served) = place.local_command(&["add", "-", "--json", "--name", "in.txt"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let output = child.wait_with_output().unwrap();
    drop(served);
    let pin: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&pin["cid"], &pin["name"]),
        (&json!(HELLO), &json!("in.txt"))
    );
    let empty = place.local(&["add", "-"]).fails(2);
    assert!(empty.contains("empty"), "{empty}");
}

#[test]
fn what_cannot_be_pinned_says_what_to_do() {
    let place = Place::new();
    place.write("empty", "");
    place.write("links/a", "a");
    link("a", place.path().join("links/l"));
    fs::create_dir(place.path().join("bare")).unwrap();
    for (args, code, parts) in [
        (
            &["add", "gone"][..],
            1,
            &["gone", "hint: check that the path"][..],
        ),
        (&["add", "empty"], 2, &["empty", "hint:"]),
        (&["add", "bare"], 2, &["bare", "hint:"]),
        (
            &["add", "links"],
            2,
            &[&shown("links/l"), "--symlinks follow"],
        ),
        (&["add", "empty", "--name", ""], 2, &["hint:"]),
    ] {
        let said = place.local(args).fails(code);
        assert!(
            parts.iter().all(|part| said.contains(part)),
            "{args:?}: {said}"
        );
    }
    place.local(&["add", "links", "--symlinks", "skip"]).ok();
    place.local(&["add", "links", "--symlinks", "follow"]).ok();
}

#[test]
fn cids_are_pinned() {
    let place = Place::new();
    let cid = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH";
    let pin = place
        .local(&["add-cid", cid, "--json", "--name", "n"])
        .json();
    assert_eq!(
        (&pin["cid"], &pin["status"]),
        (&json!(cid), &json!("RETRIEVAL"))
    );
    let again = place
        .local(&["add-cid", cid, "--json", "--skip-if-pinned"])
        .json();
    assert_eq!(
        (&again["id"], &again["already_pinned"]),
        (&pin["id"], &json!(true))
    );
    let id = pin["id"].as_str().unwrap();
    let waited = place.local(&["wait", id, "--timeout", "1s"]).fails(1);
    assert!(waited.contains("RETRIEVAL"), "{waited}");
    let bad = place.run(&["add-cid", "nonsense"]);
    assert_eq!(bad.code, 2);
    assert!(bad.err.contains("\"nonsense\" isn't a CID"), "{}", bad.err);
}

#[test]
fn several_cids_are_pinned_at_once_and_told_in_their_order() {
    let server = Server::new(|_, request, connection| {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        if body.contains(&cid(b"slow")) {
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        if body.contains(&cid(b"bad")) {
            connection.answer(400, &failure("user not enough balance"));
        } else {
            let named = [b"slow", b"fast"].map(|it| cid(it));
            let named = named.iter().find(|it| body.contains(it.as_str())).unwrap();
            connection.answer(200, &success(&pin("new", named)));
        }
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    let place = Place::new();
    let cids = [&b"slow"[..], b"bad", b"fast"].map(cid);
    let cids: Vec<&str> = cids.iter().map(String::as_str).collect();
    let ran = place.run(&to(
        &endpoint,
        &[&["add-cid", "--json"], &cids[..]].concat(),
    ));
    assert_eq!(ran.code, 1, "{ran:?}");
    let documents: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let subjects: Vec<_> = (0..3)
        .map(|it| documents[it]["of"].as_str().unwrap())
        .collect();
    assert_eq!(subjects, cids);
    assert_eq!(documents[1]["error"]["kind"], "insufficient_funds");
    let last = server.requests().len();
    assert_eq!(last, 3);
}

#[test]
fn many_pins_are_waited_for_beside_uploads() {
    let place = Place::new();
    let names: Vec<String> = (0..20).map(|it| format!("f{it}")).collect();
    names.iter().for_each(|name| drop(place.write(name, name)));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let wait = ["add", "--wait", "--poll-interval", "50ms"];
    let out = place.local(&[&wait[..], &names[..]].concat()).ok();
    let lines: Vec<Vec<&str>> = out.lines().map(|line| line.split('\t').collect()).collect();
    let told: Vec<&str> = lines.iter().map(|fields| fields[2]).collect();
    assert_eq!(told, names);
    assert!(lines.iter().all(|fields| fields[5] == "true"), "{out}");
}

#[test]
fn required_proof_that_is_missing_is_a_mismatch() {
    let place = Place::new();
    place.write("big", "0123456789".repeat(30_000));
    // The server chunks files differently from every known profile.
    let served = place.serve(&["--profile", "custom(chunk=1000,width=174,leaves=raw,cid=1)"]);
    let report = place.run(&served.flags(&["add", "big", "--json"])).json();
    assert_eq!(report["verification"]["result"], "unproved");
    let cid = report["cid"].as_str().unwrap();
    place
        .run(&served.flags(&["rm", report["id"].as_str().unwrap()]))
        .ok();
    let said = place
        .run(&served.flags(&["add", "big", "--verify", "require"]))
        .fails(5);
    assert!(
        said.contains(cid) && said.contains("w3pin verify"),
        "{said}"
    );
    place.run(&served.flags(&["verify", "big", cid])).ok();
}

#[cfg(unix)]
#[test]
fn an_interrupted_upload_leaves_nothing() {
    let place = Place::new();
    let served = place.serve(&["--data", "served"]);
    let mut child = place
        .command(&served.flags(&["add", "-", "--name", "endless"]))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More than the pipe and the client's buffers hold, so that the upload is in progress.
    stdin.write_all(&vec![7; 8 << 20]).unwrap();
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("interrupted"));
    assert_eq!(place.run(&served.flags(&["ls"])).ok(), "");
    let packs = place.path().join("served/blocks");
    crate::curl::eventually("the server keeps nothing of it", || match &place.node {
        None => fs::read_dir(&packs).unwrap().next().is_none(),
        Some(node) => node.pins().is_empty(),
    });
}

#[test]
fn a_quiet_command_says_nothing_but_its_result_and_errors() {
    let place = Place::new();
    place.write("a", "a");
    let ran = place.local(&["add", "a", "--quiet"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let Ran { code, err, .. } = place.local(&["get", "nope", "-q"]);
    assert_eq!(code, 4);
    assert!(!err.contains("hint:"), "{err}");
}
