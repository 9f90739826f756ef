//! Tests of folders: what they reject, and that neither order nor depth matters.

use std::convert::Infallible;

use cid::multihash::Multihash;
use w3pin_unixfs::{
    Block, BlockSink, Cid, FileBuilder, FinishError, MAX_NAME_LEN, Node, Profile, TreeBuilder,
    TreeError,
};

fn file(text: &str) -> Node {
    let mut file = FileBuilder::new(&Profile::default());
    file.push(text.as_bytes());
    file.root()
}

fn tree() -> TreeBuilder {
    TreeBuilder::new(&Profile::default())
}

#[test]
fn the_order_of_adding_does_not_matter() {
    let names: Vec<String> = (0..6000).map(|i| format!("a/{i}/x")).collect();
    let build = |names: &mut dyn Iterator<Item = &String>| {
        let mut tree = tree();
        for name in names {
            tree.add_file(name, file(name)).unwrap();
        }
        tree.root().unwrap()
    };
    let forward = build(&mut names.iter());
    assert_eq!(forward, build(&mut names.iter().rev()));
    assert_eq!(
        forward.size,
        names.iter().map(|name| name.len() as u64).sum::<u64>()
    );
}

#[test]
fn a_path_is_refused_as_given_and_leaves_no_trace() {
    let mut refused = tree();
    refused.add_file("a", file("a")).unwrap();
    for (path, error) in [
        (
            "",
            TreeError::EmptySegment {
                path: String::new(),
            },
        ),
        (
            "/b",
            TreeError::EmptySegment {
                path: "/b".to_owned(),
            },
        ),
        (
            "b/",
            TreeError::EmptySegment {
                path: "b/".to_owned(),
            },
        ),
        (
            "b//c",
            TreeError::EmptySegment {
                path: "b//c".to_owned(),
            },
        ),
        (
            "b/./c",
            TreeError::DotSegment {
                path: "b/./c".to_owned(),
            },
        ),
        (
            "b/..",
            TreeError::DotSegment {
                path: "b/..".to_owned(),
            },
        ),
        (
            "a/b",
            TreeError::NotAFolder {
                path: "a/b".to_owned(),
                name: "a".to_owned(),
            },
        ),
        (
            "a/b/c",
            TreeError::NotAFolder {
                path: "a/b/c".to_owned(),
                name: "a".to_owned(),
            },
        ),
    ] {
        assert_eq!(refused.add_file(path, file("x")), Err(error.clone()));
        assert_eq!(refused.add_symlink(path, "x"), Err(error.clone()));
        assert_eq!(refused.add_folder(path), Err(error));
    }
    let duplicate = TreeError::Duplicate {
        path: "a".to_owned(),
    };
    assert_eq!(refused.add_file("a", file("x")), Err(duplicate.clone()));
    assert_eq!(refused.add_symlink("a", "x"), Err(duplicate));
    let long = "n".repeat(MAX_NAME_LEN + 1);
    assert_eq!(
        refused.add_folder(&long),
        Err(TreeError::NameTooLong { path: long.clone() })
    );

    let mut untouched = tree();
    untouched.add_file("a", file("a")).unwrap();
    assert_eq!(refused.root(), untouched.root());
}

#[test]
fn a_file_can_not_replace_a_folder_but_a_folder_may_be_named_twice() {
    let mut tree = tree();
    tree.add_file("a/b", file("x")).unwrap();
    assert_eq!(tree.add_folder("a"), Ok(()));
    assert_eq!(
        tree.add_file("a", file("x")),
        Err(TreeError::Duplicate {
            path: "a".to_owned()
        }),
    );
    assert!(matches!(
        tree.add_folder("a/b"),
        Err(TreeError::NotAFolder { .. })
    ));
}

#[test]
fn a_node_that_no_folder_links_to_is_refused() {
    let blake = Multihash::wrap(0x1e, &[0; 32]).unwrap();
    let sha2 = *file("x").cid.hash();
    for cid in [Cid::new_v1(0x55, blake), Cid::new_v1(0x71, sha2)] {
        let refused = tree().add_file(
            "a",
            Node {
                cid,
                dag_size: 1,
                size: 1,
            },
        );
        assert_eq!(
            refused,
            Err(TreeError::UnsupportedCid {
                path: "a".to_owned(),
                cid
            })
        );
    }
}

#[test]
fn a_folder_already_built_can_be_put_in_another() {
    let mut inner = tree();
    inner.add_file("x", file("x")).unwrap();
    let mut outer = tree();
    outer.add_file("inner", inner.root().unwrap()).unwrap();

    let mut at_once = tree();
    at_once.add_file("inner/x", file("x")).unwrap();
    assert_eq!(outer.root(), at_once.root());
}

#[test]
fn depth_costs_no_stack() {
    let mut tree = tree();
    tree.add_folder(&vec!["d"; 200_000].join("/")).unwrap();
    let root = tree.root().unwrap();
    assert_eq!(root.size, 0);
    assert!(root.dag_size > 200_000 * 40);
}

#[test]
fn claimed_sizes_do_not_overflow() {
    let mut tree = tree();
    let huge = Node {
        dag_size: u64::MAX,
        size: u64::MAX,
        ..file("x")
    };
    tree.add_file("a", huge).unwrap();
    tree.add_file("b/c", huge).unwrap();
    let root = tree.root().unwrap();
    assert_eq!((root.size, root.dag_size), (u64::MAX, u64::MAX));
}

#[test]
fn an_error_of_the_sink_is_handed_on() {
    #[derive(Debug, PartialEq)]
    struct Full;
    struct NoRoom;
    impl BlockSink for NoRoom {
        type Error = Full;
        fn put(&mut self, _block: Block<'_>) -> Result<(), Full> {
            Err(Full)
        }
    }
    assert_eq!(tree().finish(&mut NoRoom), Err(FinishError::Sink(Full)));
}

/// Two names with the same first 64 bits of murmur3, found by search.
#[test]
fn names_that_hash_alike_are_refused_in_a_shard_only() {
    let (first, second) = COLLIDING;
    let build = |threshold| -> Result<Node, FinishError<Infallible>> {
        let profile = Profile::custom()
            .shard_threshold(threshold)
            .build()
            .unwrap();
        let mut tree = TreeBuilder::new(&profile);
        for name in [first, second, "c"] {
            tree.add_file(name, file(name)).unwrap();
        }
        tree.root()
    };
    assert!(build(262_144).is_ok());
    assert!(matches!(build(1), Err(FinishError::HashCollision { .. })));
}
const COLLIDING: (&str, &str) = ("fbkdgmmhhkbliiih", "afbhfblhkbknichh");
