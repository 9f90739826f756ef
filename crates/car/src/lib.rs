//! CAR files without I/O: bytes in, blocks out, and back.
//!
//! A [CAR](https://ipld.io/specs/transport/car/) is a header that names the roots, and then blocks, each
//! behind its CID. [`CarDecoder`] takes the bytes as they come and gives each block when it is whole;
//! [`CarReader`] is the same over anything that can be read. [`header`] and [`section_head`] write one.
//!
//! Reading is lenient: CARv1 and CARv2, any number of roots, blocks in any order, repeated or missing.
//! Writing is strict: CARv1, in the one form that DAG-CBOR allows. Nothing is allocated from a length
//! that was only claimed, and no [limit](CarLimits) is exceeded whatever comes.
//!
//! **Digests aren't checked here.** That a block is the one its CID names is for
//! [`verify_block`](w3pin_unixfs::verify_block) to say.
//!
//! ```
//! use w3pin_car::{CarDecoder, CarItem, header, section_head};
//!
//! let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e".parse()?;
//! let block = b"hello world";
//! let car = [header(&[cid]), section_head(&cid, block.len()), block.to_vec()].concat();
//!
//! let mut decoder = CarDecoder::new();
//! let mut blocks = Vec::new();
//! for piece in car.chunks(7) {
//!     decoder.push(bytes::Bytes::copy_from_slice(piece));
//!     while let Some(item) = decoder.next()? {
//!         match item {
//!             CarItem::Header(header) => assert_eq!(header.roots, [cid]),
//!             CarItem::Block { cid, bytes } => blocks.push((cid, bytes)),
//!         }
//!     }
//! }
//! decoder.finish()?;
//! assert_eq!(blocks, [(cid, bytes::Bytes::from_static(block))]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod decoder;
mod error;
mod header;
mod input;
mod limits;
mod reader;
mod varint;
mod writer;

pub use self::decoder::{CarDecoder, CarItem};
pub use self::error::CarError;
pub use self::header::Header;
pub use self::limits::CarLimits;
pub use self::reader::CarReader;
pub use self::writer::{header, section_head};
