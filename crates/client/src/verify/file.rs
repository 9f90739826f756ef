//! Compares a file's DAG with a file's bytes.

use std::{collections::VecDeque, sync::Arc};

use w3pin_core::Result;
use w3pin_unixfs::{Cid, Kind, MAX_BLOCK_SIZE, RAW, leaf_matches};

use super::{Prover, checkable, local::LocalFile, node, unprovable};
use crate::blocking::blocking;

/// The most levels of a DAG: with only two links a block, more than any content can need.
const DEPTH: usize = 64;
/// The most subtrees that may be queued, about 30 MB. Even with the widest nodes that importers
/// make, several levels fit.
const WAITING: usize = 1 << 18;

/// A subtree and the number of content bytes that it must have.
type Child = (Cid, u64);

impl Prover<'_> {
    /// Proves that the DAG under `root` is `file`, reading the file once from start to end.
    pub(super) async fn file(&mut self, file: &Arc<LocalFile>, root: Cid) -> Result<()> {
        let mut offset = 0;
        let mut levels = vec![VecDeque::from([(root, file.length)])];
        while let Some(level) = levels.pop() {
            let (rest, reached) = leaves(file, level, offset).await?;
            let mut level = rest;
            offset = reached;
            let Some((cid, size)) = level.pop_front() else {
                continue;
            };
            // It is larger than any leaf, so its block has links.
            let is_inner =
                |(cid, size): &Child| *size > MAX_BLOCK_SIZE as u64 && cid.codec() != RAW;
            if is_inner(&(cid, size)) {
                let next = level.iter().filter(|child| is_inner(child));
                let next = next.map(|(cid, _)| *cid);
                self.look_ahead([cid].into_iter().chain(next)).await?;
            }
            levels.push(level);
            let children = self.inner(file, cid, size, &mut offset).await?;
            if levels.len() == DEPTH {
                return Err(unprovable(&root, "it has too many levels"));
            }
            if levels.iter().map(VecDeque::len).sum::<usize>() + children.len() > WAITING {
                return Err(unprovable(&root, "its blocks have too many links"));
            }
            levels.push(children);
        }
        if offset != file.length {
            return Err(self.differs(format!("{} is longer", file.name)));
        }
        self.proof.files += 1;
        self.proof.bytes += file.length;
        Ok(())
    }

    /// Proves a subtree whose root isn't a leaf, for the content at `offset`.
    async fn inner(
        &mut self,
        file: &Arc<LocalFile>,
        cid: Cid,
        size: u64,
        offset: &mut u64,
    ) -> Result<VecDeque<Child>> {
        let at = |offset: u64| format!("{} differs at byte {offset} or after it", file.name);
        if cid.codec() == RAW {
            checkable(&cid)?;
            return Err(self.differs(at(*offset)));
        }
        let block = self.block(&cid).await?;
        let node = node(&cid, &block)?;
        if !matches!(node.kind(), Kind::File | Kind::Raw) {
            return Err(self.differs(format!("{} is a file, and the DAG is not", file.name)));
        }
        let children: VecDeque<Child> = node
            .children()
            .map(|(link, size)| (link.cid, size))
            .collect();
        // Children without content would allow DAGs of any size.
        if children.iter().any(|&(_, size)| size == 0) {
            return Err(unprovable(&cid, "a block in it contains no content"));
        }
        let data = node.data();
        let sum = children
            .iter()
            .try_fold(data.len() as u64, |sum, &(_, size)| sum.checked_add(size));
        if sum != Some(size) {
            let reason = match sum {
                Some(sum) => format!("{} has {size} bytes where it has {sum}", file.name),
                None => at(*offset),
            };
            return Err(self.differs(reason));
        }
        if !data.is_empty() {
            let (file, data, start) = (Arc::clone(file), data.to_vec(), *offset);
            let same = blocking(move || {
                let mut reader = file.reader(start)?;
                let mut found = vec![0; data.len()];
                reader.read(&mut found)?;
                if start + data.len() as u64 == file.length {
                    reader.end()?;
                }
                Ok(found == data)
            });
            if !same.await? {
                return Err(self.differs(at(*offset)));
            }
            *offset += node.data().len() as u64;
        }
        Ok(children)
    }
}

/// Compares as many of these subtrees as are single leaves of the content at `offset`. Returns the
/// rest, and the position reached.
async fn leaves(
    file: &Arc<LocalFile>,
    mut level: VecDeque<Child>,
    mut offset: u64,
) -> Result<(VecDeque<Child>, u64)> {
    let fits = |size: u64| {
        usize::try_from(size)
            .ok()
            .filter(|size| *size <= MAX_BLOCK_SIZE)
    };
    if level.front().is_none_or(|&(_, size)| fits(size).is_none()) {
        return Ok((level, offset));
    }
    let file = Arc::clone(file);
    blocking(move || {
        let mut reader = file.reader(offset)?;
        let mut piece = Vec::new();
        while let Some(&(cid, size)) = level.front() {
            let end = offset.checked_add(size).filter(|end| *end <= file.length);
            let (Some(size), Some(end)) = (fits(size), end) else {
                break;
            };
            piece.resize(size, 0);
            reader.read(&mut piece)?;
            if !leaf_matches(&cid, &piece) {
                break;
            }
            offset = end;
            level.pop_front();
        }
        if offset == file.length {
            reader.end()?;
        }
        Ok((level, offset))
    })
    .await
}
