//! CIDs of local content, offline.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    panic::resume_unwind,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use bytes::Bytes;
use w3pin_core::{Cid, Error, Result, printable};
use w3pin_unixfs::{FileBuilder, HashedChunks, Node, ParallelFileBuilder, Profile, TreeBuilder};

use crate::{
    Content, Symlinks, WalkOptions,
    open::{OpenFolder, open_file},
    walk::{self, LocalFile},
};

/// The block in which files are read, about: a multiple of twice the chunks of large ones.
const BLOCK: usize = 2 * 1024 * 1024;
/// How many threads a large file is hashed on at most. Each holds a block, and a few of them are as fast
/// as files can be read.
const THREADS: usize = 4;

/// How the CID of local content is computed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CidOptions {
    /// The UnixFS profile by which content is imported.
    pub profile: Profile,
    /// Which entries of a folder count; symbolic links stay links unless set otherwise.
    pub walk: WalkOptions,
    /// Whether empty folders count; an upload can't carry them, so the CID of an upload is that
    /// without them.
    pub empty_folders: bool,
}

impl CidOptions {
    /// The default profile, no hidden files, links kept as links, and empty folders counted.
    #[must_use]
    pub fn new() -> Self {
        Self {
            profile: Profile::default(),
            walk: WalkOptions::new().symlinks(Symlinks::Preserve),
            empty_folders: true,
        }
    }

    /// Sets how content is imported.
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

    /// Sets whether a folder's hidden files count.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.walk.hidden = hidden;
        self
    }

    /// Sets what happens to a folder's symbolic links.
    #[must_use]
    pub fn symlinks(mut self, symlinks: Symlinks) -> Self {
        self.walk.symlinks = symlinks;
        self
    }

    /// Sets whether a folder's empty folders count.
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
    /// The bytes of all blocks, one that is linked twice counted twice.
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
/// - `content`: A file or folder, on the disk or in memory.
///
/// A folder's own name doesn't count. This blocks, so async code calls it on a thread of its own.
///
/// # Errors
/// [`LocalIo`](w3pin_core::ErrorKind::LocalIo) where something can't be read, and
/// [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) where UnixFS can't hold it, each with its path.
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
    let path = match content.into() {
        Content::Bytes(bytes) => return Ok(of_bytes(&bytes, &options.profile).into()),
        Content::Files(mut files) => {
            walk::retain(&mut files, &options.walk)?;
            return in_memory(&files, &options.profile).map(Root::from);
        }
        Content::Path(path) => path,
    };
    if path.as_os_str().is_empty() {
        return Err(Error::invalid_input("path", "the path is empty"));
    }
    let metadata = fs::metadata(&path).map_err(|cause| walk::unreadable(&path, cause))?;
    if metadata.is_dir() {
        folder(&path, options).map(Root::from)
    } else if metadata.is_file() {
        let opened = open_file(&path);
        file(&path, opened, metadata.len(), &options.profile).map(Root::from)
    } else {
        Err(Error::invalid_input(
            "path",
            "this is a pipe, socket or device, which has no lasting content",
        )
        .with_path(path.display().to_string()))
    }
}

fn of_bytes(bytes: &[u8], profile: &Profile) -> Node {
    let mut file = FileBuilder::new(profile);
    file.push(bytes);
    file.root()
}

fn in_memory(files: &BTreeMap<String, Bytes>, profile: &Profile) -> Result<Node> {
    let mut tree = TreeBuilder::new(profile);
    for (path, bytes) in files {
        tree.add_file(path, of_bytes(bytes, profile))
            .map_err(|cause| no_place(path, &cause))?;
    }
    tree.root().map_err(|cause| no_place("the folder", &cause))
}

fn no_place(name: &str, cause: &dyn std::fmt::Display) -> Error {
    let name = printable(name);
    Error::invalid_input(
        "path",
        format!("{name:?} has no place in a folder: {cause}"),
    )
}

fn folder(path: &Path, options: &CidOptions) -> Result<Node> {
    let found = walk::survey(path, &options.walk)?;
    let follow_links = options.walk.symlinks == Symlinks::Follow;
    let opened =
        OpenFolder::new(path, follow_links).map_err(|cause| walk::unreadable(path, cause))?;
    let mut tree = TreeBuilder::new(&options.profile);
    for LocalFile { name, length } in &found.files {
        let below = found.below(name);
        let node = file(
            &found.path(name),
            opened.file(below),
            *length,
            &options.profile,
        )?;
        tree.add_file(below, node)
            .map_err(|cause| no_place(name, &cause))?;
    }
    for (name, target) in &found.symlinks {
        tree.add_symlink(found.below(name), target)
            .map_err(|cause| no_place(name, &cause))?;
    }
    let empty_folders = found.empty_folders.iter();
    for name in empty_folders.filter(|_| options.empty_folders) {
        match found.below(name) {
            "" => {}
            below => tree
                .add_folder(below)
                .map_err(|cause| no_place(name, &cause))?,
        }
    }
    tree.root().map_err(|cause| no_place(&found.name, &cause))
}

fn file(path: &Path, opened: io::Result<File>, length: u64, profile: &Profile) -> Result<Node> {
    let unreadable = |cause| walk::unreadable(path, cause);
    let file = opened.map_err(unreadable)?;
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
    let reading = Mutex::new(SharedFile {
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
struct SharedFile {
    file: File,
    place: u64,
    ended: bool,
}

impl SharedFile {
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
