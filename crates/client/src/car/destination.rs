//! Writes a file that gets its name only when it is complete.

#[cfg(target_os = "linux")]
use std::fs::File;
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use w3pin_core::{Error, ErrorKind, Result};

/// The number of bytes to write at a time.
const BUFFER: usize = 1 << 20;

/// A path that doesn't exist yet.
pub(super) struct Destination {
    path: PathBuf,
    folder: PathBuf,
}

/// A file that is being written there.
pub(super) struct DestinationFile {
    path: PathBuf,
    file: BufWriter<Unnamed>,
}

impl Destination {
    pub(super) fn new(path: &Path) -> Result<Self> {
        if path.as_os_str().is_empty() {
            let reason = "the destination is empty";
            return Err(Error::invalid_input("destination", reason));
        }
        if path.as_os_str().as_encoded_bytes().contains(&0) {
            let reason = "the destination contains a NUL byte, which paths can't";
            return Err(Error::invalid_input("destination", reason));
        }
        let is_folder = path
            .as_os_str()
            .to_string_lossy()
            .ends_with(std::path::is_separator);
        if is_folder || path.file_name().is_none() {
            let reason = "the destination is a folder; add the name of a file";
            return Err(Error::invalid_input("destination", reason));
        }
        if path.symlink_metadata().is_ok() {
            return Err(in_the_way(path));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Ok(Self {
            path: path.to_owned(),
            folder: folder.to_owned(),
        })
    }

    /// Returns the folder that contains it.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Creates the file. If it has a temporary name, that is in the same folder.
    pub(super) fn create(self) -> Result<DestinationFile> {
        let Self { path, folder } = self;
        let file = Unnamed::open(&folder).map_err(|cause| unwritable(&path, cause))?;
        Ok(DestinationFile {
            path,
            file: BufWriter::with_capacity(BUFFER, file),
        })
    }
}

impl DestinationFile {
    /// Gives the file its final name.
    pub(super) fn finish(self) -> Result<()> {
        let path = self.path;
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error);
        let named = file.and_then(|file| file.name(&path));
        named.map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => in_the_way(&path),
            _ => unwritable(&path, cause),
        })
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    pub(super) fn unwritable(&self, cause: io::Error) -> Error {
        unwritable(&self.path, cause)
    }
}

/// A file without a name or with a temporary one, removed on drop.
enum Unnamed {
    #[cfg(target_os = "linux")]
    Nameless(File),
    Temporary(tempfile::NamedTempFile),
}

impl Unnamed {
    fn open(folder: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = nameless(folder)? {
            return Ok(Self::Nameless(file));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".w3pin-").suffix(".part");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(folder).map(Self::Temporary)
    }

    fn name(self, path: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => {
                use std::os::fd::AsRawFd;

                use rustix::fs::{AtFlags, CWD, linkat};

                let from = format!("/proc/self/fd/{}", file.as_raw_fd());
                Ok(linkat(CWD, from, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
            }
            Self::Temporary(file) => file
                .persist_noclobber(path)
                .map(drop)
                .map_err(|failed| failed.error),
        }
    }
}

/// Creates an unnamed file, of which nothing remains even if the process is killed; `None` if the
/// file system doesn't support such files, or couldn't name them later.
#[cfg(target_os = "linux")]
fn nameless(folder: &Path) -> io::Result<Option<File>> {
    use rustix::{
        fs::{Mode, OFlags, open},
        io::Errno,
    };

    if !Path::new("/proc/self/fd").exists() {
        return Ok(None);
    }
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    match open(folder, flags, Mode::from_raw_mode(0o666)) {
        Ok(file) => Ok(Some(file.into())),
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => Ok(None),
        Err(cause) => Err(cause.into()),
    }
}

impl Write for Unnamed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => file.write(bytes),
            Self::Temporary(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn unwritable(path: &Path, cause: io::Error) -> Error {
    let reason = format!("the CAR can't be written ({cause})");
    Error::local_io(path.display().to_string(), reason, cause).with_field("destination")
}

fn in_the_way(path: &Path) -> Error {
    let reason = "the destination exists and isn't overwritten";
    Error::new(ErrorKind::LocalIo, reason)
        .with_field("destination")
        .with_path(path.display().to_string())
}
