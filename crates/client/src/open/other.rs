//! Opens files on other systems: the path of the opened file is compared with the expected one.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

pub(super) fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[derive(Debug)]
pub(super) struct Folder {
    /// The canonical path.
    path: PathBuf,
}

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.canonicalize()?,
        })
    }

    pub(super) fn file(&self, below: &str, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(windows)]
        {
            /// Opens a link or junction itself instead of its target.
            const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
            /// Prevents renaming and deleting while the file is open.
            const FILE_SHARE_READ_AND_WRITE: u32 = 0x3;
            std::os::windows::fs::OpenOptionsExt::custom_flags(
                &mut options,
                FILE_FLAG_OPEN_REPARSE_POINT,
            );
            std::os::windows::fs::OpenOptionsExt::share_mode(
                &mut options,
                FILE_SHARE_READ_AND_WRITE,
            );
        }
        let file = options.open(path)?;
        let mut expected = self.path.clone();
        expected.extend(below.split('/'));
        let is_link = file.metadata()?.file_type().is_symlink();
        // While it is open, no link can replace it.
        if is_link || fs::canonicalize(path)? != expected {
            return Err(io::Error::other(
                "it or its folder has been replaced by a symbolic link",
            ));
        }
        Ok(file)
    }
}
