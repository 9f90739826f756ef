//! Tests of the destinations of a fetch, and of files that already exist there.

use std::fs;

use crate::{
    dag::{Dag, from},
    fixture::{Place, Ran, link},
    service::Server,
};

/// A file and a folder that contains it, behind a gateway.
struct Content {
    file: String,
    folder: String,
    gateway: Server,
}

impl Content {
    fn new() -> Self {
        let dag = Dag::default();
        let file = dag.file(b"theirs");
        let folder = dag.folder(&[("file", file), ("sub", dag.folder(&[("file", file)]))]);
        Self {
            file: file.to_string(),
            folder: folder.to_string(),
            gateway: dag.gateway(),
        }
    }

    fn fetch(&self, place: &Place, args: &[&str]) -> Ran {
        let gateway = from(&self.gateway);
        place.run(&[&["fetch"], args, &[&gateway[0], &gateway[1]]].concat())
    }
}

#[test]
fn a_file_goes_into_a_folder_and_a_folder_becomes_one() {
    let place = Place::new();
    let content = Content::new();
    let read = |name: &str| fs::read_to_string(place.path().join(name)).unwrap_or_default();
    fs::create_dir(place.path().join("there")).unwrap();
    link("there", place.path().join("link"));
    let named = format!("{}/file", content.folder);

    for (destination, written) in [
        ("there", "there/file"),
        ("there/", "there/file"),
        (".", "file"),
    ] {
        let out = content.fetch(&place, &[&named, destination]).ok();
        assert!(out.ends_with("file\n"), "{out}");
        assert_eq!(read(written), "theirs");
        fs::remove_file(place.path().join(written)).unwrap();
    }
    content.fetch(&place, &[&named, "link"]).ok();
    assert_eq!(read("there/file"), "theirs");
    content.fetch(&place, &[&content.file, "there"]).ok();
    assert_eq!(read(&format!("there/{}", content.file)), "theirs");
    let said = content.fetch(&place, &[&named, "new/"]).fails(2);
    assert!(said.contains("create it"), "{said}");

    place.write("there/mine", "mine");
    for destination in ["there", "there/", "link"] {
        content.fetch(&place, &[&content.folder, destination]).ok();
        assert_eq!(read("there/sub/file"), "theirs");
        assert_eq!(read("there/mine"), "mine");
        fs::remove_dir_all(place.path().join("there/sub")).unwrap();
    }
    content.fetch(&place, &[&content.folder, "new/"]).ok();
    assert_eq!(read("new/sub/file"), "theirs");
    content
        .fetch(&place, &[&format!("{}/sub", content.folder)])
        .ok();
    assert_eq!(read("sub/file"), "theirs");

    let out = content.fetch(&place, &[&content.file, "-"]).ok();
    assert_eq!(out, "theirs");
    let said = content.fetch(&place, &[&content.folder, "-"]).fails(2);
    assert!(said.contains("is a folder"), "{said}");
    let said = content
        .fetch(&place, &[&content.file, "-", "--json"])
        .fails(2);
    assert!(said.contains("--json"), "{said}");
    let said = content
        .fetch(&place, &[&content.file, "-", "--most-bytes", "5"])
        .fails(2);
    assert!(said.contains("--most-bytes"), "{said}");
}

#[test]
fn what_is_there_is_replaced_only_where_that_is_asked_for() {
    let place = Place::new();
    let content = Content::new();
    let read = |name: &str| fs::read_to_string(place.path().join(name)).unwrap();
    for mine in ["mine", "theirs and more", "their", ""] {
        place.write("file", mine);
        let said = content.fetch(&place, &[&content.file, "file"]).fails(1);
        assert!(
            said.contains("other content") && said.contains("--overwrite"),
            "{said}"
        );
        assert_eq!(read("file"), mine);
        content
            .fetch(&place, &[&content.file, "file", "--overwrite"])
            .ok();
        assert_eq!(read("file"), "theirs");
    }
    place.write("folder/sub/file", "mine");
    let said = content.fetch(&place, &[&content.folder, "folder"]).fails(1);
    assert!(said.contains("folder/sub/file"), "{said}");
    assert_eq!(read("folder/sub/file"), "mine");
    content
        .fetch(&place, &[&content.folder, "folder", "--overwrite"])
        .ok();
    assert_eq!(read("folder/sub/file"), "theirs");
}

#[test]
fn what_is_there_already_is_not_fetched_again_in_whatever_form_it_comes() {
    let place = Place::new();
    let dag = Dag::default();
    let large = vec![7; 1 << 20];
    let blocks = [
        ("raw", dag.file(&large)),
        ("dated", dag.dated_file(b"dated")),
        ("cbor", dag.block(b"\x83\x01\x02\x03")),
        ("empty", dag.file(b"")),
        ("nothing", dag.dated_file(b"")),
    ];
    let root = dag.folder(&blocks).to_string();
    let gateway = dag.gateway();
    let flags = from(&gateway);
    let asked_for = |cid: &str| {
        let requests = gateway.requests();
        let raw = requests.iter().filter_map(|it| crate::dag::asked(&it.path));
        raw.filter(|it| *it == cid).count()
    };
    let fetch = |cid: &str, destination: &str| {
        let args = ["fetch", cid, destination, "--json", &flags[0], &flags[1]];
        place.run(&args).json()
    };
    fetch(&root, "folder");
    assert_eq!(fetch(&root, "folder")["bytes_fetched"], 0);
    assert_eq!(asked_for(&blocks[0].1.to_string()), 1);
    for (name, cid) in blocks {
        fetch(&cid.to_string(), name);
        let again = fetch(&cid.to_string(), name);
        assert_eq!(again["bytes_fetched"], 0, "{name}");
        let (one, other) = (
            place.path().join(name),
            place.path().join("folder").join(name),
        );
        assert_eq!(fs::read(one).unwrap(), fs::read(other).unwrap());
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_and_no_folder_is_left_as_it_is() {
    let place = Place::new();
    let content = Content::new();
    let path = |name: &str| place.path().join(name);
    place.write("target", "mine");
    link("target", path("link"));
    link("nowhere", path("dangling"));
    let made = std::process::Command::new("mkfifo")
        .arg(path("pipe"))
        .status();
    assert!(made.unwrap().success());
    fs::create_dir_all(path("folder/file")).unwrap();
    for force in [&[][..], &["--overwrite"]] {
        for name in ["link", "dangling", "pipe"] {
            for cid in [&content.file, &content.folder] {
                let said = content
                    .fetch(&place, &[&[&cid[..], name], force].concat())
                    .fails(1);
                assert!(
                    said.contains(name) && said.contains("hint:"),
                    "{name}: {said}"
                );
            }
        }
        content
            .fetch(&place, &[&[&content.folder[..], "target"], force].concat())
            .fails(1);
        content
            .fetch(&place, &[&[&content.folder[..], "target/"], force].concat())
            .fails(1);
        content
            .fetch(&place, &[&[&content.folder[..], "folder"], force].concat())
            .fails(1);
        content
            .fetch(&place, &[&[&content.file[..], "gone/file"], force].concat())
            .fails(1);
        content
            .fetch(&place, &[&[&content.file[..], ""], force].concat())
            .fails(2);
    }
    assert_eq!(fs::read(path("target")).unwrap(), b"mine");
    assert!(fs::read_link(path("dangling")).is_ok() && !path("nowhere").exists());
    assert!(path("folder/file").is_dir());
}

#[cfg(unix)]
#[test]
fn a_full_disk_keeps_what_was_fetched_for_the_same_command() {
    let place = Place::new();
    let bytes = crate::service::content(6 << 20);
    place.write("big", &bytes);
    let served = place.serve(&[]);
    let pin = place.run(&served.flags(&["add", "big", "--json"])).json();
    let cid = pin["cid"].as_str().unwrap();

    // Blocks of 512 bytes, or of 1024 in some shells: a limit between 2 and 4 MiB.
    let fetch = [
        "fetch",
        cid,
        "back",
        "--gateway",
        served.gateway(),
        "--json",
    ];
    let mut limited =
        crate::fixture::in_shell(&place, "ulimit -f 4096; exec \"$0\" \"$@\"", &fetch);
    let said = Ran::of(&mut limited).fails(1);
    assert!(
        said.contains("File too large") && said.contains("same command"),
        "{said}"
    );
    assert!(!place.path().join("back").exists());
    let rest = place.run(&fetch).json()["bytes_fetched"].as_u64().unwrap();
    assert!(rest < 6 << 20, "{rest} bytes were fetched again");
    assert_eq!(fs::read(place.path().join("back")).unwrap(), bytes);

    let disk = crate::small_disk::SmallDisk::new(4);
    let there = disk.path().join("back");
    let there = there.to_str().unwrap();
    let ran = place.run(&["fetch", cid, there, "--gateway", served.gateway()]);
    assert!(ran.fails(1).contains("No space left"));
}
