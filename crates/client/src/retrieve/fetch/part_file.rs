//! Incomplete files.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use w3pin_core::{Cid, Result};

use super::disk;

/// A file with a temporary name, which gets the target's name when it is complete. The name is
/// derived from the target's and the CID, so that the next fetch of the same content finds it.
#[derive(Clone)]
pub(super) struct PartFile {
    file: Arc<File>,
    part: PathBuf,
    target: PathBuf,
}

impl PartFile {
    pub(super) fn open(target: PathBuf, cid: &Cid) -> Result<Self> {
        let part = target.with_file_name(part_name(&target, cid));
        let file = Arc::new(disk::writable(&part)?);
        Ok(Self { file, part, target })
    }

    pub(super) fn length(&self) -> Result<u64> {
        let metadata = self.file.metadata();
        metadata
            .map(|metadata| metadata.len())
            .map_err(|cause| disk::failed(&self.part, "can't be inspected", cause))
    }

    /// Returns the file, for reading.
    pub(super) fn reader(&self) -> Result<File> {
        let file = self.file.try_clone();
        file.map_err(|cause| disk::failed(&self.part, "can't be read", cause))
    }

    pub(super) fn write(&self, offset: u64, pieces: &[bytes::Bytes]) -> Result<()> {
        let mut offset = offset;
        for piece in pieces {
            write_all_at(&self.file, piece, offset)
                .map_err(|cause| disk::failed(&self.part, "can't be written", cause))?;
            offset += piece.len() as u64;
        }
        Ok(())
    }

    /// Renames the file, which is complete.
    pub(super) fn finish(&self, size: u64, replace: bool) -> Result<()> {
        // An earlier fetch may have left a longer file, if the file system was repaired since.
        if self.length()? != size {
            self.file
                .set_len(size)
                .map_err(|cause| disk::failed(&self.part, "can't be truncated", cause))?;
        }
        match disk::rename(&self.part, &self.target, replace) {
            // Another fetch of the same content has renamed it, or has created its own file
            // meanwhile.
            Err(_) if !self.part.exists() && self.target.is_file() => Ok(()),
            Err(_) if disk::are_same(&self.file, &self.target) => disk::remove(&self.part),
            renamed => renamed,
        }
    }
}

fn part_name(target: &Path, cid: &Cid) -> String {
    let name = target.file_name().unwrap_or_default();
    // File systems limit the length of names.
    let name = crc32(name.as_encoded_bytes());
    let cid = cid.as_cid().to_string();
    let end = cid.len().saturating_sub(32);
    format!(".w3pin-{}-{name:08x}.part", &cid[end..])
}

/// Hashes a name (CRC-32, as in zlib).
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc = (crc >> 1) ^ (0xedb8_8320 * carry);
        }
    }
    !crc
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;

    while !bytes.is_empty() {
        match file.seek_write(bytes, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
        }
    }
    Ok(())
}
