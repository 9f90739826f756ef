//! Tests with corrupted pages of the database.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::Path,
};

use tempfile::TempDir;
use w3pin_server::{Server, ServerConfig};

use crate::fixture::{TestServer, accounts, file, noise};

/// A folder with enough pins to use most pages of its database.
fn filled() -> TempDir {
    let server = TestServer::embedded(|_| {});
    let names: Vec<_> = (0..400).map(|number| format!("d/{number}")).collect();
    let contents: Vec<_> = (0..400).map(|seed| noise(seed + 1, 300)).collect();
    let parts: Vec<_> = names
        .iter()
        .zip(&contents)
        .map(|(name, it)| file(name, it))
        .collect();
    server.upload(&parts);
    for number in 0..40 {
        server.pin(&format!("{number}"), &noise(1000 + number, 500));
    }
    server.into_folder().0
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("blocks")).unwrap();
    for folder in ["", "blocks"] {
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, to.join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
}

#[test]
fn zeroed_pages_end_in_a_clear_error() {
    let whole = filled();
    let length = whole.path().join("records.redb").metadata().unwrap().len();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (mut refused, mut opened) = (0, 0);
    // Testing every page would take minutes; these are spread over all of them.
    for page in (0..length / 4096).step_by(3) {
        let data = TempDir::new().unwrap();
        copy(whole.path(), data.path());
        let records = data.path().join("records.redb");
        let mut file = fs::File::options().write(true).open(&records).unwrap();
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0; 4096]).unwrap();
        drop(file);
        let mut config = ServerConfig::new(data.path());
        config.accounts = accounts();
        match runtime.block_on(Server::bind(config)) {
            Ok(server) => {
                opened += 1;
                runtime
                    .block_on(async { server.spawn().shutdown().await })
                    .unwrap();
            }
            Err(cause) => {
                refused += 1;
                let cause = cause.to_string();
                assert!(
                    cause.contains("damaged") || cause.contains("older"),
                    "{cause}"
                );
                let report = crate::fsck::fsck(data.path(), true);
                assert!(report.is_repaired, "{report:?}");
                // The content of all pins is available, whatever account owns it now.
                let server = TestServer::in_folder(data, None, |_| {});
                let list = server.curl("/api/pinning/pins?limit=1000", &[]).data();
                assert!(
                    list["totals"]["files"].as_u64().unwrap() >= 41,
                    "page {page}: {list}"
                );
            }
        }
    }
    println!("{refused} refused, {opened} opened");
    assert!(refused > 10);
}

/// Corrupts pages while the server runs. On other systems no other process may write to a locked file.
#[cfg(unix)]
#[test]
fn a_database_that_is_zeroed_under_a_running_server_is_no_end_of_the_process() {
    let data = filled();
    let server = TestServer::in_folder(data, None, |_| {});
    let records = server.data().join("records.redb");
    let length = records.metadata().unwrap().len();
    let mut database = fs::File::options().write(true).open(&records).unwrap();
    database.seek(SeekFrom::Start(4096)).unwrap();
    database
        .write_all(&vec![0; length as usize - 4096])
        .unwrap();
    for number in 0..20 {
        let list = server.curl("/api/pinning/pins?limit=1000", &[]);
        assert!([200, 500].contains(&list.status), "{list:?}");
        let upload = server.upload(&[file("a", &noise(5000 + number, 100))]);
        assert!([201, 500].contains(&upload.status), "{upload:?}");
        if upload.status == 201 {
            server.unpin(&upload.data()["id"]);
        }
    }
    assert_eq!(server.curl_bare("/openapi.json", &[]).status, 200);
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    let gone = server.curl_bare(&format!("/ipfs/{cid}"), &[]);
    assert!([404, 500].contains(&gone.status), "{gone:?}");
}
