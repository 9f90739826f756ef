//! From a CID and a path to a block.

use w3pin_unixfs::{Cid, Kind, Lookup, decode};

use super::undecodable;
use crate::{app::App, envelope::Refusal};

/// A block that is here.
#[derive(Debug)]
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

pub(super) async fn fetch(app: &App, cid: &Cid) -> Result<Found, Refusal> {
    match app.store.engine.block(*cid).await? {
        Some(block) => Ok(Found { cid: *cid, block }),
        None => Err(Refusal::not_found(format!("{cid} isn't stored here"))),
    }
}

/// Follows a path from a root, through folders in one block or many.
pub(super) async fn walk(app: &App, root: &Cid, path: &[String]) -> Result<Found, Refusal> {
    let mut found = fetch(app, root).await?;
    for name in path {
        let Some(next) = entry(app, &found, name).await? else {
            let name = crate::upload_path::Excerpt::of(name);
            return Err(Refusal::not_found(format!(
                "there is no {name} in {}",
                found.cid
            )));
        };
        found = fetch(app, &next).await?;
    }
    Ok(found)
}

/// The entry of a folder, if it has it and is one.
pub(super) async fn entry(app: &App, folder: &Found, name: &str) -> Result<Option<Cid>, Refusal> {
    let mut shard;
    let mut current = folder;
    for level in 0.. {
        let node = decode(&current.cid, &current.block).map_err(|cause| undecodable(&cause))?;
        let below = match node.lookup(name, level) {
            Lookup::Entry(link) => return Ok(Some(link.cid)),
            Lookup::Shard(link) => link.cid,
            Lookup::Absent => break,
        };
        shard = fetch(app, &below).await?;
        current = &shard;
    }
    Ok(None)
}
