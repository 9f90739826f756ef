use std::collections::{HashMap, btree_map};
use std::convert::Infallible;

use crate::block::{BlockSink, Discard};
use crate::dag_pb::Target;
use crate::node::Node;
use crate::profile::Profile;
use crate::sha256_cid::Sha256Cid;

mod error;
mod folder;
mod path;
mod shard;

pub use self::error::{FinishError, TreeError};
use self::folder::{Entry, FinishedFolder, Folder};
pub use self::path::MAX_NAME_LEN;

/// Builds a folder from imported files, added in any order.
///
/// Paths are separated by `/`; their first segments are the root folder's entries, and folders on
/// the way are implied. Names are sorted by their bytes and kept as they are, without Unicode
/// normalisation. Folders that grow too large for a block, by the profile's estimate, are sharded
/// (HAMT).
///
/// An entry takes its name and about 100 bytes of memory; content isn't kept. Depth needs no
/// stack.
///
/// ```
/// use w3pin_unixfs::{FileBuilder, Profile, TreeBuilder, TreeError};
///
/// let profile = Profile::unixfs_v0_2015();
/// let file = |text: &str| {
///     let mut file = FileBuilder::new(&profile);
///     file.push(text.as_bytes());
///     file.root()
/// };
///
/// let mut tree = TreeBuilder::new(&profile);
/// tree.add_file("notes/today.txt", file("write"))?;
/// tree.add_symlink("latest", "notes/today.txt")?;
/// tree.add_folder("notes/old")?;
/// assert_eq!(
///     tree.add_file("notes/today.txt", file("again")),
///     Err(TreeError::Duplicate { path: "notes/today.txt".to_owned() }),
/// );
/// let root = tree.root()?;
/// assert!(root.cid.to_string().starts_with("Qm"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TreeBuilder {
    profile: Profile,
    root: Folder,
    /// All folders below the root, each after its parent: in reverse order, every folder is
    /// finished before its parent.
    folders: Vec<Folder>,
    memory: usize,
}

impl TreeBuilder {
    /// Creates an empty root folder.
    pub fn new(profile: &Profile) -> Self {
        Self {
            profile: *profile,
            root: Folder::default(),
            folders: Vec::new(),
            memory: 0,
        }
    }

    /// Adds a file at `path`; `node` is its root, or any other UnixFS node.
    ///
    /// # Errors
    ///
    /// If the path is taken, leads through a file, or has an empty, `.`, `..` or overlong segment, or
    /// a folder can't link to the node's CID. The tree is unchanged then.
    pub fn add_file(&mut self, path: &str, node: Node) -> Result<(), TreeError> {
        let cid = Sha256Cid::from_cid(&node.cid).ok_or_else(|| TreeError::UnsupportedCid {
            path: path.to_owned(),
            cid: node.cid,
        })?;
        self.add(
            path,
            Entry::Node(Target {
                cid,
                dag_size: node.dag_size,
            }),
            node.size,
        )
    }

    /// Adds a symlink to `target` at `path`.
    ///
    /// # Errors
    ///
    /// The errors of [`add_file`](Self::add_file).
    pub fn add_symlink(&mut self, path: &str, target: &str) -> Result<(), TreeError> {
        self.add(path, Entry::Symlink(target.into()), target.len() as u64)
    }

    /// Adds a folder at `path`, unless it exists.
    ///
    /// # Errors
    ///
    /// The errors of [`add_file`](Self::add_file).
    pub fn add_folder(&mut self, path: &str) -> Result<(), TreeError> {
        path::check(path)?;
        self.folder(path, path).map(|_| ())
    }

    /// Returns the memory of the tree in bytes, including what [`finish`](Self::finish) needs. It
    /// is estimated, rather too high than too low.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Creates the folders' blocks, children before their parents, and returns the root's node.
    ///
    /// # Errors
    ///
    /// The error of the sink, or if the 64-bit hashes of names collide in a sharded folder.
    pub fn finish<S: BlockSink>(self, sink: &mut S) -> Result<Node, FinishError<S::Error>> {
        let Self {
            profile,
            root,
            folders,
            ..
        } = self;
        let mut finished = HashMap::with_capacity(folders.len());
        for (place, folder) in folders.into_iter().enumerate().rev() {
            finished.insert(place, folder.finish(&finished, &profile, sink)?);
        }
        let FinishedFolder { target, size } = root.finish(&finished, &profile, sink)?;
        Ok(Node {
            cid: target.cid.to_cid(),
            dag_size: target.dag_size,
            size,
        })
    }

    /// Like [`finish`](Self::finish), without keeping the blocks.
    ///
    /// # Errors
    ///
    /// If the 64-bit hashes of names collide in a sharded folder.
    pub fn root(self) -> Result<Node, FinishError<Infallible>> {
        self.finish(&mut Discard)
    }

    fn add(&mut self, path: &str, entry: Entry, size: u64) -> Result<(), TreeError> {
        path::check(path)?;
        let (folder, name) = match path.rsplit_once('/') {
            Some((parents, name)) => (self.folder(parents, path)?, name),
            None => (&mut self.root, path),
        };
        match folder.entries.entry(name.into()) {
            btree_map::Entry::Occupied(_) => Err(TreeError::Duplicate {
                path: path.to_owned(),
            }),
            btree_map::Entry::Vacant(place) => {
                place.insert(entry);
                folder.size = folder.size.saturating_add(size);
                self.memory += Folder::entry_memory(name);
                Ok(())
            }
        }
    }

    /// Returns the folder at `folders`, created with its missing parents.
    fn folder(&mut self, folders: &str, path: &str) -> Result<&mut Folder, TreeError> {
        let mut place = None;
        for name in folders.split('/') {
            let next = self.folders.len();
            let folder = self.at(place);
            let index = match folder.entries.get(name) {
                Some(Entry::Folder(index)) => *index,
                Some(_) => {
                    return Err(TreeError::NotAFolder {
                        path: path.to_owned(),
                        name: name.to_owned(),
                    });
                }
                None => {
                    folder.entries.insert(name.into(), Entry::Folder(next));
                    self.folders.push(Folder::default());
                    self.memory += Folder::entry_memory(name) + Folder::MEMORY;
                    next
                }
            };
            place = Some(index);
        }
        Ok(self.at(place))
    }

    fn at(&mut self, place: Option<usize>) -> &mut Folder {
        match place {
            Some(index) => &mut self.folders[index],
            None => &mut self.root,
        }
    }
}
