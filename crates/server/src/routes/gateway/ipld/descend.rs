use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use w3pin_core::ipld::{LinkBytes, UnreadableBlock, read_document};
use w3pin_unixfs::Cid;

use crate::routes::gateway::format::DocumentType;

/// Where a path within a document leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Reached {
    /// To a link, with `left` names remaining after it.
    Link { cid: Cid, left: usize },
    /// To a value that isn't a link.
    Value,
    /// To nothing.
    Absent,
}

/// Follows a path through the maps and lists of a document, up to the first link.
pub(in super::super) fn descend(
    kind: DocumentType,
    cid: &Cid,
    block: &[u8],
    path: &[String],
) -> Result<Reached, UnreadableBlock> {
    let is_json = matches!(kind, DocumentType::DagJson | DocumentType::Json);
    read_document(cid, block, Descent { path, is_json })
}

struct Descent<'p> {
    path: &'p [String],
    is_json: bool,
}

impl Descent<'_> {
    /// Ends at a value without children.
    fn end<E>(&self) -> Result<Reached, E> {
        Ok(if self.path.is_empty() {
            Reached::Value
        } else {
            Reached::Absent
        })
    }

    fn link(&self, cid: Cid) -> Reached {
        Reached::Link {
            cid,
            left: self.path.len(),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Descent<'_> {
    type Value = Reached;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Reached, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Descent<'_> {
    type Value = Reached;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a document")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, link: D) -> Result<Reached, D::Error> {
        let cid = link.deserialize_bytes(LinkBytes)?;
        Ok(self.link(cid))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Reached, A::Error> {
        let mut reached = self.end()?;
        while let Some(key) = map.next_key::<String>()? {
            if self.is_json && key == "/" {
                if let Text(Some(text)) = map.next_value()? {
                    reached = self.link(text.parse().map_err(de::Error::custom)?);
                }
            } else if let Some((name, path)) = self.path.split_first()
                && *name == key
            {
                let is_json = self.is_json;
                reached = map.next_value_seed(Descent { path, is_json })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(reached)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Reached, A::Error> {
        let mut reached = self.end()?;
        let below = self.path.split_first();
        let place = below.and_then(|(name, _)| name.parse::<usize>().ok());
        for index in 0.. {
            let Some((_, path)) = below.filter(|_| place == Some(index)) else {
                if list.next_element::<IgnoredAny>()?.is_none() {
                    break;
                }
                continue;
            };
            let is_json = self.is_json;
            match list.next_element_seed(Descent { path, is_json })? {
                Some(found) => reached = found,
                None => break,
            }
        }
        Ok(reached)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Reached, E> {
        self.end()
    }

    fn visit_i64<E>(self, _: i64) -> Result<Reached, E> {
        self.end()
    }

    fn visit_i128<E>(self, _: i128) -> Result<Reached, E> {
        self.end()
    }

    fn visit_u64<E>(self, _: u64) -> Result<Reached, E> {
        self.end()
    }

    fn visit_f64<E>(self, _: f64) -> Result<Reached, E> {
        self.end()
    }

    fn visit_str<E>(self, _: &str) -> Result<Reached, E> {
        self.end()
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Reached, E> {
        self.end()
    }

    fn visit_none<E>(self) -> Result<Reached, E> {
        self.end()
    }

    fn visit_unit<E>(self) -> Result<Reached, E> {
        self.end()
    }
}

/// A string, or `None` for any other value.
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;

        impl<'de> Visitor<'de> for AnyText {
            type Value = Text;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text, a map of bytes, or another value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Some(text.to_owned())))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }

        deserializer.deserialize_any(AnyText)
    }
}

#[cfg(test)]
mod tests {
    use w3pin_unixfs::Cid;

    use super::{Reached, descend};
    use crate::routes::gateway::{format::DocumentType, ipld::links};

    const LINKED: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";

    fn cid(codec: u64) -> Cid {
        let linked: Cid = LINKED.parse().unwrap();
        Cid::new_v1(codec, *linked.hash())
    }

    /// `{"a": {"b": [1, link], "c": link}, "d": bytes, "e": null}` in both codecs.
    fn documents() -> [(DocumentType, u64, Vec<u8>); 2] {
        let json = format!(
            r#"{{"a":{{"b":[1,{{"/":"{LINKED}"}}],"c":{{"/":"{LINKED}"}}}},"d":{{"/":{{"bytes":"AQI"}}}},"e":null}}"#
        );
        let link = [b"\xd8\x2a\x58\x25\0", &cid(0x55).to_bytes()[..]].concat();
        let cbor = [
            &b"\xa3\x61a\xa2\x61b\x82\x01"[..],
            &link,
            b"\x61c",
            &link,
            b"\x61d\x42\x01\x02\x61e\xf6",
        ]
        .concat();
        [
            (DocumentType::DagJson, 0x0129, json.into_bytes()),
            (DocumentType::DagCbor, 0x71, cbor),
        ]
    }

    #[test]
    fn a_path_leads_to_a_link_or_a_value_or_nowhere() {
        let linked = cid(0x55);
        let link = |left| Reached::Link { cid: linked, left };
        for (kind, codec, document) in documents() {
            let cid = cid(codec);
            for (path, expected) in [
                ("a/c", link(0)),
                ("a/c/x/y", link(2)),
                ("a/b/1", link(0)),
                ("a/b/1/x", link(1)),
                ("a/b/0", Reached::Value),
                ("a/b/0/x", Reached::Absent),
                ("a/b/2", Reached::Absent),
                ("a/b/-1", Reached::Absent),
                ("a/b/x", Reached::Absent),
                ("a/b", Reached::Value),
                ("a", Reached::Value),
                ("d", Reached::Value),
                ("d/x", Reached::Absent),
                ("e", Reached::Value),
                ("f", Reached::Absent),
                ("", Reached::Absent),
            ] {
                let path: Vec<_> = path.split('/').map(str::to_owned).collect();
                let reached = descend(kind, &cid, &document, &path).unwrap();
                assert_eq!(reached, expected, "{kind:?} {path:?}");
            }
            assert_eq!(links(&cid, &document).unwrap(), [linked, linked]);
        }
    }

    #[test]
    fn what_is_no_document_is_an_error() {
        for (codec, block) in [
            (0x0129, &b""[..]),
            (0x0129, b"{"),
            (0x0129, b"{} {}"),
            (0x0129, b"{\"/\":\"x\"}"),
            (0x71, b""),
            (0x71, b"\xa1"),
            (0x71, b"\xf6\xf6"),
            (0x71, b"\xd8\x2a\x41\x00"),
            (0x71, &[0x81; 100_000]),
            (0x71, b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
            (0x78, b""),
        ] {
            assert!(links(&cid(codec), block).is_err(), "{codec} {block:?}");
        }
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        assert!(links(&cid(0x0129), &deep).is_err());
        assert_eq!(links(&cid(0x0200), b"not even JSON").unwrap(), []);
    }
}
