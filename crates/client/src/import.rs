//! Imports local content.

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
use w3pin_core::{Error, ErrorKind, Result, printable};
use w3pin_unixfs::{
    Block, BlockSink, FileBuilder, FinishError, HashedChunks, Node, ParallelFileBuilder, Profile,
    TreeBuilder,
};

use crate::{
    CidOptions, Content, Symlinks,
    open::{OpenFolder, open_file},
    walk::{self, LocalFile},
};

/// The approximate read size: a multiple of two large chunks.
const BLOCK: usize = 2 * 1024 * 1024;
/// The most threads that hash a large file. Each holds one read buffer, and a few are as fast as
/// files can be read.
const THREADS: usize = 4;

/// Receives the blocks of an import, on any thread.
pub(crate) trait Sink: BlockSink<Error = io::Error> + Send {}

impl<S: BlockSink<Error = io::Error> + Send> Sink for S {}

/// Imports a file or folder. Its blocks are passed to `sink`, children before parents, except for
/// the chunks of files, which can be read again.
pub(crate) fn import<S: Sink>(
    content: Content,
    options: &CidOptions,
    sink: &mut S,
) -> Result<Node> {
    let path = match content {
        Content::Bytes(bytes) => {
            return of_bytes(&bytes, &options.profile, sink).map_err(unkept);
        }
        Content::Files(mut files) => {
            walk::retain(&mut files, &options.walk)?;
            return in_memory(&files, &options.profile, sink);
        }
        Content::Path(path) => path,
    };
    if path.as_os_str().is_empty() {
        return Err(Error::invalid_input("path", "the path is empty"));
    }
    let metadata = fs::metadata(&path).map_err(|cause| walk::unreadable(&path, cause))?;
    if metadata.is_dir() {
        folder(&path, options, sink)
    } else if metadata.is_file() {
        let opened = open_file(&path);
        file(&path, opened, metadata.len(), &options.profile, sink)
    } else {
        Err(Error::invalid_input(
            "path",
            "this is a pipe, socket or device, not a regular file",
        )
        .with_path(path.display().to_string()))
    }
}

fn of_bytes<S: Sink>(bytes: &[u8], profile: &Profile, sink: &mut S) -> io::Result<Node> {
    let mut file = FileBuilder::with_sink(profile, WithoutChunks(sink));
    file.update(bytes)?;
    Ok(file.finish()?.0)
}

fn in_memory<S: Sink>(
    files: &BTreeMap<String, Bytes>,
    profile: &Profile,
    sink: &mut S,
) -> Result<Node> {
    let mut tree = TreeBuilder::new(profile);
    for (path, bytes) in files {
        let node = of_bytes(bytes, profile, sink).map_err(unkept)?;
        tree.add_file(path, node)
            .map_err(|cause| no_place(path, &cause))?;
    }
    finish(tree, "the folder", sink)
}

fn folder<S: Sink>(path: &Path, options: &CidOptions, sink: &mut S) -> Result<Node> {
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
            sink,
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
    finish(tree, &found.name, sink)
}

fn finish<S: Sink>(tree: TreeBuilder, name: &str, sink: &mut S) -> Result<Node> {
    tree.finish(sink).map_err(|cause| match cause {
        FinishError::Sink(cause) => unkept(cause),
        cause => no_place(name, &cause),
    })
}

fn file<S: Sink>(
    path: &Path,
    opened: io::Result<File>,
    length: u64,
    profile: &Profile,
    sink: &mut S,
) -> Result<Node> {
    let unreadable = |cause| walk::unreadable(path, cause);
    let file = opened.map_err(unreadable)?;
    if length <= BLOCK as u64 {
        small(file, length, profile, sink).map_err(unreadable)
    } else {
        large(file, profile, sink).map_err(unreadable)
    }
}

fn small<S: Sink>(
    mut file: File,
    length: u64,
    profile: &Profile,
    sink: &mut S,
) -> io::Result<Node> {
    let mut builder = FileBuilder::with_sink(profile, WithoutChunks(sink));
    // Only the last read may be short, so the buffer has room for one byte more than the file.
    let mut block = vec![0; usize::try_from(length).unwrap_or(BLOCK) + 1];
    loop {
        let filled = fill(&mut file, &mut block)?;
        builder.update(&block[..filled])?;
        if filled < block.len() {
            return Ok(builder.finish()?.0);
        }
        // The file grows, as files in `/proc` do from zero bytes.
        block.resize(BLOCK, 0);
    }
}

/// Each thread reads the next part of the file and hashes it while others read theirs.
fn large<S: Sink>(file: File, profile: &Profile, sink: &mut S) -> io::Result<Node> {
    let pair = 2 * profile.chunk_size();
    let block = pair * (BLOCK / pair).max(1);
    let reading = Mutex::new(SharedFile {
        file,
        place: 0,
        ended: false,
    });
    let builder = Mutex::new(ParallelFileBuilder::with_sink(profile, sink));
    let work = || -> io::Result<()> {
        let mut block = vec![0; block];
        loop {
            // A separate statement, to unlock the file before hashing.
            let read = lock(&reading).next(&mut block)?;
            let Some((place, bytes)) = read else {
                return Ok(());
            };
            let chunks = HashedChunks::new(profile, bytes);
            lock(&builder).update(place, chunks)?;
        }
    };
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
    thread::scope(|scope| {
        // If no other thread can be started, this one does all the work.
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
    let (root, _) = builder.finish()?;
    root.ok_or_else(|| io::Error::other("blocks of the file were lost"))
}

/// Passes on all blocks of a file except its chunks, which are the blocks without links.
struct WithoutChunks<'a, S>(&'a mut S);

impl<S: Sink> BlockSink for WithoutChunks<'_, S> {
    type Error = io::Error;

    fn put(&mut self, block: Block<'_>) -> io::Result<()> {
        match block.links() {
            [] => Ok(()),
            _ => self.0.put(block),
        }
    }
}

/// A file that several threads read, one part at a time.
struct SharedFile {
    file: File,
    place: u64,
    ended: bool,
}

impl SharedFile {
    /// Reads the next part and returns its position; `None` after a short or failed read.
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

/// Reads until the buffer is full or the file ends.
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

fn no_place(name: &str, cause: &dyn std::fmt::Display) -> Error {
    let name = printable(name);
    Error::invalid_input("path", format!("{name:?} can't be in a folder: {cause}"))
}

/// Returns the error for a sink without space.
fn unkept(cause: io::Error) -> Error {
    let reason = format!("blocks can't be stored temporarily ({cause})");
    Error::new(ErrorKind::LocalIo, reason).with_source(cause)
}
