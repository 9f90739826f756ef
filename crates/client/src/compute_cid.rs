//! CIDs of local content, offline.

use std::{
    fs::{self, File},
    io::{self, Read},
    panic::resume_unwind,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use w3pin_core::{Cid, Error, Result};
use w3pin_unixfs::{FileBuilder, HashedChunks, Node, ParallelFileBuilder, Profile, TreeBuilder};

use crate::{
    Symlinks,
    walk::{self, LocalFile, WalkOptions},
};

/// The block in which files are read, about: a multiple of twice the chunks of large ones.
const BLOCK: usize = 2 * 1024 * 1024;
/// How many threads a large file is hashed on at most. Each holds a block, and a few of them are as fast
/// as files can be read.
const THREADS: usize = 4;

/// How the CID of local content is computed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CidOptions {
    /// How content is laid out.
    pub profile: Profile,
    /// Whether a folder's hidden files and folders, whose names begin with a dot, count.
    pub hidden: bool,
    /// What becomes of a folder's symbolic links.
    pub symlinks: Symlinks,
}

impl CidOptions {
    /// The default profile, no hidden files, and links kept as links.
    #[must_use]
    pub fn new() -> Self {
        Self {
            profile: Profile::default(),
            hidden: false,
            symlinks: Symlinks::Preserve,
        }
    }

    /// Sets the layout.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Counts a folder's hidden files too.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = hidden;
        self
    }

    /// Sets what becomes of a folder's symbolic links.
    #[must_use]
    pub fn symlinks(mut self, symlinks: Symlinks) -> Self {
        self.symlinks = symlinks;
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
    /// The root's CID.
    pub cid: Cid,
    /// Bytes of content.
    pub size: u64,
    /// Bytes of all blocks, one that is linked twice counted twice.
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

/// Computes the CID that the file or folder at `path` has, offline.
///
/// A folder's own name doesn't count; empty folders in it do, though an upload leaves them out. This
/// blocks, so async code calls it on a thread of its own.
///
/// # Errors
/// [`LocalIo`](w3pin_core::ErrorKind::LocalIo) where something can't be read, and
/// [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) where UnixFS can't hold it, each with its
/// path.
///
/// ```
/// use w3pin::{CidOptions, compute_cid};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("hello.txt");
/// std::fs::write(&path, "hello world").unwrap();
/// let root = compute_cid(&path, &CidOptions::new())?;
/// assert_eq!(
///     root.cid.to_string(),
///     "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
/// );
/// # Ok::<(), w3pin::Error>(())
/// ```
pub fn compute_cid(path: impl AsRef<Path>, options: &CidOptions) -> Result<Root> {
    let path = path.as_ref();
    let metadata = fs::metadata(path).map_err(|cause| walk::unreadable(path, cause))?;
    if metadata.is_dir() {
        folder(path, options).map(Root::from)
    } else if metadata.is_file() {
        file(path, metadata.len(), &options.profile).map(Root::from)
    } else {
        Err(Error::invalid_input(
            "path",
            "this is a pipe, socket or device, which has no lasting content",
        )
        .with_path(path.display().to_string()))
    }
}

/// Computes the CID that a file of these bytes has.
///
/// ```
/// use w3pin::{Profile, compute_cid_of_bytes};
///
/// let root = compute_cid_of_bytes(b"hello world", &Profile::unixfs_v0_2015());
/// assert_eq!(root.cid.to_string(), "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD");
/// ```
#[must_use]
pub fn compute_cid_of_bytes(bytes: &[u8], profile: &Profile) -> Root {
    let mut file = FileBuilder::new(profile);
    file.push(bytes);
    file.root().into()
}

fn folder(path: &Path, options: &CidOptions) -> Result<Node> {
    let found = walk::survey(
        path,
        &WalkOptions {
            hidden: options.hidden,
            symlinks: options.symlinks,
        },
    )?;
    let no_place = |name: &str, cause: &dyn std::fmt::Display| {
        Error::invalid_input(
            "path",
            format!("{name:?} has no place in a folder: {cause}"),
        )
    };
    let mut tree = TreeBuilder::new(&options.profile);
    for LocalFile { name, length } in &found.files {
        let node = file(&found.path(name), *length, &options.profile)?;
        tree.add_file(found.below(name), node)
            .map_err(|cause| no_place(name, &cause))?;
    }
    for (name, target) in &found.symlinks {
        tree.add_symlink(found.below(name), target)
            .map_err(|cause| no_place(name, &cause))?;
    }
    for name in &found.empty_folders {
        match found.below(name) {
            "" => {}
            below => tree
                .add_folder(below)
                .map_err(|cause| no_place(name, &cause))?,
        }
    }
    tree.root().map_err(|cause| no_place(&found.name, &cause))
}

fn file(path: &Path, length: u64, profile: &Profile) -> Result<Node> {
    let unreadable = |cause| walk::unreadable(path, cause);
    let file = File::open(path).map_err(unreadable)?;
    if length <= BLOCK as u64 {
        small(file, length, profile).map_err(unreadable)
    } else {
        large(file, profile).map_err(unreadable)
    }
}

fn small(mut file: File, length: u64, profile: &Profile) -> io::Result<Node> {
    let mut builder = FileBuilder::new(profile);
    // A block that isn't filled is the last, so it has room for one byte more than the file has.
    let mut block = vec![0; usize::try_from(length).unwrap_or(BLOCK) + 1];
    loop {
        let filled = fill(&mut file, &mut block)?;
        builder.push(&block[..filled]);
        if filled < block.len() {
            return Ok(builder.root());
        }
        // It grows, as files in /proc do from nothing.
        block.resize(BLOCK, 0);
    }
}

/// Every thread reads the next block, and hashes it while the others read theirs.
fn large(file: File, profile: &Profile) -> io::Result<Node> {
    let pair = 2 * profile.chunk_size();
    let block = pair * (BLOCK / pair).max(1);
    let reading = Mutex::new(Reading {
        file,
        place: 0,
        ended: false,
    });
    let builder = Mutex::new(ParallelFileBuilder::new(profile));
    let work = || -> io::Result<()> {
        let mut block = vec![0; block];
        loop {
            // A statement of its own, so that the file is free for others while this block is hashed.
            let read = lock(&reading).next(&mut block)?;
            let Some((place, bytes)) = read else {
                return Ok(());
            };
            let chunks = HashedChunks::new(profile, bytes);
            lock(&builder).push(place, chunks);
        }
    };
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
    thread::scope(|scope| {
        // Where no other thread can be started, this one does it all.
        let others: Vec<_> = (1..threads)
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let mut result = work();
        for other in others {
            result = result.and(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        result
    })?;
    let builder = builder.into_inner().unwrap_or_else(PoisonError::into_inner);
    builder
        .root()
        .ok_or_else(|| io::Error::other("blocks of the file were lost"))
}

/// A file that several threads read, a block at a time.
struct Reading {
    file: File,
    place: u64,
    ended: bool,
}

impl Reading {
    /// The next block and its place; none once one wasn't filled, or failed.
    fn next<'a>(&mut self, block: &'a mut [u8]) -> io::Result<Option<(u64, &'a [u8])>> {
        if self.ended {
            return Ok(None);
        }
        self.ended = true;
        let filled = fill(&mut self.file, block)?;
        self.ended = filled < block.len();
        self.place += 1;
        Ok(Some((self.place - 1, &block[..filled])))
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads until the block is full or the file ends.
fn fill(file: &mut File, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match file.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(filled)
}
