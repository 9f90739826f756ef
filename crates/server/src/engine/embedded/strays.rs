//! Compares the packs in a data folder with its records when it is opened.

use std::{collections::BTreeSet, fs, io, path::Path};

use redb::{ReadableTable, ReadableTableMetadata};

use super::{
    pack::{Origin, PackFile},
    packs::Packs,
};
use crate::{
    error::StoreError,
    folder::{own_private_folder, sync_folder},
    records::{Records, tables},
};

/// Where packs go that no record refers to and that this server didn't leave half written.
pub(crate) const ASIDE: &str = "aside";

/// Returns the number of packs in a folder, whether records refer to them or not.
pub(crate) fn packs_in(blocks: &Path) -> io::Result<usize> {
    let packs = Packs::in_folder(blocks.to_owned());
    let files = packs.files()?;
    let is_pack = |file: &&PackFile| matches!(file, PackFile::Pack(_) | PackFile::Part(_));
    Ok(files.iter().filter(is_pack).count())
}

/// Cleans up the folder. Returns the first unused pack number.
///
/// What was being written when the last server was killed is deleted: it was never acknowledged.
/// Other packs that no record refers to may be content that is still wanted. If they are this folder's
/// own, the records are older than the packs, and opening fails.
///
/// # Errors
///
/// [`StoreError::RecordsOlder`], or if files can't be read, moved or deleted.
pub(crate) fn settle(records: &Records, packs: &Packs) -> Result<u64, StoreError> {
    let (named, doomed) = records.read(|transaction| {
        let mut ids = [BTreeSet::new(), BTreeSet::new()];
        for pack in transaction.open_table(tables::PACKS)?.iter()? {
            ids[0].insert(pack?.0.value());
        }
        for pack in transaction.open_table(tables::DOOMED)?.iter()? {
            ids[1].insert(pack?.0.value());
        }
        let [named, doomed] = ids;
        Ok((named, doomed))
    })?;
    let is_fresh = named.is_empty() && !has_pins(records)?;
    let last_session = records.last_session()?;
    let mut unknown = Vec::new();
    let mut aside = Vec::new();
    let mut half_written = Vec::new();
    let files = packs.files()?;
    for file in &files {
        let path = file.path_in(packs.folder());
        match file {
            PackFile::Part(id) if named.contains(id) => {
                fs::rename(&path, PackFile::Pack(*id).path_in(packs.folder()))?;
            }
            PackFile::Pack(id) if named.contains(id) || doomed.contains(id) => {}
            PackFile::Index(_) => half_written.push(path),
            PackFile::Part(_) | PackFile::Pack(_) => match Origin::read(&path)? {
                Some(origin) if origin.identity == records.identity() => match file {
                    PackFile::Part(_) if Some(origin.session) == last_session => {
                        half_written.push(path);
                    }
                    PackFile::Part(_) => aside.push(path),
                    _ => unknown.push(path),
                },
                // Nothing was written to it, not even its header.
                None if matches!(file, PackFile::Part(_)) && is_empty(&path)? => {
                    half_written.push(path);
                }
                _ if is_fresh => unknown.push(path),
                _ => aside.push(path),
            },
        }
    }
    if let Some(first) = unknown.first() {
        let first = first.file_name().unwrap_or_default().to_string_lossy();
        return Err(StoreError::RecordsOlder {
            packs: unknown.len(),
            first: first.into_owned(),
        });
    }
    for path in half_written {
        tracing::info!(path = %path.display(), "deleting the remains of an interrupted upload");
        fs::remove_file(&path)?;
    }
    for path in aside {
        let to = set_aside(packs.folder(), &path)?;
        tracing::error!(from = %path.display(), to = %to.display(),
            "setting aside a pack that no record refers to and that isn't an interrupted upload");
    }
    let in_aside = Packs::in_folder(packs.folder().join(ASIDE));
    let known = named.into_iter().chain(doomed);
    let others = in_aside.files()?;
    let all = files.iter().chain(&others).map(PackFile::id);
    Ok(known.chain(all).max().map_or(0, |id| id + 1))
}

/// Returns the packs of the records that are missing or truncated.
pub(crate) fn missing(records: &Records, packs: &Packs) -> Result<Vec<u64>, StoreError> {
    records.read(|transaction| {
        let mut missing = Vec::new();
        for pack in transaction.open_table(tables::PACKS)?.iter()? {
            let (id, sizes) = pack?;
            let length = packs
                .path(id.value())
                .metadata()
                .map_or(0, |file| file.len());
            if length < sizes.value().0 {
                missing.push(id.value());
            }
        }
        Ok(missing)
    })
}

/// Moves a file into a folder next to it, without overwriting another.
pub(crate) fn set_aside(blocks: &Path, path: &Path) -> io::Result<std::path::PathBuf> {
    let folder = blocks.join(ASIDE);
    own_private_folder(&folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut to = folder.join(&*name);
    let mut number = 1;
    while to.exists() {
        to = folder.join(format!("{name}.{number}"));
        number += 1;
    }
    fs::rename(path, &to)?;
    sync_folder(&folder)?;
    Ok(to)
}

fn has_pins(records: &Records) -> Result<bool, StoreError> {
    records.read(|transaction| Ok(!transaction.open_table(tables::PINS)?.is_empty()?))
}

fn is_empty(path: &Path) -> io::Result<bool> {
    Ok(path.metadata()?.len() == 0)
}
