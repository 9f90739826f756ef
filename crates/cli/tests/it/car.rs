//! Tests of packing, unpacking, listing and verifying CAR files.

use std::{
    fs,
    io::Write,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use w3pin::unixfs::{Cid, raw_leaf as raw};

use crate::{
    dag::{Dag, from},
    fixture::{Place, Ran, full_device, in_shell},
    service::content,
};

/// Creates a folder with entries of every kind.
fn site(place: &Place, size: usize) -> String {
    let big = content(size);
    place.write("site/big", &big);
    place.write("site/again/big", &big);
    place.write("site/empty", "");
    place.write("site/.hidden", "x");
    for number in 0..40 {
        place.write(&format!("site/many/{number}"), format!("{number}"));
    }
    fs::create_dir(place.path().join("site/nothing")).unwrap();
    symlink("../big", place.path().join("site/many/link")).unwrap();
    let out = place.run(&["cid", "site", "--json"]).json();
    out["cid"].as_str().unwrap().to_owned()
}

fn pack(place: &Place, args: &[&str]) -> Value {
    place
        .run(&[&["car", "pack", "--json"], args].concat())
        .json()
}

fn same(one: &Path, other: &Path) {
    let compared = Command::new("diff")
        .args(["--recursive", "--no-dereference"])
        .args([one, other])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&compared.stdout);
    assert!(compared.status.success(), "{said}");
}

#[test]
fn what_is_packed_is_unpacked_under_every_profile() {
    for profile in [
        "kubo-cidv1-legacy",
        "unixfs-v1-2025",
        "unixfs-v0-2015",
        "custom(chunk=1000,width=3,leaves=raw,cid=1,shard-threshold=300)",
        "custom(chunk=999,width=2,leaves=wrapped,cid=0,shard-threshold=1)",
    ] {
        let place = Place::new();
        // Tiny chunks, for many blocks.
        let size = if profile.starts_with("custom") {
            20_000
        } else {
            700_000
        };
        site(&place, size);
        let chosen = ["site", "--profile", profile, "--hidden"];
        let cid = place
            .run(&[&["cid", "--json"], &chosen[..]].concat())
            .json();
        let packed = pack(&place, &[&chosen[..], &["-o", "site.car"]].concat());
        assert_eq!(packed["cid"], cid["cid"], "{profile}");
        let length = fs::metadata(place.path().join("site.car")).unwrap().len();
        assert_eq!(packed["bytes"], length, "{profile}");

        let verified = place.run(&["car", "verify", "site.car", "--json"]).json();
        assert_eq!(verified["sound"], true, "{profile}");
        assert_eq!(verified["roots"][0], cid["cid"]);
        assert_eq!(verified["blocks"], packed["blocks"]);
        let counts = ["repeated", "unreachable", "not_followed"].map(|it| &verified[it]);
        assert_eq!(counts, [0, 0, 0], "{profile}");

        let unpacked = place
            .run(&["car", "unpack", "site.car", "back", "--json"])
            .json();
        assert_eq!(unpacked["cid"], cid["cid"]);
        same(&place.path().join("site"), &place.path().join("back"));
    }
}

#[test]
fn files_are_packed_alone_and_by_pipes() {
    let place = Place::new();
    for (name, length) in [
        ("empty", 0),
        ("one", 1),
        ("block", 262_144),
        ("more", 600_000),
    ] {
        place.write(name, content(length));
        for profile in ["kubo-cidv1-legacy", "unixfs-v0-2015"] {
            let script = format!(
                r#""$0" "$@" {name} --profile {profile} | "$0" car unpack - out && cmp {name} out && rm out"#
            );
            Ran::of(&mut in_shell(&place, &script, &["car", "pack"])).ok();
        }
    }
    let script =
        r#""$0" "$@" more > more.car && mkfifo pipe && (cat more.car > pipe & "$0" car ls pipe)"#;
    let out = Ran::of(&mut in_shell(&place, script, &["car", "pack"])).ok();
    assert!(out.contains("bafybei"), "{out}");
    // A failed pack leaves nothing behind, and existing files are untouched.
    let refused = place
        .run(&["car", "pack", "one", "-o", "more.car"])
        .fails(1);
    assert!(refused.contains("isn't overwritten"), "{refused}");
    let names = fs::read_dir(place.path()).unwrap();
    let hidden = names.filter(|it| it.as_ref().unwrap().file_name().as_encoded_bytes()[0] == b'.');
    assert_eq!(hidden.count(), 0);
}

#[test]
fn a_dag_is_packed_from_gateways() {
    let place = Place::new();
    let dag = Dag::default();
    let file = dag.file(b"theirs");
    let folder = dag.folder(&[
        ("a", file),
        ("b", file),
        ("sub", dag.folder(&[("a", file)])),
    ]);
    let gateway = dag.gateway();
    let [flag, url] = &from(&gateway)[..] else {
        panic!("a gateway has a flag")
    };
    let root = folder.to_string();
    let packed = pack(&place, &[&root, "-o", "all.car", flag, url]);
    assert_eq!(
        (&packed["cid"], &packed["blocks"]),
        (&root.clone().into(), &3.into())
    );
    let below = format!("{root}/sub");
    let script = r#""$0" "$@" | "$0" car unpack - sub && cat sub/a"#;
    let args = ["car", "pack", &below, flag, url];
    let out = Ran::of(&mut in_shell(&place, script, &args)).ok();
    assert!(out.ends_with("theirs"), "{out}");
    place.run(&["car", "unpack", "all.car", "all"]).ok();
    assert_eq!(fs::read(place.path().join("all/sub/a")).unwrap(), b"theirs");
    let args = [&root, "--hidden", flag, url];
    let said = place.run(&[&["car", "pack"], &args[..]].concat()).fails(2);
    assert!(said.contains("consists of finished blocks"), "{said}");
}

#[test]
fn what_no_gateway_has_is_no_damage() {
    let place = Place::new();
    let gateway = Dag::default().gateway();
    let [flag, url] = from(&gateway);
    let gone = raw(b"gone").to_string();
    let args = ["car", "pack", &gone, "-o", "gone.car", &flag, &url];
    let said = place.run(&args).fails(4);
    assert!(said.contains("--gateway"), "{said}");
    assert!(!place.path().join("gone.car").exists());
}

#[test]
fn blocks_that_are_missing_are_named_however_they_are_reached() {
    let place = Place::new();
    let dag = Dag::default();
    let gone = dag.file(b"gone");
    let folder = dag.folder(&[("gone", gone)]);
    let as_bytes = Cid::new_v1(0x55, *folder.hash());
    dag.file(&dag.blocks().iter().find(|it| it.0 == folder).unwrap().1);
    // The same bytes first appear as a file, which has no links.
    let root = dag.folder(&[("a", as_bytes), ("b", folder)]);
    let linked = [
        &[0xa1, 0x61, b'a', 0xd8, 42, 0x58, 37, 0][..],
        &gone.to_bytes(),
    ]
    .concat();
    let document = dag.block(&linked);
    dag.forget(&gone);
    let blocks = dag.blocks();
    for (name, root) in [("hidden", root), ("document", document)] {
        fs::write(place.path().join(name), car(&[&root], &borrowed(&blocks))).unwrap();
        let said = place.run(&["car", "verify", name]).fails(6);
        assert!(said.contains(&format!("{gone} is missing")), "{said}");
    }
    let below = dag.folder(&[("sub", folder)]);
    dag.forget(&folder);
    dag.forget(&as_bytes);
    let lacking = car(&[&below], &borrowed(&dag.blocks()));
    fs::write(place.path().join("lacking"), lacking).unwrap();
    place.run(&["car", "ls", "lacking"]).fails(6);
    for (args, says) in [
        (&["car", "verify", "/dev/zero"][..], "this is a device"),
        (
            &["car", "pack", "lacking", "-o", "new/"],
            "add the name of a file",
        ),
    ] {
        let said = place.run(args).fails(2);
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn files_and_blocks_are_listed() {
    let place = Place::new();
    let cid = site(&place, 3_000_000);
    pack(&place, &["site", "-o", "site.car"]);
    let out = place.run(&["car", "ls", "site.car"]).ok();
    for line in [
        "├── again/",
        "│   └── big (2.86 MiB)",
        "    └── link -> ../big",
    ] {
        let line = line.trim();
        assert!(out.contains(line), "{line} isn't in\n{out}");
    }
    let below = format!("{cid}/again");
    let out = place
        .run(&["car", "ls", "site.car", "--root", &below, "--json"])
        .ok();
    let entry: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&entry["path"], &entry["size"]),
        (&"big".into(), &3_000_000.into())
    );
    let out = place.run(&["car", "ls", "site.car", "--blocks"]).ok();
    assert!(out.starts_with(&cid), "the root comes first: {out}");
    let car = fs::read(place.path().join("site.car")).unwrap();
    let mut end = 0;
    for line in out.lines() {
        let fields: Vec<_> = line.split('\t').collect();
        let [offset, size] = [1, 2].map(|it| fields[it].parse::<usize>().unwrap());
        assert!(offset > end, "{line}");
        end = offset + size;
    }
    assert_eq!(end, car.len());
    let gone = format!("{cid}/gone");
    place
        .run(&["car", "ls", "site.car", "--root", &gone])
        .fails(4);
    let enough = in_shell(
        &place,
        r#""$0" "$@" | head -1"#,
        &["car", "ls", "site.car", "--blocks"],
    )
    .output()
    .unwrap();
    assert_eq!(enough.stdout.iter().filter(|it| **it == b'\n').count(), 1);
}

/// Returns a CAR of these blocks.
fn car(roots: &[&Cid], blocks: &[(Cid, &[u8])]) -> Vec<u8> {
    // {"roots": [42(h'00' cid)…], "version": 1}, of fewer than 24 roots.
    let mut cbor = vec![0xa2, 0x65];
    cbor.extend(b"roots");
    cbor.push(0x80 | roots.len() as u8);
    for root in roots {
        let root = root.to_bytes();
        cbor.extend([0xd8, 0x2a, 0x58, root.len() as u8 + 1, 0]);
        cbor.extend(root);
    }
    cbor.extend([0x67]);
    cbor.extend(b"version\x01");
    let mut all = varint(cbor.len() as u64);
    all.extend(cbor);
    for (cid, bytes) in blocks {
        let cid = cid.to_bytes();
        all.extend(varint((cid.len() + bytes.len()) as u64));
        all.extend(cid);
        all.extend(*bytes);
    }
    all
}

fn borrowed(blocks: &[(Cid, Vec<u8>)]) -> Vec<(Cid, &[u8])> {
    blocks
        .iter()
        .map(|(cid, block)| (*cid, &block[..]))
        .collect()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

#[test]
fn blocks_come_in_any_order_and_more_than_once_and_roots_are_chosen() {
    let place = Place::new();
    let (one, two) = (b"one".as_slice(), b"two".as_slice());
    let (first, second) = (raw(one), raw(two));
    let blocks = [(second, two), (first, one), (second, two)];
    let v1 = car(&[&first, &second], &blocks);
    // CARv2: pragma; characteristics, offset and length of the data, offset of the index; then the data.
    let mut v2 = vec![0x0a, 0xa1, 0x67];
    v2.extend(b"version\x02");
    v2.extend([0; 16]);
    v2.extend(61_u64.to_le_bytes());
    v2.extend((v1.len() as u64).to_le_bytes());
    v2.extend((61 + v1.len() as u64).to_le_bytes());
    v2.extend([0; 10]);
    v2.extend(&v1);
    v2.extend(b"an index that nobody reads");
    for (name, bytes, version) in [("1.car", v1, 1), ("2.car", v2, 2)] {
        place.write(name, bytes);
        let verified = place.run(&["car", "verify", name, "--json"]).json();
        assert_eq!(
            (&verified["version"], &verified["repeated"]),
            (&version.into(), &1.into())
        );
        let said = place.run(&["car", "unpack", name, "x"]).fails(2);
        assert!(
            said.contains("2 roots") && said.contains(&first.to_string()),
            "{said}"
        );
        let root = second.to_string();
        let out = format!("{version}.out");
        place
            .run(&["car", "unpack", name, &out, "--root", &root])
            .ok();
        assert_eq!(fs::read(place.path().join(out)).unwrap(), two);
        let other = raw(b"other").to_string();
        let said = place
            .run(&["car", "unpack", name, "x", "--root", &other])
            .fails(6);
        assert!(
            said.contains("is missing") && said.contains(&other),
            "{said}"
        );
    }
    place.write("none.car", car(&[], &[(first, one)]));
    let said = place.run(&["car", "ls", "none.car"]).fails(2);
    assert!(said.contains("has no root"), "{said}");
    let verified = place.run(&["car", "verify", "none.car"]);
    assert!(
        verified.err.contains("not reachable from any root: 1"),
        "{verified:?}"
    );
}

#[test]
fn whatever_is_wrong_is_refused_by_name() {
    let place = Place::new();
    site(&place, 300_000);
    pack(&place, &["site", "-o", "site.car"]);
    let sound = fs::read(place.path().join("site.car")).unwrap();
    let write = |name: &str, bytes: &[u8]| place.write(name, bytes);

    write("cut", &sound[..sound.len() - 1]);
    let mut wrong = sound.clone();
    *wrong.last_mut().unwrap() ^= 1;
    write("wrong", &wrong);
    write("empty", b"");
    write(
        "text",
        "this is no CAR, but lines of text\n".repeat(9).as_bytes(),
    );
    let exabytes = [&sound[..], &[0xff; 8], &[0x7f]].concat();
    write("exabytes", &exabytes);
    write("endless", &[&sound[..], &[0xff; 12]].concat());
    write("header", &varint(1 << 30));
    let missing = car(&[&raw(b"gone")], &[(raw(b"here"), b"here")]);
    write("missing", &missing);
    for (name, reason) in [
        ("cut", "cut off"),
        ("wrong", "doesn't match its CID"),
        ("empty", "empty"),
        ("text", "header"),
        ("exabytes", "larger than"),
        ("endless", "doesn't end"),
        ("header", "1073741824 bytes"),
        ("missing", "is missing"),
    ] {
        let said = place.run(&["car", "verify", name]).fails(6);
        assert!(
            said.contains(reason) && said.contains(name),
            "{name}: {said}"
        );
        let said = place.run(&["car", "unpack", name, "out"]).fails(6);
        assert!(said.contains(reason), "{name}: {said}");
        assert!(!place.path().join("out").is_file(), "{name}");
        let _ = fs::remove_dir_all(place.path().join("out"));
        let json = place.run(&["car", "ls", name, "--json"]);
        assert!(name == "wrong" || json.code == 6, "{json:?}");
    }
    for (args, code, reason) in [
        (&["verify", "gone"][..], 1, "no such file"),
        (&["verify", "site"], 2, "a folder"),
        (&["pack", "gone"], 1, "no such file"),
        (&["pack", ""], 2, "value is required"),
        (&["pack", "site", "-o", ""], 2, "value is required"),
        (&["pack", "site", "-o", "no/where.car"], 1, "no/where.car"),
        (
            &["pack", "site", "--gateway", "http://localhost"],
            2,
            "--gateway",
        ),
        (
            &["pack", "site", "--symlinks", "refuse"],
            2,
            "site/many/link",
        ),
        (&["pack", "site", "--json"], 2, "--json"),
    ] {
        let said = place.run(&[&["car"], args].concat()).fails(code);
        assert!(said.contains(reason), "{args:?}: {said}");
    }
    let full = place
        .command(&["car", "pack", "site"])
        .stdout(full_device())
        .output()
        .unwrap();
    assert_eq!(full.status.code(), Some(7));
}

#[test]
fn no_name_and_no_link_leads_out() {
    let place = Place::new();
    for name in ["..", "a/b", "/etc", "a\0b", ""] {
        let dag = Dag::default();
        let root = dag.folder(&[("fine", dag.file(b"fine")), (name, dag.file(b"evil"))]);
        place.write("evil.car", car(&[&root], &borrowed(&dag.blocks())));
        let out = place.path().join("inner/out");
        fs::create_dir_all(out.parent().unwrap()).unwrap();
        place
            .run(&["car", "unpack", "evil.car", "inner/out"])
            .fails(6);
        assert!(!place.path().join("inner/b").exists(), "{name:?}");
        let _ = fs::remove_dir_all(out);
    }
    let dag = Dag::default();
    let root = dag.folder(&[
        ("fine", dag.file(b"fine")),
        ("link", dag.symlink("../../secret")),
    ]);
    place.write("link.car", car(&[&root], &borrowed(&dag.blocks())));
    let said = place.run(&["car", "unpack", "link.car", "two"]);
    assert!(said.err.contains("leads out"), "{said:?}");
    assert!(!place.path().join("two/link").is_symlink());
    place
        .run(&["car", "unpack", "link.car", "three", "--symlinks", "skip"])
        .ok();
}

#[test]
fn content_that_changes_meanwhile_is_refused_and_nothing_is_left() {
    let place = Place::new();
    // The second read differs from the first because a pipe is in between.
    place.write("folder/a", content(8_000_000));
    place.write("folder/b", "b");
    let mut child = place
        .command(&["car", "pack", "folder"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The pipe fills up long before the end.
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0; 1000];
    std::io::Read::read_exact(&mut stdout, &mut first).unwrap();
    fs::File::create(place.path().join("folder/b"))
        .unwrap()
        .write_all(b"c")
        .unwrap();
    let mut rest = Vec::new();
    std::io::Read::read_to_end(&mut stdout, &mut rest).unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(
        said.contains("folder/b") && said.contains("changed"),
        "{said}"
    );
}
