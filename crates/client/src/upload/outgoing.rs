//! The content to pin: files by name, and where their bytes are.

use std::{
    collections::BTreeMap,
    fs::{self, File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use bytes::{Buf, Bytes};
use tracing::warn;
use w3pin_core::{Cid, Error, ErrorKind, FileName, FilePart, Result, printable};

use crate::{
    ByteStream, CarFile, Content, PinOptions, PreviewedFile, Symlinks,
    open::{OpenFolder, open_file},
    walk::{self, LocalFile},
};

/// Files up to this size are read at once when they are inspected: another hop to a blocking thread
/// would cost more than the rest of the upload.
pub(super) const SMALL: u64 = 64 * 1024;

/// Files to pin under one root.
pub(crate) struct Outgoing {
    pub(super) parts: Vec<FilePart>,
    pub(super) source: Source,
}

impl Outgoing {
    /// Returns a file or folder, whichever the content is.
    pub(crate) fn new(content: Content, options: &PinOptions) -> Result<Self> {
        match content {
            Content::Path(path) => Self::path(path, options),
            Content::Bytes(bytes) => Self::bytes("bytes", bytes, options),
            Content::Files(files) => Self::in_memory(files, options),
        }
    }

    /// Returns a file.
    pub(crate) fn file(path: PathBuf, options: &PinOptions) -> Result<Self> {
        let metadata = metadata(&path)?;
        Self::lone(path, &metadata, options)
    }

    /// Returns a folder.
    pub(crate) fn folder(content: Content, options: &PinOptions) -> Result<Self> {
        match content {
            Content::Path(path) => Self::folder_at(&path, options),
            Content::Files(files) => Self::in_memory(files, options),
            Content::Bytes(_) => Err(Error::invalid_input(
                "folder",
                "bytes are a file, not a folder; pin them as bytes",
            )),
        }
    }

    /// Returns a file with these bytes.
    pub(crate) fn bytes(default_name: &str, bytes: Bytes, options: &PinOptions) -> Result<Self> {
        let name = options.file_name_or(default_name);
        Ok(Self {
            parts: vec![lone_part(name, Some(bytes.len() as u64), options)?],
            source: Source::Bytes(bytes),
        })
    }

    /// Returns the part for a CAR with one root and its whole DAG, and that root.
    pub(crate) fn car(car: CarFile, options: &PinOptions) -> Result<(Self, FilePart, Cid)> {
        let root = car.one_root()?;
        let own_name = Path::new(car.name()).file_name().and_then(|it| it.to_str());
        let own_name = own_name
            .filter(|name| is_segment(name))
            .unwrap_or("content.car");
        let part = lone_part(own_name, Some(car.length()?), options)?;
        let outgoing = Self {
            parts: vec![part.clone()],
            source: Source::Car(car),
        };
        Ok((outgoing, part, root))
    }

    /// Returns the content of a stream. Waits for its first bytes, since an empty stream isn't
    /// sent.
    pub(crate) async fn stream(mut stream: ByteStream, options: &PinOptions) -> Result<Self> {
        let name = options.file_name_or("stream");
        let part = lone_part(name, stream.known_length(), options)?;
        let first = match stream.next().await {
            Some(Ok(first)) => first,
            Some(Err(cause)) => return Err(broken(cause)),
            None => {
                return Err(Error::invalid_input(
                    "stream",
                    "the stream is empty, and the service doesn't pin empty files",
                ));
            }
        };
        Ok(Self {
            parts: vec![part],
            source: Source::Stream(Mutex::new(Some(stream.push_front(first)))),
        })
    }

    /// Returns the size of all files, if known.
    pub(super) fn total(&self) -> Option<u64> {
        self.parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(part.length()?))
    }

    /// Returns the parts to send, and where their bytes are.
    pub(crate) fn into_parts(self) -> (Vec<FilePart>, Source) {
        (self.parts, self.source)
    }

    /// Returns the files for a preview.
    pub(crate) fn files(&self) -> Vec<PreviewedFile> {
        let files = self.parts.iter().map(|part| PreviewedFile {
            name: part.name().to_string(),
            size: part.length().unwrap_or_default(),
        });
        files.collect()
    }

    fn path(path: PathBuf, options: &PinOptions) -> Result<Self> {
        let metadata = metadata(&path)?;
        if metadata.is_dir() {
            Self::folder_at(&path, options)
        } else {
            Self::lone(path, &metadata, options)
        }
    }

    fn lone(path: PathBuf, metadata: &Metadata, options: &PinOptions) -> Result<Self> {
        let (file, length) = opened(&path, metadata)?;
        let shown = path.display().to_string();
        let own_name = path.file_name().and_then(|name| name.to_str());
        let part = match (&options.file_name, own_name) {
            (None, None) => Err(Error::invalid_input(
                "path",
                "the file's name isn't UTF-8, so it can't be sent; rename the file",
            )),
            (None, Some(name)) => lone_part(name, Some(length), options),
            (Some(name), _) => lone_part(name, Some(length), options),
        };
        let part = part.map_err(|error| error.with_path(shown))?;
        let source = match read_small(&path, file, length)? {
            Some(bytes) => Source::Bytes(bytes.into()),
            None => Source::File(path),
        };
        Ok(Self {
            parts: vec![part],
            source,
        })
    }

    fn folder_at(path: &Path, options: &PinOptions) -> Result<Self> {
        options.check_folder()?;
        let mut found = walk::walk(path, &options.walk)?;
        if !found.empty_folders.is_empty() {
            warn!(
                path = %path.display(),
                empty_folders = found.empty_folders.len(),
                "empty folders are left out, because an upload can't contain them"
            );
        }
        let files = std::mem::take(&mut found.files);
        let mut parts = Vec::with_capacity(files.len());
        // Each name is freed as soon as its part has it.
        for LocalFile { name, length } in files {
            let part = FilePart::new(&name, Some(length));
            parts.push(
                part.map_err(|error| error.with_path(found.path(&name).display().to_string()))?,
            );
        }
        let follow_links = options.walk.symlinks == Symlinks::Follow;
        Ok(Self {
            parts,
            source: Source::Folder(
                OpenFolder::new(path, follow_links).map_err(|cause| unreadable(path, cause))?,
            ),
        })
    }

    fn in_memory(mut files: BTreeMap<String, Bytes>, options: &PinOptions) -> Result<Self> {
        options.check_folder()?;
        let given = files.len();
        walk::retain(&mut files, &options.walk)?;
        let root = match options.metadata.name.as_deref() {
            Some(name) if is_segment(name) => name,
            _ => "folder",
        };
        if files.is_empty() {
            let reason = if given == 0 {
                "the folder has no files, and the service doesn't pin empty folders"
            } else {
                "all files of the folder are hidden or excluded, and the service doesn't pin empty folders"
            };
            return Err(Error::invalid_input("folder", reason));
        }
        let parts = files.iter().map(|(path, bytes)| {
            FilePart::new(&format!("{root}/{path}"), Some(bytes.len() as u64))
        });
        Ok(Self {
            parts: parts.collect::<Result<_>>()?,
            source: Source::Files(files),
        })
    }
}

fn metadata(path: &Path) -> Result<Metadata> {
    if path.as_os_str().is_empty() {
        return Err(Error::invalid_input("path", "the path is empty"));
    }
    fs::metadata(path).map_err(|cause| unreadable(path, cause))
}

/// Opens the file at a path and returns its length.
fn opened(path: &Path, metadata: &Metadata) -> Result<(File, u64)> {
    let refuse = |reason: &'static str| {
        Err(Error::invalid_input("path", reason).with_path(path.display().to_string()))
    };
    if metadata.is_dir() {
        return refuse("this is a folder, not a file; pin it as a folder");
    }
    if !metadata.is_file() {
        return refuse("this is neither a file nor a folder; pin its content as a stream");
    }
    let file = open_file(path).map_err(|cause| unreadable(path, cause))?;
    let length = file
        .metadata()
        .map_err(|cause| unreadable(path, cause))?
        .len();
    if length == 0 {
        return refuse("the file is empty, and the service doesn't pin empty files");
    }
    Ok((file, length))
}

fn lone_part(name: &str, length: Option<u64>, options: &PinOptions) -> Result<FilePart> {
    if name.contains('/') {
        return Err(Error::invalid_input(
            "file_name",
            format!("{:?} is a path; give a file's name", printable(name)),
        ));
    }
    let part = FilePart::new(name, length)?;
    match &options.content_type {
        Some(content_type) => part.content_type(content_type),
        None => Ok(part),
    }
}

/// Returns whether a file or folder can have this name.
pub(crate) fn is_segment(name: &str) -> bool {
    !name.contains('/') && name.parse::<FileName>().is_ok()
}

/// Reads a small file; `None` if it is large or has changed.
fn read_small(path: &Path, file: File, length: u64) -> Result<Option<Vec<u8>>> {
    if length > SMALL {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    file.take(length + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| unreadable(path, cause))?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}

/// Where the bytes are.
pub(crate) enum Source {
    File(PathBuf),
    Folder(OpenFolder),
    Bytes(Bytes),
    /// The files of a folder by their paths in it.
    Files(BTreeMap<String, Bytes>),
    Car(CarFile),
    /// `None` once it has been read.
    Stream(Mutex<Option<ByteStream>>),
}

impl Source {
    pub(super) fn can_be_read_again(&self) -> bool {
        !matches!(self, Self::Stream(_))
    }

    /// Returns whether it can be read without blocking for long.
    pub(super) fn is_at_hand(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.len() as u64 <= SMALL)
    }

    /// Names the CAR in an error caused by its bytes.
    pub(super) fn blame(&self, error: Error) -> Error {
        match self {
            Self::Car(car) if error.path().is_none() => error.with_path(car.name()),
            _ => error,
        }
    }

    pub(super) fn open(&self, name: &FileName) -> Result<Reader> {
        let reader = |path: PathBuf, opened: io::Result<File>| match opened {
            Ok(file) => Ok(Reader::File(file, path)),
            Err(cause) => Err(unreadable(&path, cause)),
        };
        let below = name.below_root().unwrap_or_default();
        match self {
            Self::File(path) => reader(path.clone(), open_file(path)),
            Self::Folder(folder) => reader(folder.path_of(below), folder.file(below)),
            Self::Bytes(bytes) => Ok(Reader::Bytes(bytes.clone())),
            Self::Files(files) => Ok(Reader::Bytes(files.get(below).cloned().unwrap_or_default())),
            Self::Car(car) => Ok(Reader::Car(car.clone(), 0)),
            Self::Stream(stream) => {
                let taken = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                match taken {
                    Some(stream) => Ok(Reader::Stream(stream, Bytes::new())),
                    None => Err(Error::new(
                        ErrorKind::LocalIo,
                        "the stream has already been read and can't be read again",
                    )),
                }
            }
        }
    }
}

/// An open file.
pub(super) enum Reader {
    File(File, PathBuf),
    Bytes(Bytes),
    /// The CAR, and the position in it.
    Car(CarFile, u64),
    Stream(ByteStream, Bytes),
}

impl Reader {
    /// Reads into `room` and returns the number of bytes; 0 at the end. Blocks for a file.
    pub(super) async fn read(&mut self, room: &mut [u8]) -> Result<usize> {
        match self {
            Self::File(file, path) => loop {
                match file.read(room) {
                    Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                    result => return result.map_err(|cause| unreadable(path, cause)),
                }
            },
            Self::Bytes(bytes) => Ok(take(bytes, room)),
            Self::Car(car, offset) => {
                let read = car.read_at(room, *offset)?;
                *offset += read as u64;
                Ok(read)
            }
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

    /// Returns the error for content whose length has changed since it was inspected.
    pub(super) fn changed(&self, reason: String) -> Error {
        let error = Error::new(ErrorKind::LocalIo, reason);
        match self {
            Self::File(_, path) => error.with_path(path.display().to_string()),
            Self::Car(car, _) => error.with_path(car.name()),
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
        io::ErrorKind::PermissionDenied => "the file can't be read: permission denied".to_owned(),
        _ => format!("the file can't be read ({cause})"),
    };
    Error::local_io(path.display().to_string(), reason, cause)
}

fn broken(cause: io::Error) -> Error {
    Error::new(ErrorKind::LocalIo, format!("the stream failed: {cause}")).with_source(cause)
}
