//! The DAG in a CAR file: an index of its blocks, and a walk through them.
//!
//! A CAR can contain its blocks in any order, repeated or missing. [`CarBlocks`] finds each by its CID, and a
//! [`Walk`] follows the links of its roots to determine whether a DAG is complete, when checking, sending or
//! receiving a CAR. Memory stays constant at any size: large data is kept in temporary files.
//!
//! ```
//! use w3pin_car::{header, section_head};
//! use w3pin_dag::{CarBlocks, Step, Walk};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e".parse()?;
//! let block = b"hello world";
//! let mut file = tempfile::tempfile()?;
//! # use std::io::Write;
//! file.write_all(&[header(&[cid]), section_head(&cid, block.len()), block.to_vec()].concat())?;
//!
//! let car = CarBlocks::read(file)?;
//! let mut walk = Walk::new(&car, &[cid]);
//! let Some(Step::Block { cid: first, .. }) = walk.next_step()? else { panic!("there is a block") };
//! assert_eq!(first, cid);
//! assert!(walk.next_step()?.is_none());
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod block_index;
mod car_blocks;
mod spool;
mod walk;

pub use self::{
    block_index::{BlockIndex, BlockIndexBuilder, Key, Marked, Place},
    car_blocks::{CarBlocks, CarBlocksBuilder, CarBlocksError},
    spool::{Spool, read_at, read_exact_at},
    walk::{Step, Walk},
};
