//! Computes the CIDs of an upload.

use w3pin_unixfs::{Candidates, Node, Profile, TreeBuilder};

use self::sent_car::SentCar;
use crate::{Computed, Error, Multipart, Result};

mod sent_car;

/// Computes the root of an upload under some profiles, from the same bytes that are sent. For a CAR, whose root is
/// known, compares every block with its CID instead.
///
/// ```
/// use w3pin_core::{Boundary, FilePart, Metadata, Multipart, Roots};
/// use w3pin_unixfs::Profile;
///
/// let parts = vec![FilePart::new("hello.txt", Some(11))?];
/// let plan = Multipart::new(parts, &Metadata::new(), Boundary::from_entropy([7; 16]))?;
/// let mut roots = Roots::new(&[Profile::default()], &plan);
/// roots.update(b"hello ")?;
/// roots.end_file(b"world")?;
/// let computed = roots.finish()?;
/// assert_eq!(
///     computed[0].cid.to_string(),
///     "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
/// );
/// # Ok::<(), w3pin_core::Error>(())
/// ```
pub struct Roots {
    profiles: Vec<Profile>,
    plan: Multipart,
    /// The index of the current part.
    index: usize,
    file: Candidates,
    /// A folder for each profile, if the root is a folder.
    folders: Vec<TreeBuilder>,
    /// The roots of the last file.
    nodes: Vec<(Profile, Node)>,
    car: Option<SentCar>,
}

impl Roots {
    /// Computes the root of `plan` under these profiles.
    #[must_use]
    pub fn new(profiles: &[Profile], plan: &Multipart) -> Self {
        let folders = if plan.is_folder() { profiles } else { &[] };
        Self {
            profiles: profiles.to_vec(),
            plan: plan.clone(),
            index: 0,
            file: Candidates::new(profiles),
            folders: folders.iter().map(TreeBuilder::new).collect(),
            nodes: Vec::new(),
            car: plan.car_root().cloned().map(SentCar::new),
        }
    }

    /// Adds bytes of the current file.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) if they are an invalid CAR, or one with a block that doesn't
    /// match its CID.
    pub fn update(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.car {
            Some(car) => car.update(bytes),
            None => {
                self.file.update(bytes);
                Ok(())
            }
        }
    }

    /// Adds the last bytes of the current file and starts the next one.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the file has no place in the folder, and those of
    /// [`update`](Self::update).
    pub fn end_file(&mut self, last: &[u8]) -> Result<()> {
        if let Some(car) = &mut self.car {
            car.update(last)?;
            return car.end();
        }
        let file = std::mem::replace(&mut self.file, Candidates::new(&self.profiles));
        self.nodes = file.finish_with(last);
        let Some(name) = self.plan.parts().get(self.index).map(|part| part.name()) else {
            return Ok(());
        };
        let path = name.below_root().unwrap_or(name.as_str());
        for (folder, (_, node)) in self.folders.iter_mut().zip(&self.nodes) {
            folder.add_file(path, *node).map_err(|cause| {
                Error::invalid_input(
                    "path",
                    format!("{:?} can't be in a folder: {cause}", name.as_str()),
                )
            })?;
        }
        self.index += 1;
        Ok(())
    }

    /// Returns the roots, in the order of the profiles. A CAR has the same root under each.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the folder can't be one.
    pub fn finish(self) -> Result<Vec<Computed>> {
        if let Some(car) = &self.car {
            let computed = self.profiles.iter().map(|profile| Computed {
                profile: *profile,
                cid: car.root().clone(),
            });
            return Ok(computed.collect());
        }
        let nodes = if self.folders.is_empty() {
            self.nodes.into_iter().map(|(_, node)| node).collect()
        } else {
            let roots = self.folders.into_iter().map(TreeBuilder::root);
            roots.collect::<Result<Vec<_>, _>>().map_err(|cause| {
                Error::invalid_input("path", format!("the folder has no CID: {cause}"))
            })?
        };
        let computed = self.profiles.into_iter().zip(nodes);
        Ok(computed
            .map(|(profile, node)| Computed {
                profile,
                cid: node.cid.into(),
            })
            .collect())
    }
}

impl std::fmt::Debug for Roots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roots")
            .field("profiles", &self.profiles)
            .finish_non_exhaustive()
    }
}
