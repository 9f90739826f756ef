//! UnixFS import without I/O: bytes in, DAG blocks and root CID out, with the named CID profiles.
//!
//! The crate opens no files, sockets or threads. Bytes are pushed in, blocks are passed to a
//! [`BlockSink`] (or dropped, if only the root is needed), and memory holds only one
//! chunk and a short list of links per level of the tree, whatever the size of the file.
//!
//! ```
//! use w3pin_unixfs::{FileBuilder, Profile, TreeBuilder};
//!
//! let profile = Profile::unixfs_v1_2025();
//! let mut file = FileBuilder::new(&profile);
//! file.push(b"hello ");
//! file.push(b"world");
//! let file = file.root();
//! assert_eq!(
//!     file.cid.to_string(),
//!     "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
//! );
//!
//! let mut tree = TreeBuilder::new(&profile);
//! tree.add_file("docs/hello.txt", file)?;
//! tree.add_folder("empty")?;
//! let root = tree.root()?;
//! assert_eq!(root.size, 11);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! For the opposite direction, [`decode`] converts a block to a [`DagNode`], with the links to follow, the
//! sizes to split at ([`leaf_matches`] compares a slice of local content with a leaf's CID) and the
//! lookup of names in sharded folders.
//!
//! Importing is limited to SHA-256, fixed-size chunks and the balanced layout, which both profiles of
//! [IPIP-0499](https://specs.ipfs.tech/ipips/ipip-0499/) and an untouched Kubo use.

#![forbid(unsafe_code)]

mod attributes;
mod block;
mod candidates;
mod dag_pb;
mod decode;
mod file;
mod leaf;
mod murmur3;
mod node;
mod profile;
mod proof;
mod protobuf;
mod sha256_cid;
mod symlink;
mod tree;
mod unixfs;

pub use cid::Cid;

pub use self::attributes::{Attributes, ModificationTime};
pub use self::block::{Block, BlockSink, Discard};
pub use self::candidates::Candidates;
pub use self::decode::{
    DagNode, DecodeError, Entry, Kind, Link, Lookup, MAX_BLOCK_SIZE, MAX_SHARD_DEPTH, decode,
    links, shard_bucket, shard_prefix,
};
pub use self::file::{FileBuilder, HashedChunks, ParallelFileBuilder};
pub use self::node::Node;
pub use self::profile::{Leaves, Profile, ProfileBuilder, ProfileError, ShardEstimate};
pub use self::proof::{BlockError, IDENTITY, leaf_matches, raw_leaf, verify_block};
pub use self::sha256_cid::{DAG_PB, RAW};
pub use self::symlink::{symlink, symlink_with_attributes};
pub use self::tree::{FinishError, MAX_NAME_LEN, TreeBuilder, TreeError};
