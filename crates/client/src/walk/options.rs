//! Selects the entries of a folder.

use w3pin_core::{Error, Result};

/// Selects the entries of a folder.
///
/// Patterns have the syntax of a [`.gitignore`](https://git-scm.com/docs/gitignore) file and are relative
/// to the folder.
///
/// ```
/// use w3pin::WalkOptions;
///
/// let walk = WalkOptions::new().exclude("*.map").exclude("/drafts").gitignore(true);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WalkOptions {
    /// Whether to include hidden files and folders, whose names start with a dot.
    pub hidden: bool,
    /// What to do with symbolic links in a folder.
    pub symlinks: Symlinks,
    /// Patterns of the files to include, in `.gitignore` syntax; all files unless set.
    pub include: Vec<String>,
    /// Patterns of files and folders to leave out, in `.gitignore` syntax.
    pub exclude: Vec<String>,
    /// Whether to leave out what the folder's `.gitignore` files name.
    pub gitignore: bool,
}

impl WalkOptions {
    /// Returns the defaults: no hidden files, no patterns, and symbolic links refused.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether to include hidden files and folders.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = hidden;
        self
    }

    /// Sets what to do with symbolic links.
    #[must_use]
    pub fn symlinks(mut self, symlinks: Symlinks) -> Self {
        self.symlinks = symlinks;
        self
    }

    /// Adds a pattern of files to include.
    #[must_use]
    pub fn include(mut self, pattern: impl Into<String>) -> Self {
        self.include.push(pattern.into());
        self
    }

    /// Adds a pattern of files and folders to leave out.
    #[must_use]
    pub fn exclude(mut self, pattern: impl Into<String>) -> Self {
        self.exclude.push(pattern.into());
        self
    }

    /// Sets whether to leave out what the folder's `.gitignore` files name.
    #[must_use]
    pub fn gitignore(mut self, gitignore: bool) -> Self {
        self.gitignore = gitignore;
        self
    }

    pub(super) fn leaves_nothing_out(&self) -> bool {
        self.hidden && self.include.is_empty() && self.exclude.is_empty() && !self.gitignore
    }

    /// Rejects options that an upload doesn't support.
    pub(crate) fn check_upload(&self) -> Result<()> {
        if self.symlinks == Symlinks::Preserve {
            return Err(Error::invalid_input(
                "symlinks",
                "an upload can't contain symbolic links; follow, skip or refuse them",
            ));
        }
        Ok(())
    }
}

/// What to do with symbolic links in a folder. The path that is given itself is always followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symlinks {
    /// A symbolic link is an error.
    #[default]
    Refuse,
    /// Links are replaced by what they point to.
    Follow,
    /// Links are left out.
    Skip,
    /// Links stay links; an upload can't carry them.
    Preserve,
}

w3pin_core::words!(Symlinks, "symlinks", "refuse" => Refuse, "follow" => Follow, "skip" => Skip, "preserve" => Preserve);
