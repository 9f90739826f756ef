//! Reads CAR files.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use w3pin_car::{CarError, CarReader};
use w3pin_core::{Cid, Error, ErrorKind, Result};
use w3pin_dag::{CarBlocks, CarBlocksError, Step, Walk, read_at};

use super::check::{self, CarCheck};
use crate::{Retriever, open::open_file, walk::unreadable};

/// A CARv1 or CARv2 file with any number of roots. Blocks may be in any order, repeated or missing.
///
/// Opening it builds an index of its blocks, which clones share. Memory stays constant, however many
/// blocks there are.
///
/// ```
/// use w3pin::{CarFile, CidOptions, Content, FetchOptions, IpfsPath, pack_car};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("hello.car");
/// # pack_car(Content::files([("a/b", "hello")]), &path, &CidOptions::new())?;
/// let car = CarFile::open(&path)?;
/// let root = car.roots()[0].clone();
/// # let destination = folder.path().join("unpacked");
/// let options = FetchOptions::new();
/// car.retriever().fetch(&IpfsPath::new(root), &destination, options).await?;
/// # assert_eq!(std::fs::read(destination.join("a/b"))?, b"hello");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CarFile(Arc<Opened>);

struct Opened {
    name: String,
    roots: Vec<Cid>,
    blocks: CarBlocks,
}

/// The position of a block in a CAR file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarBlock {
    /// The CID stated before the block. [`CarFile::check`] verifies it.
    pub cid: Cid,
    /// The offset of its bytes in the file.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
}

impl CarFile {
    /// Opens a CAR file and reads it once to index its blocks. A pipe is copied to a
    /// temporary file. This function blocks.
    ///
    /// # Errors
    /// [`LocalIo`](ErrorKind::LocalIo) if it can't be read, and [`Decode`](ErrorKind::Decode) if it isn't
    /// a CAR, is truncated, or contains a block of more than 2 MiB.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let unreadable = |cause| unreadable(path, cause);
        if path.is_dir() {
            let reason = "this is a folder, not a CAR file";
            return Err(Error::invalid_input("path", reason).with_path(name));
        }
        if path.is_file() {
            let file = open_file(path).map_err(unreadable)?;
            return Self::index(file, name);
        }
        let pipe = File::open(path).map_err(unreadable)?;
        if is_device(&pipe).map_err(unreadable)? {
            let reason = "this is a device, not a CAR file";
            return Err(Error::invalid_input("path", reason).with_path(name));
        }
        Self::copy(pipe, name)
    }

    /// Reads a CAR from any source, copies it to a temporary file, and indexes its blocks. This function blocks.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open).
    pub fn read(input: impl Read) -> Result<Self> {
        Self::copy(input, "-".to_owned())
    }

    fn copy(mut input: impl Read, name: String) -> Result<Self> {
        let failed = |cause: io::Error| {
            let reason = format!("the CAR can't be copied to a temporary file ({cause})");
            Error::local_io(name.clone(), reason, cause)
        };
        let mut file = tempfile::tempfile().map_err(failed)?;
        io::copy(&mut input, &mut file).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Self::index(file, name)
    }

    fn index(file: File, name: String) -> Result<Self> {
        let blocks = CarBlocks::read(file).map_err(|cause| failed_blocks(&name, cause))?;
        let roots = blocks.header().roots.iter().map(|root| Cid::from(*root));
        Ok(Self(Arc::new(Opened {
            roots: roots.collect(),
            name,
            blocks,
        })))
    }

    /// Returns the version, 1 or 2.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.blocks.header().version
    }

    /// Returns the roots in the header, in order. Their blocks may be missing.
    #[must_use]
    pub fn roots(&self) -> &[Cid] {
        &self.0.roots
    }

    /// Returns the number of blocks, counting repeated ones each time.
    #[must_use]
    pub fn block_count(&self) -> u64 {
        self.0.blocks.block_count()
    }

    /// Returns the size of the file in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.blocks.bytes()
    }

    /// Returns its blocks in the order of the file, which is read again. This function blocks.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open), if the file has changed.
    pub fn blocks(&self) -> Result<impl Iterator<Item = Result<CarBlock>> + '_> {
        let mut reader = self.reader()?;
        Ok(std::iter::from_fn(move || {
            let next = reader.next_block().map_err(|cause| self.failed(cause));
            let (cid, bytes) = match next {
                Ok(next) => next?,
                Err(error) => return Some(Err(error)),
            };
            let size = bytes.len() as u64;
            Some(Ok(CarBlock {
                cid: cid.into(),
                offset: reader.offset() - size,
                size,
            }))
        }))
    }

    /// Compares every block with its CID, and follows the links of all roots. This function blocks.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open), if the file has changed. Faults of its blocks are in the result.
    pub fn check(&self) -> Result<CarCheck> {
        check::check(self)
    }

    /// Returns a retriever that reads files and folders from the CAR file and verifies every block.
    /// It doesn't use the network, so content that isn't in the file isn't found.
    #[must_use]
    pub fn retriever(&self) -> Retriever {
        Retriever::of_car(self.clone())
    }

    /// Returns the unverified bytes of a block.
    pub(crate) fn block(&self, cid: &Cid) -> Result<Option<Bytes>> {
        let found = self.0.blocks.block(cid.as_cid());
        found.map_err(|cause| self.failed_blocks(cause))
    }

    /// Returns the root, if there is exactly one and its whole DAG is in the file.
    pub(crate) fn one_root(&self) -> Result<Cid> {
        let refuse =
            |reason: String| Err(Error::invalid_input("path", reason).with_path(&self.0.name));
        let [root] = self.roots() else {
            return refuse(match self.roots().len() {
                0 => "the CAR has no root, and a pin needs one".to_owned(),
                count => {
                    format!(
                        "the CAR has {count} roots, and a pin has one; pack each in its own CAR"
                    )
                }
            });
        };
        let mut walk = self.walk();
        while let Some(step) = walk
            .next_step()
            .map_err(|cause| self.failed_blocks(cause))?
        {
            match step {
                Step::Block { .. } => {}
                Step::Missing(cid) => {
                    return refuse(format!("the CAR is incomplete: block {cid} is missing"));
                }
                Step::Unreadable { cid, reason, .. } => {
                    return refuse(format!("block {cid} of the CAR can't be decoded: {reason}"));
                }
                Step::NotFollowed(cid) => {
                    return refuse(format!(
                        "block {cid} of the CAR has an unsupported codec, so its links can't be followed to \
                         check that the CAR is complete"
                    ));
                }
            }
        }
        Ok(root.clone())
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the current length of the file.
    pub(crate) fn length(&self) -> Result<u64> {
        let metadata = self.0.blocks.file().metadata();
        Ok(metadata.map_err(|cause| self.failed(cause))?.len())
    }

    /// Reads from a position in the file.
    pub(crate) fn read_at(&self, bytes: &mut [u8], offset: u64) -> Result<usize> {
        loop {
            match read_at(self.0.blocks.file(), bytes, offset) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                read => return read.map_err(|cause| self.failed(cause)),
            }
        }
    }

    /// Returns a walk from all roots.
    pub(super) fn walk(&self) -> Walk<'_> {
        Walk::new(&self.0.blocks, &self.0.blocks.header().roots)
    }

    pub(super) fn contents(&self) -> &CarBlocks {
        &self.0.blocks
    }

    pub(super) fn reader(&self) -> Result<CarReader<impl io::BufRead + '_>> {
        self.0.blocks.reader().map_err(|cause| self.failed(cause))
    }

    pub(super) fn failed_blocks(&self, cause: CarBlocksError) -> Error {
        failed_blocks(&self.0.name, cause)
    }

    pub(super) fn failed(&self, cause: io::Error) -> Error {
        failed(&self.0.name, cause)
    }
}

impl fmt::Debug for CarFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarFile")
            .field("name", &self.0.name)
            .field("roots", &self.0.roots)
            .field("blocks", &self.block_count())
            .finish_non_exhaustive()
    }
}

/// Returns the error for a CAR that can't be read or is invalid.
fn failed(name: &str, cause: io::Error) -> Error {
    let car = cause.get_ref().and_then(|it| it.downcast_ref::<CarError>());
    match car {
        Some(wrong) => Error::new(ErrorKind::Decode, wrong.to_string()).with_path(name),
        None => unreadable(Path::new(name), cause),
    }
}

fn failed_blocks(name: &str, cause: CarBlocksError) -> Error {
    match cause {
        CarBlocksError::Car(cause) => failed(name, cause.into()),
        CarBlocksError::Unreadable(cause) => failed(name, cause),
        cause => {
            let reason = cause.to_string();
            Error::local_io(name, reason, io::Error::other(cause))
        }
    }
}

/// Returns whether a file is a device, which may be endless.
#[cfg(unix)]
fn is_device(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::FileTypeExt;

    let kind = file.metadata()?.file_type();
    Ok(kind.is_char_device() || kind.is_block_device())
}

#[cfg(not(unix))]
fn is_device(_: &File) -> io::Result<bool> {
    Ok(false)
}
