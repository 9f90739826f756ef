//! Tests of fetching to disk.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use w3pin::{ErrorKind, FetchOptions, Profile, SymlinkPolicy, unixfs::Cid};

use crate::{
    dag::{Dag, RAW},
    gateway::{Gateway, retriever},
    reading::path,
    server::{Kept, content},
};

type Tree<'a> = Vec<(&'a str, &'a [u8])>;

fn assert_tree(folder: &Path, files: &Tree<'_>) {
    for (name, content) in files {
        let found = fs::read(folder.join(name)).unwrap_or_else(|it| panic!("{name}: {it}"));
        assert!(found == *content, "{name}");
    }
    assert_eq!(parts(folder), Vec::<String>::new());
}

/// The number of incomplete files.
fn parts(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(parts(&entry.path()));
        } else if name.ends_with(".part") {
            found.push(name);
        }
    }
    found
}

async fn fetch(gateway: &Gateway, cid: Cid, to: &Path) -> w3pin::Result<w3pin::Fetched> {
    retriever(&[gateway])
        .fetch(&path(cid), to, FetchOptions::new())
        .await
}

#[tokio::test]
async fn a_folder_is_fetched_and_fetched_again_for_nothing() {
    let dag = Dag::default();
    let (large, small) = (content(3_000_000), content(10));
    let files: Tree<'_> = vec![
        ("a/b/large", &large),
        ("a/small", &small),
        ("empty", b""),
        ("same", &small),
    ];
    for profile in [
        "unixfs-v1-2025",
        "unixfs-v0-2015",
        "custom(chunk=1000,leaves=wrapped,shard-threshold=10)",
    ] {
        let root = dag.folder(&profile.parse().unwrap(), &files);
        for blocks_only in [false, true] {
            let gateway = if blocks_only {
                Gateway::blocks_only(&dag)
            } else {
                Gateway::good(&dag)
            };
            let place = tempfile::tempdir().unwrap();
            let target = place.path().join("folder");
            let fetched = fetch(&gateway, root, &target).await.unwrap();
            assert_tree(&target, &files);
            assert_eq!((fetched.files, fetched.bytes), (4, 3_000_020), "{profile}");
            assert_eq!(fetched.bytes_fetched, 3_000_020, "{profile}");
            if !blocks_only {
                // The first block of the folder, and all of it.
                assert_eq!(gateway.requests().len(), 2, "{:?}", gateway.requests());
            }
            let before = gateway.bytes();
            let again = fetch(&gateway, root, &target).await.unwrap();
            assert_eq!((again.files, again.bytes), (4, 3_000_020));
            assert_eq!(again.bytes_fetched, 0);
            assert!(gateway.bytes() - before < 400_000, "only blocks with links");
            assert_tree(&target, &files);
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_fetched_and_nothing_else() {
    let dag = Dag::default();
    let bytes = content(8_000_000);
    let cid = dag.file(&Profile::kubo_cidv1_legacy(), &bytes);
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("file");
    // A gateway that closes the connection leaves a partial file.
    let breaks = Gateway::new(
        &dag,
        Arc::new(|asked, connection| {
            if !asked.car {
                connection.answer(404, "");
                return Some(Kept::Yes);
            }
            let body = asked.body();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {}\r\n\r\n",
                asked.content_type()
            );
            connection.send(head.as_bytes());
            connection.send(&body[..5_000_000]);
            Some(Kept::No)
        }),
    );
    dag.remove(&cid);
    let gone = fetch(&breaks, cid, &target).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    let cid = dag.file(&Profile::kubo_cidv1_legacy(), &bytes);
    let error = {
        let root = Gateway::new(
            &dag,
            Arc::new(move |asked, connection| {
                let is_root = !asked.car && asked.blocks[0] == cid;
                if is_root {
                    return None;
                }
                connection.answer(404, "");
                Some(Kept::Yes)
            }),
        );
        retriever(&[&breaks, &root])
            .fetch(&path(cid), &target, FetchOptions::new())
            .await
            .unwrap_err()
    };
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(!target.exists());
    assert_eq!(parts(place.path()).len(), 1);

    let good = Gateway::good(&dag);
    let fetched = fetch(&good, cid, &target).await.unwrap();
    assert!(fs::read(&target).unwrap() == bytes);
    assert_eq!(fetched.bytes, 8_000_000);
    assert!(fetched.bytes_fetched < 4_100_000, "{fetched:?}");
    assert!(good.bytes() < 4_500_000, "{}", good.bytes());

    // Gaps at any position.
    let part = place.path().join("other");
    let mut damaged = bytes.clone();
    damaged[2_000_000..2_000_100].fill(0);
    damaged[6_500_000] ^= 1;
    damaged.extend(b"more");
    fs::write(&part, &damaged).unwrap();
    let before = good.bytes();
    let options = FetchOptions::new().overwrite(true);
    let error = fetch(&good, cid, &part).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo);
    assert!(fs::read(&part).unwrap() == damaged);
    retriever(&[&good])
        .fetch(&path(cid), &part, options)
        .await
        .unwrap();
    assert!(fs::read(&part).unwrap() == bytes);
    assert!(good.bytes() > before);
    assert_eq!(parts(place.path()), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_is_written_through_what_lies_there() {
    let dag = Dag::default();
    let root = dag.folder(
        &Profile::default(),
        &[("sub/file", b"new"), ("top", b"new")],
    );
    let file = dag.add(RAW, b"new".to_vec());
    let gateway = Gateway::good(&dag);
    let place = tempfile::tempdir().unwrap();
    let outside = place.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("precious"), b"old").unwrap();
    let target = place.path().join("target");
    for prepare in [
        // A link in place of a folder.
        &(|target: &Path, outside: &Path| link(outside, &target.join("sub")))
            as &dyn Fn(&Path, &Path),
        &|target, outside| link(&outside.join("precious"), &target.join("top")),
        &|target, outside| link(&outside.join("nothing"), &target.join("top")),
        &|target, _| fs::write(target.join("sub"), b"a file").unwrap(),
        &|target, _| fs::create_dir(target.join("top")).unwrap(),
        &|target, _| fs::write(target.join("top"), b"other").unwrap(),
    ] {
        let _ = fs::remove_dir_all(&target);
        fs::create_dir(&target).unwrap();
        prepare(&target, &outside);
        let error = fetch(&gateway, root, &target).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
        assert!(error.path().is_some());
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
        assert_eq!(fs::read(outside.join("precious")).unwrap(), b"old");
    }
    // In place of a file.
    let single = place.path().join("single");
    link(&outside.join("precious"), &single);
    assert!(fetch(&gateway, file, &single).await.is_err());
    assert_eq!(fs::read(outside.join("precious")).unwrap(), b"old");
    assert!(
        fetch(&gateway, file, &place.path().join("no/such/folder"))
            .await
            .is_err()
    );
    let empty = fetch(&gateway, file, Path::new("")).await.unwrap_err();
    assert_eq!(empty.field(), Some("destination"));
}

fn link(to: &Path, at: &Path) {
    #[cfg(unix)]
    std::os::unix::fs::symlink(to, at).unwrap();
    #[cfg(windows)]
    if to.is_dir() {
        std::os::windows::fs::symlink_dir(to, at).unwrap();
    } else {
        std::os::windows::fs::symlink_file(to, at).unwrap();
    }
}

#[tokio::test]
async fn links_stay_inside_unless_they_are_trusted() {
    let dag = Dag::default();
    let profile = Profile::default();
    let files: Tree<'_> = vec![("dir/file", b"x")];
    let inside = dag.folder_with_links(
        &profile,
        &files,
        &[("dir/up", "../dir/file"), ("here", "dir")],
    );
    let outside = dag.folder_with_links(&profile, &files, &[("dir/passwd", "../../etc/passwd")]);
    for gateway in [Gateway::good(&dag), Gateway::blocks_only(&dag)] {
        let place = tempfile::tempdir().unwrap();
        let fetch = async |cid, name: &str, policy| {
            let options = FetchOptions::new().symlinks(policy);
            let target = place.path().join(name);
            retriever(&[&gateway])
                .fetch(&path(cid), target, options)
                .await
        };
        fetch(inside, "in", SymlinkPolicy::Inside).await.unwrap();
        fetch(inside, "in", SymlinkPolicy::Inside).await.unwrap();
        let up = fs::read_link(place.path().join("in/dir/up")).unwrap();
        assert_eq!(up, Path::new("../dir/file"));
        assert_eq!(fs::read(place.path().join("in/here/up")).unwrap(), b"x");

        let error = fetch(outside, "out", SymlinkPolicy::Inside)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("dir/passwd"), "{error}");
        fetch(outside, "skip", SymlinkPolicy::Skip).await.unwrap();
        assert!(!place.path().join("skip/dir/passwd").exists());
        fetch(outside, "all", SymlinkPolicy::All).await.unwrap();
        assert!(fs::read_link(place.path().join("all/dir/passwd")).is_ok());
    }
}

#[tokio::test]
async fn names_and_sizes_are_bounded() {
    let dag = Dag::default();
    let leaf = dag.add(RAW, vec![1; 100]);
    let gateway = Gateway::good(&dag);
    let place = tempfile::tempdir().unwrap();
    let long = "x".repeat(300);
    for name in ["a\0b", &long] {
        let root = dag.directory(&[(leaf, name)]);
        let error = fetch(&gateway, root, &place.path().join("named"))
            .await
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Decode | ErrorKind::LocalIo),
            "{error}"
        );
        fs::remove_dir_all(place.path().join("named")).unwrap();
    }
    let wide = dag.directory(&[(leaf, "a"), (leaf, "b"), (leaf, "c")]);
    let deep = (0..300).fold(leaf, |below, _| dag.directory(&[(below, "d")]));
    for (root, options, field) in [
        (wide, FetchOptions::new().most_entries(2), "most_entries"),
        (wide, FetchOptions::new().most_bytes(250), "most_bytes"),
        (deep, FetchOptions::new(), "most_levels"),
        (leaf, FetchOptions::new().most_bytes(99), "most_bytes"),
        (leaf, FetchOptions::new().concurrency(0), "concurrency"),
    ] {
        for gateway in [Gateway::good(&dag), Gateway::blocks_only(&dag)] {
            let target = place.path().join("bounded");
            let error = retriever(&[&gateway])
                .fetch(&path(root), &target, options.clone())
                .await
                .unwrap_err();
            assert_eq!(error.field(), Some(field), "{error}");
            let _ = fs::remove_dir_all(&target);
        }
    }
}

#[tokio::test]
async fn progress_never_falls_and_ends_with_all() {
    let dag = Dag::default();
    let bytes = content(4_000_000);
    let cid = dag.file(&Profile::default(), &bytes);
    let gateway = Gateway::good(&dag);
    let place = tempfile::tempdir().unwrap();
    let last = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&last);
    let options = FetchOptions::new().on_progress(move |progress| {
        let before = seen.swap(progress.bytes, Ordering::SeqCst);
        assert!(before <= progress.bytes);
        assert_eq!(progress.bytes_total, Some(4_000_000));
    });
    let target = place.path().join("file");
    retriever(&[&gateway])
        .fetch(&path(cid), target, options)
        .await
        .unwrap();
    assert_eq!(last.load(Ordering::SeqCst), 4_000_000);
}

#[tokio::test]
async fn two_fetches_of_the_same_at_once_are_one_file() {
    let dag = Dag::default();
    let bytes = content(6_000_000);
    let cid = dag.file(&Profile::default(), &bytes);
    let gateway = Gateway::good(&dag);
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("file");
    let (one, other) = tokio::join!(fetch(&gateway, cid, &target), fetch(&gateway, cid, &target));
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    assert!(fs::read(&target).unwrap() == bytes);
}

#[tokio::test]
async fn two_fetches_of_the_same_folder_at_once_are_one_folder() {
    let dag = Dag::default();
    let files: Vec<(String, Vec<u8>)> = (0..400)
        .map(|number| {
            // On both sides of the size of a write.
            let length = if number % 50 == 0 { 300_000 } else { 4_000 };
            let name = format!("{}/{number}", number % 7);
            (name, content(length + number)[number..].to_vec())
        })
        .collect();
    let files: Tree<'_> = files
        .iter()
        .map(|(name, bytes)| (&name[..], &bytes[..]))
        .collect();
    let root = dag.folder(&Profile::default(), &files);
    let gateway = Gateway::good(&dag);
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("folder");
    let (one, other) = tokio::join!(
        fetch(&gateway, root, &target),
        fetch(&gateway, root, &target)
    );
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    assert_tree(&target, &files);
    assert_eq!(parts(&target), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_missing_in_a_folder_is_named_by_its_path() {
    let dag = Dag::default();
    let file = dag.file(&Profile::default(), &content(3_000_000));
    let leaf = dag.add(RAW, b"leaf".to_vec());
    let below = dag.directory(&[(leaf, "leaf"), (file, "large")]);
    let root = dag.directory(&[(below, "sub")]);
    for (gone, name) in [(leaf, "sub/leaf"), (file, "sub/large"), (below, "sub")] {
        let block = dag.get(&gone).unwrap();
        dag.remove(&gone);
        for gateway in [Gateway::good(&dag), Gateway::blocks_only(&dag)] {
            let place = tempfile::tempdir().unwrap();
            let error = fetch(&gateway, root, &place.path().join("to")).await;
            let error = error.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
            let text = error.to_string();
            assert!(
                text.contains(name) && text.contains(&gone.to_string()),
                "{text}"
            );
        }
        dag.insert(gone, block);
    }
}

#[tokio::test]
async fn a_small_file_that_was_made_meanwhile_is_never_replaced() {
    let dag = Dag::default();
    let root = dag.folder(&Profile::default(), &[("a", b"same"), ("b", b"b")]);
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("target");
    // Another process has created one of the files since the folder was created.
    let (seen, file) = (target.clone(), target.join("a"));
    for (bytes, is_same) in [(&b"same"[..], true), (b"other", false)] {
        let _ = fs::remove_dir_all(&target);
        let (seen, file) = (seen.clone(), file.clone());
        let meanwhile = Gateway::new(
            &dag,
            Arc::new(move |asked, _| {
                if asked.car && seen.is_dir() {
                    fs::write(&file, bytes).unwrap();
                }
                None
            }),
        );
        let fetched = fetch(&meanwhile, root, &target).await;
        assert_eq!(fetched.is_ok(), is_same, "{fetched:?}");
        assert!(fs::read(target.join("a")).unwrap() == bytes);
        if is_same {
            assert_tree(&target, &vec![("a", b"same"), ("b", b"b")]);
        }
    }
}
