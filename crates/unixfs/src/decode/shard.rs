use super::{DagNode, DecodeError, Kind, Link, check_name};
use crate::murmur3;

/// The most levels of shards in a folder: one for each byte of a name's 64-bit hash, if shards have
/// 256 buckets.
pub const MAX_SHARD_DEPTH: u32 = 8;

/// An entry of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name, without its prefix in a shard.
    pub name: &'a str,
    /// The link, with the prefix.
    pub link: Link<'a>,
}

/// The result of looking up a name in one block of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The entry.
    Entry(Link<'a>),
    /// Another shard of the same folder, one level deeper, in which to continue.
    Shard(Link<'a>),
    /// The folder has no such entry, or the block isn't a folder.
    Absent,
}

/// Returns the link prefix (two upper-case hex digits) to follow for `name` in a shard of 256 buckets that
/// is `level` shards below the folder's root; `None` below the deepest level.
///
/// ```
/// use w3pin_unixfs::shard_prefix;
///
/// assert_eq!(shard_prefix("470.txt", 0).as_deref(), Some("00"));
/// assert_eq!(shard_prefix("470.txt", 1).as_deref(), Some("6E"));
/// assert_eq!(shard_prefix("470.txt", 8), None);
/// ```
pub fn shard_prefix(name: &str, level: u32) -> Option<String> {
    shard_bucket(name, level, 256).map(|bucket| format!("{bucket:02X}"))
}

/// Returns the bucket of a name in a shard with `fanout` buckets that is `level` shards below the
/// folder's root: as many bits of its hash as the fanout needs, starting from the most significant.
/// `None` below the deepest level, and for a fanout of 0.
pub fn shard_bucket(name: &str, level: u32, fanout: u32) -> Option<u64> {
    let bits = fanout.checked_ilog2()?;
    let end = level.checked_add(1)?.checked_mul(bits)?;
    let shift = u64::BITS.checked_sub(end)?;
    Some(murmur3::hash(name.as_bytes()) >> shift & u64::from(fanout - 1))
}

impl<'a> DagNode<'a> {
    /// Returns the entries in this block of a folder; those in [`sub_shards`](Self::sub_shards)
    /// aren't included. The entries of a directory are in the order of the block, which valid
    /// importers sort by name; those of a shard are sorted by hash. Empty for other kinds.
    ///
    /// A dishonest importer can put a name in a shard where [`lookup`](Self::lookup) doesn't find
    /// it, so to prove a folder, look up every name too.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + '_ {
        let prefix = self.prefix_len();
        self.links
            .iter()
            .filter_map(move |link| match link.name.get(prefix?..)? {
                "" => None,
                name => Some(Entry { name, link: *link }),
            })
    }

    /// Returns the links to shards below this one, whose entries belong to the same folder.
    pub fn sub_shards(&self) -> impl Iterator<Item = Link<'a>> + '_ {
        let shard = self.kind == Kind::HamtShard;
        let prefix = self.prefix_len();
        self.links
            .iter()
            .copied()
            .filter(move |link| shard && Some(link.name.len()) == prefix)
    }

    /// Looks up the entry `name` in this block of a folder.
    ///
    /// `level` is 0 for the folder's root and increases by one for each shard; beyond
    /// [`MAX_SHARD_DEPTH`] the result is always [`Lookup::Absent`].
    pub fn lookup(&self, name: &str, level: u32) -> Lookup<'a> {
        let Some(fanout) = self.fanout else {
            let found = self.entries().find(|entry| entry.name == name);
            return found.map_or(Lookup::Absent, |entry| Lookup::Entry(entry.link));
        };
        let width = prefix_len(fanout);
        let Some(bucket) = shard_bucket(name, level, fanout) else {
            return Lookup::Absent;
        };
        let prefix = format!("{bucket:0width$X}");
        let found = self
            .links
            .iter()
            .find(|link| link.name.starts_with(&prefix));
        match found.map(|link| (link, link.name.get(width..).unwrap_or_default())) {
            Some((link, "")) => Lookup::Shard(*link),
            Some((link, found)) if found == name => Lookup::Entry(*link),
            _ => Lookup::Absent,
        }
    }

    fn prefix_len(&self) -> Option<usize> {
        match self.kind {
            Kind::Directory => Some(0),
            Kind::HamtShard => self.fanout.map(prefix_len),
            Kind::Raw | Kind::File | Kind::Symlink => None,
        }
    }

    /// Checks that a shard's links fill the buckets in its bitfield, in order and each once.
    pub(super) fn checked_fanout(&self, fanout: Option<u64>) -> Result<u32, DecodeError> {
        let fanout = fanout
            .and_then(|fanout| u32::try_from(fanout).ok())
            .filter(|fanout| fanout.is_power_of_two() && (8..=1024).contains(fanout))
            .ok_or(DecodeError::Shard(
                "its fanout is not a power of two from 8 to 1024",
            ))?;
        let bits: u32 = self.data.iter().map(|byte| byte.count_ones()).sum();
        if bits as usize != self.links.len() {
            return Err(DecodeError::Shard(
                "its bitfield has not as many bits as there are links",
            ));
        }
        let width = prefix_len(fanout);
        let mut last = None;
        for link in &self.links {
            let (prefix, name) = link
                .name
                .split_at_checked(width)
                .ok_or(DecodeError::Shard("a link name has no bucket"))?;
            let bucket = parse_bucket(prefix)
                .filter(|bucket| *bucket < fanout as usize)
                .ok_or(DecodeError::Shard("a link name has no bucket"))?;
            if last.replace(bucket).is_some_and(|last| last >= bucket) {
                return Err(DecodeError::Shard("its buckets are not in order"));
            }
            let byte = self
                .data
                .iter()
                .rev()
                .nth(bucket / 8)
                .copied()
                .unwrap_or_default();
            if byte >> (bucket % 8) & 1 == 0 {
                return Err(DecodeError::Shard("a link's bucket is not in its bitfield"));
            }
            if !name.is_empty() {
                check_name(name)?;
            }
        }
        Ok(fanout)
    }
}

/// Returns the number of hex digits of the highest bucket.
fn prefix_len(fanout: u32) -> usize {
    (fanout - 1).ilog2() as usize / 4 + 1
}

/// Parses only upper-case hex digits: `from_str_radix` would accept lower case and a sign.
fn parse_bucket(prefix: &str) -> Option<usize> {
    prefix.bytes().try_fold(0, |bucket, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'F' => digit - b'A' + 10,
            _ => return None,
        };
        Some(bucket << 4 | usize::from(digit))
    })
}
