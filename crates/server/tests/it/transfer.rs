//! Tests of moving records and content from one backend to another.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;
use w3pin_server::{Backend, ServerConfig, StoreError, TransferError, Transferred};

use crate::{
    fixture::{
        ALICE, BOB, TestServer, eventually, file, folder_bytes, metadata, noise, number_pairs, text,
    },
    node::KuboNode,
};

/// Pins of every kind, of two accounts.
fn fill(server: &TestServer) {
    server.pin("file", &noise(1, 1_500_000));
    let zeros = vec![0; 3 << 20];
    server.upload(&[
        file("d/a", b"one"),
        file("d/b/c", &noise(2, 600_000)),
        file("d/b/zeros", &zeros),
        file("d/b/empty", b""),
        metadata(r#"{"name": "folder", "keyvalues": {"k": "v", "n": 1}}"#),
    ]);
    let names: Vec<_> = (0..200)
        .map(|number| format!("wide/{}{number}", "n".repeat(240)))
        .collect();
    // Just below the threshold of sharding, and above it.
    let parts: Vec<_> = names.iter().map(|name| file(name, b"x")).collect();
    server.upload(&parts);
    let theirs = server.upload_as(BOB, &[file("file", &noise(1, 1_500_000))]);
    assert_eq!(theirs.status, 201);
    let ended = server.pin("ended", b"ended");
    assert_eq!(server.unpin(&ended["id"]).status, 200);
    server.pin_by_cid(BOB, "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs");
}

fn lists(server: &TestServer) -> [Value; 2] {
    [ALICE, BOB].map(|keys| {
        server
            .curl_as(keys, "/api/pinning/pins/?limit=1000", &[])
            .data()
    })
}

fn config(data: &Path, backend: Backend) -> ServerConfig {
    let mut config = ServerConfig::new(data);
    config.backend = backend;
    config
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

pub(crate) fn export(data: &Path, backend: Backend, folder: &Path) -> Transferred {
    run(w3pin_server::export(&config(data, backend), folder)).unwrap()
}

pub(crate) fn import(data: &Path, backend: Backend, folder: &Path) -> Transferred {
    run(w3pin_server::import(&config(data, backend), folder)).unwrap()
}

pub(crate) fn counts(transferred: Transferred) -> [u64; 3] {
    let Transferred {
        accounts,
        pins,
        contents,
        ..
    } = transferred;
    [accounts, pins, contents]
}

/// Moves a server's data to another backend and a new folder.
fn moved(mut from: TestServer, node: Option<KuboNode>) -> TestServer {
    let before = lists(&from);
    from.stop();
    let (files, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let old = from
        .node
        .as_ref()
        .map_or(Backend::Embedded, KuboNode::backend);
    let new = node.as_ref().map_or(Backend::Embedded, KuboNode::backend);
    assert_eq!(
        counts(export(from.data(), old.clone(), files.path())),
        [2, 6, 3]
    );
    // Interrupted and restarted, it skips what exists.
    assert_eq!(counts(export(from.data(), old, files.path())), [2, 6, 0]);
    assert_eq!(
        counts(import(data.path(), new.clone(), files.path())),
        [2, 6, 3]
    );
    assert_eq!(counts(import(data.path(), new, files.path())), [2, 0, 0]);
    drop(from);

    let server = TestServer::in_folder(data, node, |_| {});
    // Missing content may be searched by now.
    let without_status = |mut lists: [Value; 2]| {
        for list in &mut lists {
            for pin in list["pins"].as_array_mut().unwrap() {
                if pin["status"] == "PENDING" {
                    pin["status"] = "RETRIEVAL".into();
                }
            }
        }
        lists
    };
    let after = without_status(lists(&server));
    assert_eq!(after, without_status(before));
    for pin in after[0]["pins"].as_array().unwrap() {
        let path = match text(&pin["metadata"]["name"]) {
            "file" => "",
            "folder" => "/b/c",
            "wide" | "ended" => continue,
            name => panic!("{name}"),
        };
        let seed = if path.is_empty() { 1 } else { 2 };
        let url = format!("/ipfs/{}{path}", text(&pin["cid"]));
        let body = server.curl_bare(&url, &[]).body;
        assert!(
            body == noise(seed, body.len()) && body.len() > 500_000,
            "{url}"
        );
    }
    server
}

#[test]
fn embedded_to_embedded() {
    let from = TestServer::embedded(|_| {});
    fill(&from);
    let server = moved(from, None);
    // Every reference was moved: with the last pin, the last block is removed.
    for (keys, list) in [ALICE, BOB].into_iter().zip(lists(&server)) {
        for pin in list["pins"].as_array().unwrap() {
            let unpin = format!("/api/pinning/unpin/{}", text(&pin["id"]));
            server.curl_as(keys, &unpin, &["-X", "DELETE"]);
        }
    }
    server.wait_for_bytes(0);
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn embedded_to_kubo_and_back() {
    let from = TestServer::embedded(|config| config.profile = "unixfs-v0-2015".parse().unwrap());
    fill(&from);
    let server = moved(from, Some(KuboNode::start()));
    let node = server.node.as_ref().unwrap();
    assert_eq!(node.pins().len(), 3);
    node.collect_garbage();
    let server = moved(server, None);
    assert!(folder_bytes(&server.blocks()) > 2_000_000);
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn pins_are_added_to_those_of_the_same_keys() {
    let server = TestServer::over(KuboNode::start(), |_| {});
    let content = noise(7, 400_000);
    let pin = server.pin("a", &content);
    let mut from = TestServer::embedded(|_| {});
    from.pin("a", &content);
    from.stop();
    let files = TempDir::new().unwrap();
    export(from.data(), Backend::Embedded, files.path());
    server.unpin(&pin["id"]);
    eventually("it is unpinned", || server.kept() == 0);
    // The same keys are the same account, and pins are added to it.
    let mut server = server;
    server.stop();
    let backend = server.node.as_ref().unwrap().backend();
    assert_eq!(
        counts(import(server.data(), backend, files.path())),
        [2, 1, 1]
    );
    let server = server.restart();
    assert_eq!(lists(&server)[0]["totals"]["files"], 2);
    assert_eq!(server.kept(), 1);
}

#[test]
fn a_folder_belongs_to_its_kind_of_backend() {
    let mut server = TestServer::embedded(|_| {});
    server.stop();
    let kubo: Backend = "kubo=http://127.0.0.1:9".parse().unwrap();
    let refused = run(w3pin_server::Server::bind(config(server.data(), kubo))).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("belongs to the backend embedded"),
        "{refused}"
    );
}

#[test]
fn what_is_damaged_or_in_use_is_refused() {
    let mut from = TestServer::embedded(|_| {});
    let content = noise(9, 700_000);
    let pin = from.pin("a", &content);
    let files = TempDir::new().unwrap();
    let busy = run(w3pin_server::export(
        &config(from.data(), Backend::Embedded),
        files.path(),
    ));
    assert!(
        matches!(
            busy,
            Err(TransferError::Store {
                source: StoreError::InUse,
                ..
            })
        ),
        "{busy:?}"
    );
    from.stop();
    export(from.data(), Backend::Embedded, files.path());
    let car = files.path().join(format!("{}.car", text(&pin["cid"])));
    let whole = fs::read(&car).unwrap();
    let data = TempDir::new().unwrap();
    let mut changed = whole.clone();
    changed[200_000] ^= 1;
    for bytes in [
        &changed[..],
        &whole[..whole.len() - 1],
        &whole[..300_000],
        b"",
        b"\x01\xa0",
    ] {
        fs::write(&car, bytes).unwrap();
        let refused = run(w3pin_server::import(
            &config(data.path(), Backend::Embedded),
            files.path(),
        ))
        .unwrap_err();
        assert!(refused.to_string().contains(".car"), "{refused}");
        assert_eq!(folder_bytes(&data.path().join("blocks")), 0);
    }
    fs::write(&car, whole).unwrap();
    assert_eq!(
        counts(import(data.path(), Backend::Embedded, files.path())),
        [2, 0, 1]
    );
    let server = TestServer::in_folder(data, None, |_| {});
    let url = format!("/ipfs/{}", text(&pin["cid"]));
    assert!(server.curl_bare(&url, &[]).body == content);

    fs::write(files.path().join("records.jsonl"), "{\"pin\": 3}\n").unwrap();
    let data = TempDir::new().unwrap();
    let refused = run(w3pin_server::import(
        &config(data.path(), Backend::Embedded),
        files.path(),
    ))
    .unwrap_err();
    assert!(refused.to_string().contains("line 1"), "{refused}");
}

#[test]
fn a_wrong_folder_is_refused_and_nothing_is_made() {
    let place = TempDir::new().unwrap();
    let [data, moved] = ["data", "moved"].map(|name| place.path().join(name));
    let config = config(&data, Backend::Embedded);
    let error = run(w3pin_server::export(&config, &moved)).unwrap_err();
    assert!(matches!(error, TransferError::NoData { .. }), "{error}");
    let error = run(w3pin_server::import(&config, &moved)).unwrap_err();
    assert!(matches!(error, TransferError::File { .. }), "{error}");
    assert!(!data.exists() && !moved.exists());
}

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
fn damage_is_left_out_of_an_export_and_mended_by_an_import() {
    let server = TestServer::embedded(|_| {});
    let contents: Vec<_> = (0..3).map(|seed| noise(seed + 1, 400_000)).collect();
    let pins: Vec<_> = contents
        .iter()
        .map(|content| server.pin("a", content))
        .collect();
    let (data, _) = server.into_folder();
    let whole = TempDir::new().unwrap();
    export(data.path(), Backend::Embedded, whole.path());

    crate::packs::flip(data.path(), &contents[1][300_000..], 0);
    let partial = TempDir::new().unwrap();
    let done = export(data.path(), Backend::Embedded, partial.path());
    assert_eq!((done.pins, done.contents), (3, 2));
    assert_eq!(done.skipped.len(), 1, "{done:?}");
    assert!(done.skipped[0].contains(text(&pins[1]["id"])), "{done:?}");
    // Pins of omitted content wait for it.
    let moved = TempDir::new().unwrap();
    let done = import(moved.path(), Backend::Embedded, partial.path());
    assert_eq!(
        (done.pins, done.contents, done.skipped.len()),
        (3, 2, 1),
        "{done:?}"
    );
    let server = TestServer::in_folder(moved, None, |_| {});
    assert_eq!(server.look(&pins[1])["status"], "RETRIEVAL");
    assert_eq!(server.look(&pins[2])["status"], "DONE");
    // A copy from another server repairs damaged content.
    crate::fsck::fsck(data.path(), true);
    let done = import(data.path(), Backend::Embedded, whole.path());
    assert_eq!((done.pins, done.contents), (0, 1), "{done:?}");
    let server = TestServer::in_folder(data, None, |_| {});
    let body = server
        .curl_bare(&format!("/ipfs/{}", text(&pins[1]["cid"])), &[])
        .body;
    assert!(body == contents[1]);
    assert_eq!(server.look(&pins[1])["status"], "DONE");
}

#[test]
fn the_content_of_a_pin_with_a_damaged_record_is_named_as_left_out() {
    let server = TestServer::embedded(|_| {});
    let pin = server.pin("a-damaged-name", &noise(1, 50_000));
    let sound = server.pin("b", &noise(2, 50_000));
    let (data, _) = server.into_folder();
    crate::fsck::damage_record(data.path(), "a-damaged-name");
    let files = TempDir::new().unwrap();
    let done = export(data.path(), Backend::Embedded, files.path());
    assert_eq!((done.pins, done.contents), (2, 1), "{done:?}");
    let [left_out] = &done.skipped[..] else {
        panic!("{done:?}");
    };
    for told in [&pin["id"], &pin["cid"]] {
        assert!(left_out.contains(text(told)), "{left_out}");
    }
    let moved = TempDir::new().unwrap();
    import(moved.path(), Backend::Embedded, files.path());
    let server = TestServer::in_folder(moved, None, |_| {});
    assert_eq!(server.look(&sound)["status"], "DONE");
    assert_eq!(server.look(&pin)["status"], "RETRIEVAL");
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

#[test]
fn pins_of_a_damaged_account_are_left_out_of_an_export() {
    use redb::{Database, ReadableTable, TableDefinition};

    const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");
    let server = TestServer::embedded(|_| {});
    let lost = server.pin("a", &noise(1, 50_000));
    let theirs = server.upload_as(BOB, &[file("b", &noise(2, 50_000))]);
    assert_eq!(theirs.status, 201);
    let (data, _) = server.into_folder();
    {
        let database = Database::open(data.path().join("records.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        let mut accounts = transaction.open_table(ACCOUNTS).unwrap();
        let mut kept = accounts.get(ALICE[0]).unwrap().unwrap().value().to_vec();
        kept[10] ^= 1;
        accounts.insert(ALICE[0], &kept[..]).unwrap();
        drop(accounts);
        transaction.commit().unwrap();
    }
    let files = TempDir::new().unwrap();
    let done = export(data.path(), Backend::Embedded, files.path());
    assert_eq!((done.accounts, done.pins, done.contents), (1, 1, 1));
    assert_eq!(done.skipped.len(), 2, "{done:?}");
    assert!(done.skipped[0].contains(ALICE[0]), "{done:?}");
    assert!(done.skipped[1].contains(text(&lost["id"])), "{done:?}");
    let moved = TempDir::new().unwrap();
    let done = import(moved.path(), Backend::Embedded, files.path());
    assert_eq!(counts(done), [1, 1, 1]);
}

#[test]
fn metadata_that_grows_as_it_is_kept_comes_along() {
    let server = TestServer::embedded(|_| {});
    let numbers = number_pairs(2_000);
    let pin = server.upload(&[file("a", b"x"), metadata(&numbers)]).data();
    let (data, _) = server.into_folder();
    let files = TempDir::new().unwrap();
    export(data.path(), Backend::Embedded, files.path());
    let moved = TempDir::new().unwrap();
    let done = import(moved.path(), Backend::Embedded, files.path());
    assert_eq!(counts(done), [2, 1, 1]);
    let server = TestServer::in_folder(moved, None, |_| {});
    assert_eq!(server.look(&pin)["metadata"], pin["metadata"]);
}
