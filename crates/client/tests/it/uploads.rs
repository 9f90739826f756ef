//! Tests of uploads.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    sync::{Arc, Mutex},
};

use w3pin::{
    BatchOptions, ErrorKind, PinOptions, Profile, Symlinks, Verification, Verify,
    unixfs::{FileBuilder, TreeBuilder},
};

use crate::{
    client,
    server::{Kept, Server, cid, cid_under, content, failure, honest, page, pin, success},
};

fn honest_server() -> Server {
    Server::new(|_, request, connection| honest(request, connection))
}

#[tokio::test]
async fn bytes_arrive_whole_with_their_length_and_are_proved() {
    for length in [
        1,
        1000,
        512 * 1024 - 1,
        512 * 1024,
        512 * 1024 + 1,
        3_000_000,
    ] {
        let server = honest_server();
        let bytes = content(length);
        let options = PinOptions::new().name("a name").keyvalue("k", "v");
        let pin = client(&server)
            .pin_bytes(bytes.clone(), options)
            .await
            .unwrap();
        assert_eq!(
            pin.verification,
            Verification::Verified {
                profile: Some(Profile::kubo_cidv1_legacy())
            }
        );
        let request = &server.requests()[0];
        assert_eq!(
            request.header("content-length"),
            Some(&*request.body.len().to_string())
        );
        assert_eq!(request.header("transfer-encoding"), None);
        let parts = request.parts();
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (parts[0].0.as_str(), parts[0].1.as_deref()),
            ("file", Some("a name"))
        );
        assert!(parts[0].2 == bytes);
        assert_eq!(parts[1].0, "metadata");
        let metadata: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(&parts[1].2).unwrap();
        assert_eq!(metadata["name"], "a name");
        let keyvalues = metadata["keyvalues"].as_object().unwrap();
        assert_eq!(keyvalues["k"], "v");
        assert_eq!(keyvalues.len(), 2, "it is marked: {keyvalues:?}");
    }
}

#[tokio::test]
async fn files_arrive_under_their_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("päper.pdf");
    for length in [7, 2_000_003] {
        let server = honest_server();
        let bytes = content(length);
        fs::write(&path, &bytes).unwrap();
        let pin = client(&server)
            .pin_path(&path, PinOptions::new())
            .await
            .unwrap();
        assert_eq!(pin.verification.as_str(), "verified");
        let parts = server.requests()[0].files();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].1.as_deref(), Some("päper.pdf"));
        assert!(parts[0].2 == bytes);
    }
}

#[tokio::test]
async fn json_arrives_as_a_document() {
    let server = honest_server();
    let value = serde_json::json!({"a": [1, 2, null]});
    let pin = client(&server)
        .pin_json(&value, PinOptions::new())
        .await
        .unwrap();
    assert_eq!(pin.verification.as_str(), "verified");
    let parts = server.requests()[0].parts();
    assert_eq!(parts[0].1.as_deref(), Some("data.json"));
    assert_eq!(parts[0].2, value.to_string().as_bytes());
}

#[tokio::test]
async fn a_name_that_would_be_a_path_names_no_file() {
    let server = honest_server();
    let options = PinOptions::new().name("../a/b").mark_attempt(false);
    client(&server).pin_bytes(&b"x"[..], options).await.unwrap();
    let parts = server.requests()[0].parts();
    assert_eq!(parts[0].1.as_deref(), Some("bytes"));
    assert_eq!(parts[1].2, br#"{"name":"../a/b"}"#);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_a_byte() {
    let server = honest_server();
    let client = client(&server);
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, "").unwrap();
    let error = client
        .pin_file(&empty, PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.path(), empty.to_str());
    let error = client
        .pin_file(folder.path(), PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let missing = folder.path().join("missing");
    for result in [
        client.pin_file(&missing, PinOptions::new()).await,
        client.pin_path(&missing, PinOptions::new()).await,
    ] {
        let error = result.unwrap_err();
        assert_eq!(
            (error.kind(), error.path()),
            (ErrorKind::LocalIo, missing.to_str())
        );
    }
    let error = client
        .pin_bytes(Vec::new(), PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = client
        .pin_bytes("x", PinOptions::new().name(""))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (ErrorKind::InvalidInput, Some("name"))
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn progress_grows_and_ends_at_the_total() {
    let server = honest_server();
    let bytes = content(5_000_000);
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let options =
        PinOptions::new().progress(move |progress| tell.lock().unwrap().push(progress.clone()));
    client(&server).pin_bytes(bytes, options).await.unwrap();
    let told = told.lock().unwrap();
    assert!(
        told.windows(2)
            .all(|pair| pair[0].bytes_sent <= pair[1].bytes_sent)
    );
    let last = told.last().unwrap();
    assert_eq!(
        (last.bytes_sent, last.bytes_total),
        (5_000_000, Some(5_000_000))
    );
    assert_eq!(last.file.as_deref(), Some("bytes"));
}

#[tokio::test]
async fn another_known_profile_proves_the_content_too() {
    let bytes = content(3_000_000);
    let server = Server::new(|_, request, connection| {
        let parts = request.parts();
        let root = cid_under(&Profile::unixfs_v0_2015(), &parts[0].2);
        connection.answer(201, &success(&pin("new", &root)));
        Kept::Yes
    });
    let options = PinOptions::new().verify(Verify::Require);
    let pin = client(&server)
        .pin_bytes(bytes.clone(), options)
        .await
        .unwrap();
    assert_eq!(pin.verification.profile(), Some(&Profile::unixfs_v0_2015()));
    let options = PinOptions::new().profile(Profile::unixfs_v0_2015());
    let pin = client(&server)
        .pin_bytes(bytes.clone(), options)
        .await
        .unwrap();
    assert_eq!(pin.verification.profile(), Some(&Profile::unixfs_v0_2015()));
    let custom: Profile = "custom(chunk=1000,width=4,leaves=raw,cid=1)"
        .parse()
        .unwrap();
    let options = PinOptions::new().profile(custom);
    let pin = client(&server).pin_bytes(bytes, options).await.unwrap();
    assert_eq!(pin.verification.profile(), Some(&Profile::unixfs_v0_2015()));
}

#[tokio::test]
async fn another_content_is_told_from_another_layout() {
    let server = Server::new(|number, _, connection| {
        let custom = "custom(chunk=1000,width=4,leaves=raw,cid=1)"
            .parse()
            .unwrap();
        let root = match number {
            1 | 2 => cid(b"something else"),
            _ => cid_under(&custom, &content(9000)),
        };
        connection.answer(201, &success(&pin("new", &root)));
        Kept::Yes
    });
    let client = client(&server);
    let pin = client
        .pin_bytes(content(9000), PinOptions::new())
        .await
        .unwrap();
    let computed = cid(&content(9000)).parse().unwrap();
    assert_eq!(pin.verification, Verification::Mismatch { computed });
    let required = || PinOptions::new().verify(Verify::Require);
    let error = client
        .pin_bytes(content(9000), required())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CidMismatch);
    assert_eq!(
        error.returned_cid().unwrap().to_string(),
        cid(b"something else")
    );
    assert_eq!(
        error.expected_cid().unwrap().to_string(),
        cid(&content(9000))
    );
    let pin = client
        .pin_bytes(content(9000), PinOptions::new())
        .await
        .unwrap();
    assert_eq!(pin.verification.as_str(), "unproved");
    let error = client
        .pin_bytes(content(9000), required())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CidMismatch);
    let options = PinOptions::new().verify(Verify::Off);
    let pin = client.pin_bytes(content(9000), options).await.unwrap();
    assert_eq!(pin.verification, Verification::Unchecked);
}

#[tokio::test]
async fn a_file_that_changes_its_size_meanwhile_is_an_error_that_names_it() {
    const LENGTH: u64 = 64 * 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    for (length, word) in [(LENGTH / 2, "shorter"), (LENGTH * 2, "longer")] {
        fs::File::create(&path).unwrap().set_len(LENGTH).unwrap();
        let changed = path.clone();
        let server = Server::raw(move |_, mut connection| {
            let mut head = connection.head().unwrap();
            let file = fs::OpenOptions::new().write(true).open(&changed).unwrap();
            file.set_len(length).unwrap();
            assert!(
                connection.body(&mut head).is_none(),
                "the upload is broken off"
            );
        });
        let error = client(&server)
            .pin_file(&path, PinOptions::new())
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.path()),
            (ErrorKind::LocalIo, path.to_str())
        );
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[tokio::test]
async fn content_that_is_pinned_already_is_not_sent() {
    let server = Server::new(|_, request, connection| {
        assert!(!request.is_upload());
        connection.answer(
            200,
            &page(&[pin("other", &cid(b"y")), pin("old", &cid(b"content"))]),
        );
        Kept::Yes
    });
    let options = PinOptions::new().skip_if_pinned(true);
    let found = client(&server).pin_bytes("content", options).await.unwrap();
    assert_eq!((found.id.as_str(), found.already_pinned), ("old", true));
    assert_eq!(found.verification.as_str(), "verified");
}

#[tokio::test]
async fn content_that_is_not_pinned_yet_is_sent() {
    let server = honest_server();
    let options = PinOptions::new().skip_if_pinned(true);
    let new = client(&server).pin_bytes("content", options).await.unwrap();
    assert!(!new.already_pinned);
    let calls: Vec<_> = server
        .requests()
        .into_iter()
        .map(|request| request.method)
        .collect();
    assert_eq!(calls, ["GET", "POST"]);
}

#[tokio::test]
async fn the_pin_that_a_refusal_speaks_of_is_found() {
    // Pinned in another layout, and listed under that CID.
    let known = cid_under(&Profile::unixfs_v0_2015(), b"content");
    let server = Server::new(move |_, request, connection| {
        match request.is_upload() {
            true => connection.answer(409, &failure("pin with that hash already exists")),
            false => connection.answer(200, &page(&[pin("old", &known)])),
        }
        Kept::Yes
    });
    let client = client(&server);
    for verify in [Verify::Report, Verify::Off] {
        let options = PinOptions::new().verify(verify);
        let found = client.pin_bytes("content", options).await.unwrap();
        assert_eq!((found.id.as_str(), found.already_pinned), ("old", true));
    }
    let error = client
        .pin_bytes("others", PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyPinned);
}

#[test]
fn a_runtime_of_one_thread_is_enough() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let server = honest_server();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&content(4_000_000)).unwrap();
    let client = client(&server);
    runtime.block_on(async {
        let (one, two) = tokio::join!(
            client.pin_file(file.path(), PinOptions::new()),
            client.pin_file(file.path(), PinOptions::new()),
        );
        assert_eq!(one.unwrap().verification.as_str(), "verified");
        assert_eq!(two.unwrap().verification.as_str(), "verified");
    });
}

#[tokio::test]
async fn a_folder_arrives_under_its_own_name_and_is_proved() {
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("site");
    fs::create_dir_all(root.join("img/empty")).unwrap();
    fs::write(root.join("index.html"), "<p>").unwrap();
    fs::write(root.join("img/large"), content(1_500_000)).unwrap();
    for number in 0..300 {
        fs::write(
            root.join(format!("img/{number:03}")),
            content(3000 + number),
        )
        .unwrap();
    }
    fs::write(root.join(".hidden"), "x").unwrap();
    for profile in Profile::known() {
        let server = Server::new(move |_, request, connection| {
            let mut tree = TreeBuilder::new(&profile);
            for (_, name, bytes) in request.files() {
                let mut file = FileBuilder::new(&profile);
                file.push(&bytes);
                let path = name.unwrap();
                tree.add_file(path.strip_prefix("site/").unwrap(), file.root())
                    .unwrap();
            }
            let root = tree.root().unwrap().cid.to_string();
            connection.answer(201, &success(&pin("new", &root)));
            Kept::Yes
        });
        let options = PinOptions::new().verify(Verify::Require);
        let pin = client(&server).pin_folder(&root, options).await.unwrap();
        assert_eq!(pin.verification.profile(), Some(&profile));
        let request = &server.requests()[0];
        assert_eq!(
            request.header("content-length"),
            Some(&*request.body.len().to_string())
        );
        let parts = request.files();
        assert_eq!(parts.len(), 302);
        assert_eq!(parts[0].1.as_deref(), Some("site/img/000"));
        assert_eq!(parts[300].1.as_deref(), Some("site/img/large"));
        assert!(parts[300].2 == content(1_500_000));
        assert_eq!(parts[301].1.as_deref(), Some("site/index.html"));
    }
}

#[tokio::test]
async fn links_cannot_be_sent_as_links() {
    let server = honest_server();
    let folder = tempfile::tempdir().unwrap();
    let options = PinOptions::new().symlinks(Symlinks::Preserve);
    let error = client(&server)
        .pin_folder(folder.path(), options)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (ErrorKind::InvalidInput, Some("symlinks"))
    );
}

#[tokio::test]
async fn many_paths_are_pinned_in_order() {
    let server = honest_server();
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..9)
        .map(|it| folder.path().join(it.to_string()))
        .collect();
    for (index, path) in paths.iter().enumerate().filter(|(index, _)| *index != 4) {
        fs::write(path, content(index + 1)).unwrap();
    }
    let results = client(&server).pin_files(&paths, BatchOptions::new()).await;
    assert_eq!(results.len(), 9);
    for (index, result) in results.into_iter().enumerate() {
        match result {
            Ok(pin) => assert_eq!(pin.cid.to_string(), cid(&content(index + 1))),
            Err(error) => assert_eq!((index, error.kind()), (4, ErrorKind::LocalIo)),
        }
    }
}
