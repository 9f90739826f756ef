//! The IDs of pins.

use std::{fmt, str::FromStr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{Error, Result, values::printable::is_any_unprintable, wire::lenient};

/// Everything except RFC 3986's unreserved characters, so that an ID is always a single path
/// segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The ID of a pin, as given by the service. They are UUIDs today, but nothing depends on that.
///
/// ```
/// use w3pin_core::PinId;
///
/// let id: PinId = "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2".parse()?;
/// assert!("..".parse::<PinId>().is_err());
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PinId(Box<str>);

impl PinId {
    /// Returns the text of the ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_segment(&self) -> impl fmt::Display + '_ {
        utf8_percent_encode(&self.0, SEGMENT)
    }
}

impl FromStr for PinId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let reason = match text {
            "" => "a pin's id can't be empty".to_owned(),
            // These would name another resource of the API, or another folder.
            "." | ".." | "pins" => format!("{text:?} can't be a pin's id"),
            _ if is_any_unprintable(text) => {
                format!("{text:?} can't be a pin's id: it has control characters")
            }
            _ => return Ok(Self(text.into())),
        };
        Err(Error::invalid_input("id", reason))
    }
}

impl<'de> Deserialize<'de> for PinId {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text: Option<String> = lenient::text(input)?;
        text.unwrap_or_default().parse().map_err(de::Error::custom)
    }
}

impl fmt::Display for PinId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PinId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinId({})", self.0)
    }
}
