//! Whether a CAR file holds what it says.

use std::{collections::BTreeSet, fmt};

use w3pin_core::{Cid, Result};
use w3pin_dag::{Key, Marked, Step};
use w3pin_unixfs::{BlockError, verify_block};

use super::car_file::CarFile;

/// The most faults that are reported.
const MOST_FAULTS: usize = 100;
/// The most missing blocks that are counted, each once.
const MOST_MISSING: usize = 1 << 16;

/// What came of comparing every block of a CAR with its CID, and of following all links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarCheck {
    /// What is wrong, of which the first 100 are kept. The CAR is sound where there is nothing.
    pub faults: Vec<CarFault>,
    /// How much is wrong. Missing blocks beyond 65,536 aren't counted.
    pub fault_count: u64,
    /// The blocks that repeat another.
    pub repeated: u64,
    /// The blocks that no root leads to; unknown where some links weren't followed.
    pub unreachable: Option<u64>,
    /// The blocks whose links weren't followed, as their codec isn't known. Nothing is said of what they link to.
    pub not_followed: u64,
}

/// Something that is wrong with a CAR.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CarFault {
    /// A block has other bytes than its CID says.
    WrongBlock {
        /// The CID that stands before it.
        cid: Cid,
        /// Where its bytes begin.
        offset: u64,
    },
    /// A block can't be compared with its CID, as the hash is an unusual one.
    UnknownHash {
        /// Its CID.
        cid: Cid,
        /// Where its bytes begin.
        offset: u64,
    },
    /// A block that a root leads to isn't there.
    MissingBlock {
        /// Its CID.
        cid: Cid,
    },
    /// A block that a root leads to isn't of the codec that its CID says.
    UnreadableBlock {
        /// Its CID.
        cid: Cid,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for CarFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongBlock { cid, offset } => {
                write!(
                    f,
                    "the block {cid} at byte {offset} has other bytes than its CID says"
                )
            }
            Self::UnknownHash { cid, offset } => {
                write!(
                    f,
                    "the block {cid} at byte {offset} has a hash that can't be checked"
                )
            }
            Self::MissingBlock { cid } => write!(f, "the block {cid} is missing"),
            Self::UnreadableBlock { cid, reason } => {
                write!(f, "the block {cid} can't be read: {reason}")
            }
        }
    }
}

impl CarCheck {
    fn fault(&mut self, fault: CarFault) {
        self.fault_count += 1;
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }
}

pub(super) fn check(car: &CarFile) -> Result<CarCheck> {
    let mut found = CarCheck::default();
    let mut reader = car.reader()?;
    let (mut inline, mut present) = (0, Marked::default());
    while let Some((cid, bytes)) = reader.next_block().map_err(|cause| car.failed(cause))? {
        let offset = reader.offset() - bytes.len() as u64;
        let found_at = car.contents().find(&cid);
        match found_at.map_err(|cause| car.failed_blocks(cause))? {
            Some((number, _)) => {
                present.insert(number);
            }
            None => inline += 1,
        }
        match verify_block(&cid, &bytes) {
            Ok(()) => {}
            Err(BlockError::UnsupportedHash(_)) => {
                let cid = cid.into();
                found.fault(CarFault::UnknownHash { cid, offset });
            }
            Err(_) => {
                let cid = cid.into();
                found.fault(CarFault::WrongBlock { cid, offset });
            }
        }
    }
    let present = present.count();
    found.repeated = car.block_count().saturating_sub(inline + present);
    let reached = follow(car, &mut found)?;
    let complete = found.not_followed == 0;
    found.unreachable = complete.then(|| present.saturating_sub(reached));
    Ok(found)
}

/// Follows all links from the roots; gives how many blocks that leads to.
fn follow(car: &CarFile, found: &mut CarCheck) -> Result<u64> {
    let mut missing = BTreeSet::new();
    let mut walk = car.walk();
    while let Some(step) = walk.next_step().map_err(|cause| car.failed_blocks(cause))? {
        match step {
            Step::Block { .. } => {}
            Step::Missing(cid) => {
                if missing.len() < MOST_MISSING && missing.insert(Key::of_bytes(&cid)) {
                    found.fault(CarFault::MissingBlock { cid: cid.into() });
                }
            }
            Step::NotFollowed(_) => found.not_followed += 1,
            Step::Unreadable {
                cid,
                reason,
                has_links,
            } => {
                found.not_followed += u64::from(has_links);
                let cid = cid.into();
                let bytes = car.block(&cid)?.unwrap_or_default();
                // What isn't the block that its CID names was told already.
                if verify_block(cid.as_cid(), &bytes).is_ok() {
                    found.fault(CarFault::UnreadableBlock { cid, reason });
                }
            }
        }
    }
    Ok(walk.reached())
}
