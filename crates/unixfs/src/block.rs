use std::convert::Infallible;

use cid::Cid;

/// Receives the blocks of a DAG as they are made, children before their parents.
///
/// The same block may be passed more than once if content repeats.
///
/// ```
/// use std::collections::HashMap;
/// use std::convert::Infallible;
/// use w3pin_unixfs::{Block, BlockSink, Cid, FileBuilder, Profile};
///
/// #[derive(Default)]
/// struct Blocks(HashMap<Cid, Vec<u8>>);
///
/// impl BlockSink for Blocks {
///     type Error = Infallible;
///     fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
///         self.0.insert(block.cid, block.to_vec());
///         Ok(())
///     }
/// }
///
/// let mut file = FileBuilder::with_sink(&Profile::default(), Blocks::default());
/// file.update(&[7; 300_000])?;
/// let (root, blocks) = file.finish()?;
/// assert_eq!(blocks.0.len(), 3); // two leaves and the root over them
/// assert!(blocks.0.contains_key(&root.cid));
/// # Ok::<(), Infallible>(())
/// ```
pub trait BlockSink {
    /// The error of the sink, which stops the import and is returned to its caller.
    type Error;

    /// Takes one block.
    fn put(&mut self, block: Block<'_>) -> Result<(), Self::Error>;
}

impl<S: BlockSink> BlockSink for &mut S {
    type Error = S::Error;

    fn put(&mut self, block: Block<'_>) -> Result<(), Self::Error> {
        (**self).put(block)
    }
}

/// A block and its CID, borrowed from its builder.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The block's CID; its digest has been computed from [`parts`](Self::parts).
    pub cid: Cid,
    parts: [&'a [u8]; 3],
    links: &'a [Cid],
}

impl<'a> Block<'a> {
    pub(crate) fn new(cid: Cid, parts: [&'a [u8]; 3], links: &'a [Cid]) -> Self {
        Self { cid, parts, links }
    }

    /// Returns the slices that make up the block, in order; some may be empty.
    ///
    /// The content of a leaf isn't copied: the slice is the one passed to
    /// [`FileBuilder::update`](crate::FileBuilder::update).
    pub fn parts(&self) -> [&'a [u8]; 3] {
        self.parts
    }

    /// Returns the CIDs that the block links to, in order and with repetitions; none for a leaf.
    pub fn links(&self) -> &'a [Cid] {
        self.links
    }

    /// Returns the block's length in bytes.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    /// Returns whether the block is empty, such as the raw leaf of an empty file.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the block in one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        self.parts.concat()
    }
}

/// A sink that drops every block, if only the root CID is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discard;

impl BlockSink for Discard {
    type Error = Infallible;

    fn put(&mut self, _block: Block<'_>) -> Result<(), Infallible> {
        Ok(())
    }
}
