//! Verifies that the service pinned what was sent.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use w3pin_unixfs::{Profile, RAW};

use crate::{Cid, Error, Result};

const SHA2_256: u64 = 0x12;

/// How much proof an upload needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verify {
    /// No CID is computed.
    Off,
    /// The pin reports what was proved.
    #[default]
    Report,
    /// Anything but a proof is an error.
    Require,
}

crate::words!(Verify, "verify", "off" => Off, "report" => Report, "require" => Require);

/// The CID of the sent bytes under a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computed {
    /// The profile.
    #[serde(with = "profile_text")]
    pub profile: Profile,
    /// The root.
    pub cid: Cid,
}

/// Serializes a profile as text.
mod profile_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use w3pin_unixfs::Profile;

    pub(super) fn serialize<S: Serializer>(
        profile: &Profile,
        output: S,
    ) -> Result<S::Ok, S::Error> {
        output.collect_str(profile)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Profile, D::Error> {
        String::deserialize(input)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// What is proved about a pin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verification {
    /// Nothing was computed.
    #[default]
    Unchecked,
    /// The service's CID is that of the bytes that were sent.
    Verified {
        /// The profile that gives this CID; `None` for a CAR, whose blocks are its own.
        profile: Option<Profile>,
    },
    /// The service pinned something else: the CID is a single block with another digest, or isn't
    /// the root of the CAR that was sent.
    Mismatch {
        /// The CID of the bytes that were sent.
        computed: Cid,
    },
    /// No known profile gives the service's CID. It may be the same content in another layout,
    /// which [`verify`](https://docs.rs/w3pin) can determine from the blocks.
    Unproved {
        /// The CID of the bytes that were sent, under the endpoint's profile.
        computed: Cid,
    },
}

impl Verification {
    /// Compares the service's CID with the computed ones, by codec and multihash.
    ///
    /// A service may use a layout that no profile describes, so a different CID usually doesn't
    /// prove different content. It does if both are single raw blocks, which are the content
    /// itself.
    #[must_use]
    pub fn judge(returned: &Cid, computed: &[Computed]) -> Self {
        if let Some(same) = computed.iter().find(|it| it.cid.same_content(returned)) {
            return Self::Verified {
                profile: Some(same.profile),
            };
        }
        let single_block =
            |cid: &Cid| cid.as_cid().codec() == RAW && cid.as_cid().hash().code() == SHA2_256;
        let certain = computed
            .iter()
            .find(|it| single_block(&it.cid) && single_block(returned));
        match (certain, computed.first()) {
            (Some(other), _) => Self::Mismatch {
                computed: other.cid.clone(),
            },
            (None, Some(first)) => Self::Unproved {
                computed: first.cid.clone(),
            },
            (None, None) => Self::Unchecked,
        }
    }

    /// Compares the service's CID with the root of a CAR. Since its blocks are fixed, the result is
    /// definite.
    #[must_use]
    pub fn judge_car(returned: &Cid, root: &Cid) -> Self {
        if root.same_content(returned) {
            return Self::Verified { profile: None };
        }
        Self::Mismatch {
            computed: root.clone(),
        }
    }

    /// Fails if the pin isn't proved.
    ///
    /// # Errors
    /// [`CidMismatch`](crate::ErrorKind::CidMismatch) with the service's CID, and the one computed if
    /// there is one.
    pub fn require(&self, returned: &Cid) -> Result<()> {
        let (reason, computed) = match self {
            Self::Verified { .. } => return Ok(()),
            Self::Unchecked => {
                return Err(Error::other_content(
                    format!(
                        "the service pinned {returned}, and the content that was sent can't be \
                         read again to prove that it is the same"
                    ),
                    returned.clone(),
                ));
            }
            Self::Mismatch { computed } => (
                format!("the service pinned {returned} instead of the content sent, {computed}"),
                computed,
            ),
            Self::Unproved { computed } => (
                format!(
                    "the service pinned {returned}, and no known profile gives that CID for the \
                     content sent, {computed}; set the profile that the service uses, or verify \
                     the pin through a gateway"
                ),
                computed,
            ),
        };
        Err(Error::cid_mismatch(
            reason,
            computed.clone(),
            returned.clone(),
        ))
    }

    /// The stable name: verified, mismatch, unproved or unchecked.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Verified { .. } => "verified",
            Self::Mismatch { .. } => "mismatch",
            Self::Unproved { .. } => "unproved",
        }
    }

    /// The UnixFS profile that proved it; none for a CAR.
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        match self {
            Self::Verified { profile } => profile.as_ref(),
            _ => None,
        }
    }

    /// The CID of the bytes that were sent, if it differs from the service's.
    #[must_use]
    pub fn computed_cid(&self) -> Option<&Cid> {
        match self {
            Self::Mismatch { computed } | Self::Unproved { computed } => Some(computed),
            Self::Unchecked | Self::Verified { .. } => None,
        }
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Verification {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let mut map = output.serialize_map(None)?;
        map.serialize_entry("result", self.as_str())?;
        map.serialize_entry("profile", &self.profile().map(Profile::to_string))?;
        map.serialize_entry("computed_cid", &self.computed_cid())?;
        map.end()
    }
}
