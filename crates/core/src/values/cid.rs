//! Content identifiers.

use std::{fmt, str::FromStr};

use ::cid::Version;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Error, IpfsPath, Result, printable, values::printable::is_any_unprintable};

/// A content identifier (CID) of version 0 or 1 in any base, printed as it was given.
///
/// Two CIDs are equal if version, codec and multihash are; the base doesn't
/// matter. Services return a CID in any form they like, so compare what they return with
/// [`same_content`](Self::same_content). `/ipfs/CID`, `ipfs://CID` and gateway URLs are
/// accepted too.
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
    /// Returns the parsed CID.
    #[must_use]
    pub fn as_cid(&self) -> &cid::Cid {
        &self.cid
    }

    /// Returns the text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether both identify the same content: equal codec and multihash, whatever version
    /// and base.
    ///
    /// CIDv0 is always dag-pb, so `Qm…` and `bafybei…` with the same digest are the same content,
    /// while `bafkrei…`, a raw block with that digest, is different content.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        self.content_key() == other.content_key()
    }

    /// Returns what [`same_content`](Self::same_content) compares.
    pub(crate) fn content_key(&self) -> ContentKey {
        (self.cid.codec(), *self.cid.hash())
    }

    /// Returns the contenthash ([EIP-1577](https://eips.ethereum.org/EIPS/eip-1577)) of an ENS name for this
    /// content: `0x`, `e301` for IPFS, and the bytes of the CID as a CIDv1, in hexadecimal.
    ///
    /// ```
    /// let cid: w3pin_core::Cid = "QmRAQB6YaCyidP37UdDnjFY5vQuiBrcqdyoW1CuDgwxkD4".parse()?;
    /// assert_eq!(
    ///     cid.contenthash(),
    ///     "0xe3010170122029f2d17be6139079dc48696d1f582a8530eb9805b561eda517e22a892c7e3f1f",
    /// );
    /// # Ok::<(), w3pin_core::Error>(())
    /// ```
    #[must_use]
    pub fn contenthash(&self) -> String {
        let cid = cid::Cid::new_v1(self.cid.codec(), *self.cid.hash());
        let mut text = String::from("0xe301");
        for byte in cid.to_bytes() {
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }

    /// Returns the [DNSLink](https://dnslink.org) TXT record that points a domain at this content,
    /// `dnslink=/ipfs/CID`. It belongs to the name `_dnslink` below the domain.
    #[must_use]
    pub fn dnslink(&self) -> String {
        format!("dnslink=/ipfs/{self}")
    }

    /// Parses a CID without anything around it.
    pub(crate) fn bare(text: &str) -> Result<Self, &'static str> {
        let cid = parse(text)?;
        // The identity base contains raw bytes, which could print anything.
        let text = if is_any_unprintable(text) {
            cid.to_string().into()
        } else {
            text.into()
        };
        Ok(Self { cid, text })
    }
}

/// Codec and multihash.
pub(crate) type ContentKey = (u64, cid::multihash::Multihash<64>);

fn parse(text: &str) -> Result<cid::Cid, &'static str> {
    // The only CIDs that aren't multibase.
    if text.len() == 46 && text.starts_with("Qm") {
        return cid::Cid::try_from(text).map_err(|_| "its digest is invalid");
    }
    let (_, bytes) = multibase::decode(text).map_err(|_| "its base is unknown")?;
    let mut rest = &bytes[..];
    let cid = cid::Cid::read_bytes(&mut rest).map_err(|_| "its bytes aren't a CID")?;
    match cid.version() {
        Version::V0 => Err("a CIDv0 is written in base58 without a prefix"),
        // The parser ignores trailing bytes.
        Version::V1 if !rest.is_empty() => Err("there are extra bytes after its digest"),
        Version::V1 => Ok(cid),
    }
}

impl FromStr for Cid {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let path: IpfsPath = text.parse()?;
        if path.segments().is_empty() {
            Ok(path.root().clone())
        } else {
            Err(Error::invalid_input(
                "cid",
                format!(
                    "{:?} has a path below the CID; give only the CID",
                    printable(text)
                ),
            ))
        }
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
        Self::bare(&text).map_err(|reason| {
            de::Error::custom(format_args!("{:?} isn't a CID: {reason}", printable(&text)))
        })
    }
}
