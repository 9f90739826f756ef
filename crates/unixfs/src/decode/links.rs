use cid::Cid;

use super::DecodeError;
use crate::dag_pb::{FIELD_DATA, FIELD_LINKS, LINK_DAG_SIZE, LINK_HASH, LINK_NAME};
use crate::protobuf::{Fields, Value};

/// A link of a dag-pb block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    /// The CID of its target.
    pub cid: Cid,
    /// Its name: that of an entry in a folder; empty in a file; in a shard preceded by the bucket's
    /// hex digits.
    pub name: &'a str,
    /// The size of the target's DAG in bytes, as stated in the block (`Tsize`); 0 if it isn't
    /// stated.
    pub dag_size: u64,
}

/// Splits a dag-pb block into its data and its links.
///
/// The dag-pb specification defines the order of fields, except that of links and data, which
/// IPIP-0550 leaves open: either may come first, but links can't be on both sides.
pub(super) fn split(block: &[u8]) -> Result<(Option<&[u8]>, Vec<Link<'_>>), DecodeError> {
    let mut fields = Fields(block);
    let mut data = None;
    let mut links = Vec::new();
    let mut links_ended = false;
    while let Some(field) = fields.next()? {
        match field {
            (FIELD_LINKS, Value::Bytes(_)) if links_ended => {
                return Err(DecodeError::NotDagPb("links on both sides of the data"));
            }
            (FIELD_LINKS, Value::Bytes(bytes)) => links.push(Link::parse(bytes)?),
            (FIELD_DATA, Value::Bytes(bytes)) if data.is_none() => {
                data = Some(bytes);
                links_ended = !links.is_empty();
            }
            (FIELD_DATA, Value::Bytes(_)) => {
                return Err(DecodeError::NotDagPb("more than one data field"));
            }
            _ => {
                return Err(DecodeError::NotDagPb(
                    "a field that is neither links nor data",
                ));
            }
        }
    }
    Ok((data, links))
}

impl<'a> Link<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields(bytes);
        let (mut cid, mut name, mut dag_size) = (None, None, None);
        while let Some(field) = fields.next()? {
            match field {
                (LINK_HASH, Value::Bytes(mut bytes))
                    if (cid, name, dag_size) == (None, None, None) =>
                {
                    let parsed = Cid::read_bytes(&mut bytes).map_err(|_| DecodeError::LinkCid)?;
                    if !bytes.is_empty() {
                        return Err(DecodeError::LinkCid);
                    }
                    cid = Some(parsed);
                }
                (LINK_NAME, Value::Bytes(bytes)) if (name, dag_size) == (None, None) => {
                    name = Some(str::from_utf8(bytes).map_err(|_| DecodeError::LinkName)?);
                }
                (LINK_DAG_SIZE, Value::Uint(size)) if dag_size.is_none() => dag_size = Some(size),
                _ => {
                    return Err(DecodeError::NotDagPb(
                        "a link field that is unknown, repeated or out of order",
                    ));
                }
            }
        }
        Ok(Self {
            cid: cid.ok_or(DecodeError::LinkCid)?,
            name: name.unwrap_or_default(),
            dag_size: dag_size.unwrap_or_default(),
        })
    }
}
