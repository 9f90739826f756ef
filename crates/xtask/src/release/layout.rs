//! The folder that has everything as it is uploaded.

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

    /// A part's folder, empty.
    pub(crate) fn part(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        remove(&folder)?;
        create(&folder)?;
        Ok(folder)
    }

    /// What was built for a platform.
    pub(crate) fn built(&self, triple: &str) -> PathBuf {
        self.folder.join("built").join(triple)
    }

    /// A file that was built for each platform that has it, as `file` names it.
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
}

/// The files of a folder that end so, in order; none where the folder isn't there.
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

/// Copies a file into a folder, and gives its path there.
pub(crate) fn copy_into(file: &Path, folder: &Path) -> Result<PathBuf> {
    let path = folder.join(file.file_name().unwrap_or_default());
    copy(file, &path)?;
    Ok(path)
}

/// Copies a file to a path, whose folder is made.
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
