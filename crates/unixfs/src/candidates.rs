use std::convert::Infallible;

use crate::attributes::Attributes;
use crate::block::Discard;
use crate::file::{Balanced, ChunkSink, Chunks};
use crate::leaf;
use crate::node::Node;
use crate::profile::{Leaves, Profile};

/// Computes the root of one file under several profiles, in one pass over its bytes.
///
/// Almost all of the work is hashing leaves. Profiles with the same chunk size and kind of leaves share
/// it, and only build separate trees above.
///
/// ```
/// use w3pin_unixfs::{Candidates, Profile};
///
/// let mut candidates = Candidates::new(&Profile::known());
/// candidates.update(b"hello world");
/// let roots = candidates.finish();
/// let returned = "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD";
/// let (profile, _) = roots.iter().find(|(_, root)| root.cid.to_string() == returned).unwrap();
/// assert_eq!(*profile, Profile::unixfs_v0_2015());
/// ```
#[derive(Debug)]
pub struct Candidates {
    profiles: Vec<Profile>,
    groups: Vec<Group>,
}

/// The profiles that share leaves, each with its index in the given order.
#[derive(Debug)]
struct Group {
    chunks: Chunks,
    dags: Dags,
}

#[derive(Debug)]
struct Dags {
    leaves: Leaves,
    layouts: Vec<(usize, Balanced)>,
}

impl Candidates {
    /// Creates an empty file under each of `profiles`.
    pub fn new(profiles: &[Profile]) -> Self {
        let mut groups: Vec<Group> = Vec::with_capacity(profiles.len());
        for (place, profile) in profiles.iter().enumerate() {
            let layout = (place, Balanced::new(profile));
            let shared = groups.iter_mut().find(|group| {
                group.chunks.size() == profile.chunk_size() && group.dags.leaves == profile.leaves()
            });
            match shared {
                Some(group) => group.dags.layouts.push(layout),
                None => groups.push(Group {
                    chunks: Chunks::new(profile.chunk_size()),
                    dags: Dags {
                        leaves: profile.leaves(),
                        layouts: vec![layout],
                    },
                }),
            }
        }
        Self {
            profiles: profiles.to_vec(),
            groups,
        }
    }

    /// Appends bytes to the file.
    pub fn update(&mut self, bytes: &[u8]) {
        for group in &mut self.groups {
            let Ok(()) = group.chunks.push(bytes, &mut group.dags);
        }
    }

    /// Returns the root under each profile, in the order in which the profiles were given.
    pub fn finish(self) -> Vec<(Profile, Node)> {
        self.finish_with(&[])
    }

    /// Appends the last bytes and returns the roots: like [`update`](Self::update) and
    /// [`finish`](Self::finish), but a small file that is passed as a whole isn't copied.
    pub fn finish_with(self, last: &[u8]) -> Vec<(Profile, Node)> {
        let mut roots = Vec::with_capacity(self.profiles.len());
        for Group {
            mut chunks,
            mut dags,
        } in self.groups
        {
            let Ok(rest) = chunks.end(last, &mut dags);
            if !rest.is_empty() || dags.layouts.iter().any(|(_, layout)| layout.is_empty()) {
                let Ok(()) = dags.put([rest]);
            }
            for (place, layout) in dags.layouts {
                let Ok(root) = layout.finish(&Attributes::default(), &mut Discard);
                roots.push((place, root));
            }
        }
        roots.sort_unstable_by_key(|(place, _)| *place);
        self.profiles
            .into_iter()
            .zip(roots)
            .map(|(profile, (_, root))| (profile, root))
            .collect()
    }
}

impl ChunkSink for Dags {
    type Error = Infallible;

    fn put<const N: usize>(&mut self, chunks: [&[u8]; N]) -> Result<(), Infallible> {
        for leaf in &leaf::leaves(self.leaves, chunks) {
            for (_, layout) in &mut self.layouts {
                layout.push(leaf, &mut Discard)?;
            }
        }
        Ok(())
    }
}
