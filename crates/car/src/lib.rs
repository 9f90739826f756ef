//! CAR files without I/O: bytes in, blocks out, and back.
//!
//! A [CAR](https://ipld.io/specs/transport/car/) is a header with the roots, followed by blocks, each
//! preceded by its CID. [`CarDecoder`] takes bytes as they arrive and returns each block when it is complete;
//! [`CarReader`] does the same for any reader. [`header`] and [`section_head`] write a CAR.
//!
//! Reading is lenient: CARv1 and CARv2, any number of roots, blocks in any order, repeated or missing.
//! Writing is strict: CARv1, in the one form that DAG-CBOR allows. Nothing is allocated from a length
//! that is merely claimed, and no input can exceed the [limits](CarLimits).
//!
//! **Digests aren't verified.** To check that a block matches its CID, use
//! [`verify_block`](w3pin_unixfs::verify_block).
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
