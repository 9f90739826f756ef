//! The folder with all files as they are uploaded.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::target::{self, Target};
use crate::{Result, run::root};

pub(crate) struct Layout {
    folder: PathBuf,
}

impl Layout {
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(crate) fn clear(&self) -> Result {
        remove(&self.folder)
    }

    /// Returns the folder of a part, emptied.
    pub(crate) fn part(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        remove(&folder)?;
        create(&folder)?;
        Ok(folder)
    }

    /// Returns the folder of what was built for a platform.
    pub(crate) fn built(&self, triple: &str) -> PathBuf {
        self.folder.join("built").join(triple)
    }

    /// Returns a file of each platform that has it, named by `file`.
    pub(crate) fn all(
        &self,
        file: impl Fn(&Target) -> Option<String>,
    ) -> Vec<(&'static Target, PathBuf)> {
        target::ALL
            .iter()
            .filter_map(|target| Some((target, self.built(target.triple).join(file(target)?))))
            .filter(|(_, path)| path.exists())
            .collect()
    }

    /// Returns the static library of each Linux that apps link it on.
    pub(crate) fn static_libraries(&self) -> Vec<(&'static Target, PathBuf)> {
        self.all(|target| {
            let has_it = target.is_linux() && !target.is_musl();
            has_it.then(|| "libw3pin_uniffi.a".to_owned())
        })
    }

    /// Returns that of this machine. It isn't stripped, so the bindings of all platforms are generated from it.
    pub(crate) fn own_library(&self) -> Result<PathBuf> {
        self.static_libraries()
            .into_iter()
            .find_map(|(target, library)| target.runs_here().then_some(library))
            .ok_or_else(|| "no library was built for this machine".to_owned())
    }
}

/// Returns the files in a folder with this suffix, sorted; none if the folder doesn't exist.
pub(crate) fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(end))
        .collect();
    files.sort();
    files
}

pub(crate) fn create(folder: &Path) -> Result {
    fs::create_dir_all(folder).map_err(|cause| failed(folder, &cause))
}

pub(crate) fn remove(folder: &Path) -> Result {
    match fs::remove_dir_all(folder) {
        Err(cause) if folder.exists() => Err(failed(folder, &cause)),
        _ => Ok(()),
    }
}

/// Copies a file into a folder, and returns its path there.
pub(crate) fn copy_into(file: &Path, folder: &Path) -> Result<PathBuf> {
    let path = folder.join(file.file_name().unwrap_or_default());
    copy(file, &path)?;
    Ok(path)
}

/// Copies a file to a path, creating its folder.
pub(crate) fn copy(file: &Path, path: &Path) -> Result {
    create(path.parent().unwrap_or(path))?;
    fs::copy(file, path).map_err(|cause| failed(file, &cause))?;
    Ok(())
}

pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result {
    create(path.parent().unwrap_or(path))?;
    fs::write(path, content).map_err(|cause| failed(path, &cause))
}

pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|cause| failed(path, &cause))
}

/// Names a file of the workspace in an error.
pub(crate) fn failed(path: &Path, cause: &dyn std::fmt::Display) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    format!("{}: {cause}", path.display())
}
