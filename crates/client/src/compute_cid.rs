//! Computes CIDs of local content, offline.

use std::io;

use w3pin_core::{Cid, Result};
use w3pin_unixfs::{Block, BlockSink, Node, Profile};

use crate::{Content, Symlinks, WalkOptions, import::import};

/// How the CID of local content is computed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CidOptions {
    /// The UnixFS profile to compute the CID under.
    pub profile: Profile,
    /// Which entries of a folder count; symbolic links stay links unless set otherwise.
    pub walk: WalkOptions,
    /// Whether to include empty folders; an upload can't carry them, so its CID is the one without
    /// them.
    pub empty_folders: bool,
}

impl CidOptions {
    /// Returns the defaults: the default profile, no hidden files, links kept as links, and empty
    /// folders included.
    #[must_use]
    pub fn new() -> Self {
        Self {
            profile: Profile::default(),
            walk: WalkOptions::new().symlinks(Symlinks::Preserve),
            empty_folders: true,
        }
    }

    /// Sets the UnixFS profile.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Sets which entries of a folder count.
    #[must_use]
    pub fn walk(mut self, walk: WalkOptions) -> Self {
        self.walk = walk;
        self
    }

    /// Sets whether to include hidden files.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.walk.hidden = hidden;
        self
    }

    /// Sets what to do with symbolic links.
    #[must_use]
    pub fn symlinks(mut self, symlinks: Symlinks) -> Self {
        self.walk.symlinks = symlinks;
        self
    }

    /// Sets whether to include empty folders.
    #[must_use]
    pub fn empty_folders(mut self, empty_folders: bool) -> Self {
        self.empty_folders = empty_folders;
        self
    }
}

impl Default for CidOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// The root of local content.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Root {
    /// The CID of the root.
    pub cid: Cid,
    /// The bytes of content.
    pub size: u64,
    /// The bytes of all blocks; a block that is linked twice counts twice.
    pub dag_size: u64,
}

impl From<Node> for Root {
    fn from(node: Node) -> Self {
        Self {
            cid: node.cid.into(),
            size: node.size,
            dag_size: node.dag_size,
        }
    }
}

/// Computes the CID of a file or folder, offline.
///
/// - `content`: A file or folder, on disk or in memory.
///
/// A folder's own name doesn't affect its CID. This function blocks; call it with `spawn_blocking` from async code.
///
/// # Errors
/// [`LocalIo`](w3pin_core::ErrorKind::LocalIo) if something can't be read, and
/// [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) if UnixFS can't represent it, each with its path.
///
/// ```
/// use w3pin::{CidOptions, Content, compute_cid};
///
/// let root = compute_cid(Content::bytes("hello world"), &CidOptions::new())?;
/// assert_eq!(
///     root.cid.to_string(),
///     "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
/// );
/// # Ok::<(), w3pin::Error>(())
/// ```
pub fn compute_cid(content: impl Into<Content>, options: &CidOptions) -> Result<Root> {
    import(content.into(), options, &mut Dropped).map(Root::from)
}

/// Discards blocks, if only the root is needed.
struct Dropped;

impl BlockSink for Dropped {
    type Error = io::Error;

    fn put(&mut self, _: Block<'_>) -> io::Result<()> {
        Ok(())
    }
}
