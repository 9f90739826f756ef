//! `w3pin tree CID[/PATH]`

use std::vec;

use serde_json::json;
use w3pin::{Cid, Error, FolderEntry, IpfsPath, NodeKind, Result, Retriever, core::TreeLimits};

use crate::{
    args::{Global, Tree},
    failure::Failure,
    output::{Output, bytes},
    session::Source,
};

pub(crate) async fn run(
    args: &Tree,
    global: &Global,
    output: &Output,
) -> std::result::Result<(), Failure> {
    let source = Source::open(args.from.parse()?, global, output).await?;
    let depth = args.depth.map_or(usize::MAX, usize::from);
    let most_entries = args.most_entries;
    let listed = list(
        &args.content,
        depth,
        most_entries,
        &source.retriever,
        output,
    )
    .await;
    let result = match listed {
        Err(error) => Err(Failure::reading(error, &args.content)),
        Ok(_) if output.is_broken() => Err(Failure::CutOff),
        Ok(_) => Ok(()),
    };
    result.and(source.close().await)
}

/// Prints everything below a path, each folder before its entries. Returns how many entries are
/// unavailable.
pub(super) async fn list(
    content: &IpfsPath,
    depth: usize,
    most_entries: Option<u64>,
    retriever: &Retriever,
    output: &Output,
) -> Result<u64> {
    let mut limits = TreeLimits::default();
    limits.most_entries = most_entries.unwrap_or(limits.most_entries);
    let mut listing = Listing {
        content,
        depth,
        limits,
        retriever,
        output,
        entries: 0,
        counts: Counts::default(),
    };
    let spinner = output.messages().spinner(&format!("listing {content}"));
    let listed = listing.run().await;
    drop(spinner);
    listed?;
    let Counts {
        folders,
        files,
        unavailable,
        size,
    } = listing.counts;
    if !output.is_broken() {
        let told = match unavailable {
            0 => String::new(),
            count => format!(", unavailable {count}"),
        };
        let size = bytes(size);
        output.note(&format!(
            "folders {folders}, files {files}{told}, size {size}"
        ));
    }
    Ok(unavailable)
}

/// A listing in progress.
struct Listing<'a> {
    content: &'a IpfsPath,
    depth: usize,
    limits: TreeLimits,
    retriever: &'a Retriever,
    output: &'a Output,
    /// The number of entries in the folders that were read.
    entries: u64,
    counts: Counts,
}

/// The number of printed entries.
#[derive(Default)]
struct Counts {
    folders: u64,
    files: u64,
    unavailable: u64,
    size: u64,
}

struct Entry {
    name: String,
    cid: Cid,
    kind: NodeKind,
    size: Option<u64>,
}

/// A folder that is being printed.
struct Level {
    entries: vec::IntoIter<Entry>,
    /// The path of the folder, and the lines to draw before its entries.
    path: String,
    lines: String,
}

impl Listing<'_> {
    async fn run(&mut self) -> Result<()> {
        let node = self.retriever.resolve(self.content).await?;
        if node.kind != NodeKind::Folder {
            let root = self.content.root().to_string();
            let entry = Entry {
                name: self.content.segments().last().unwrap_or(&root).clone(),
                cid: node.cid,
                kind: node.kind,
                size: node.size,
            };
            self.print("", &entry.name, &entry);
            return Ok(());
        }
        if !self.output.is_json() {
            self.output.line(&self.content.to_string());
        }
        let mut levels = vec![self.level(&node.cid, String::new(), String::new()).await?];
        // Stops if the output is closed.
        while !self.output.is_broken() {
            let depth = levels.len();
            let Some(level) = levels.last_mut() else {
                break;
            };
            let Some(entry) = level.entries.next() else {
                levels.pop();
                continue;
            };
            let (branch, below) = match level.entries.len() {
                0 => ("└── ", "    "),
                _ => ("├── ", "│   "),
            };
            let path = match &level.path[..] {
                "" => entry.name.clone(),
                folder => format!("{folder}/{}", entry.name),
            };
            self.print(&format!("{}{branch}", level.lines), &path, &entry);
            if entry.kind != NodeKind::Folder || depth >= self.depth {
                continue;
            }
            if depth >= self.limits.most_levels {
                let most = self.limits.most_levels;
                let reason = format!("there are more than {most} nested folders");
                return Err(Error::invalid_input("depth", reason));
            }
            let lines = format!("{}{below}", level.lines);
            levels.push(self.level(&entry.cid, path, lines).await?);
        }
        Ok(())
    }

    /// Reads a folder, sorted by name, since its blocks may have any order.
    async fn level(&mut self, cid: &Cid, path: String, lines: String) -> Result<Level> {
        let mut list = self.retriever.list(&IpfsPath::new(cid.clone()));
        let mut entries: Vec<Entry> = Vec::new();
        while let Some(entry) = list.next().await {
            self.entries += 1;
            if self.entries > self.limits.most_entries {
                let most = self.limits.most_entries;
                let reason = format!("there are more than {most} files, folders and links");
                return Err(Error::invalid_input("most_entries", reason));
            }
            entries.push(entry?.into());
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Level {
            entries: entries.into_iter(),
            path,
            lines,
        })
    }

    fn print(&mut self, lines: &str, path: &str, entry: &Entry) {
        let Entry {
            name,
            cid,
            kind,
            size,
        } = entry;
        match kind {
            NodeKind::Folder => self.counts.folders += 1,
            NodeKind::Symlink(_) => {}
            NodeKind::Unavailable => self.counts.unavailable += 1,
            _ => self.counts.files += 1,
        }
        self.counts.size = self.counts.size.saturating_add(size.unwrap_or_default());
        let target = match kind {
            NodeKind::Symlink(target) => Some(target),
            _ => None,
        };
        if self.output.is_json() {
            return self.output.json_line(&json!({
                "path": path,
                "cid": cid,
                "kind": kind.as_str(),
                "size": size,
                "target": target,
            }));
        }
        let more = match (kind, target, size) {
            (NodeKind::Folder, ..) => "/".to_owned(),
            (NodeKind::Unavailable, ..) => format!(" (unavailable, {cid})"),
            (_, Some(target), _) => format!(" -> {target}"),
            (_, None, Some(size)) => format!(" ({})", bytes(*size)),
            (..) => String::new(),
        };
        self.output.line(&format!("{lines}{name}{more}"));
    }
}

impl From<FolderEntry> for Entry {
    fn from(entry: FolderEntry) -> Self {
        Self {
            name: entry.name,
            cid: entry.cid,
            kind: entry.kind,
            size: entry.size,
        }
    }
}
