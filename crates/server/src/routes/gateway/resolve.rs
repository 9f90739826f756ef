//! From a CID and a path to a block.

use std::sync::Arc;

use w3pin_unixfs::{Cid, Kind, Lookup, decode};

use super::undecodable;
use crate::{app::App, envelope::Refusal, excerpt::Excerpt, held_blocks::Reader, party::Party};

/// The code of the hash that is the content itself.
const IDENTITY: u64 = 0;

/// The blocks that are here, for whoever asks for them.
#[derive(Clone)]
pub(super) struct Blocks {
    pub(super) app: Arc<App>,
    pub(super) who: Party,
}

/// A block that is here.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) cid: Cid,
    pub(super) block: Vec<u8>,
}

impl Found {
    pub(super) fn file_size(&self) -> u64 {
        decode(&self.cid, &self.block)
            .ok()
            .and_then(|node| node.file_size())
            .unwrap_or(0)
    }

    pub(super) fn is_file(&self) -> bool {
        decode(&self.cid, &self.block)
            .is_ok_and(|node| matches!(node.kind(), Kind::Raw | Kind::File))
    }
}

impl Blocks {
    pub(super) async fn fetch(&self, cid: &Cid) -> Result<Found, Refusal> {
        let block = if cid.hash().code() == IDENTITY {
            Some(cid.hash().digest().to_vec())
        } else {
            let turn = self.app.block_reads.take(self.who).await;
            let (app, cid) = (Arc::clone(&self.app), *cid);
            // Whoever asked may go away; the work goes on all the same.
            let read = tokio::spawn(async move {
                let _turn = turn;
                app.store.engine.block(cid).await
            });
            read.await.map_err(|cause| Refusal::internal(&cause))??
        };
        match block {
            Some(block) => Ok(Found { cid: *cid, block }),
            None => Err(Refusal::not_found(format!("{cid} isn't stored here"))),
        }
    }

    /// A place to keep a block that isn't sent at once.
    pub(super) fn reader(&self) -> Reader {
        self.app.held_blocks.reader()
    }

    /// Follows a path from a root, through folders in one block or many.
    pub(super) async fn walk(&self, root: &Cid, path: &[String]) -> Result<Found, Refusal> {
        let mut found = self.fetch(root).await?;
        for name in path {
            let Some(next) = self.entry(&found, name).await? else {
                let name = Excerpt::of(name);
                let folder = found.cid;
                return Err(Refusal::not_found(format!(
                    "there is no {name} in {folder}"
                )));
            };
            found = self.fetch(&next).await?;
        }
        Ok(found)
    }

    /// The entry of a folder, if it has it and is one.
    pub(super) async fn entry(&self, folder: &Found, name: &str) -> Result<Option<Cid>, Refusal> {
        let mut shard;
        let mut current = folder;
        for level in 0.. {
            let node = decode(&current.cid, &current.block).map_err(|cause| undecodable(&cause))?;
            let below = match node.lookup(name, level) {
                Lookup::Entry(link) => return Ok(Some(link.cid)),
                Lookup::Shard(link) => link.cid,
                Lookup::Absent => break,
            };
            shard = self.fetch(&below).await?;
            current = &shard;
        }
        Ok(None)
    }
}
