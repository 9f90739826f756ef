use crate::attributes::Attributes;
use crate::block::{BlockSink, Discard};
use crate::leaf;
use crate::node::Node;
use crate::profile::{Leaves, Profile};

mod balanced;
mod chunks;
mod parallel;

pub(crate) use self::balanced::Balanced;
pub(crate) use self::chunks::{ChunkSink, Chunks};
pub use self::parallel::{HashedChunks, ParallelFileBuilder};

/// Imports one file: push its bytes, then get its root.
///
/// It keeps at most one chunk in memory, two while it fills up, and one list of links per level of the
/// tree: under 200 KB of links for a file of 1 TiB. Slices of any length give the same root;
/// those that start at the edge of a chunk are hashed without copying, and two whole chunks at once are
/// faster than one, so slices are best a multiple of twice the
/// [chunk size](Profile::chunk_size).
///
/// ```
/// use w3pin_unixfs::{FileBuilder, Profile};
///
/// let mut file = FileBuilder::new(&Profile::unixfs_v0_2015());
/// file.push(b"hello world");
/// let root = file.root();
/// assert_eq!(root.cid.to_string(), "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD");
/// assert_eq!((root.size, root.dag_size), (11, 19));
/// ```
#[derive(Debug)]
pub struct FileBuilder<S: BlockSink = Discard> {
    chunks: Chunks,
    dag: FileDag<S>,
    attributes: Attributes,
}

impl FileBuilder<Discard> {
    /// Creates an empty file whose blocks are dropped.
    pub fn new(profile: &Profile) -> Self {
        Self::with_sink(profile, Discard)
    }

    /// Like [`update`](Self::update), which can't fail if blocks are dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        let Ok(()) = self.update(bytes);
    }

    /// Like [`finish`](Self::finish), which can't fail if blocks are dropped.
    pub fn root(self) -> Node {
        let Ok((root, Discard)) = self.finish();
        root
    }
}

impl<S: BlockSink> FileBuilder<S> {
    /// Creates an empty file whose blocks are passed to `sink` as they are made.
    pub fn with_sink(profile: &Profile, sink: S) -> Self {
        Self {
            chunks: Chunks::new(profile.chunk_size()),
            dag: FileDag {
                leaves: profile.leaves(),
                layout: Balanced::new(profile),
                sink,
            },
            attributes: Attributes::default(),
        }
    }

    /// Returns the sink.
    pub fn sink_mut(&mut self) -> &mut S {
        &mut self.dag.sink
    }

    /// Sets attributes of the root. Call it before the first [`update`](Self::update).
    ///
    /// A file of one chunk then has a wrapped leaf under every profile, since a raw block can't
    /// contain attributes.
    #[must_use]
    pub fn with_attributes(mut self, attributes: Attributes) -> Self {
        self.attributes = attributes;
        if !attributes.is_empty() {
            self.chunks.hold_first();
        }
        self
    }

    /// Appends bytes to the file.
    ///
    /// # Errors
    ///
    /// The error of the sink; the builder can't be used afterwards.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), S::Error> {
        self.chunks.push(bytes, &mut self.dag)
    }

    /// Ends the file: creates the last leaf and the nodes above, and returns the root and the sink.
    ///
    /// # Errors
    ///
    /// The error of the sink.
    pub fn finish(mut self) -> Result<(Node, S), S::Error> {
        let FileDag {
            leaves,
            layout,
            sink,
        } = &mut self.dag;
        if layout.is_empty() && !self.attributes.is_empty() {
            layout.push(
                &leaf::leaf_with_attributes(self.chunks.rest(), &self.attributes),
                sink,
            )?;
        } else if layout.is_empty() || !self.chunks.rest().is_empty() {
            let [last] = leaf::leaves(*leaves, [self.chunks.rest()]);
            layout.push(&last, sink)?;
        }
        let FileDag {
            layout, mut sink, ..
        } = self.dag;
        let root = layout.finish(&self.attributes, &mut sink)?;
        Ok((root, sink))
    }
}

#[derive(Debug)]
struct FileDag<S> {
    leaves: Leaves,
    layout: Balanced,
    sink: S,
}

impl<S: BlockSink> ChunkSink for FileDag<S> {
    type Error = S::Error;

    fn put<const N: usize>(&mut self, chunks: [&[u8]; N]) -> Result<(), S::Error> {
        for leaf in &leaf::leaves(self.leaves, chunks) {
            self.layout.push(leaf, &mut self.sink)?;
        }
        Ok(())
    }
}
