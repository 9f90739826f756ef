//! Resolves a CID and a path to a block.

use std::{collections::VecDeque, sync::Arc};

use w3pin_unixfs::{Cid, IDENTITY, Kind, Lookup, decode};

use super::{
    format::DocumentType,
    ipld::{self, Reached, UnreadableBlock},
    undecodable,
};
use crate::{app::App, envelope::Refusal, excerpt::Excerpt, held_blocks::Reader, party::Party};

/// The stored blocks, read on behalf of a party.
#[derive(Clone)]
pub(super) struct Blocks {
    pub(super) app: Arc<App>,
    pub(super) who: Party,
}

/// A stored block.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) cid: Cid,
    pub(super) block: Vec<u8>,
}

/// Where a path leads.
#[derive(Debug)]
pub(super) struct Resolved {
    /// The block at its end.
    pub(super) found: Found,
    /// All blocks that were read along the path, from the root on.
    pub(super) trail: Vec<Cid>,
    /// The blocks of the root and of each name.
    pub(super) roots: Vec<Cid>,
    /// The last names, which lead to a value within the block.
    pub(super) remainder: Vec<String>,
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
        let block = if is_identity(cid) {
            Some(cid.hash().digest().to_vec())
        } else {
            let turn = self.app.block_reads.take(self.who).await;
            let (app, cid) = (Arc::clone(&self.app), *cid);
            // The client may disconnect; the work goes on.
            let read = tokio::spawn(async move {
                let _turn = turn;
                app.store.engine.block(cid).await
            });
            read.await.map_err(|cause| Refusal::internal(&cause))??
        };
        found(cid, block)
    }

    /// Like `fetch`, on a blocking thread whose caller already has a turn.
    pub(super) fn read(&self, cid: &Cid) -> Result<Found, Refusal> {
        let block = if is_identity(cid) {
            Some(cid.hash().digest().to_vec())
        } else {
            self.app.store.engine.read_block(*cid)?
        };
        found(cid, block)
    }

    /// Returns a block and those that follow it, up to `bytes` and to the first that can't be read.
    ///
    /// They are read in one turn: for small blocks, waiting for a turn takes longer than reading.
    pub(super) async fn fetch_with(
        &self,
        cid: Cid,
        next: Vec<Cid>,
        bytes: usize,
    ) -> Result<(Found, VecDeque<Found>), Refusal> {
        let turn = self.app.block_reads.take(self.who).await;
        let blocks = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let first = blocks.read(&cid)?;
            let mut read = first.block.len();
            let next = next.iter().map_while(|cid| {
                let found = (read < bytes).then(|| blocks.read(cid).ok())??;
                read += found.block.len();
                Some(found)
            });
            let next = next.collect();
            Ok((first, next))
        });
        read.await.map_err(|cause| Refusal::internal(&cause))?
    }

    /// Returns a place to hold a block that isn't sent at once.
    pub(super) fn reader(&self) -> Reader {
        self.app.held_blocks.reader()
    }

    /// Follows a path from a root, through folders, sharded or not, and documents. Symlinks aren't
    /// followed.
    pub(super) async fn walk(&self, root: &Cid, path: &[String]) -> Result<Resolved, Refusal> {
        let mut found = self.fetch(root).await?;
        let (mut trail, mut roots) = (Vec::new(), vec![*root]);
        let mut path = path;
        while let Some((name, rest)) = path.split_first() {
            let next = match DocumentType::of_codec(found.cid.codec()) {
                Some(kind @ (DocumentType::DagCbor | DocumentType::DagJson)) => {
                    match ipld::descend(kind, &found.cid, &found.block, path)? {
                        Reached::Link { cid, left } if left < path.len() => {
                            let within = path.len() - left - 1;
                            roots.extend(std::iter::repeat_n(found.cid, within));
                            trail.push(found.cid);
                            path = &path[path.len() - left..];
                            Some(cid)
                        }
                        Reached::Value => {
                            roots.extend(std::iter::repeat_n(found.cid, path.len()));
                            break;
                        }
                        // Or to a document that is only a link, which has no names.
                        Reached::Absent | Reached::Link { .. } => None,
                    }
                }
                // Values in plain documents have no addresses.
                Some(DocumentType::Cbor | DocumentType::Json) => None,
                None => {
                    trail.push(found.cid);
                    path = rest;
                    self.entry(&found, name, &mut trail).await?
                }
            };
            let Some(next) = next else {
                let name = Excerpt::of(name);
                let folder = found.cid;
                return Err(Refusal::not_found(format!(
                    "there is no {name} in {folder}"
                )));
            };
            found = self.fetch(&next).await?;
            roots.push(next);
        }
        Ok(Resolved {
            found,
            trail,
            roots,
            remainder: path.to_vec(),
        })
    }

    /// Returns the entry of a folder, if it is a folder and has the entry. Records the shards along
    /// the way.
    pub(super) async fn entry(
        &self,
        folder: &Found,
        name: &str,
        trail: &mut Vec<Cid>,
    ) -> Result<Option<Cid>, Refusal> {
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
            trail.push(below);
            current = &shard;
        }
        Ok(None)
    }
}

fn found(cid: &Cid, block: Option<Vec<u8>>) -> Result<Found, Refusal> {
    match block {
        Some(block) => Ok(Found { cid: *cid, block }),
        None => Err(Refusal::not_found(format!("{cid} isn't stored here"))),
    }
}

/// Returns whether a CID contains its block.
pub(super) fn is_identity(cid: &Cid) -> bool {
    cid.hash().code() == IDENTITY
}

impl From<UnreadableBlock> for Refusal {
    fn from(cause: UnreadableBlock) -> Self {
        Self::bad_request(cause.to_string())
    }
}
