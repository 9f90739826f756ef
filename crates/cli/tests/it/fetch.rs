//! Tests of fetching content, and of what is rejected.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    dag::{Dag, asked, from, serve},
    fixture::{self, Place, Ran, Served},
    service::{Kept, Server, content},
    throttle::Throttle,
};

/// A folder with entries of every kind, pinned by a separate server.
fn site(place: &Place, flags: &[&str]) -> (Served, String) {
    place.write("site/a.txt", "a");
    place.write("site/.hidden/.too", "h");
    place.write("site/sub/deep/big", content(2_500_000));
    place.write("site/sub/-rf", "named like an option");
    place.write("site/sub/ü $(x) %41;\u{1f600}", "u");
    place.write(&format!("site/{}", "n".repeat(255)), "long");
    let served = place.serve(flags);
    let pin = place
        .run(&served.flags(&["add", "site", "--hidden", "--json"]))
        .json();
    (served, pin["cid"].as_str().unwrap().to_owned())
}

#[track_caller]
fn same(place: &Place, one: impl AsRef<Path>, other: impl AsRef<Path>) {
    let files = |path: &Path| {
        let mut files = BTreeMap::new();
        collect(&place.path().join(path), Path::new(""), &mut files);
        files
    };
    let (one, other) = (files(one.as_ref()), files(other.as_ref()));
    assert!(one.keys().eq(other.keys()), "{:?}", other.keys());
    assert!(one == other, "the same names, and other content");
}

/// The content below a path, by relative path; `None` for folders.
fn collect(path: &Path, below: &Path, files: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    if !path.is_dir() {
        files.insert(below.to_owned(), Some(fs::read(path).unwrap()));
        return;
    }
    files.insert(below.to_owned(), None);
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        collect(&entry.path(), &below.join(entry.file_name()), files);
    }
}

#[test]
fn files_and_folders_come_back_as_they_were() {
    for profile in ["kubo-cidv1-legacy", "unixfs-v0-2015", "unixfs-v1-2025"] {
        let place = Place::new();
        let (served, cid) = site(&place, &["--profile", profile]);
        // Reading needs no account.
        let counted = Throttle::new(served.gateway(), Duration::ZERO);
        let url = counted.url();
        let gateway = ["--gateway", &url[..]];
        let fetch = |args: &[&str]| place.run(&[&["fetch"], args, &gateway].concat());

        let ran = fetch(&[&cid]);
        assert_eq!(ran.out, format!("{cid}\t{cid}\n"), "{ran:?}");
        assert!(ran.err.starts_with("verified: "), "{ran:?}");
        same(&place, "site", &cid);

        let file = fetch(&[&format!("ipfs://{cid}/sub/deep/big"), "--json"]).json();
        assert_eq!(file["destination"], "big");
        assert_eq!(
            (&file["files"], &file["bytes"]),
            (&1.into(), &2_500_000.into())
        );
        assert_eq!(file["bytes_fetched"], 2_500_000);
        same(&place, "site/sub/deep/big", "big");

        let url = format!("https://ipfs.io/ipfs/{cid}/sub/%C3%BC%20$(x)%20%2541;%F0%9F%98%80?x=y");
        fetch(&[&url, "renamed"]).ok();
        same(&place, "site/sub/ü $(x) %41;\u{1f600}", "renamed");
        fetch(&[&format!("/ipfs/{cid}/sub/"), "folder"]).ok();
        same(&place, "site/sub", "folder");
        fetch(&[&format!("{cid}/sub/-rf")]).ok();
        same(&place, "site/sub/-rf", "./-rf");

        // Existing files aren't fetched again.
        let before = counted.passed();
        for args in [&[&cid[..]][..], &[&format!("{cid}/sub/deep/big")]] {
            let again = fetch(&[args, &["--json"]].concat()).json();
            assert_eq!(again["bytes_fetched"], 0, "{profile}: {again}");
            assert!(again["bytes"].as_u64() > Some(0), "{again}");
        }
        let passed = counted.passed() - before;
        assert!(passed < 50_000, "{profile}: {passed} bytes passed again");
        assert_eq!(leftovers(place.path()), 0);
    }
}

/// The number of incomplete files below a folder.
fn leftovers(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let count = |entry: fs::DirEntry| match entry.file_type().unwrap() {
        kind if kind.is_dir() => leftovers(&entry.path()),
        _ => usize::from(entry.file_name().to_string_lossy().ends_with(".part")),
    };
    entries.map(count).sum()
}

#[test]
fn gateways_come_from_arguments_then_the_environment_then_the_config_file() {
    let place = Place::new();
    let (served, cid) = site(&place, &[]);
    let dead = Server::new(|_, _, connection| {
        connection.answer(404, "gone");
        Kept::Yes
    });
    let dead = format!("http://{}", dead.address());
    let run = |variable: &str, args: &[&str]| {
        let mut command = place.command(&[&["cat", &format!("{cid}/a.txt")], args].concat());
        if !variable.is_empty() {
            command.env("W3PIN_GATEWAYS", variable);
        }
        Ran::of(&mut command)
    };
    let good = served.gateway();
    assert_eq!(run(good, &[]).ok(), "a");
    assert_eq!(run(&format!("{dead},{good}"), &[]).ok(), "a");
    assert_eq!(run("", &["--gateway", &dead, "--gateway", good]).ok(), "a");
    assert_eq!(run(&dead, &["--gateway", good]).ok(), "a");
    run(good, &["--gateway", &dead]).fails(4);
    place.write("settings", format!("gateways = [{dead:?}, {good:?}]"));
    assert_eq!(run("", &["--config", "settings"]).ok(), "a");
    run(&dead, &["--config", "settings"]).fails(4);
    run("", &["--config", "settings", "--gateway", &dead]).fails(4);
    // The server of a local endpoint serves its own content.
    assert_eq!(run("", &["--endpoint", served.endpoint()]).ok(), "a");
}

#[test]
fn a_local_server_is_read_too() {
    let place = Place::new();
    place.write("site/a", "0123456789".repeat(60_000));
    let pin = place.local(&["add", "site", "--json"]).json();
    let cid = pin["cid"].as_str().unwrap();
    place.local(&["fetch", cid]).ok();
    same(&place, "site", cid);
    let tree = place.local(&["tree", cid]).ok();
    assert_eq!(tree.lines().count(), 2, "{tree}");
    let tail = place.local(&["cat", &format!("{cid}/a"), "--range", "599998-"]);
    assert_eq!(tail.ok(), "89");
    if place.node.is_none() {
        let args = ["--local", "cat", cid, "--gateway", "http://127.0.0.1:1"];
        assert!(place.run(&args).fails(2).contains("--gateway"));
    }
}

#[test]
fn a_gateway_that_serves_wrong_bytes_gets_none_of_them_through() {
    let place = Place::new();
    let dag = Dag::default();
    let cid = dag.file(b"right").to_string();
    let liar = Server::new(|_, request, connection| {
        match asked(&request.path) {
            Some(_) => serve(connection, b"wrong"),
            None => connection.answer(406, "blocks only"),
        }
        Kept::Yes
    });
    let liars = from(&liar);
    let liars = [&liars[0][..], &liars[1]];
    for args in [
        &["fetch", &cid, "x"][..],
        &["fetch", &cid, "-"],
        &["cat", &cid],
        &["tree", &cid],
    ] {
        let ran = place.run(&[args, &liars].concat());
        assert_eq!(ran.out, "", "{ran:?}");
        let said = ran.fails(1);
        assert!(said.contains("served wrong bytes for block"), "{said}");
        assert!(said.contains("--gateway"), "{said}");
    }
    assert!(!place.path().join("x").exists());
    let honest = dag.gateway();
    let honest = from(&honest);
    let both = [&liars[..], &[&honest[0], &honest[1]]].concat();
    place.run(&[&["fetch", &cid, "x"], &both[..]].concat()).ok();
    assert_eq!(fs::read(place.path().join("x")).unwrap(), b"right");

    let document = place.run(&[&["fetch", &cid, "y", "--json"], &liars[..]].concat());
    let document: serde_json::Value = serde_json::from_str(&document.out).unwrap();
    assert_eq!(document["of"], format!("/ipfs/{cid}"));
    assert_eq!(document["error"]["kind"], "decode");
}

#[test]
fn several_gateways_serve_a_folder_of_single_blocks() {
    let place = Place::new();
    let dag = Dag::default();
    let entries: Vec<_> = (0..20)
        .map(|it| (format!("f{it}"), dag.file(&[it])))
        .collect();
    let entries: Vec<_> = entries
        .iter()
        .map(|(name, cid)| (&name[..], *cid))
        .collect();
    let root = dag.folder(&entries).to_string();
    let (one, two) = (dag.gateway(), dag.gateway());
    let (one, two) = (from(&one), from(&two));
    let flags = [&one[0][..], &one[1], &two[0], &two[1]];
    let fetch = |args: &[&str]| place.run(&[&["fetch", &root, "--json"], args, &flags].concat());
    assert_eq!(fetch(&["f"]).json()["files"], 20);
    assert_eq!(fetch(&["f"]).json()["bytes_fetched"], 0);

    let said = fetch(&["g", "--most-entries", "19"]).fails(2);
    assert!(said.contains("--most-entries"), "{said}");
    let said = fetch(&["h", "--most-bytes", "10"]).fails(2);
    assert!(said.contains("more than 10 bytes"), "{said}");
    let written = fs::read_dir(place.path().join("h")).unwrap().count();
    assert!(written < 20, "{written} files of one byte each");
}

#[test]
fn links_are_made_as_far_as_they_are_trusted() {
    let place = Place::new();
    let dag = Dag::default();
    let file = dag.file(b"x");
    let inside = dag.folder(&[("file", file), ("link", dag.symlink("file"))]);
    let outside = dag.folder(&[("file", file), ("link", dag.symlink("../../etc/passwd"))]);
    let gateway = dag.gateway();
    let gateway = from(&gateway);
    let fetch = |cid: &dyn ToString, args: &[&str]| {
        let cid = cid.to_string();
        place.run(&[&["fetch", &cid], args, &[&gateway[0], &gateway[1]]].concat())
    };
    let link = |folder: &str| fs::read_link(place.path().join(folder).join("link"));

    fetch(&inside, &["a"]).ok();
    assert_eq!(link("a").unwrap(), Path::new("file"));
    fetch(&inside, &["a"]).ok();
    fetch(&inside, &["b", "--symlinks", "skip"]).ok();
    assert!(link("b").is_err());

    let said = fetch(&outside, &["c"]).fails(1);
    assert!(
        said.contains("leads out of the folder") && said.contains("--symlinks"),
        "{said}"
    );
    assert!(link("c").is_err());
    fetch(&outside, &["c", "--symlinks", "skip"]).ok();
    fetch(&outside, &["d", "--symlinks", "all"]).ok();
    assert_eq!(link("d").unwrap(), Path::new("../../etc/passwd"));

    let lone = dag.symlink("file");
    let said = fetch(&lone, &["e"]).fails(2);
    assert!(said.contains("symbolic link"), "{said}");
    // A link of the content meets an existing file, and an existing link meets a folder of the content.
    place.write("f/link", "mine");
    let said = fetch(&inside, &["f"]).fails(1);
    assert!(said.contains("f/link"), "{said}");
    assert_eq!(fs::read(place.path().join("f/link")).unwrap(), b"mine");
    fs::create_dir(place.path().join("g")).unwrap();
    fs::create_dir(place.path().join("elsewhere")).unwrap();
    fixture::link("../elsewhere", place.path().join("g/sub"));
    let nested = dag.folder(&[("sub", inside)]);
    fetch(&nested, &["g"]).fails(1);
    assert_eq!(
        fs::read_dir(place.path().join("elsewhere"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn names_lead_nowhere_else_and_play_no_tricks() {
    let place = Place::new();
    place.write("outside", "mine");
    let dag = Dag::default();
    let file = dag.file(b"evil");
    let long = "n".repeat(256);
    let names = [
        "..",
        ".",
        "",
        "/etc/x",
        "../outside",
        "a/../../outside",
        "a\0b",
        &long,
    ];
    let gateway = dag.gateway();
    let gateway = from(&gateway);
    let run = |args: &[&str]| place.run(&[args, &[&gateway[0], &gateway[1]]].concat());
    for (number, name) in names.into_iter().enumerate() {
        let root = dag.folder(&[(name, file)]).to_string();
        let folder = format!("in/{number}");
        fs::create_dir_all(place.path().join("in")).unwrap();
        let said = run(&["fetch", &root, &folder, "--overwrite"]).fails(1);
        assert!(!said.contains('\0'), "{name:?}: {said:?}");
        let inside = place.path().join(&folder);
        let written = inside
            .exists()
            .then(|| fs::read_dir(&inside).unwrap().count());
        assert_eq!(written.unwrap_or(0), 0, "{name:?}");
        assert_eq!(fs::read(place.path().join("outside")).unwrap(), b"mine");
    }

    let tricky = "\u{1b}[31m\nerror: forged\u{202e}\u{7}";
    let root = dag
        .folder(&[(tricky, file), (".part", file), ("-", file)])
        .to_string();
    run(&["fetch", &root, "tricky"]).ok();
    assert_eq!(
        fs::read(place.path().join("tricky").join(tricky)).unwrap(),
        b"evil"
    );
    // Their names are used unchanged, and displayed escaped.
    let ran = run(&["fetch", &format!("{root}/{tricky}"), "-v"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let said = format!("{}{}", ran.out, ran.err);
    assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{said:?}");
    assert_eq!(fs::read(place.path().join(tricky)).unwrap(), b"evil");
    run(&["fetch", &format!("{root}/-")]).ok();
    assert_eq!(fs::read(place.path().join("-")).unwrap(), b"evil");
    let nul = format!("https://ipfs.io/ipfs/{root}/a%00b");
    assert!(
        run(&["fetch", &nul])
            .fails(1)
            .contains("can't be written to disk")
    );
    let missing = run(&["fetch", &format!("{root}/gone")]).fails(4);
    assert!(missing.contains("there is no \"gone\"") && missing.contains("w3pin tree"));
}
