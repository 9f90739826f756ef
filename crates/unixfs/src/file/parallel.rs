use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

use crate::attributes::Attributes;
use crate::block::{BlockSink, Discard};
use crate::file::balanced::{Balanced, Child};
use crate::file::chunks::{ChunkSink, Chunks};
use crate::leaf;
use crate::node::Node;
use crate::profile::Profile;

/// Imports one file whose chunks are hashed on several threads.
///
/// Hashing chunks is almost all of the work, and depends only on the chunk. So [`HashedChunks`] are
/// created from slices of the file on any thread, and passed here in any order, each with its slice's
/// index. The root is the same as that of [`FileBuilder`](crate::FileBuilder).
///
/// ```
/// use w3pin_unixfs::{FileBuilder, HashedChunks, ParallelFileBuilder, Profile};
///
/// let profile = Profile::unixfs_v0_2015();
/// let content = vec![7; 1_000_000];
/// let (first, second) = content.split_at(2 * profile.chunk_size());
///
/// let mut parallel = ParallelFileBuilder::new(&profile);
/// parallel.push(1, HashedChunks::new(&profile, second));
/// parallel.push(0, HashedChunks::new(&profile, first));
///
/// let mut file = FileBuilder::new(&profile);
/// file.push(&content);
/// assert_eq!(parallel.root(), Some(file.root()));
/// ```
#[derive(Debug)]
pub struct ParallelFileBuilder<S: BlockSink = Discard> {
    profile: Profile,
    sink: S,
    layout: Balanced,
    /// The index of the next slice.
    next: u64,
    /// Slices that arrived early.
    early: BTreeMap<u64, HashedChunks>,
    ended: bool,
    sound: bool,
}

impl ParallelFileBuilder<Discard> {
    /// Creates an empty file whose blocks are dropped.
    pub fn new(profile: &Profile) -> Self {
        Self::with_sink(profile, Discard)
    }

    /// Like [`update`](Self::update), which can't fail if blocks are dropped.
    pub fn push(&mut self, place: u64, chunks: HashedChunks) {
        let Ok(()) = self.update(place, chunks);
    }

    /// Like [`finish`](Self::finish), which can't fail if blocks are dropped.
    pub fn root(self) -> Option<Node> {
        let Ok((root, Discard)) = self.finish();
        root
    }
}

impl<S: BlockSink> ParallelFileBuilder<S> {
    /// Creates an empty file whose blocks with links are passed to `sink` as they are made. Leaves
    /// aren't, since their bytes remain with the caller.
    pub fn with_sink(profile: &Profile, sink: S) -> Self {
        Self {
            profile: *profile,
            sink,
            layout: Balanced::new(profile),
            next: 0,
            early: BTreeMap::new(),
            ended: false,
            sound: true,
        }
    }

    /// Adds the slice with the index `place`, counted from 0.
    ///
    /// # Errors
    ///
    /// The error of the sink; the builder can't be used afterwards.
    pub fn update(&mut self, place: u64, chunks: HashedChunks) -> Result<(), S::Error> {
        self.sound &= place >= self.next && self.early.insert(place, chunks).is_none();
        while let Some(chunks) = self.early.remove(&self.next) {
            self.next += 1;
            self.sound &= !self.ended && chunks.profile == self.profile;
            self.ended = chunks.ends;
            for leaf in chunks.leaves {
                self.layout.link(0, leaf, &mut self.sink)?;
            }
        }
        Ok(())
    }

    /// Returns the root and the sink; the root is `None` unless each index up to the last was added once, with chunks of the
    /// same profile, of which only the very last may be partial.
    ///
    /// # Errors
    ///
    /// The error of the sink.
    pub fn finish(mut self) -> Result<(Option<Node>, S), S::Error> {
        if !self.sound || !self.early.is_empty() {
            return Ok((None, self.sink));
        }
        if self.layout.is_empty() {
            let [empty] = leaf::leaves(self.profile.leaves(), [&[]]);
            let Ok(()) = self.layout.push(&empty, &mut Discard);
        }
        let root = self.layout.finish(&Attributes::default(), &mut self.sink)?;
        Ok((Some(root), self.sink))
    }
}

/// The hashes of a slice of a file, for [`ParallelFileBuilder`].
pub struct HashedChunks {
    profile: Profile,
    leaves: Vec<Child>,
    /// Whether the last chunk is partial, so that no other can follow.
    ends: bool,
}

impl HashedChunks {
    /// Hashes a slice that starts at the edge of a chunk, and ends at one or with the file.
    ///
    /// Slices are best a multiple of twice the [chunk size](Profile::chunk_size).
    pub fn new(profile: &Profile, bytes: &[u8]) -> Self {
        let mut hashed = Self {
            profile: *profile,
            leaves: Vec::with_capacity(bytes.len().div_ceil(profile.chunk_size())),
            ends: false,
        };
        let mut chunks = Chunks::new(profile.chunk_size());
        let Ok(rest) = chunks.end(bytes, &mut hashed);
        if !rest.is_empty() {
            let Ok(()) = hashed.put([rest]);
            hashed.ends = true;
        }
        hashed
    }
}

impl ChunkSink for HashedChunks {
    type Error = Infallible;

    fn put<const N: usize>(&mut self, chunks: [&[u8]; N]) -> Result<(), Infallible> {
        for leaf in &leaf::leaves(self.profile.leaves(), chunks) {
            let leaf = Child::of(leaf, self.profile.cid_version(), &mut Discard)?;
            self.leaves.push(leaf);
        }
        Ok(())
    }
}

impl fmt::Debug for HashedChunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashedChunks")
            .field("leaves", &self.leaves.len())
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}
