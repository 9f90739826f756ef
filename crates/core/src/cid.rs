//! Content identifiers.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Error, Result};

/// A content identifier (CID), version 0 or 1, in any base, printed as it was given.
///
/// Two CIDs are equal when version, codec and multihash are; the base they are written in doesn't
/// count. Services echo a CID in the form they like, so compare answers by
/// [`same_content`](Self::same_content).
///
/// ```
/// use w3pin_core::Cid;
///
/// let cid: Cid = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH".parse()?;
/// assert_eq!(cid.to_string(), "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH");
/// assert!("QmbFMke1".parse::<Cid>().is_err());
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Cid {
    cid: cid::Cid,
    text: Box<str>,
}

impl Cid {
    /// The parsed form.
    #[must_use]
    pub fn as_cid(&self) -> &cid::Cid {
        &self.cid
    }

    /// The text, as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether both name the same block: the multihashes are equal, whatever version and base.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        self.cid.hash() == other.cid.hash()
    }
}

impl FromStr for Cid {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.contains('/') {
            return Err(Error::invalid_input(
                "cid",
                format!("{text:?} is a path or URL; give the CID alone"),
            ));
        }
        let cid = cid::Cid::try_from(text).map_err(|cause| {
            Error::invalid_input("cid", format!("{text:?} isn't a CID: {cause}"))
        })?;
        Ok(Self {
            cid,
            text: text.into(),
        })
    }
}

impl From<cid::Cid> for Cid {
    fn from(cid: cid::Cid) -> Self {
        Self {
            cid,
            text: cid.to_string().into(),
        }
    }
}

impl PartialEq for Cid {
    fn eq(&self, other: &Self) -> bool {
        self.cid == other.cid
    }
}

impl Eq for Cid {}

impl std::hash::Hash for Cid {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.cid.hash().hash(state);
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cid({})", self.text)
    }
}

impl Serialize for Cid {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Cid {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        text.parse().map_err(de::Error::custom)
    }
}
