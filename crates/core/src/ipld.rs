//! Parses the links in blocks of every codec with links.
//!
//! Blocks aren't trusted: nothing is allocated based on a size that a block claims, and the
//! decoders limit the depth of documents.

use std::{convert::Infallible, error::Error as StdError, fmt};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_ipld_dagcbor::DecodeError;
use w3pin_unixfs::{Cid, DAG_PB, MAX_BLOCK_SIZE, RAW};

/// Plain CBOR.
pub const CBOR: u64 = 0x51;
/// CBOR with links between blocks.
pub const DAG_CBOR: u64 = 0x71;
/// JSON with links between blocks.
pub const DAG_JSON: u64 = 0x0129;
/// Plain JSON.
pub const JSON: u64 = 0x0200;

/// Returns whether this crate can parse the links of blocks with this codec.
#[must_use]
pub fn is_known(codec: u64) -> bool {
    [RAW, DAG_PB, CBOR, DAG_CBOR, DAG_JSON, JSON].contains(&codec)
}

/// Why a block can't be decoded.
#[derive(Debug)]
pub struct UnreadableBlock {
    cid: Cid,
    reason: String,
}

impl UnreadableBlock {
    fn new(cid: &Cid, reason: impl fmt::Display) -> Self {
        Self {
            cid: *cid,
            reason: reason.to_string(),
        }
    }

    /// Returns what is wrong, for a sentence that names the block itself.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for UnreadableBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cid, reason } = self;
        write!(f, "block {cid} can't be decoded: {reason}")
    }
}

impl StdError for UnreadableBlock {}

/// Returns the links of a block, in order: those of dag-pb (whether or not it is UnixFS), DAG-CBOR
/// and DAG-JSON. Raw blocks, plain CBOR and plain JSON have none.
///
/// # Errors
/// If the block is invalid, is larger than 2 MiB, or has an unsupported codec.
///
/// ```
/// let cid = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua".parse()?;
/// assert_eq!(w3pin_core::ipld::links(&cid, b"\xa0")?, []);
///
/// let cause = w3pin_core::ipld::links(&cid, b"\xa1").unwrap_err();
/// assert!(cause.to_string().ends_with("it is truncated"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn links(cid: &Cid, block: &[u8]) -> Result<Vec<Cid>, UnreadableBlock> {
    let mut links = Vec::new();
    match cid.codec() {
        DAG_CBOR => read_document(cid, block, Links::cbor(&mut links))?,
        DAG_JSON => read_document(cid, block, Links::json(&mut links))?,
        CBOR | JSON => {}
        _ => {
            return w3pin_unixfs::links(cid, block)
                .map_err(|cause| UnreadableBlock::new(cid, cause));
        }
    }
    Ok(links)
}

/// Reads a document of CBOR or JSON.
///
/// # Errors
/// The errors of [`links`].
pub fn read_document<'de, S: DeserializeSeed<'de>>(
    cid: &Cid,
    block: &'de [u8],
    seed: S,
) -> Result<S::Value, UnreadableBlock> {
    if block.len() > MAX_BLOCK_SIZE {
        let reason = format!("it has {} bytes, more than {MAX_BLOCK_SIZE}", block.len());
        return Err(UnreadableBlock::new(cid, reason));
    }
    match cid.codec() {
        DAG_CBOR | CBOR => {
            let mut document = serde_ipld_dagcbor::de::Deserializer::from_slice(block);
            let value = seed.deserialize(&mut document);
            let whole = value.and_then(|value| document.end().map(|()| value));
            whole.map_err(|cause| UnreadableBlock::new(cid, fault(cause)))
        }
        DAG_JSON | JSON => {
            let mut document = serde_json::Deserializer::from_slice(block);
            let value = seed.deserialize(&mut document);
            let whole = value.and_then(|value| document.end().map(|()| value));
            whole.map_err(|cause| UnreadableBlock::new(cid, cause))
        }
        codec => Err(UnreadableBlock::new(
            cid,
            format!("its codec {codec:#x} isn't a document's"),
        )),
    }
}

/// Describes an error in CBOR. The library's other messages are values for debugging.
fn fault(cause: DecodeError<Infallible>) -> String {
    match cause {
        DecodeError::Msg(reason) => reason,
        DecodeError::Eof { .. } | DecodeError::RequireLength { .. } => "it is truncated".to_owned(),
        _ => "it isn't valid CBOR".to_owned(),
    }
}

/// Collects links and discards the rest of a document.
struct Links<'a> {
    found: &'a mut Vec<Cid>,
    /// In DAG-JSON a link is a map, `{"/": "…"}`.
    is_json: bool,
    /// The value of the key `/` in such a map.
    is_behind_slash: bool,
}

impl<'a> Links<'a> {
    fn cbor(found: &'a mut Vec<Cid>) -> Self {
        Self {
            found,
            is_json: false,
            is_behind_slash: false,
        }
    }

    fn json(found: &'a mut Vec<Cid>) -> Self {
        Self {
            is_json: true,
            ..Self::cbor(found)
        }
    }

    fn within(&mut self, is_behind_slash: bool) -> Links<'_> {
        Links {
            found: self.found,
            is_json: self.is_json,
            is_behind_slash,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Links<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Links<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a document")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, link: D) -> Result<(), D::Error> {
        self.found.push(link.deserialize_bytes(LinkBytes)?);
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        if self.is_behind_slash {
            self.found.push(text.parse().map_err(E::custom)?);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(self.within(false))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let is_behind_slash = self.is_json && key == "/";
            map.next_value_seed(self.within(is_behind_slash))?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i128<E>(self, _: i128) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads the bytes of a link in DAG-CBOR, from the newtype that represents its tag.
#[derive(Debug)]
pub struct LinkBytes;

impl<'de> Visitor<'de> for LinkBytes {
    type Value = Cid;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the bytes of a CID")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Cid, E> {
        Cid::try_from(bytes).map_err(E::custom)
    }
}
