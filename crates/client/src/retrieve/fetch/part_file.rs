//! A file that isn't whole yet.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use w3pin_core::{Cid, Result};

use super::disk;

/// A file under a name of its own, which gets the target's when it is whole. The name is made of the
/// target's and the CID, so that the next fetch of the same finds it.
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
            .map_err(|cause| disk::failed(&self.part, "can't be looked at", cause))
    }

    /// The file itself, to be read.
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

    /// Gives it its name, as it has all of its bytes.
    pub(super) fn finish(&self, size: u64, replace: bool) -> Result<()> {
        // An earlier fetch may have left more, where the file system was repaired since.
        if self.length()? != size {
            self.file
                .set_len(size)
                .map_err(|cause| disk::failed(&self.part, "can't be cut to size", cause))?;
        }
        match disk::rename(&self.part, &self.target, replace) {
            // Another fetch of the same has given it its name, or has made a file of its own meanwhile.
            Err(_) if !self.part.exists() && self.target.is_file() => Ok(()),
            Err(_) if disk::are_same(&self.file, &self.target) => disk::remove(&self.part),
            renamed => renamed,
        }
    }
}

fn part_name(target: &Path, cid: &Cid) -> String {
    let name = target.file_name().unwrap_or_default();
    // No more than file systems allow, whatever the name is.
    let name = crc32(name.as_encoded_bytes());
    let cid = cid.as_cid().to_string();
    let end = cid.len().saturating_sub(32);
    format!(".w3pin-{}-{name:08x}.part", &cid[end..])
}

/// Tells names apart (CRC-32, as in zlib).
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
