//! Temporary storage.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

/// The default number of bytes to keep in memory.
const HELD: usize = 8 << 20;

/// Bytes that are stored until this is dropped: a limited number in memory, and the rest in an
/// unnamed file, which the operating system always removes.
pub struct Spool {
    most_held: usize,
    held: Vec<u8>,
    file: Option<File>,
    length: u64,
    /// The folder for the file, if not the system's own for temporary files.
    folder: Option<PathBuf>,
}

impl Spool {
    /// Creates an empty spool. Its file is created in `folder`, or in the system's own folder for
    /// temporary files.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self {
            most_held: HELD,
            held: Vec::new(),
            file: None,
            length: 0,
            folder,
        }
    }

    /// Sets the number of bytes to keep in memory; 8 MiB unless set.
    #[must_use]
    pub fn most_held(mut self, bytes: usize) -> Self {
        self.most_held = bytes;
        self
    }

    /// Adds bytes. Returns their offset.
    ///
    /// # Errors
    /// If the file can't be created or written.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let start = self.length;
        if self.file.is_none() && self.held.len() + bytes.len() > self.most_held {
            let mut file = match &self.folder {
                Some(folder) => tempfile::tempfile_in(folder)?,
                None => tempfile::tempfile()?,
            };
            file.write_all(&self.held)?;
            self.held = Vec::new();
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes)?,
            None => self.held.extend_from_slice(bytes),
        }
        self.length += bytes.len() as u64;
        Ok(start)
    }

    /// Reads bytes at an offset.
    ///
    /// # Errors
    /// If they aren't there, or the file can't be read.
    pub fn read(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        if let Some(file) = &self.file {
            return read_exact_at(file, bytes, offset);
        }
        let held = usize::try_from(offset).ok().and_then(|from| {
            let end = from.checked_add(bytes.len())?;
            self.held.get(from..end)
        });
        bytes.copy_from_slice(held.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// Fills `bytes` from an offset in a file.
///
/// # Errors
/// If they aren't there, or can't be read.
pub fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match read_at(file, bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

/// Reads at an offset in a file, independent of other readers.
///
/// # Errors
/// The errors of [`std::io::Read::read`].
#[cfg(unix)]
pub fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

/// Reads at an offset in a file, independent of other readers.
///
/// # Errors
/// The errors of [`std::io::Read::read`].
#[cfg(windows)]
pub fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}
