//! A folder onto the disk.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
};

use futures_util::{StreamExt, future, stream::FuturesUnordered};
use tokio::sync::mpsc;
use w3pin_core::{Cid, Error, ErrorKind, IpfsPath, Piece, Result, TreeEnd, TreeItem};

use super::{
    Fetch, disk,
    names::{allow, place},
    part_file::PartFile,
};
use crate::{
    blocking::blocking,
    driver::{Advance, Hands},
};

/// Items on their way to the disk.
const QUEUE: usize = 4;

impl Fetch {
    /// Makes a folder whole, whatever of it is there already.
    pub(super) async fn folder(self: &Arc<Self>, cid: Cid, target: PathBuf) -> Result<()> {
        let folder = target.clone();
        let is_new = blocking(move || disk::folder(&folder)).await?;
        if is_new && self.at_once(&cid, &target).await? == TreeEnd::Whole {
            return Ok(());
        }
        self.meter.restart();
        self.file_by_file(&cid, &target).await
    }

    /// Reads all of a folder out of one response.
    async fn at_once(self: &Arc<Self>, cid: &Cid, target: &Path) -> Result<TreeEnd> {
        let path = IpfsPath::new(cid.clone());
        let limits = self.options.limits();
        let mut call = self.retriever.retrieval.tree(path, true, limits);
        let mut hands = Hands::default();
        let (items, queue) = mpsc::channel(QUEUE);
        let writer = Writer {
            fetch: Arc::clone(self),
            target: target.to_owned(),
            current: None,
            links: Vec::new(),
        };
        let mut writing = Some(writer.start(queue)?);
        loop {
            let item = match self.retriever.driver.advance(&mut call, &mut hands).await {
                Advance::Item(item) => Item::Tree(item),
                Advance::Done(Ok(TreeEnd::Whole)) => Item::End,
                Advance::Done(end) => {
                    drop(items);
                    join(writing.take()).await?;
                    return end;
                }
            };
            let is_end = matches!(item, Item::End);
            let stopped = items.send(item).await.is_err();
            if stopped || is_end {
                drop(items);
                join(writing.take()).await?;
                return Ok(TreeEnd::Whole);
            }
        }
    }

    /// Looks at each file, and fetches what is missing of it, several at a time.
    async fn file_by_file(self: &Arc<Self>, cid: &Cid, target: &Path) -> Result<()> {
        let path = IpfsPath::new(cid.clone());
        let limits = self.options.limits();
        let mut call = self.retriever.retrieval.tree(path, false, limits);
        let (items, mut walked) = mpsc::channel(1);
        // Files come in while the walk waits for its blocks.
        let walk = async move {
            let mut hands = Hands::default();
            loop {
                let item = self.retriever.driver.advance(&mut call, &mut hands).await;
                let is_end = matches!(item, Advance::Done(_));
                if items.send(item).await.is_err() || is_end {
                    return Ok(());
                }
            }
        };
        future::try_join(walk, self.take_items(target, &mut walked)).await?;
        Ok(())
    }

    /// Takes what a walk gives: makes folders, and fetches files, several at a time.
    async fn take_items(
        self: &Arc<Self>,
        target: &Path,
        walked: &mut mpsc::Receiver<Advance<TreeEnd, TreeItem>>,
    ) -> Result<()> {
        let mut files = FuturesUnordered::new();
        let mut links = Vec::new();
        loop {
            let item = tokio::select! {
                Some(file) = files.next() => {
                    file?;
                    continue;
                }
                item = walked.recv(), if files.len() < self.options.concurrency => item,
            };
            let Some(item) = item else { break };
            match item {
                Advance::Item(TreeItem::Folder { path, .. }) => {
                    let folder = place(target, &path)?;
                    blocking(move || disk::folder(&folder)).await?;
                }
                Advance::Item(TreeItem::File { path, cid, size }) => {
                    files.push(self.file(cid, size, place(target, &path)?));
                }
                Advance::Item(TreeItem::Symlink {
                    path, target: to, ..
                }) => {
                    if allow(&path, &to, self.options.symlinks)? {
                        links.push((place(target, &path)?, to));
                    }
                }
                Advance::Item(_) => {}
                Advance::Done(end) => {
                    end?;
                    break;
                }
            }
        }
        while files.next().await.transpose()?.is_some() {}
        blocking(move || make_links(&links)).await
    }
}

/// Links come last, so that nothing is ever written through one.
fn make_links(links: &[(PathBuf, String)]) -> Result<()> {
    links
        .iter()
        .try_for_each(|(path, target)| disk::symlink(path, target))
}

enum Item {
    Tree(TreeItem),
    End,
}

/// Writes the items of a tree, on a thread of its own.
struct Writer {
    fetch: Arc<Fetch>,
    target: PathBuf,
    current: Option<Current>,
    links: Vec<(PathBuf, String)>,
}

/// The file that is being written.
struct Current {
    part: PartFile,
    size: u64,
}

impl Writer {
    fn start(mut self, mut queue: mpsc::Receiver<Item>) -> Result<JoinHandle<Result<()>>> {
        let started = thread::Builder::new()
            .name("w3pin-write".to_owned())
            .spawn(move || {
                while let Some(item) = queue.blocking_recv() {
                    self.write(item)?;
                }
                Ok(())
            });
        started.map_err(|cause| {
            let reason = "no thread can be started to write files";
            Error::new(ErrorKind::LocalIo, reason).with_source(cause)
        })
    }

    fn write(&mut self, item: Item) -> Result<()> {
        match item {
            Item::Tree(TreeItem::Piece(Piece { offset, bytes })) => {
                if let Some(current) = &self.current {
                    let length = bytes.len() as u64;
                    current.part.write(offset, &[bytes])?;
                    self.fetch.meter.wrote(length);
                }
                return Ok(());
            }
            Item::Tree(item) => {
                self.finish()?;
                self.begin(item)?;
            }
            Item::End => {
                self.finish()?;
                make_links(&self.links)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, item: TreeItem) -> Result<()> {
        match item {
            TreeItem::Folder { path, .. } if path.is_empty() => {}
            TreeItem::Folder { path, .. } => {
                let folder = place(&self.target, &path)?;
                disk::folder(&folder)?;
            }
            TreeItem::File { path, cid, size } => {
                let part = PartFile::open(place(&self.target, &path)?, &cid)?;
                let size = size.unwrap_or_default();
                self.current = Some(Current { part, size });
            }
            TreeItem::Symlink { path, target, .. } => {
                let place = place(&self.target, &path)?;
                let allowed = allow(&path, &target, self.fetch.options.symlinks)?;
                self.links.extend(allowed.then_some((place, target)));
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        current
            .part
            .finish(current.size, self.fetch.options.overwrite)?;
        self.fetch.meter.file();
        Ok(())
    }
}

/// Waits for the writer, which ends when nothing more can come.
async fn join(writing: Option<JoinHandle<Result<()>>>) -> Result<()> {
    let Some(writing) = writing else {
        return Ok(());
    };
    blocking(move || {
        writing.join().unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::LocalIo,
                "the writing of files failed",
            ))
        })
    })
    .await
}
