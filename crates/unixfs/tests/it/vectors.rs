//! Every vector of `vectors/cid-vectors.json`.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use w3pin_unixfs::{
    Attributes, Discard, FileBuilder, Leaves, ModificationTime, Node, Profile, ShardEstimate,
    TreeBuilder, symlink_with_attributes,
};

use crate::recipes::{Content, Folder};

#[derive(Deserialize)]
struct Vector {
    name: String,
    profile: String,
    generator: Generator,
    cid: String,
    tsize: u64,
    content: Option<Expected>,
    params: Option<Params>,
    options: Option<Options>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Generator {
    Symlink { symlink: String },
    File(Content),
    Folder(Box<Folder>),
}

#[derive(Deserialize)]
struct Expected {
    len: u64,
    sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    cid_version: u64,
    raw_leaves: bool,
    chunk_size: usize,
    max_links: usize,
    hamt_threshold: u64,
    hamt_estimate: String,
    hamt_compare: String,
    hamt_fanout: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    mode: Option<u32>,
    mtime: Option<(i64, u32)>,
}

#[test]
fn all_but_the_large() {
    assert_eq!(check(|vector| !vector.is_large()), 231);
}

#[test]
#[ignore = "gigabytes of content: run with --release -- --ignored"]
fn the_large() {
    assert_eq!(check(Vector::is_large), 19);
}

/// Checks the vectors chosen, and says how many they were.
fn check(chosen: impl Fn(&Vector) -> bool) -> usize {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../vectors/cid-vectors.json")).unwrap();
    let mut checked = 0;
    for vector in vectors.iter().filter(|vector| chosen(vector)) {
        let profile = vector.profile();
        let root = vector.build(&profile);
        assert_eq!(
            (root.cid.to_string(), root.dag_size),
            (vector.cid.clone(), vector.tsize),
            "{} under {profile}",
            vector.name,
        );
        checked += 1;
    }
    checked
}

impl Vector {
    fn is_large(&self) -> bool {
        match &self.generator {
            Generator::Symlink { .. } => false,
            // The keystream is slow to make without optimisation.
            Generator::File(Content::ChaCha20 { len, .. }) => *len > 10 << 20,
            Generator::File(content) => content.len() > 50 << 20,
            Generator::Folder(folder) => folder
                .numbered
                .as_ref()
                .is_some_and(|numbered| numbered.count >= 100_000),
        }
    }

    fn profile(&self) -> Profile {
        let Some(params) = &self.params else {
            return self.profile.parse().unwrap();
        };
        assert_eq!(
            (params.hamt_compare.as_str(), params.hamt_fanout),
            (">", 256)
        );
        Profile::custom()
            .cid_version(params.cid_version.try_into().unwrap())
            .leaves(if params.raw_leaves {
                Leaves::Raw
            } else {
                Leaves::Wrapped
            })
            .chunk_size(params.chunk_size)
            .width(params.max_links)
            .shard_threshold(params.hamt_threshold)
            .shard_estimate(match params.hamt_estimate.as_str() {
                "links-bytes" => ShardEstimate::LinksBytes,
                "block-bytes" => ShardEstimate::BlockBytes,
                other => panic!("{other}"),
            })
            .build()
            .unwrap()
    }

    fn build(&self, profile: &Profile) -> Node {
        match &self.generator {
            Generator::Symlink { symlink } => {
                symlink_with_attributes(symlink, self.attributes(), profile, &mut Discard).unwrap()
            }
            Generator::File(content) => {
                let mut hasher = Sha256::new();
                let mut file = FileBuilder::new(profile).with_attributes(self.attributes());
                content.each(|piece| {
                    hasher.update(piece);
                    file.push(piece);
                });
                let root = file.root();
                let expected = self.content.as_ref().unwrap();
                assert_eq!((content.len(), root.size), (expected.len, expected.len));
                let digest: String = hasher
                    .finalize()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                assert_eq!(digest, expected.sha256, "the recipe of {}", self.name);
                root
            }
            Generator::Folder(folder) => {
                assert!(
                    self.options.is_none(),
                    "{}: a folder has no attributes",
                    self.name
                );
                let mut tree = TreeBuilder::new(profile);
                for entry in folder.entries() {
                    if entry.dir {
                        tree.add_folder(&entry.path).unwrap();
                    } else if let Some(target) = &entry.symlink {
                        tree.add_symlink(&entry.path, target).unwrap();
                    } else {
                        let mut file = FileBuilder::new(profile);
                        entry.content.unwrap().each(|piece| file.push(piece));
                        tree.add_file(&entry.path, file.root()).unwrap();
                    }
                }
                tree.root().unwrap()
            }
        }
    }

    fn attributes(&self) -> Attributes {
        let Some(Options { mode, mtime }) = self.options else {
            return Attributes::default();
        };
        let mtime = mtime.map(|(seconds, nanoseconds)| ModificationTime {
            seconds,
            nanoseconds,
        });
        Attributes { mode, mtime }
    }
}
