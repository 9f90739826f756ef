//! Files that are written in one go.

use w3pin_core::Result;

use super::{part_file::PartFile, small_files::SmallFile};

/// Writes files that have their names only when they are whole.
///
/// On Linux a file is made without a name and gets it at the end, which changes its folder once instead of
/// twice and lets several threads work in one folder. Where that fails, for whatever reason, the file is
/// written under a name of its own first.
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

        /// Keeps the folder of the last file open, as the next one mostly lies there too.
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
