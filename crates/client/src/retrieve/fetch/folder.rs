//! Fetches a folder to disk.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::{StreamExt, future, stream::FuturesUnordered};
use tokio::sync::mpsc;
use w3pin_core::{Cid, IpfsPath, Result, TreeEnd, TreeItem};

use super::{
    Fetch, disk,
    names::{allow, place},
    tree_writer::TreeWriter,
};
use crate::{
    blocking::blocking,
    driver::{Advance, Hands},
};

impl Fetch {
    /// Completes a folder, whatever part of it exists already.
    pub(super) async fn folder(self: &Arc<Self>, cid: Cid, target: PathBuf) -> Result<()> {
        let folder = target.clone();
        let is_new = blocking(move || disk::folder(&folder)).await?;
        if is_new && self.at_once(&cid, &target).await? == TreeEnd::Whole {
            return Ok(());
        }
        self.meter.restart();
        self.file_by_file(&cid, &target).await
    }

    /// Reads all of a folder from one response.
    async fn at_once(self: &Arc<Self>, cid: &Cid, target: &Path) -> Result<TreeEnd> {
        let path = IpfsPath::new(cid.clone());
        let limits = self.options.limits();
        let mut call = self.retriever.retrieval.tree(path, true, limits);
        let mut hands = Hands::default();
        let mut writer = TreeWriter::new(self, target);
        let end = loop {
            match self.retriever.driver.advance(&mut call, &mut hands).await {
                Advance::Item(item) => {
                    if let Err(error) = writer.take(item).await {
                        break Err(error);
                    }
                }
                Advance::Done(end) => break end,
            }
        };
        // Data from before a failure is kept.
        let written = writer.finish().await;
        let end = end?;
        let links = written?;
        if end == TreeEnd::Whole {
            blocking(move || make_links(&links)).await?;
        }
        Ok(end)
    }

    /// Checks each file and fetches what is missing, several at a time.
    async fn file_by_file(self: &Arc<Self>, cid: &Cid, target: &Path) -> Result<()> {
        let path = IpfsPath::new(cid.clone());
        let limits = self.options.limits();
        let mut call = self.retriever.retrieval.tree(path, false, limits);
        let (items, mut walked) = mpsc::channel(1);
        // Files are fetched while the walk waits for its blocks.
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

    /// Handles the items of a walk: creates folders, and fetches files, several at a time.
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
                    let target = place(target, &path)?;
                    files.push(async move {
                        let file = self.file(cid.clone(), size, target).await;
                        file.map_err(|error| match error.path() {
                            Some(_) => error,
                            None => error.of_content(&path, &cid),
                        })
                    });
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

/// Links are created last, so that nothing is written through one.
fn make_links(links: &[(PathBuf, String)]) -> Result<()> {
    links
        .iter()
        .try_for_each(|(path, target)| disk::symlink(path, target))
}
