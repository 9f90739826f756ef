//! Lists the files of a folder before anything is sent.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ignore::{
    DirEntry, WalkBuilder,
    overrides::{Override, OverrideBuilder},
};
use w3pin_core::{Error, Result, printable};

use self::gitignore::Gitignores;

mod gitignore;
mod in_memory;
mod options;

pub(crate) use self::in_memory::retain;
pub use self::options::{Symlinks, WalkOptions};

/// A folder and its entries. All names start with the folder's own and are separated by `/`.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    pub(crate) name: String,
    /// Sorted by the bytes of their names.
    pub(crate) files: Vec<LocalFile>,
    /// Folders without included entries; possibly the folder itself.
    pub(crate) empty_folders: Vec<String>,
    /// Names and targets; empty unless links are preserved.
    pub(crate) symlinks: Vec<(String, String)>,
    /// The size of all files in bytes.
    pub(crate) bytes: u64,
}

/// A file in a folder.
#[derive(Debug)]
pub(crate) struct LocalFile {
    pub(crate) name: String,
    pub(crate) length: u64,
}

impl Folder {
    /// Returns the name relative to the folder; empty for the folder itself.
    pub(crate) fn below<'a>(&self, name: &'a str) -> &'a str {
        let below = name.get(self.name.len()..).unwrap_or_default();
        below.strip_prefix('/').unwrap_or(below)
    }

    /// Returns the path of the entry with this name.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let mut path = self.path.clone();
        path.extend(name.split('/').skip(1));
        path
    }
}

/// Lists what an upload of the folder at `root` sends. Fails for folders without files and for
/// empty files, which can't be sent.
pub(crate) fn walk(root: &Path, options: &WalkOptions) -> Result<Folder> {
    let folder = survey(root, options)?;
    if folder.files.is_empty() {
        let reason = if options.leaves_nothing_out() {
            "the folder has no files, and the service doesn't pin empty folders"
        } else {
            "all files of the folder are hidden or excluded, if there are any, and the service doesn't pin empty \
             folders"
        };
        return Err(refuse(root, reason));
    }
    for LocalFile { name, length } in &folder.files {
        if *length == 0 {
            return Err(refuse(
                &folder.path(name),
                "the file is empty, and the service doesn't pin empty files; remove it or exclude it",
            ));
        }
    }
    Ok(folder)
}

/// Lists everything in the folder at `root` that a UnixFS folder can contain.
pub(crate) fn survey(root: &Path, options: &WalkOptions) -> Result<Folder> {
    let metadata = fs::metadata(root).map_err(|cause| unreadable(root, cause))?;
    if !metadata.is_dir() {
        return Err(refuse(root, "this is not a folder"));
    }
    let mut folder = Folder {
        path: root.to_owned(),
        name: own_name(root)?,
        files: Vec::new(),
        empty_folders: Vec::new(),
        symlinks: Vec::new(),
        bytes: 0,
    };
    // A folder is empty if the next entry isn't in it.
    let mut last_folder: Option<(usize, String)> = None;
    let gitignores = options.gitignore.then(|| Arc::new(Gitignores::new(root)));
    for entry in entries(root, options, gitignores.clone())? {
        let entry = entry.map_err(|error| broken_walk(root, error))?;
        let Some(kind) = entry.file_type() else {
            continue;
        };
        if entry.depth() > 0 && kind.is_symlink() {
            match options.symlinks {
                Symlinks::Skip => continue,
                Symlinks::Preserve => {}
                Symlinks::Refuse | Symlinks::Follow => {
                    return Err(refuse(
                        entry.path(),
                        "this is a symbolic link; choose whether links are followed or skipped \
                         (the option symlinks, --symlinks on the command)",
                    )
                    .with_field("symlinks"));
                }
            }
        }
        if let Some((depth, name)) = last_folder.take()
            && depth >= entry.depth()
        {
            folder.empty_folders.push(name);
        }
        let name = name_below(root, &folder.name, entry.path())?;
        // The root itself may be a link, which is followed; walkdir reports it as an entry at depth
        // 0.
        if kind.is_dir() || entry.depth() == 0 {
            last_folder = Some((entry.depth(), name));
        } else if kind.is_symlink() {
            folder.symlinks.push((name, target(entry.path())?));
        } else if kind.is_file() {
            let length = entry
                .metadata()
                .map_err(|error| broken_walk(root, error))?
                .len();
            folder.bytes = folder.bytes.saturating_add(length);
            folder.files.push(LocalFile { name, length });
        } else {
            return Err(refuse(
                entry.path(),
                "this is a pipe, socket or device, which has no content to pin; leave it out",
            ));
        }
    }
    if let Some(gitignores) = gitignores {
        gitignores.check()?;
    }
    folder
        .empty_folders
        .extend(last_folder.map(|(_, name)| name));
    folder.files.shrink_to_fit();
    folder
        .files
        .sort_unstable_by(|one, other| one.name.cmp(&other.name));
    folder.empty_folders.sort_unstable();
    folder.symlinks.sort_unstable();
    Ok(folder)
}

/// Returns the entries that the options select. Each option can only exclude more: a pattern to
/// include doesn't bring back hidden or excluded entries.
fn entries(
    root: &Path,
    options: &WalkOptions,
    gitignores: Option<Arc<Gitignores>>,
) -> Result<ignore::Walk> {
    let patterns = patterns(root, options)?;
    let hidden = options.hidden;
    Ok(WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(options.symlinks == Symlinks::Follow)
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            entry.depth() == 0
                || ((hidden || !is_hidden(entry))
                    && !patterns.matched(entry.path(), is_folder).is_ignore()
                    && !gitignores
                        .as_ref()
                        .is_some_and(|it| it.leave_out(entry.path(), is_folder)))
        })
        .build())
}

fn patterns(root: &Path, options: &WalkOptions) -> Result<Override> {
    let mut builder = OverrideBuilder::new(root);
    let include = options.include.iter().map(|it| ("include", it, ""));
    let exclude = options.exclude.iter().map(|it| ("exclude", it, "!"));
    for (field, pattern, prefix) in include.chain(exclude) {
        let shown = printable(pattern);
        if pattern.is_empty() || pattern.starts_with('!') {
            return Err(Error::invalid_input(
                field,
                format!("{shown:?} isn't a pattern; use one such as *.map or /drafts"),
            ));
        }
        builder
            .add(&format!("{prefix}{pattern}"))
            .map_err(|cause| {
                Error::invalid_input(field, format!("{shown:?} isn't a pattern: {cause}"))
            })?;
    }
    builder
        .build()
        .map_err(|cause| Error::invalid_input("exclude", cause.to_string()))
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// Returns the name of the folder, even if it is given as `.` or `..`.
fn own_name(root: &Path) -> Result<String> {
    let name = match root.file_name() {
        Some(name) => Some(name.to_owned()),
        None => root
            .canonicalize()
            .map_err(|cause| unreadable(root, cause))?
            .file_name()
            .map(ToOwned::to_owned),
    };
    let Some(name) = name else {
        return Err(refuse(
            root,
            "this folder has no name of its own; give a folder in it",
        ));
    };
    name.into_string().map_err(|_| not_utf8(root))
}

fn name_below(root: &Path, own_name: &str, path: &Path) -> Result<String> {
    let below = path.strip_prefix(root).unwrap_or(path);
    let length = own_name.len() + 1 + below.as_os_str().len();
    let mut name = String::with_capacity(length);
    name.push_str(own_name);
    for segment in below {
        name.push('/');
        name.push_str(segment.to_str().ok_or_else(|| not_utf8(path))?);
    }
    Ok(name)
}

fn target(path: &Path) -> Result<String> {
    let target = fs::read_link(path).map_err(|cause| unreadable(path, cause))?;
    let target = target.into_os_string().into_string();
    target.map_err(|_| {
        refuse(
            path,
            "the target of the symbolic link isn't UTF-8, so the link can't be preserved",
        )
    })
}

fn broken_walk(root: &Path, error: ignore::Error) -> Error {
    let (path, error) = at(root.to_owned(), error);
    let cause = match error {
        ignore::Error::Loop { child, .. } => {
            return refuse(
                &child,
                "this symbolic link leads to a folder that contains it; skip links or remove this one",
            );
        }
        ignore::Error::Io(cause) => cause,
        other => io::Error::other(other.to_string()),
    };
    if cause.kind() == io::ErrorKind::NotFound && path.is_symlink() {
        return Error::local_io(
            path.display().to_string(),
            "the target of this symbolic link doesn't exist; skip links or remove this one",
            cause,
        );
    }
    unreadable(&path, cause)
}

/// Returns where a walk failed, and why.
fn at(path: PathBuf, error: ignore::Error) -> (PathBuf, ignore::Error) {
    match error {
        ignore::Error::WithPath { path, err } => at(path, *err),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            at(path, *err)
        }
        error => (path, error),
    }
}

fn not_utf8(path: &Path) -> Error {
    refuse(path, "the name isn't UTF-8, so it can't be sent; rename it")
}

fn refuse(path: &Path, reason: &'static str) -> Error {
    Error::invalid_input("path", reason).with_path(path.display().to_string())
}

/// Returns the error for a file or folder that can't be read.
pub(crate) fn unreadable(path: &Path, cause: io::Error) -> Error {
    let reason = match cause.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "this can't be read: permission denied".to_owned(),
        _ => format!("this can't be read ({cause})"),
    };
    Error::local_io(path.display().to_string(), reason, cause)
}
