//! The data folder on disk.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::error::StoreError;

/// Creates a folder that only its owner can read, since content may be private, and makes its name
/// and those of its new parents durable. An existing folder isn't changed: it may serve other
/// purposes too. On Windows the folder inherits the permissions of its parent, which in a user's
/// profile allow only the user and administrators.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let missing = missing_folders(folder);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    for made in missing {
        sync_folder(parent_of(&made))?;
    }
    Ok(())
}

/// Creates a folder that only its owner can read, or removes the permissions of others from an
/// existing one.
pub(crate) fn own_private_folder(folder: &Path) -> io::Result<()> {
    create_private_folder(folder)?;
    #[cfg(unix)]
    make_private(folder, &File::open(folder)?, 0o700)?;
    Ok(())
}

/// Creates a file that only its owner can read, or truncates an existing one.
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    open_private_file(&options, path)
}

/// Opens or creates a file that only its owner can read, removing the permissions of others.
pub(crate) fn open_private_file(options: &fs::OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    let options = std::os::unix::fs::OpenOptionsExt::mode(&mut options.clone(), 0o600).clone();
    let file = options.open(path)?;
    #[cfg(unix)]
    make_private(path, &file, 0o600)?;
    Ok(file)
}

/// Removes the permissions of others from a folder or a file.
#[cfg(unix)]
fn make_private(path: &Path, file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    if file.metadata()?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let private = fs::Permissions::from_mode(mode);
    file.set_permissions(private).map_err(|cause| {
        let path = path.display();
        io::Error::new(
            cause.kind(),
            format!("others can read {path}, and its permissions can't be changed: {cause}"),
        )
    })
}

/// Returns the missing ones of a folder and its parents, the outermost last.
fn missing_folders(folder: &Path) -> Vec<PathBuf> {
    let above = folder.ancestors().filter(|it| !it.as_os_str().is_empty());
    let missing = above.take_while(|folder| !folder.exists());
    missing.map(Path::to_path_buf).collect()
}

/// Returns the folder that contains a file or folder.
pub(crate) fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the names in a folder durable, on platforms where that is a separate step.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// A lock on a data folder, which only one process can hold.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// How long to wait for a process that is just exiting, or a forked child that hasn't yet
    /// called exec.
    const PATIENCE: Duration = Duration::from_millis(500);

    /// Locks the folder, unless another process has locked it.
    pub(crate) fn take(folder: &Path) -> Result<Self, StoreError> {
        let deadline = Instant::now() + Self::PATIENCE;
        loop {
            match Self::try_take(folder) {
                Err(StoreError::InUse) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                result => return result,
            }
        }
    }

    fn try_take(folder: &Path) -> Result<Self, StoreError> {
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        let path = folder.join("lock");
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0);
        let file = match open_private_file(&options, &path) {
            // ERROR_SHARING_VIOLATION
            Err(cause) if cfg!(windows) && cause.raw_os_error() == Some(32) => {
                return Err(StoreError::InUse);
            }
            file => file?,
        };
        #[cfg(unix)]
        {
            use rustix::{
                fs::{FlockOperation, flock},
                io::Errno,
            };
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Err(StoreError::InUse),
                Err(cause) => return Err(io::Error::from(cause).into()),
            }
        }
        Ok(Self { _file: file })
    }
}

/// Returns the free space on the folder's disk in bytes, if the system reports it.
#[cfg(unix)]
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(windows)]
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    fs4::available_space(folder).ok()
}

#[cfg(not(any(unix, windows)))]
pub(crate) fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// Reserves space for `bytes` of a file from `offset` on, so that writing them can't fail for lack
/// of space. Returns whether the system supports that.
#[cfg(target_os = "linux")]
pub(crate) fn allocate(file: &File, offset: u64, bytes: u64) -> io::Result<bool> {
    use rustix::{
        fs::{FallocateFlags, fallocate},
        io::Errno,
    };
    match fallocate(file, FallocateFlags::empty(), offset, bytes) {
        Ok(()) => Ok(true),
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(false),
        Err(cause) => Err(cause.into()),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn allocate(_: &File, _: u64, _: u64) -> io::Result<bool> {
    Ok(false)
}

#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(unix)]
pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
pub(crate) fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                buffer = &mut buffer[count..];
                offset += count as u64;
            }
        }
    }
    Ok(())
}

#[cfg(windows)]
pub(crate) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => {
                bytes = &bytes[count..];
                offset += count as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{create_private_file, create_private_folder, missing_folders, own_private_folder};

    #[test]
    fn every_folder_that_is_made_has_its_name_synced() {
        let place = tempfile::tempdir().unwrap();
        let inner = place.path().join("a/b/c");
        let expected = ["a/b/c", "a/b", "a"].map(|name| place.path().join(name));
        assert_eq!(missing_folders(&inner), expected);
        create_private_folder(&inner).unwrap();
        assert!(missing_folders(&inner).is_empty());
    }
    #[cfg(unix)]
    #[test]
    fn what_others_could_read_is_taken_from_them() {
        use std::{fs, os::unix::fs::PermissionsExt};

        let place = tempfile::tempdir().unwrap();
        let (folder, file) = (place.path().join("folder"), place.path().join("file"));
        fs::create_dir(&folder).unwrap();
        fs::write(&file, "old").unwrap();
        for path in [&folder, &file] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        own_private_folder(&folder).unwrap();
        create_private_file(&file).unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
        assert_eq!(fs::read(&file).unwrap(), b"");
    }
}
