//! Writes small files as a whole.

use w3pin_core::Result;

use super::{part_file::PartFile, small_files::SmallFile};

/// Writes files that get their names only when they are complete.
///
/// On Linux a file is created without a name and linked at the end, which changes its folder once
/// instead of twice, so that several threads can work in the same folder. If that fails for any
/// reason, the file is first written under a temporary name.
#[derive(Default)]
pub(super) struct WholeFiles {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    folder: Option<(std::path::PathBuf, std::os::fd::OwnedFd)>,
}

impl WholeFiles {
    pub(super) fn write(&mut self, file: &SmallFile, replace: bool) -> Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if self.write_without_name(file).is_ok() {
            return Ok(());
        }
        let part = PartFile::open(file.target.clone(), &file.cid)?;
        part.write(0, &file.pieces)?;
        part.finish(file.size(), replace)
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use std::{
        fs::File,
        io::{self, Write},
        os::fd::{AsFd, AsRawFd, BorrowedFd},
        path::Path,
    };

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open, openat};

    use super::{SmallFile, WholeFiles};

    impl WholeFiles {
        pub(super) fn write_without_name(&mut self, file: &SmallFile) -> io::Result<()> {
            let place = file.target.parent().zip(file.target.file_name());
            let (folder, name) = place.ok_or(io::ErrorKind::InvalidInput)?;
            let folder = self.open(folder)?;
            let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
            let mut unnamed = File::from(openat(folder, ".", flags, Mode::from_raw_mode(0o666))?);
            for piece in &file.pieces {
                unnamed.write_all(piece)?;
            }
            let unnamed = format!("/proc/self/fd/{}", unnamed.as_raw_fd());
            Ok(linkat(CWD, unnamed, folder, name, AtFlags::SYMLINK_FOLLOW)?)
        }

        /// Keeps the folder of the last file open, since the next one is usually in it too.
        fn open(&mut self, path: &Path) -> io::Result<BorrowedFd<'_>> {
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
            let folder = match self.folder.take() {
                Some(last) if last.0 == path => self.folder.insert(last),
                _ => {
                    let opened = open(path, flags, Mode::empty())?;
                    self.folder.insert((path.to_owned(), opened))
                }
            };
            Ok(folder.1.as_fd())
        }
    }
}
