//! Pins, column by column.

use serde::{
    Serialize, Serializer,
    ser::{SerializeSeq, SerializeTuple},
};
use time::OffsetDateTime;
use w3pin::{Cid, Pin, Verification};

/// Pins as an array of each field's values, in which an absent one is null and a date is in
/// milliseconds. JavaScript reads it in a third of the time that objects take.
pub(crate) struct Pins(pub(crate) Vec<Pin>);

const FIELDS: usize = 18;

impl Serialize for Pins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_tuple(FIELDS)?;
        macro_rules! column {
            ($($value:expr),+ $(,)?) => {
                $( fields.serialize_element(&column(&self.0, $value))?; )+
            };
        }
        column!(
            |pin| pin.id.as_str(),
            |pin| pin.cid.as_str(),
            |pin| pin.name.as_deref(),
            |pin| pin.size,
            |pin| pin.status.as_str(),
            |pin| pin.pinned,
            |pin| pin.is_pin_by_hash,
            |pin| pin.is_dir,
            |pin| pin.date_pinned.map(milliseconds),
            |pin| pin.date_unpinned.map(milliseconds),
            |pin| &pin.keyvalues,
            |pin| pin.file_type.as_deref(),
            |pin| pin.sub_hash_status.as_ref().map(|status| status.as_str()),
            |pin| pin.file_record_id.as_deref(),
            |pin| pin.root_hash.as_deref(),
            |pin| pin.user_id.as_deref(),
            |pin| pin.already_pinned,
            |pin| Proved::of(&pin.verification),
        );
        fields.end()
    }
}

/// The values of a field.
struct Column<'a, F>(&'a [Pin], F);

fn column<'a, T: Serialize, F: Fn(&'a Pin) -> T>(pins: &'a [Pin], value: F) -> Column<'a, F> {
    Column(pins, value)
}

impl<'a, T: Serialize + 'a, F: Fn(&'a Pin) -> T> Serialize for Column<'a, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut values = serializer.serialize_seq(Some(self.0.len()))?;
        for pin in self.0 {
            values.serialize_element(&(self.1)(pin))?;
        }
        values.end()
    }
}

/// Rounds down to what JavaScript's dates can represent.
fn milliseconds(date: OffsetDateTime) -> i128 {
    date.unix_timestamp_nanos().div_euclid(1_000_000)
}

/// A verification that was attempted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Proved<'a> {
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    computed_cid: Option<&'a Cid>,
}

impl<'a> Proved<'a> {
    fn of(verification: &'a Verification) -> Option<Self> {
        (*verification != Verification::Unchecked).then(|| Self {
            result: verification.as_str(),
            profile: verification.profile().map(ToString::to_string),
            computed_cid: verification.computed_cid(),
        })
    }
}
