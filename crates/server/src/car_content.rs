//! The content of a CAR, on its way into an engine.
//!
//! A CAR may hold its blocks in any order, others beside them, or not all. It is kept in a file without a name until
//! all of it has come; then the blocks below its root, and no others, are handed to the engine, children before
//! their parents.

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

/// Notes of where blocks are that lie in memory, which takes 4 MiB.
const HELD: usize = 1 << 17;

/// A CAR that comes, whose blocks are compared with their CIDs as they do.
pub(crate) struct ArrivingCar {
    file: File,
    bytes: u64,
    blocks: CarBlocksBuilder,
    count: u64,
}

/// A CAR that is here as a whole.
pub(crate) struct ArrivedCar {
    blocks: CarBlocks,
    root: Cid,
}

/// What is wrong with a CAR.
#[derive(Debug, Error)]
pub(crate) enum CarFault {
    #[error(transparent)]
    Car(CarError),
    #[error("a CAR has one root, and this one names {0}")]
    Roots(usize),
    #[error("a block of the CAR is wrong: {0}")]
    Wrong(#[from] BlockError),
    #[error("the CAR has more than {0} blocks")]
    TooManyBlocks(u64),
    #[error("the CAR is incomplete: the block {0} is missing")]
    Missing(Cid),
    #[error("the block {0} of the CAR can't be read: {1}")]
    Unreadable(Cid, String),
    #[error(
        "the block {0} of the CAR has a codec whose links can't be followed, so that nobody can say whether the CAR \
         is complete"
    )]
    NotFollowed(Cid),
    /// The CAR may be sound.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ArrivingCar {
    /// Keeps what comes in this folder for the moment.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let notes = Spool::new(Some(folder.to_owned())).most_held(0);
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            bytes: 0,
            blocks: CarBlocksBuilder::new(notes, HELD),
            count: 0,
        })
    }

    /// Takes the next bytes.
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

    /// The memory that this takes, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.blocks.memory()
    }

    /// All of it has come.
    pub(crate) fn finish(self) -> Result<ArrivedCar, CarFault> {
        let root = self.root()?.ok_or(CarFault::Car(CarError::Empty))?;
        let blocks = self.blocks.finish(self.file)?;
        Ok(ArrivedCar { blocks, root })
    }

    /// The root, once it is known.
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

    /// Bytes of all blocks, and of what stands between them.
    pub(crate) fn bytes(&self) -> u64 {
        self.blocks.bytes()
    }

    /// Says what the root says, once all that it leads to is known to be here. `look` is called with the memory
    /// that this takes, in bytes, now and then.
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

    /// Hands the blocks that the root leads to to an engine, as such and as a CAR of nothing else. `look` is called
    /// with the bytes of each.
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
            // One with an identity hash is in the CID of its link.
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

    /// The next block of the DAG and its links, or none at the end.
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
