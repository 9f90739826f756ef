use std::{convert::Infallible, fmt};

use cid::Cid;
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_ipld_dagcbor::DecodeError;

use crate::error::CarError;

/// The header of a CAR.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The version of the file, 1 or 2. The blocks of a CARv2 are in a CARv1 within it.
    pub version: u64,
    /// The roots of the DAGs, as stated: there may be none, and their blocks may be missing.
    pub roots: Vec<Cid>,
}

/// The map in DAG-CBOR: its keys in any order, others beside them.
#[derive(Deserialize)]
struct Fields {
    version: u64,
    #[serde(default, deserialize_with = "roots")]
    roots: Vec<Cid>,
}

impl Header {
    pub(crate) fn parse(cbor: &[u8]) -> Result<Self, CarError> {
        // The library's own reasons are values for debugging.
        let fields = serde_ipld_dagcbor::from_slice(cbor);
        let Fields { version, roots } =
            fields.map_err(|_: DecodeError<Infallible>| CarError::InvalidHeader {
                reason: "it isn't DAG-CBOR with a version and roots".to_owned(),
            })?;
        Ok(Self { version, roots })
    }
}

/// Reads the list as it comes. serde's own allocates for the length that it claims.
fn roots<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Cid>, D::Error> {
    struct Roots;

    impl<'de> Visitor<'de> for Roots {
        type Value = Vec<Cid>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list of CIDs")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut roots = Vec::new();
            while let Some(root) = list.next_element()? {
                roots.push(root);
            }
            Ok(roots)
        }
    }

    deserializer.deserialize_seq(Roots)
}
