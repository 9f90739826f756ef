//! Compares a folder's DAG with a folder on disk.

use std::{collections::BTreeMap, sync::Arc};

use w3pin_core::{Error, Result};
use w3pin_unixfs::{Cid, Discard, Kind, MAX_SHARD_DEPTH, Profile, RAW, shard_prefix, symlink};

use super::{
    Prover,
    local::{LocalEntry, LocalFolder},
    node, unprovable,
};

/// The buckets of a shard. No importer makes others.
const FANOUT: u32 = 256;

impl Prover<'_> {
    /// Proves that the DAG under `root` is `folder`, entry by entry.
    pub(super) async fn folder(&mut self, folder: LocalFolder, root: Cid) -> Result<()> {
        let mut waiting = vec![(String::new(), folder, root)];
        while let Some((path, folder, cid)) = waiting.pop() {
            let others = waiting.iter().rev().map(|(_, _, cid)| *cid);
            self.look_ahead([cid].into_iter().chain(others)).await?;
            let mut found = self.entries(&path, &folder, cid).await?;
            for (name, entry) in folder.entries {
                let path = format!("{path}{name}");
                let Some(cid) = found.remove(&name) else {
                    match entry {
                        LocalEntry::Folder(folder) if folder.is_empty() => continue,
                        _ => return Err(self.differs(format!("it has no {path}"))),
                    }
                };
                match entry {
                    LocalEntry::File(file) => self.file(&Arc::new(file), cid).await?,
                    LocalEntry::Folder(folder) => waiting.push((format!("{path}/"), folder, cid)),
                    LocalEntry::Link(target) => self.link(&path, &target, cid).await?,
                }
            }
        }
        Ok(())
    }

    /// Returns the entries of a folder, including its shards. Stops at the first that isn't among
    /// the local ones, so that no more than these are held.
    async fn entries(
        &mut self,
        path: &str,
        local: &LocalFolder,
        root: Cid,
    ) -> Result<BTreeMap<String, Cid>> {
        let mut found = BTreeMap::new();
        // Each shard with the prefixes by which it was reached, which all names in it must have.
        let mut shards = vec![(root, Vec::<String>::new())];
        while let Some((cid, prefixes)) = shards.pop() {
            let level = prefixes.len() as u32;
            let block = self.block(&cid).await?;
            let node = node(&cid, &block)?;
            match node.kind() {
                Kind::Directory if level == 0 => {}
                Kind::HamtShard if node.fanout() == Some(FANOUT) && level < MAX_SHARD_DEPTH => {}
                Kind::HamtShard | Kind::Directory => {
                    return Err(unprovable(&root, "its shards are of an unsupported kind"));
                }
                Kind::File | Kind::Raw | Kind::Symlink => {
                    let what = if path.is_empty() {
                        "this"
                    } else {
                        path.trim_end_matches('/')
                    };
                    return Err(self.differs(format!("{what} is a folder, and the DAG is not")));
                }
            }
            let sharded = node.kind() == Kind::HamtShard;
            for entry in node.entries() {
                // A lookup by name must find the entry where it is, or readers would see a
                // different folder.
                let place = |level: usize| shard_prefix(entry.name, level as u32);
                let reached = prefixes
                    .iter()
                    .enumerate()
                    .all(|(at, it)| place(at).as_ref() == Some(it));
                let named = !sharded
                    || place(prefixes.len()).is_some_and(|it| entry.link.name.starts_with(&it));
                if !(reached && named) {
                    return Err(unprovable(
                        &root,
                        "a name is in a shard where a lookup doesn't find it",
                    ));
                }
                if !local.entries.contains_key(entry.name) {
                    return Err(self.extra(path, entry.name));
                }
                if found
                    .insert(entry.name.to_owned(), entry.link.cid)
                    .is_some()
                {
                    return Err(unprovable(&root, "a name occurs twice"));
                }
            }
            for shard in node.sub_shards() {
                let mut prefixes = prefixes.clone();
                prefixes.push(shard.name.to_owned());
                shards.push((shard.cid, prefixes));
            }
        }
        Ok(found)
    }

    fn extra(&self, path: &str, name: &str) -> Error {
        let why = if name.starts_with('.') && !self.hidden {
            "isn't in the local folder, or is hidden or excluded"
        } else {
            "isn't in the local folder"
        };
        self.differs(format!("it has {path}{name}, which {why}"))
    }

    async fn link(&mut self, path: &str, target: &str, cid: Cid) -> Result<()> {
        // A link is the same block under every profile, unless it has a mode or a time.
        let Ok(expected) = symlink(target, &Profile::default(), &mut Discard);
        if (expected.cid.codec(), expected.cid.hash()) == (cid.codec(), cid.hash()) {
            return Ok(());
        }
        if cid.codec() != RAW {
            let block = self.block(&cid).await?;
            let node = node(&cid, &block)?;
            if node.kind() == Kind::Symlink && node.data() == target.as_bytes() {
                return Ok(());
            }
        }
        Err(self.differs(format!("the symbolic link {path} differs")))
    }
}
