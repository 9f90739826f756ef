//! Lists folders.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, stream};
use w3pin_core::{Cid, Entry, IpfsPath, NodeKind, Result};
use w3pin_unixfs::RAW;

use super::Retriever;
use crate::driver::{Advance, Hands};

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FolderEntry {
    /// The name, as chosen by the creator of the folder: it is never empty, `.` or `..` and
    /// contains no `/`, but may contain anything else.
    pub name: String,
    /// Its CID.
    pub cid: Cid,
    /// The kind of the node.
    pub kind: NodeKind,
    /// The bytes of a file's content; `None` for other kinds. The size of a file that is a
    /// single raw block comes from the folder, and isn't proved until the block is read.
    pub size: Option<u64>,
}

impl FolderEntry {
    /// Where a symbolic link points.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.kind.target()
    }
}

/// The entries of a folder, in the order of its blocks: by name in a small folder, and by hash of
/// the name in a sharded one. Created by [`Retriever::list`](crate::Retriever::list). It ends after
/// an error.
#[must_use]
pub struct FolderEntries(Pin<Box<dyn Stream<Item = Result<FolderEntry>> + Send>>);

/// The number of entries to inspect at a time.
const AT_ONCE: usize = 8;

impl FolderEntries {
    pub(super) fn new(retriever: Retriever, path: IpfsPath) -> Self {
        let call = retriever.retrieval.entries(path);
        let names = stream::unfold(
            Some((retriever.clone(), call, Hands::default())),
            |state| async move {
                let (retriever, mut call, mut hands) = state?;
                match retriever.driver.advance(&mut call, &mut hands).await {
                    Advance::Item(entries) => Some((Ok(entries), Some((retriever, call, hands)))),
                    Advance::Done(Ok(_)) => None,
                    Advance::Done(Err(error)) => Some((Err(error), None)),
                }
            },
        );
        let names = names.flat_map(|entries| match entries {
            Ok(entries) => stream::iter(entries.into_iter().map(Ok).collect::<Vec<_>>()),
            Err(error) => stream::iter(vec![Err(error)]),
        });
        let described = names.map(move |entry| {
            let retriever = retriever.clone();
            async move { describe(&retriever, entry?).await }
        });
        let mut failed = false;
        let until_error = described.buffered(AT_ONCE).take_while(move |entry| {
            let go_on = !failed;
            failed |= entry.is_err();
            std::future::ready(go_on)
        });
        Self(Box::pin(until_error))
    }

    /// Returns the next entry, or `None` after the last.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the path doesn't lead to a folder, and the errors of
    /// [`Retriever::resolve`](crate::Retriever::resolve).
    pub async fn next(&mut self) -> Option<Result<FolderEntry>> {
        self.0.next().await
    }
}

async fn describe(retriever: &Retriever, entry: Entry) -> Result<FolderEntry> {
    let Entry {
        name,
        cid,
        dag_size,
        ..
    } = entry;
    if cid.as_cid().codec() == RAW {
        // Proving the size would take reading the whole content.
        return Ok(FolderEntry {
            name,
            cid,
            kind: NodeKind::File,
            size: Some(dag_size),
        });
    }
    let call = retriever.retrieval.describe(cid.clone());
    let node = retriever.driver.drive(call).await?;
    Ok(FolderEntry {
        name,
        cid,
        kind: node.kind,
        size: node.size,
    })
}

impl Stream for FolderEntries {
    type Item = Result<FolderEntry>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for FolderEntries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FolderEntries").finish_non_exhaustive()
    }
}
