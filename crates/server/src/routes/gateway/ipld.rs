//! Links in blocks of every codec that has any, and paths through documents.

use std::fmt;

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use w3pin_unixfs::Cid;

use super::format::DocumentType;

mod descend;

pub(super) use self::descend::{Reached, descend};

/// Why a block's links aren't known.
#[derive(Debug, thiserror::Error)]
#[error("the block {cid} can't be read: {reason}")]
pub(super) struct UnreadableBlock {
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
}

/// The blocks that a block links to, in its order.
pub(super) fn links(cid: &Cid, block: &[u8]) -> Result<Vec<Cid>, UnreadableBlock> {
    let mut links = Vec::new();
    match DocumentType::of_codec(cid.codec()) {
        Some(DocumentType::DagCbor) => read_cbor(cid, block, Links::cbor(&mut links))?,
        Some(DocumentType::DagJson) => read_json(cid, block, Links::json(&mut links))?,
        Some(DocumentType::Json | DocumentType::Cbor) => {}
        None => {
            return w3pin_unixfs::links(cid, block)
                .map_err(|cause| UnreadableBlock::new(cid, cause));
        }
    }
    Ok(links)
}

fn read_cbor<'de, S: DeserializeSeed<'de>>(
    cid: &Cid,
    block: &'de [u8],
    seed: S,
) -> Result<S::Value, UnreadableBlock> {
    let mut deserializer = serde_ipld_dagcbor::de::Deserializer::from_slice(block);
    let value = seed.deserialize(&mut deserializer);
    let whole = value.and_then(|value| deserializer.end().map(|()| value));
    whole.map_err(|cause| UnreadableBlock::new(cid, cause))
}

fn read_json<'de, S: DeserializeSeed<'de>>(
    cid: &Cid,
    block: &'de [u8],
    seed: S,
) -> Result<S::Value, UnreadableBlock> {
    let mut deserializer = serde_json::Deserializer::from_slice(block);
    let value = seed.deserialize(&mut deserializer);
    let whole = value.and_then(|value| deserializer.end().map(|()| value));
    whole.map_err(|cause| UnreadableBlock::new(cid, cause))
}

/// Collects links, and keeps nothing else of a document.
struct Links<'a> {
    found: &'a mut Vec<Cid>,
    /// In DAG-JSON a link is a map, `{"/": "…"}`.
    is_json: bool,
    /// The value behind the key `/` of such a map.
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

/// The bytes of a link in DAG-CBOR.
struct LinkBytes;

impl<'de> Visitor<'de> for LinkBytes {
    type Value = Cid;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the bytes of a CID")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Cid, E> {
        Cid::try_from(bytes).map_err(E::custom)
    }
}
