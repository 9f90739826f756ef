//! Opens files on Unix relative to an open folder, without following links.

use std::{fs::File, io, path::Path};

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{CWD, Mode, OFlags, openat},
    io::Errno,
};

/// Opening a pipe would block until its other end is opened.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

pub(super) fn open(path: &Path) -> io::Result<File> {
    Ok(openat(CWD, path, READ, Mode::empty())?.into())
}

#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = READ.union(OFlags::DIRECTORY);
        Ok(Self(openat(CWD, path, flags, Mode::empty())?))
    }

    pub(super) fn file(&self, below: &str, _: &Path) -> io::Result<File> {
        match self.without_links(below) {
            Err(Errno::LOOP | Errno::NOTDIR) => Err(io::Error::other(
                "it or its folder has been replaced by a symbolic link",
            )),
            result => Ok(result?.into()),
        }
    }

    /// Opens in one call if the kernel can resolve whole paths without links.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn without_links(&self, below: &str) -> Result<OwnedFd, Errno> {
        use rustix::fs::{ResolveFlags, openat2};

        let resolve = ResolveFlags::BENEATH
            .union(ResolveFlags::NO_SYMLINKS)
            .union(ResolveFlags::NO_MAGICLINKS);
        match openat2(&self.0, below, READ, Mode::empty(), resolve) {
            // Older kernels, and sandboxes that don't support it.
            Err(Errno::NOSYS | Errno::PERM) => self.step_by_step(below),
            result => result,
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn without_links(&self, below: &str) -> Result<OwnedFd, Errno> {
        self.step_by_step(below)
    }

    /// Opens each folder on the way relative to its parent.
    fn step_by_step(&self, below: &str) -> Result<OwnedFd, Errno> {
        let read = READ.union(OFlags::NOFOLLOW);
        let mut folder: Option<OwnedFd> = None;
        let mut rest = below;
        while let Some((name, below)) = rest.split_once('/') {
            let above = folder.as_ref().map_or(self.0.as_fd(), AsFd::as_fd);
            let flags = read.union(OFlags::DIRECTORY);
            folder = Some(openat(above, name, flags, Mode::empty())?);
            rest = below;
        }
        let above = folder.as_ref().map_or(self.0.as_fd(), AsFd::as_fd);
        openat(above, rest, read, Mode::empty())
    }
}
