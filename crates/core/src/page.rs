//! One page of the account's pins.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{SeqAccess, Visitor},
};

use crate::{Pin, lenient};

/// A page of pins, as `list_pins` answers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page {
    /// The pins, in the order asked for.
    pub pins: Vec<Pin>,
    /// What the service counts over all pages.
    pub totals: Totals,
    /// Entries in the service's answer, which may hold empty ones.
    #[serde(skip)]
    pub(crate) entries: u64,
}

/// Sums over all pages. Whether they count the filtered pins or the whole account is up to the
/// service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Totals {
    /// Number of pins.
    #[serde(default, deserialize_with = "lenient::number")]
    pub files: Option<u64>,
    /// Bytes that the service accounts for.
    #[serde(default, deserialize_with = "lenient::number")]
    pub size: Option<u64>,
}

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            #[serde(default)]
            totals: Option<Totals>,
            #[serde(default)]
            pins: Option<Entries>,
        }
        let wire = Wire::deserialize(input)?;
        let Entries { pins, entries } = wire.pins.unwrap_or_default();
        Ok(Self {
            pins,
            totals: wire.totals.unwrap_or_default(),
            entries,
        })
    }
}

/// The list, whose elements may be null.
#[derive(Default)]
struct Entries {
    pins: Vec<Pin>,
    entries: u64,
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of pins")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Entries, A::Error> {
                let mut list = Entries::default();
                while let Some(entry) = items.next_element::<Option<Pin>>()? {
                    list.entries += 1;
                    list.pins.extend(entry);
                }
                Ok(list)
            }
        }

        input.deserialize_seq(List)
    }
}
