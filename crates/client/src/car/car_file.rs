//! A CAR file to read from.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use w3pin_car::{CarError, CarReader};
use w3pin_core::{Cid, Error, ErrorKind, Result};
use w3pin_unixfs::IDENTITY;

use super::{
    block_index::{BlockIndex, BlockIndexBuilder, Key, Place},
    check::{self, CarCheck},
    spool::{Spool, read_at, read_exact_at},
};
use crate::{Retriever, open::open_file, walk::unreadable};

/// How much is read at a time.
const BUFFER: usize = 1 << 20;

/// A CAR file: CARv1 or CARv2, with any number of roots, and blocks in any order, repeated or missing.
///
/// Where each block is was found out when it was opened; clones share that. Memory stays flat, however many
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
    file: File,
    name: String,
    version: u64,
    roots: Vec<Cid>,
    index: BlockIndex,
    blocks: u64,
    bytes: u64,
}

/// Where a block is in a CAR file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarBlock {
    /// The CID that stands before it. Whether its bytes are those is for [`CarFile::check`] to say.
    pub cid: Cid,
    /// Where its bytes begin.
    pub offset: u64,
    /// How many they are.
    pub size: u64,
}

impl CarFile {
    /// Opens a CAR file, and finds out where its blocks are, for which it is read once. A pipe is copied to a
    /// temporary file. This blocks.
    ///
    /// # Errors
    /// [`LocalIo`](ErrorKind::LocalIo) where it can't be read, and [`Decode`](ErrorKind::Decode) where it is
    /// no CAR, is cut off, or holds a block of more than 2 MiB.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let unreadable = |cause| unreadable(path, cause);
        if path.is_dir() {
            let reason = "this is a folder, and not a CAR file";
            return Err(Error::invalid_input("path", reason).with_path(name));
        }
        if path.is_file() {
            let file = open_file(path).map_err(unreadable)?;
            return Self::index(file, name);
        }
        let pipe = File::open(path).map_err(unreadable)?;
        if is_device(&pipe).map_err(unreadable)? {
            let reason = "this is a device, and not a CAR file";
            return Err(Error::invalid_input("path", reason).with_path(name));
        }
        Self::copy(pipe, name)
    }

    /// The same for a CAR that comes from elsewhere, which is copied to a temporary file. This blocks.
    ///
    /// # Errors
    /// As [`open`](Self::open).
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
        let mut reader = reader(&file, &name)?;
        let mut index = BlockIndexBuilder::new(Spool::new(None));
        let mut blocks = 0;
        while let Some((cid, bytes)) = reader.next_block().map_err(|it| failed(&name, it))? {
            blocks += 1;
            // It is read out of its CID.
            if cid.hash().code() == IDENTITY {
                continue;
            }
            let place = Place {
                offset: reader.offset() - bytes.len() as u64,
                length: bytes.len() as u32,
            };
            index
                .add(Key::of_bytes(&cid), place)
                .map_err(|cause| unkept(&name, cause))?;
        }
        let (version, roots) = (reader.header().version, &reader.header().roots);
        let roots = roots.iter().map(|root| Cid::from(*root)).collect();
        let bytes = reader.offset();
        Ok(Self(Arc::new(Opened {
            version,
            roots,
            index: index.finish(),
            blocks,
            bytes,
            file,
            name,
        })))
    }

    /// 1 or 2.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.version
    }

    /// The roots that it names, in order. Their blocks may be missing.
    #[must_use]
    pub fn roots(&self) -> &[Cid] {
        &self.0.roots
    }

    /// How many blocks it has, one that is repeated counted each time.
    #[must_use]
    pub fn block_count(&self) -> u64 {
        self.0.blocks
    }

    /// The bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes
    }

    /// Its blocks, in the order of the file, which is read once more. This blocks.
    ///
    /// # Errors
    /// As [`open`](Self::open), where the file has changed.
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

    /// Compares every block with its CID, and follows the links of all roots. This blocks.
    ///
    /// # Errors
    /// As [`open`](Self::open), where the file has changed. Whatever is wrong with its blocks is what it gives.
    pub fn check(&self) -> Result<CarCheck> {
        check::check(self)
    }

    /// Reads files and folders out of it, and compares every block with its CID. Needs no network, and finds
    /// nothing but what is in the file.
    #[must_use]
    pub fn retriever(&self) -> Retriever {
        Retriever::of_car(self.clone())
    }

    /// The bytes of a block, which aren't checked.
    pub(crate) fn block(&self, cid: &Cid) -> Result<Option<Bytes>> {
        let found = self.find(cid.as_cid())?;
        found.map(|(_, place)| self.bytes_at(place)).transpose()
    }

    /// Where a block is, and its number among all.
    pub(super) fn find(&self, cid: &w3pin_unixfs::Cid) -> Result<Option<(u64, Place)>> {
        let found = self.0.index.find(Key::of_bytes(cid));
        found.map_err(|cause| unkept(&self.0.name, cause))
    }

    pub(super) fn bytes_at(&self, place: Place) -> Result<Bytes> {
        let mut bytes = vec![0; place.length as usize];
        read_exact_at(&self.0.file, &mut bytes, place.offset)
            .map_err(|cause| self.failed(cause))?;
        Ok(bytes.into())
    }

    pub(super) fn reader(&self) -> Result<CarReader<impl io::BufRead + '_>> {
        reader(&self.0.file, &self.0.name)
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
            .field("blocks", &self.0.blocks)
            .finish_non_exhaustive()
    }
}

/// A file from its beginning, whoever else reads it.
struct FromStart<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = read_at(self.file, bytes, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

fn reader<'a>(file: &'a File, name: &str) -> Result<CarReader<BufReader<FromStart<'a>>>> {
    let input = BufReader::with_capacity(BUFFER, FromStart { file, offset: 0 });
    CarReader::open(input).map_err(|cause| failed(name, cause))
}

/// The error for a CAR that can't be read, or isn't one.
fn failed(name: &str, cause: io::Error) -> Error {
    let car = cause.get_ref().and_then(|it| it.downcast_ref::<CarError>());
    match car {
        Some(wrong) => Error::new(ErrorKind::Decode, wrong.to_string()).with_path(name),
        None => unreadable(Path::new(name), cause),
    }
}

fn unkept(name: &str, cause: io::Error) -> Error {
    let reason = format!("no room to note where its blocks are ({cause})");
    Error::local_io(name, reason, cause)
}

/// Whether a file is a device, which may have no end.
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
