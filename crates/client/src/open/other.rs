//! Opening elsewhere: what was opened is compared with where it should be.

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
    /// Where it really is.
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
            /// Opens a link or junction itself instead of what it points to.
            const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
            /// Keeps others from renaming or deleting it meanwhile.
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
        // While it is held open, nobody puts a link in its way.
        if is_link || fs::canonicalize(path)? != expected {
            return Err(io::Error::other(
                "a symbolic link has taken its place or that of its folder",
            ));
        }
        Ok(file)
    }
}
