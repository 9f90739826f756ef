//! Checks that a CAR file is complete and correct.

use std::{collections::BTreeSet, fmt};

use w3pin_core::{Cid, Result};
use w3pin_dag::{Key, Marked, Step};
use w3pin_unixfs::{BlockError, verify_block};

use super::car_file::CarFile;

/// The most faults to report.
const MOST_FAULTS: usize = 100;
/// The most distinct missing blocks to count.
const MOST_MISSING: usize = 1 << 16;

/// The result of comparing every block of a CAR with its CID and following all links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarCheck {
    /// What is wrong; the first 100 faults. The CAR is correct if there are none.
    pub faults: Vec<CarFault>,
    /// The number of faults. Missing blocks beyond 65,536 aren't counted.
    pub fault_count: u64,
    /// The number of blocks that repeat another.
    pub repeated: u64,
    /// The number of blocks that aren't reachable from any root; `None` if some links weren't
    /// followed.
    pub unreachable: Option<u64>,
    /// The number of blocks whose links weren't followed because of an unsupported codec. What they
    /// link to isn't checked.
    pub not_followed: u64,
}

/// A fault in a CAR.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CarFault {
    /// A block doesn't match its CID.
    WrongBlock {
        /// The stated CID.
        cid: Cid,
        /// The offset of its bytes.
        offset: u64,
    },
    /// A block can't be compared with its CID, because its hash function isn't supported.
    UnknownHash {
        /// The block's CID.
        cid: Cid,
        /// The offset of its bytes.
        offset: u64,
    },
    /// A block that is reachable from a root is missing.
    MissingBlock {
        /// The block's CID.
        cid: Cid,
    },
    /// A block that is reachable from a root can't be decoded with the codec of its CID.
    UnreadableBlock {
        /// The block's CID.
        cid: Cid,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for CarFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongBlock { cid, offset } => {
                write!(f, "block {cid} at byte {offset} doesn't match its CID")
            }
            Self::UnknownHash { cid, offset } => {
                write!(
                    f,
                    "block {cid} at byte {offset} has an unsupported hash function, so it can't be checked"
                )
            }
            Self::MissingBlock { cid } => write!(f, "block {cid} is missing"),
            Self::UnreadableBlock { cid, reason } => {
                write!(f, "block {cid} can't be decoded: {reason}")
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

/// Follows all links from the roots. Returns the number of reachable blocks.
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
                // Blocks that don't match their CID were reported already.
                if verify_block(cid.as_cid(), &bytes).is_ok() {
                    found.fault(CarFault::UnreadableBlock { cid, reason });
                }
            }
        }
    }
    Ok(walk.reached())
}
