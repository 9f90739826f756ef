//! A page of the account's pins.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{Pin, printable, wire::lenient};

/// A page of pins, as returned by `list_pins`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page {
    /// The pins, in the requested order.
    pub pins: Vec<Pin>,
    /// Totals over all pages.
    pub totals: Totals,
    /// Entries that can't be read as pins.
    pub unreadable: Vec<UnreadablePin>,
    /// The number of entries in the service's response, including empty ones.
    #[serde(skip)]
    pub(crate) entries: u64,
    /// The number of entries after the last pin.
    #[serde(skip)]
    pub(crate) after_last_pin: u64,
}

/// An entry of a page that can't be read as a pin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnreadablePin {
    /// Its position in the listing, counted from 0.
    pub position: u64,
    /// Its id, if it can be read.
    pub id: Option<String>,
    /// Why it can't be read.
    pub reason: String,
}

/// Totals over all pages. Whether they count the matching pins or the whole account depends on the
/// service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Totals {
    /// The number of pins.
    #[serde(default, deserialize_with = "lenient::number")]
    pub files: Option<u64>,
    /// The size in bytes, as the service accounts for it.
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
        let Entries {
            pins,
            entries,
            after_last_pin,
        } = wire.pins.unwrap_or_default();
        Ok(Self {
            pins,
            totals: wire.totals.unwrap_or_default(),
            unreadable: Vec::new(),
            entries,
            after_last_pin,
        })
    }
}

/// A page whose entries are parsed individually, so that an invalid one doesn't hide the others.
#[derive(Deserialize)]
pub(crate) struct LenientPage<'a> {
    #[serde(default)]
    totals: Option<Totals>,
    #[serde(default, borrow)]
    pins: Option<Vec<&'a RawValue>>,
}

impl From<LenientPage<'_>> for Page {
    fn from(wire: LenientPage<'_>) -> Self {
        let entries = wire.pins.unwrap_or_default();
        Self {
            totals: wire.totals.unwrap_or_default(),
            ..Self::of_entries(&entries, |entry| serde_json::from_str(entry))
        }
    }
}

impl Page {
    /// Returns the page with these entries, each parsed individually.
    pub(crate) fn of_entries(
        entries: &[&RawValue],
        read: fn(&str) -> serde_json::Result<Option<Pin>>,
    ) -> Self {
        let mut page = Self {
            entries: entries.len() as u64,
            ..Self::default()
        };
        for (position, entry) in (0..).zip(entries) {
            page.after_last_pin += 1;
            match read(entry.get()) {
                Ok(Some(pin)) => {
                    page.pins.push(pin);
                    page.after_last_pin = 0;
                }
                Ok(None) => {}
                Err(cause) => page.unreadable.push(UnreadablePin {
                    position,
                    id: id_of(entry),
                    reason: printable(&cause.to_string()).into_owned(),
                }),
            }
        }
        page
    }
}

fn id_of(entry: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Id {
        #[serde(default, alias = "requestid", deserialize_with = "lenient::text")]
        id: Option<String>,
    }
    let id = serde_json::from_str::<Id>(entry.get()).ok()?.id?;
    Some(printable(&id).into_owned())
}

/// A list whose elements may be null.
#[derive(Default)]
struct Entries {
    pins: Vec<Pin>,
    entries: u64,
    after_last_pin: u64,
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
                    list.after_last_pin += 1;
                    if let Some(pin) = entry {
                        list.pins.push(pin);
                        list.after_last_pin = 0;
                    }
                }
                Ok(list)
            }
        }

        input.deserialize_seq(List)
    }
}
