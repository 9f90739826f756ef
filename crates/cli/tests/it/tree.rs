//! Tests of listing folders, as a tree or as JSON.

use serde_json::{Value, json};

use crate::{
    dag::{Dag, from},
    fixture::{Place, Ran, unread_pipe},
    service::Server,
};

struct Folder {
    cid: String,
    file: String,
    gateway: Server,
}

impl Folder {
    fn new() -> Self {
        let dag = Dag::default();
        let file = dag.file(b"12345");
        let deep = dag.folder(&[("x", file), (".y", dag.file(b""))]);
        let sub = dag.folder(&[("deep", deep), ("z", file)]);
        let tricky = "\u{1b}[31m\n\u{202e}";
        let link = dag.symlink("sub/\u{7}z");
        let root = dag.folder(&[("sub", sub), ("b", file), (tricky, file), ("a", link)]);
        Self {
            cid: root.to_string(),
            file: file.to_string(),
            gateway: dag.gateway(),
        }
    }

    fn tree(&self, place: &Place, args: &[&str]) -> Ran {
        let gateway = from(&self.gateway);
        place.run(&[&["tree"], args, &[&gateway[0], &gateway[1]]].concat())
    }
}

#[test]
fn a_tree_is_drawn_by_name() {
    let place = Place::new();
    let folder = Folder::new();
    let cid = &folder.cid;
    let ran = folder.tree(&place, &[cid]);
    let expected = format!(
        "/ipfs/{cid}\n\
         ├── \u{fffd}[31m \u{fffd} (5 B)\n\
         ├── a -> sub/\u{fffd}z\n\
         ├── b (5 B)\n\
         └── sub/\n    \
             ├── deep/\n    \
             │   ├── .y (0 B)\n    \
             │   └── x (5 B)\n    \
             └── z (5 B)\n"
    );
    assert_eq!(ran.out, expected);
    assert_eq!(ran.err, "folders 2, files 5, size 20 B\n");
    let shallow = folder.tree(&place, &[cid, "--depth", "1"]).ok();
    assert_eq!(shallow.lines().count(), 5, "{shallow}");
    let two = folder.tree(&place, &[cid, "--depth", "2"]).ok();
    assert_eq!(two.lines().count(), 7, "{two}");
    let below = folder.tree(&place, &[&format!("{cid}/sub/deep")]).ok();
    assert_eq!(below.lines().count(), 3, "{below}");
    let lone = folder.tree(&place, &[&format!("{cid}/b")]).ok();
    assert_eq!(lone, "b (5 B)\n");
    let lone = folder.tree(&place, &[&folder.file]).ok();
    assert_eq!(lone, format!("{} (5 B)\n", folder.file));
    let lone = folder.tree(&place, &[&format!("{cid}/a")]).ok();
    assert_eq!(lone, "a -> sub/\u{fffd}z\n");
}

#[test]
fn each_entry_is_a_document() {
    let place = Place::new();
    let folder = Folder::new();
    let out = folder.tree(&place, &[&folder.cid, "--json"]).ok();
    let entries: Vec<Value> = out
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let paths: Vec<_> = entries
        .iter()
        .map(|it| it["path"].as_str().unwrap())
        .collect();
    let tricky = "\u{1b}[31m\n\u{202e}";
    assert_eq!(
        paths,
        [
            tricky,
            "a",
            "b",
            "sub",
            "sub/deep",
            "sub/deep/.y",
            "sub/deep/x",
            "sub/z"
        ]
    );
    let expected = json!({
        "path": "b", "cid": folder.file, "kind": "file", "size": 5, "target": null,
    });
    assert_eq!(entries[2], expected);
    assert_eq!(
        (&entries[1]["kind"], &entries[1]["target"]),
        (&"symlink".into(), &"sub/\u{7}z".into())
    );
    assert_eq!(
        (&entries[3]["kind"], &entries[3]["size"]),
        (&"folder".into(), &Value::Null)
    );
    assert!(!out.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn what_no_gateway_has_does_not_hide_the_rest() {
    let place = Place::new();
    let dag = Dag::default();
    let gone = dag.folder(&[("x", dag.file(b"x"))]);
    let cid = dag
        .folder(&[("a", gone), ("b", dag.file(b"beyond"))])
        .to_string();
    dag.forget(&gone);
    let gateway = dag.gateway();
    let gateway = from(&gateway);
    let run =
        |args: &[&str]| place.run(&[&["tree", &cid], args, &[&gateway[0], &gateway[1]]].concat());
    let ran = run(&[]);
    assert_eq!(
        ran.out,
        format!("/ipfs/{cid}\n├── a (unavailable, {gone})\n└── b (6 B)\n")
    );
    assert_eq!(ran.err, "folders 0, files 1, unavailable 1, size 6 B\n");
    assert_eq!(ran.code, 0);
    let lines = run(&["--json"]).ok();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["kind"], "unavailable");
    assert_eq!(first["size"], Value::Null);
}

#[test]
fn a_tree_that_is_too_large_or_not_there_is_told() {
    let place = Place::new();
    let folder = Folder::new();
    let cid = &folder.cid;
    let said = folder.tree(&place, &[cid, "--most-entries", "7"]).fails(2);
    assert!(
        said.contains("more than 7") && said.contains("--most-entries in `w3pin help tree`"),
        "{said}"
    );
    folder.tree(&place, &[cid, "--most-entries", "8"]).ok();
    let said = folder.tree(&place, &[&format!("{cid}/b/c")]).fails(4);
    assert!(said.contains("is a file"), "{said}");
    let ran = folder.tree(&place, &[&format!("{cid}/gone"), "--json"]);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["error"]["kind"], "not_found");
    assert_eq!(ran.code, 4);

    // Each level doubles the number of entries below it, though there are few blocks.
    let dag = Dag::default();
    let mut bomb = dag.file(b"x");
    for _ in 0..64 {
        bomb = dag.folder(&[("a", bomb), ("b", bomb)]);
    }
    let mut deep = dag.file(b"x");
    for _ in 0..300 {
        deep = dag.folder(&[("a", deep)]);
    }
    let gateway = dag.gateway();
    let gateway = from(&gateway);
    let tree = |cid: String, args: &[&str]| {
        place.run(&[&["tree", &cid], args, &[&gateway[0], &gateway[1]]].concat())
    };
    let said = tree(bomb.to_string(), &["--most-entries", "1000"]).fails(2);
    assert!(said.contains("more than 1000"), "{said}");
    let said = tree(deep.to_string(), &[]).fails(2);
    assert!(said.contains("more than 256 nested folders"), "{said}");
}

#[test]
fn a_list_that_nobody_reads_ends() {
    let place = Place::new();
    let folder = Folder::new();
    let gateway = from(&folder.gateway);
    let mut tree = place.command(&["tree", &folder.cid, &gateway[0], &gateway[1]]);
    let ran = Ran::of(tree.stdout(unread_pipe()));
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.err.contains("so the rest was left out"), "{ran:?}");
}
