//! Feeds the content of a CAR to an engine.
//!
//! A CAR can contain its blocks in any order, unrelated blocks, or only some of the blocks. It is
//! written to an unnamed file until it has arrived completely; then the blocks reachable from its
//! root, and no others, are passed to the engine, children before parents.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

use bytes::Bytes;
use cid::Cid;
use thiserror::Error;
use w3pin_car::{CarError, header, section_head};
use w3pin_core::DagLimits;
use w3pin_dag::{CarBlocks, CarBlocksBuilder, CarBlocksError, Spool, Step, Walk};
use w3pin_unixfs::{BlockError, IDENTITY, verify_block};

use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    engine::{Intake, packs::shape},
    error::StoreError,
};

/// The number of block index entries kept in memory, which take 4 MiB.
const HELD: usize = 1 << 17;

/// A CAR that is being received. Each block is compared with its CID as it arrives.
pub(crate) struct ArrivingCar {
    file: File,
    bytes: u64,
    blocks: CarBlocksBuilder,
    count: u64,
}

/// A CAR that has been received completely.
pub(crate) struct ArrivedCar {
    blocks: CarBlocks,
    root: Cid,
}

/// Why a CAR is rejected.
#[derive(Debug, Error)]
pub(crate) enum CarFault {
    #[error(transparent)]
    Car(CarError),
    #[error("the CAR has {0} roots; it must have exactly one")]
    Roots(usize),
    #[error("the CAR contains an invalid block: {0}")]
    Wrong(#[from] BlockError),
    #[error("the CAR has more than {0} blocks")]
    TooManyBlocks(u64),
    #[error("the CAR is incomplete: block {0} is missing")]
    Missing(Cid),
    #[error("block {0} of the CAR can't be decoded: {1}")]
    Unreadable(Cid, String),
    #[error(
        "block {0} of the CAR has an unsupported codec, so its links can't be followed to check that the CAR \
         is complete"
    )]
    NotFollowed(Cid),
    /// The data folder failed; the CAR may be valid.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ArrivingCar {
    /// Creates a receiver that stores the CAR temporarily in `folder`.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let notes = Spool::new(Some(folder.to_owned())).most_held(0);
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            bytes: 0,
            blocks: CarBlocksBuilder::new(notes, HELD),
            count: 0,
        })
    }

    /// Adds the next bytes.
    pub(crate) fn push(&mut self, bytes: Bytes) -> Result<(), CarFault> {
        self.file.write_all(&bytes).map_err(StoreError::from)?;
        self.bytes += bytes.len() as u64;
        self.blocks.push(bytes);
        while let Some((cid, block)) = self.blocks.next_block()? {
            verify_block(&cid, &block)?;
            self.count += 1;
            let most = DagLimits::default().most_blocks;
            if self.count > most {
                return Err(CarFault::TooManyBlocks(most));
            }
        }
        self.root().map(drop)
    }

    /// Returns the memory in use, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.blocks.memory()
    }

    /// Ends the CAR.
    pub(crate) fn finish(self) -> Result<ArrivedCar, CarFault> {
        let root = self.root()?.ok_or(CarFault::Car(CarError::Empty))?;
        let blocks = self.blocks.finish(self.file)?;
        Ok(ArrivedCar { blocks, root })
    }

    /// Returns the root, once it is known.
    fn root(&self) -> Result<Option<Cid>, CarFault> {
        match self.blocks.header().map(|header| &header.roots[..]) {
            None => Ok(None),
            Some([root]) => Ok(Some(*root)),
            Some(roots) => Err(CarFault::Roots(roots.len())),
        }
    }
}

impl ArrivedCar {
    pub(crate) fn root(&self) -> &Cid {
        &self.root
    }

    /// Returns the size of all blocks and their framing in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.blocks.bytes()
    }

    /// Checks that the whole DAG below the root is present, and returns its shape. From time to
    /// time `look` is called with the memory in use, in bytes.
    pub(crate) fn check<E: From<CarFault>>(
        &self,
        mut look: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<DagShape, E> {
        let mut walk = self.walk();
        while self.next(&mut walk)?.is_some() {
            look(self.blocks.memory() + walk.memory())?;
        }
        let block = self.block(&self.root)?;
        Ok(shape(&ContentKey::of(&self.root), &block).map_err(CarFault::Store)?)
    }

    /// Passes the blocks below the root to an engine, both as blocks and as a CAR of only these.
    /// `look` is called with the bytes of each block.
    pub(crate) fn hand_over<E: From<CarFault>>(
        &self,
        intake: &mut Intake,
        mut look: impl FnMut(u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let kept = |taken: Result<(), StoreError>| taken.map_err(CarFault::Store);
        kept(intake.file("content.car"))?;
        kept(intake.bytes(&header(&[self.root]).into()))?;
        let mut walk = self.walk();
        while let Some((cid, links)) = self.next(&mut walk)? {
            let block = self.block(&cid)?;
            kept(intake.block(&cid, &[&block], &links))?;
            // A block with an identity hash is contained in its CID.
            if cid.hash().code() != IDENTITY {
                kept(intake.bytes(&section_head(&cid, block.len()).into()))?;
                kept(intake.bytes(&block))?;
            }
            look(block.len() as u64)?;
        }
        Ok(())
    }

    fn walk(&self) -> Walk<'_> {
        Walk::new(&self.blocks, &[self.root])
    }

    /// Returns the next block of the DAG and its links, or `None` at the end.
    fn next(&self, walk: &mut Walk<'_>) -> Result<Option<(Cid, Vec<Cid>)>, CarFault> {
        Ok(match walk.next_step()? {
            None => None,
            Some(Step::Block { cid, links }) => Some((cid, links)),
            Some(Step::Missing(cid)) => return Err(CarFault::Missing(cid)),
            Some(Step::NotFollowed(cid)) => return Err(CarFault::NotFollowed(cid)),
            Some(Step::Unreadable { cid, reason, .. }) => {
                return Err(CarFault::Unreadable(cid, reason));
            }
        })
    }

    fn block(&self, cid: &Cid) -> Result<Bytes, CarFault> {
        self.blocks.block(cid)?.ok_or(CarFault::Missing(*cid))
    }
}

impl From<CarBlocksError> for CarFault {
    fn from(cause: CarBlocksError) -> Self {
        match cause {
            CarBlocksError::Car(cause) => Self::Car(cause),
            CarBlocksError::Unreadable(cause) | CarBlocksError::Unkept(cause) => {
                Self::Store(cause.into())
            }
            cause => Self::Store(io::Error::other(cause).into()),
        }
    }
}
