//! Tests of importing what no server has exported.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;
use w3pin_server::{Backend, TransferError, Transferred};

use super::{config, counts, export, run};
use crate::fixture::{TestServer, noise, text};

/// An export of one account with one pin, and its two kinds of lines.
fn exported() -> (TempDir, Value, Value, Value) {
    let mut from = TestServer::embedded(|config| config.accounts.truncate(1));
    let pin = from.pin("a", &noise(1, 300_000));
    from.stop();
    let files = TempDir::new().unwrap();
    export(from.data(), Backend::Embedded, files.path());
    let lines = fs::read_to_string(files.path().join("records.jsonl")).unwrap();
    let mut lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    (files, pin, lines.next().unwrap(), lines.next().unwrap())
}

fn try_import(data: &Path, files: &Path, lines: &[String]) -> Result<Transferred, TransferError> {
    fs::write(files.join("records.jsonl"), lines.join("\n")).unwrap();
    run(w3pin_server::import(
        &config(data, Backend::Embedded),
        files,
    ))
}

#[test]
fn an_import_takes_over_nobody_s_account() {
    let mut server = TestServer::embedded(|_| {});
    let mine = server.pin("mine", &noise(5, 100_000));
    server.stop();
    let (files, _, account, pin) = exported();
    // Another account with Alice's id, and a pin of it.
    let alice = text(&mine["user_id"]);
    let mut stranger = account.clone();
    stranger["account"]["id"] = alice.into();
    stranger["account"]["api_key"] = "stranger".into();
    stranger["account"]["secret_sha256"] = serde_json::json!(vec![7; 32]);
    let mut theirs = pin.clone();
    theirs["pin"]["account"] = alice.into();
    let lines = [stranger.to_string(), theirs.to_string()];
    let done = try_import(server.data(), files.path(), &lines).unwrap();
    assert_eq!(counts(done), [1, 1, 1]);
    let server = server.restart();
    let list = server.curl("/api/pinning/pins", &[]).data();
    assert_eq!(
        list["totals"]["files"], 1,
        "Alice has her pin alone: {list}"
    );
    assert_eq!(server.look(&mine)["status"], "DONE");
    let look = format!("/api/pinning/{}", text(&pin["pin"]["id"]));
    assert_eq!(server.curl(&look, &[]).status, 404);
}

#[test]
fn lines_that_no_server_writes_are_refused() {
    let (files, _, account, pin) = exported();
    let change = |line: &Value, kind: &str, field: &str, value: Value| {
        let mut line = line.clone();
        line[kind][field] = value;
        line.to_string()
    };
    let account_line = account.to_string();
    let long = "x".repeat(2 << 20);
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let cases = [
        vec![change(&account, "account", "api_key", "".into())],
        vec![change(&account, "account", "api_key", "a\nb".into())],
        vec![change(
            &account,
            "account",
            "api_key",
            "k".repeat(5_000).into(),
        )],
        vec![change(
            &account,
            "account",
            "id",
            "00000000-0000-0000-0000-000000000000".into(),
        )],
        vec![account_line.clone(), account_line.clone()],
        vec![pin.to_string()],
        vec![
            account_line.clone(),
            change(&pin, "pin", "cid", "bafy".into()),
        ],
        vec![
            account_line.clone(),
            change(&pin, "pin", "root_hash", "1220".into()),
        ],
        vec![
            account_line.clone(),
            change(
                &pin,
                "pin",
                "id",
                "00000000-0000-0000-0000-000000000000".into(),
            ),
        ],
        vec![
            account_line.clone(),
            change(
                &pin,
                "pin",
                "metadata",
                serde_json::json!({"keyvalues": {"k": [1]}}),
            ),
        ],
        vec![
            account_line.clone(),
            change(
                &pin,
                "pin",
                "metadata",
                serde_json::json!({"name": "n".repeat(100_000)}),
            ),
        ],
        vec![
            account_line.clone(),
            change(&pin, "pin", "metadata", serde_json::json!({"name": long})),
        ],
        vec![account_line.clone(), deep],
        vec!["{}".to_owned()],
        vec!["null".to_owned()],
    ];
    for lines in cases {
        let data = TempDir::new().unwrap();
        let refused = try_import(data.path(), files.path(), &lines).unwrap_err();
        let told = refused.to_string();
        let last = lines.last().unwrap();
        assert!(
            told.contains("line "),
            "{told}: {}",
            &last[..last.len().min(200)]
        );
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let (files, pin, account, line) = exported();
    let car = files.path().join(format!("{}.car", text(&pin["cid"])));
    fs::remove_file(&car).unwrap();
    for path in [&car, &files.path().join("records.jsonl")] {
        let _ = fs::remove_file(path);
        let made = std::process::Command::new("mkfifo")
            .arg(path)
            .status()
            .unwrap();
        assert!(made.success());
        let data = TempDir::new().unwrap();
        let refused = if path == &car {
            try_import(
                data.path(),
                files.path(),
                &[account.to_string(), line.to_string()],
            )
        } else {
            run(w3pin_server::import(
                &config(data.path(), Backend::Embedded),
                files.path(),
            ))
        };
        assert!(
            refused
                .unwrap_err()
                .to_string()
                .contains("not a regular file")
        );
    }
}

#[test]
fn blocks_that_a_root_does_not_reach_are_left_out() {
    let (files, pin, account, line) = exported();
    let car = files.path().join(format!("{}.car", text(&pin["cid"])));
    let whole = fs::read(&car).unwrap();
    // An additional block before the others: after the header, whose length is its first byte.
    let cid: cid::Cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
        .parse()
        .unwrap();
    let mut block = cid.to_bytes();
    block.extend(b"hello world");
    let header = usize::from(whole[0]) + 1;
    let mut more = whole[..header].to_vec();
    more.push(block.len() as u8);
    more.extend(&block);
    more.extend(&whole[header..]);
    fs::write(&car, more).unwrap();
    let data = TempDir::new().unwrap();
    let lines = [account.to_string(), line.to_string()];
    assert_eq!(
        counts(try_import(data.path(), files.path(), &lines).unwrap()),
        [1, 1, 1]
    );
    let server = TestServer::at(data.path(), |_| {});
    let kept = server.curl_bare(&format!("/ipfs/{}", text(&pin["cid"])), &[]);
    assert_eq!(kept.status, 200, "{kept:?}");
    let beside = server.curl_bare(&format!("/ipfs/{cid}"), &[]);
    assert_eq!(beside.status, 404, "{beside:?}");
}

#[test]
fn pins_of_a_clock_that_was_set_back_come_along() {
    let (files, pin, account, line) = exported();
    let with = |field: &str, value: i64| {
        let mut line = line.clone();
        line["pin"][field] = value.into();
        line.to_string()
    };
    // Written by earlier versions.
    let data = TempDir::new().unwrap();
    let lines = [account.to_string(), with("unpinned", 1)];
    let done = try_import(data.path(), files.path(), &lines).unwrap();
    assert_eq!(counts(done), [1, 1, 0]);

    let data = TempDir::new().unwrap();
    let later = i64::MAX - 1;
    let lines = [account.to_string(), with("created", later)];
    try_import(data.path(), files.path(), &lines).unwrap();
    let server = TestServer::in_folder(data, None, |_| {});
    assert_eq!(server.unpin(&pin["id"]).status, 200);
    let (data, _) = server.into_folder();
    let again = TempDir::new().unwrap();
    export(data.path(), Backend::Embedded, again.path());
    let lines = fs::read_to_string(again.path().join("records.jsonl")).unwrap();
    let ended: Value = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|line: &Value| !line["pin"].is_null())
        .unwrap();
    assert_eq!(ended["pin"]["unpinned"], later, "{ended}");
}
