//! What is pinned: files by name, and where their bytes are.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use bytes::{Buf, Bytes};
use w3pin_core::{Error, ErrorKind, FileName, FilePart, Result};

use crate::{
    ByteStream, PinOptions,
    walk::{self, WalkOptions},
};

/// A file of so many bytes is read at once, when it is looked at: another visit to a thread that may
/// block would cost more than the rest of its upload.
pub(super) const SMALL: u64 = 64 * 1024;

/// Files to pin under one root.
pub(crate) struct Content {
    pub(super) parts: Vec<FilePart>,
    pub(super) source: Source,
}

impl Content {
    /// Whichever is there.
    pub(crate) fn path(path: PathBuf, options: &WalkOptions) -> Result<Self> {
        let metadata = fs::metadata(&path).map_err(|cause| unreadable(&path, cause))?;
        if metadata.is_dir() {
            Self::folder(&path, options)
        } else {
            Self::file_like(path, &metadata)
        }
    }

    pub(crate) fn file(path: PathBuf) -> Result<Self> {
        let metadata = fs::metadata(&path).map_err(|cause| unreadable(&path, cause))?;
        Self::file_like(path, &metadata)
    }

    fn file_like(path: PathBuf, metadata: &Metadata) -> Result<Self> {
        let shown = path.display().to_string();
        let refuse = |reason: &'static str| {
            Err(Error::invalid_input("path", reason).with_path(shown.clone()))
        };
        if metadata.is_dir() {
            return refuse("this is a folder, not a file; pin it as a folder");
        }
        if !metadata.is_file() {
            return refuse("this is neither a file nor a folder; pin what it gives as a stream");
        }
        if metadata.len() == 0 {
            return refuse("the file is empty, and the service pins no empty files");
        }
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return refuse("the file's name isn't UTF-8, so it can't be sent; rename the file");
        };
        let part = FilePart::new(name, Some(metadata.len()))
            .map_err(|error| error.with_path(shown.clone()))?;
        if metadata.len() <= SMALL
            && let Some(bytes) = read_small(&path, metadata.len())?
        {
            return Self::bytes(name.to_owned(), bytes.into());
        }
        Ok(Self {
            parts: vec![part],
            source: Source::File(path),
        })
    }

    pub(crate) fn folder(path: &Path, options: &WalkOptions) -> Result<Self> {
        let folder = walk::walk(path, options)?;
        let parts = folder.files.into_iter();
        let parts = parts.map(|file| {
            FilePart::new(&file.name, Some(file.length))
                .map_err(|error| error.with_path(path.display().to_string()))
        });
        Ok(Self {
            parts: parts.collect::<Result<_>>()?,
            source: Source::Folder(path.to_owned()),
        })
    }

    pub(crate) fn bytes(name: String, bytes: Bytes) -> Result<Self> {
        Ok(Self {
            parts: vec![FilePart::new(&name, Some(bytes.len() as u64))?],
            source: Source::Bytes(bytes),
        })
    }

    pub(crate) async fn stream(name: String, mut stream: ByteStream) -> Result<Self> {
        let part = FilePart::new(&name, stream.known_length())?;
        let first = match stream.next().await {
            Some(Ok(first)) => first,
            Some(Err(cause)) => return Err(broken(cause)),
            None => {
                return Err(Error::invalid_input(
                    "stream",
                    "the stream is empty, and the service pins no empty files",
                ));
            }
        };
        Ok(Self {
            parts: vec![part],
            source: Source::Stream(Mutex::new(Some(stream.push_front(first)))),
        })
    }

    /// The bytes of all files, if they are known.
    pub(super) fn total(&self) -> Option<u64> {
        self.parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(part.length()?))
    }
}

/// All bytes of a file that had so many, or none where it has become another.
fn read_small(path: &Path, length: u64) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    File::open(path)
        .and_then(|file| file.take(length + 1).read_to_end(&mut bytes))
        .map_err(|cause| unreadable(path, cause))?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}

/// What a file without a name of its own is called: by the pin's name, if a file can have that.
pub(crate) fn file_name(options: &PinOptions, default: &str) -> Result<String> {
    let name = options.metadata.name.as_deref().unwrap_or(default);
    let usable = !name.contains('/') && name.parse::<FileName>().is_ok();
    Ok(if usable { name } else { default }.to_owned())
}

/// Where the bytes are.
pub(super) enum Source {
    File(PathBuf),
    /// That of every file is in its name.
    Folder(PathBuf),
    Bytes(Bytes),
    /// Until it is read.
    Stream(Mutex<Option<ByteStream>>),
}

impl Source {
    pub(super) fn can_be_read_again(&self) -> bool {
        !matches!(self, Self::Stream(_))
    }

    /// Whether it can be read without blocking anyone for long.
    pub(super) fn is_at_hand(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.len() as u64 <= SMALL)
    }

    pub(super) fn open(&self, name: &str) -> Result<Reader> {
        let open = |path: PathBuf| match File::open(&path) {
            Ok(file) => Ok(Reader::File(file, path)),
            Err(cause) => Err(unreadable(&path, cause)),
        };
        match self {
            Self::File(path) => open(path.clone()),
            Self::Folder(root) => open(walk::path_of(root, name)),
            Self::Bytes(bytes) => Ok(Reader::Bytes(bytes.clone())),
            Self::Stream(stream) => {
                let taken = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                match taken {
                    Some(stream) => Ok(Reader::Stream(stream, Bytes::new())),
                    None => Err(Error::new(
                        ErrorKind::LocalIo,
                        "the stream was read already, and can't be read again",
                    )),
                }
            }
        }
    }
}

/// One open file.
pub(super) enum Reader {
    File(File, PathBuf),
    Bytes(Bytes),
    Stream(ByteStream, Bytes),
}

impl Reader {
    /// Reads on into `room`, and tells how many bytes; none at the end. A file blocks meanwhile.
    pub(super) async fn read(&mut self, room: &mut [u8]) -> Result<usize> {
        match self {
            Self::File(file, path) => loop {
                match file.read(room) {
                    Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                    result => return result.map_err(|cause| unreadable(path, cause)),
                }
            },
            Self::Bytes(bytes) => Ok(take(bytes, room)),
            Self::Stream(stream, part) => {
                if part.is_empty() {
                    match stream.next().await {
                        Some(Ok(next)) => *part = next,
                        Some(Err(cause)) => return Err(broken(cause)),
                        None => return Ok(0),
                    }
                }
                Ok(take(part, room))
            }
        }
    }

    /// The error for content that isn't as long as it was when it was first looked at.
    pub(super) fn changed(&self, reason: String) -> Error {
        let error = Error::new(ErrorKind::LocalIo, reason);
        match self {
            Self::File(_, path) => error.with_path(path.display().to_string()),
            Self::Bytes(_) | Self::Stream(..) => error,
        }
    }
}

fn take(bytes: &mut Bytes, room: &mut [u8]) -> usize {
    let length = bytes.len().min(room.len());
    bytes.copy_to_slice(&mut room[..length]);
    length
}

fn unreadable(path: &Path, cause: io::Error) -> Error {
    let reason = match cause.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "the file may not be read".to_owned(),
        _ => format!("the file can't be read ({cause})"),
    };
    Error::local_io(path.display().to_string(), reason, cause)
}

fn broken(cause: io::Error) -> Error {
    Error::new(ErrorKind::LocalIo, format!("the stream failed: {cause}")).with_source(cause)
}
