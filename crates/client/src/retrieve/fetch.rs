//! Fetches content to disk.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use w3pin_core::{Cid, Error, IpfsPath, Node, NodeKind, Result, TreeLimits, words};
use w3pin_unixfs::RAW;

use self::meter::Meter;
use super::Retriever;

mod disk;
mod file;
mod folder;
mod meter;
mod names;
mod part_file;
mod part_writer;
mod small_files;
mod tree_writer;
mod whole_file;

/// Called with the progress of a fetch, at most ten times a second. The fetch is blocked until it
/// returns.
pub type OnFetchProgress = Arc<dyn Fn(&FetchProgress) + Send + Sync>;

/// The progress of a fetch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchProgress {
    /// The bytes of content on disk, also those that were there before.
    pub bytes: u64,
    /// The total bytes of content, when a single file is fetched.
    pub bytes_total: Option<u64>,
    /// The number of complete files.
    pub files: u64,
}

/// What a fetch does with the symbolic links of a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SymlinkPolicy {
    /// Links within the folder are created; one that leads out of it is an error.
    #[default]
    Inside,
    /// All links are created, wherever they lead. Only for content that is trusted.
    All,
    /// No links are created.
    Skip,
}

words!(SymlinkPolicy, "symlinks", "inside" => Inside, "all" => All, "skip" => Skip);

/// The options of a fetch.
///
/// ```
/// use w3pin::{FetchOptions, SymlinkPolicy};
///
/// let options = FetchOptions::new().overwrite(true).symlinks(SymlinkPolicy::Skip);
/// assert_eq!(options.concurrency, 4);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct FetchOptions {
    /// Whether to replace files that have other content. Otherwise they are left unchanged and the fetch
    /// fails.
    pub overwrite: bool,
    /// How many responses to read at a time; 4 unless set.
    pub concurrency: usize,
    /// What to do with symbolic links.
    pub symlinks: SymlinkPolicy,
    /// The maximum number of bytes in all files together; 1 TiB unless set.
    pub most_bytes: u64,
    /// The maximum number of files, folders and links; 1,000,000 unless set.
    pub most_entries: u64,
    /// Called with the progress, at most ten times a second.
    pub on_progress: Option<OnFetchProgress>,
}

impl Default for FetchOptions {
    fn default() -> Self {
        let limits = TreeLimits::default();
        Self {
            overwrite: false,
            concurrency: 4,
            symlinks: SymlinkPolicy::default(),
            most_bytes: limits.most_bytes,
            most_entries: limits.most_entries,
            on_progress: None,
        }
    }
}

impl FetchOptions {
    /// Returns the defaults: four responses at a time, nothing overwritten, links within the
    /// folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether to replace files with other content.
    #[must_use]
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Sets how many responses to read at a time; at least 1.
    #[must_use]
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Sets what to do with symbolic links.
    #[must_use]
    pub fn symlinks(mut self, symlinks: SymlinkPolicy) -> Self {
        self.symlinks = symlinks;
        self
    }

    /// Sets the most bytes to fetch in all files together; 1 TiB unless set.
    #[must_use]
    pub fn most_bytes(mut self, bytes: u64) -> Self {
        self.most_bytes = bytes;
        self
    }

    /// Sets the most files, folders and links to fetch; 1,000,000 unless set.
    #[must_use]
    pub fn most_entries(mut self, entries: u64) -> Self {
        self.most_entries = entries;
        self
    }

    /// Sets the function to call with the progress.
    #[must_use]
    pub fn on_progress(
        mut self,
        on_progress: impl Fn(&FetchProgress) + Send + Sync + 'static,
    ) -> Self {
        self.on_progress = Some(Arc::new(on_progress));
        self
    }
}

impl FetchOptions {
    fn limits(&self) -> TreeLimits {
        let mut limits = TreeLimits::default();
        limits.most_bytes = self.most_bytes;
        limits.most_entries = self.most_entries;
        limits
    }
}

impl fmt::Debug for FetchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchOptions")
            .field("overwrite", &self.overwrite)
            .field("concurrency", &self.concurrency)
            .field("symlinks", &self.symlinks)
            .field("most_bytes", &self.most_bytes)
            .field("most_entries", &self.most_entries)
            .finish_non_exhaustive()
    }
}

/// The result of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fetched {
    /// The CID of the fetched content.
    pub cid: Cid,
    /// The files.
    pub files: u64,
    /// The bytes of content compared, each covered by a verified digest.
    pub bytes: u64,
    /// The bytes of content fetched from gateways, as they weren't there before.
    pub bytes_fetched: u64,
}

/// A fetch in progress.
struct Fetch {
    retriever: Retriever,
    options: FetchOptions,
    meter: Meter,
}

pub(super) async fn fetch(
    retriever: &Retriever,
    path: &IpfsPath,
    destination: &Path,
    options: FetchOptions,
) -> Result<Fetched> {
    if destination.as_os_str().is_empty() {
        return Err(Error::invalid_input(
            "destination",
            "the destination is empty",
        ));
    }
    if destination.as_os_str().as_encoded_bytes().contains(&0) {
        let reason = "the destination contains a NUL byte, which paths can't";
        return Err(Error::invalid_input("destination", reason));
    }
    if options.concurrency == 0 {
        let reason = "concurrency is 0; the least is 1";
        return Err(Error::invalid_input("concurrency", reason));
    }
    let node = if path.segments().is_empty() && path.root().as_cid().codec() == RAW {
        // It can't be anything else, and its only block isn't fetched twice.
        Node {
            cid: path.root().clone(),
            kind: NodeKind::File,
            size: None,
        }
    } else {
        retriever.resolve(path).await?
    };
    let fetch = Arc::new(Fetch {
        retriever: retriever.clone(),
        meter: Meter::new(options.on_progress.clone(), node.size, options.most_bytes),
        options,
    });
    let target: PathBuf = destination.to_owned();
    match node.kind {
        NodeKind::Folder => fetch.folder(node.cid.clone(), target).await?,
        NodeKind::Symlink(_) => {
            let reason = format!("{path} is a symbolic link, and links aren't followed");
            return Err(Error::invalid_input("path", reason));
        }
        _ => fetch.file(node.cid.clone(), node.size, target).await?,
    }
    fetch.meter.finish();
    Ok(fetch.meter.fetched(node.cid))
}
