//! A vector of `vectors/cid-vectors.json`, and the DAG that it describes.

use std::fmt;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use w3pin_unixfs::{
    Attributes, BlockSink, FileBuilder, Leaves, ModificationTime, Node, Profile, ShardEstimate,
    TreeBuilder, symlink_with_attributes,
};

use crate::recipes::{Content, Folder};

#[derive(Deserialize)]
pub(crate) struct Vector {
    pub(crate) name: String,
    profile: String,
    generator: Generator,
    pub(crate) cid: String,
    pub(crate) tsize: u64,
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

/// All of them.
pub(crate) fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../vectors/cid-vectors.json")).unwrap()
}

impl Vector {
    /// Whether its content takes gigabytes or minutes to generate.
    pub(crate) fn is_large(&self) -> bool {
        match &self.generator {
            Generator::Symlink { .. } => false,
            // The keystream is slow to generate without optimisation.
            Generator::File(Content::ChaCha20 { len, .. }) => *len > 10 << 20,
            Generator::File(content) => content.len() > 50 << 20,
            Generator::Folder(folder) => folder
                .numbered
                .as_ref()
                .is_some_and(|numbered| numbered.count >= 100_000),
        }
    }

    pub(crate) fn profile(&self) -> Profile {
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

    /// The number of files and links.
    pub(crate) fn entries(&self) -> usize {
        match &self.generator {
            Generator::Symlink { .. } | Generator::File(_) => 1,
            Generator::Folder(folder) => folder.entries().len(),
        }
    }

    /// The paths of its first, middle and last entries and of all links, below its root.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = vec![String::new()];
        if let Generator::Folder(folder) = &self.generator {
            let entries = folder.entries();
            let chosen = [0, entries.len() / 2, entries.len().saturating_sub(1)];
            let entries = entries
                .iter()
                .enumerate()
                .filter(|(at, entry)| chosen.contains(at) || entry.symlink.is_some());
            paths.extend(entries.map(|(_, entry)| format!("/{}", entry.path)));
        }
        paths
    }

    /// Passes its blocks to a sink, children before their parents.
    pub(crate) fn build<S>(&self, sink: &mut S) -> Node
    where
        S: BlockSink<Error: fmt::Debug>,
    {
        let profile = &self.profile();
        match &self.generator {
            Generator::Symlink { symlink } => {
                symlink_with_attributes(symlink, self.attributes(), profile, sink).unwrap()
            }
            Generator::File(content) => {
                let mut hasher = Sha256::new();
                let mut file =
                    FileBuilder::with_sink(profile, &mut *sink).with_attributes(self.attributes());
                content.each(|piece| {
                    hasher.update(piece);
                    file.update(piece).unwrap();
                });
                let (root, _) = file.finish().unwrap();
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
                        let mut file = FileBuilder::with_sink(profile, &mut *sink);
                        let content = entry.content.unwrap();
                        content.each(|piece| file.update(piece).unwrap());
                        let (file, _) = file.finish().unwrap();
                        tree.add_file(&entry.path, file).unwrap();
                    }
                }
                tree.finish(sink).unwrap()
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
