//! Tests of moving data that is damaged.

use tempfile::TempDir;
use w3pin_server::Backend;

use super::{counts, export, import};
use crate::{
    fixture::{ALICE, BOB, TestServer, file, noise, text},
    fsck::{damage_record, fsck},
    packs::flip,
};

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

    flip(data.path(), &contents[1][300_000..], 0);
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
    fsck(data.path(), true);
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
    damage_record(data.path(), "a-damaged-name");
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
