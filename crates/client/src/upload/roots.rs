//! The CIDs of what goes out.

use w3pin_core::{Computed, Error, Multipart, Result};
use w3pin_unixfs::{Candidates, Node, Profile, TreeBuilder};

use super::blocks::Piece;

/// Computes the root of an upload under some profiles.
pub(super) struct Roots {
    profiles: Vec<Profile>,
    plan: Multipart,
    file: Candidates,
    /// A folder for each profile, if the root is one.
    folders: Vec<TreeBuilder>,
    /// The last file's roots.
    nodes: Vec<(Profile, Node)>,
}

impl Roots {
    pub(super) fn new(profiles: &[Profile], plan: &Multipart, folder: bool) -> Self {
        let folders = if folder { profiles } else { &[] };
        Self {
            profiles: profiles.to_vec(),
            plan: plan.clone(),
            file: Candidates::new(profiles),
            folders: folders.iter().map(TreeBuilder::new).collect(),
            nodes: Vec::new(),
        }
    }

    /// The bytes of content there are, if that is known.
    pub(super) fn total(&self) -> Option<u64> {
        let parts = self.plan.parts().iter();
        parts
            .map(w3pin_core::FilePart::length)
            .try_fold(0_u64, |sum, length| sum.checked_add(length?))
    }

    /// Takes the pieces of files that are in a block.
    pub(super) fn add(&mut self, bytes: &[u8], pieces: &[Piece]) -> Result<()> {
        for piece in pieces {
            let bytes = &bytes[piece.range.clone()];
            match piece.ends {
                Some(index) => self.end(index, bytes)?,
                None => self.file.update(bytes),
            }
        }
        Ok(())
    }

    /// The roots, in the order of the profiles.
    pub(super) fn finish(self) -> Result<Vec<Computed>> {
        let nodes = if self.folders.is_empty() {
            self.nodes.into_iter().map(|(_, node)| node).collect()
        } else {
            let roots = self.folders.into_iter().map(TreeBuilder::root);
            roots.collect::<Result<Vec<_>, _>>().map_err(|cause| {
                Error::invalid_input("path", format!("the folder has no CID: {cause}"))
            })?
        };
        let computed = self.profiles.iter().zip(nodes);
        Ok(computed
            .map(|(profile, node)| Computed {
                profile: profile.to_string(),
                cid: node.cid.into(),
            })
            .collect())
    }

    fn end(&mut self, index: usize, last: &[u8]) -> Result<()> {
        let file = std::mem::replace(&mut self.file, Candidates::new(&self.profiles));
        self.nodes = file.finish_with(last);
        let name = self.plan.parts().get(index).map_or("", |part| part.name());
        // The root is the folder itself, which the name begins with.
        let path = name.split_once('/').map_or(name, |(_, path)| path);
        for (folder, (_, node)) in self.folders.iter_mut().zip(&self.nodes) {
            folder.add_file(path, *node).map_err(|cause| {
                Error::invalid_input(
                    "path",
                    format!("{name:?} has no place in a folder: {cause}"),
                )
            })?;
        }
        Ok(())
    }
}
