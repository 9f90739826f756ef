use std::fmt;
use std::str::FromStr;

use cid::Version;

use super::{Leaves, Profile, ProfileError, SHARD_THRESHOLD, ShardEstimate};

/// Formats the name, or the parameters of a custom profile; both can be parsed.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        if name != "custom" {
            return f.pad(name);
        }
        let leaves = match self.leaves {
            Leaves::Raw => "raw",
            Leaves::Wrapped => "wrapped",
        };
        let cid = match self.cid_version {
            Version::V0 => 0,
            Version::V1 => 1,
        };
        let (chunk, width) = (self.chunk_size, self.width);
        write!(
            f,
            "custom(chunk={chunk},width={width},leaves={leaves},cid={cid}"
        )?;
        if self.shard_estimate == ShardEstimate::BlockBytes {
            f.write_str(",shard=block-bytes")?;
        }
        if self.shard_threshold != SHARD_THRESHOLD {
            write!(f, ",shard-threshold={}", self.shard_threshold)?;
        }
        f.write_str(")")
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        if let Some(known) = Self::known()
            .into_iter()
            .find(|profile| profile.name() == text)
        {
            return Ok(known);
        }
        let parameters = text
            .strip_prefix("custom(")
            .and_then(|rest| rest.strip_suffix(')'))
            .ok_or_else(|| ProfileError::Unknown(text.to_owned()))?;
        let mut seen = Vec::new();
        let mut profile = Self::custom();
        for parameter in parameters.split(',').map(str::trim) {
            let wrong = || ProfileError::Parameter(parameter.to_owned());
            let (key, value) = parameter.split_once('=').ok_or_else(wrong)?;
            if seen.contains(&key) {
                return Err(wrong());
            }
            seen.push(key);
            profile = match (key, value) {
                ("chunk", bytes) => profile.chunk_size(bytes.parse().map_err(|_| wrong())?),
                ("width", links) => profile.width(links.parse().map_err(|_| wrong())?),
                ("leaves", "raw") => profile.leaves(Leaves::Raw),
                ("leaves", "wrapped") => profile.leaves(Leaves::Wrapped),
                ("cid", "0") => profile.cid_version(Version::V0),
                ("cid", "1") => profile.cid_version(Version::V1),
                ("shard", "links-bytes") => profile.shard_estimate(ShardEstimate::LinksBytes),
                ("shard", "block-bytes") => profile.shard_estimate(ShardEstimate::BlockBytes),
                ("shard-threshold", bytes) => {
                    profile.shard_threshold(bytes.parse().map_err(|_| wrong())?)
                }
                _ => return Err(wrong()),
            };
        }
        profile.build()
    }
}
