//! The packs of a stopped server, and ways to damage them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The packs of a data folder, except those that were set aside.
pub(crate) fn packs(data: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(data.join("blocks")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut packs: Vec<_> = paths.filter(|path| path.is_file()).collect();
    packs.sort();
    packs
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

/// Flips a bit in the stored copy of `content`, at this offset from its start.
pub(crate) fn flip(data: &Path, content: &[u8], distance: isize) {
    let wanted = &content[..content.len().min(64)];
    for pack in packs(data) {
        let mut bytes = fs::read(&pack).unwrap();
        if let Some(at) = find(&bytes, wanted) {
            bytes[at.checked_add_signed(distance).unwrap()] ^= 1;
            fs::write(&pack, bytes).unwrap();
            return;
        }
    }
    panic!("no pack holds it");
}
