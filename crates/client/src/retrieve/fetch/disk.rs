//! Creates files and folders without following existing links.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Seek},
    path::Path,
};

use w3pin_core::{Error, ErrorKind, Result};

/// Opens the file at a path; `None` if nothing exists there.
///
/// # Errors
/// If something other than a file is there.
pub(super) fn existing_file(path: &Path) -> Result<Option<File>> {
    match fs::symlink_metadata(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(failed(path, "can't be inspected", cause)),
        Ok(metadata) if metadata.is_file() => {
            let file = without_following(OpenOptions::new().read(true))
                .open(path)
                .map_err(|cause| failed(path, "can't be read", cause))?;
            only_a_file(file, path).map(Some)
        }
        Ok(_) => Err(in_the_way(path)),
    }
}

/// Opens a file for writing, creating it if needed.
pub(super) fn writable(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = without_following(&mut options)
        .open(path)
        .map_err(|cause| failed(path, "can't be written", cause))?;
    only_a_file(file, path)
}

/// Returns the opened file, unless something else has taken its place.
fn only_a_file(file: File, path: &Path) -> Result<File> {
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        Ok(file)
    } else {
        Err(in_the_way(path))
    }
}

/// Creates a folder, or uses the existing one. Returns whether it is new.
pub(super) fn folder(path: &Path) -> Result<bool> {
    match fs::create_dir(path) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            // A link to a folder elsewhere isn't a folder of this content.
            match fs::symlink_metadata(path) {
                Ok(metadata) if metadata.is_dir() => Ok(false),
                _ => Err(in_the_way(path)),
            }
        }
        Err(cause) => Err(failed(path, "the folder can't be created", cause)),
    }
}

/// Creates a symbolic link, or keeps an identical one.
pub(super) fn symlink(path: &Path, target: &str) -> Result<()> {
    match make_link(path, target) {
        Ok(()) => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => match fs::read_link(path) {
            Ok(found) if found.as_os_str() == target => Ok(()),
            _ => Err(in_the_way(path)),
        },
        Err(cause) => Err(failed(path, "the symbolic link can't be created", cause)),
    }
}

/// Renames a file. An existing file is only replaced if `replace` is set.
pub(super) fn rename(from: &Path, to: &Path, replace: bool) -> Result<()> {
    let renamed = if replace {
        fs::rename(from, to)
    } else {
        rename_without_replacing(from, to)
    };
    renamed.map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => in_the_way(to),
        _ => failed(to, "can't be renamed", cause),
    })
}

/// Returns whether a file with the same bytes exists at a path.
pub(super) fn are_same(file: &File, path: &Path) -> bool {
    let Ok(Some(other)) = existing_file(path) else {
        return false;
    };
    let (mut file, mut other) = (BufReader::new(file), BufReader::new(other));
    let mut same = || -> io::Result<bool> {
        file.rewind()?;
        loop {
            let (some, others) = (file.fill_buf()?, other.fill_buf()?);
            let length = some.len().min(others.len());
            if some[..length] != others[..length] {
                return Ok(false);
            }
            if length == 0 {
                return Ok(some.len() == others.len());
            }
            file.consume(length);
            other.consume(length);
        }
    };
    same().unwrap_or(false)
}

/// Removes a file, unless it is already gone.
pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(|cause| failed(path, "can't be removed", cause)),
    }
}

pub(super) fn failed(path: &Path, reason: &'static str, cause: io::Error) -> Error {
    let reason = format!("{reason} ({cause})");
    Error::local_io(path.display().to_string(), reason, cause)
}

fn in_the_way(path: &Path) -> Error {
    let reason = "something else exists there and isn't overwritten";
    Error::new(ErrorKind::LocalIo, reason).with_path(path.display().to_string())
}

#[cfg(unix)]
fn without_following(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    options.custom_flags(flags.bits() as i32)
}

/// Opens links themselves, which then aren't regular files.
#[cfg(windows)]
fn without_following(options: &mut OpenOptions) -> &mut OpenOptions {
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    std::os::windows::fs::OpenOptionsExt::custom_flags(options, FILE_FLAG_OPEN_REPARSE_POINT)
}

#[cfg(not(any(unix, windows)))]
fn without_following(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn make_link(path: &Path, target: &str) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(windows)]
fn make_link(path: &Path, target: &str) -> io::Result<()> {
    let target = target.replace('/', "\\");
    let aim = path.parent().unwrap_or(path).join(&target);
    if aim.is_dir() {
        std::os::windows::fs::symlink_dir(target, path)
    } else {
        std::os::windows::fs::symlink_file(target, path)
    }
}

#[cfg(not(any(unix, windows)))]
fn make_link(_: &Path, _: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::{
        fs::{CWD, RenameFlags, renameat_with},
        io::Errno,
    };

    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // The file system doesn't support it.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_if_free(from, to),
        renamed => Ok(renamed?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    rename_if_free(from, to)
}

fn rename_if_free(from: &Path, to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(to) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => fs::rename(from, to),
        Err(cause) => Err(cause),
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
    }
}
