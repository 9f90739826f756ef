//! The parameters of a CAR.

use std::{fmt, ops::Range, str::FromStr};

use crate::{
    envelope::Refusal,
    excerpt::Excerpt,
    routes::gateway::{
        accept::MediaRange,
        format::{CAR, not_acceptable},
        query::GatewayQuery,
        resolve::Found,
        walk::Extent,
    },
};

/// Which blocks a CAR contains, besides those along the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct CarParams {
    pub(super) scope: Scope,
    pub(super) duplicates: Duplicates,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The block at the end of the path.
    Block,
    /// The blocks needed to read a file or list a folder; for a file only these bytes, if given.
    Entity(Option<EntityBytes>),
    /// All blocks below the end of the path.
    All,
}

/// Whether a block that occurs repeatedly is sent each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duplicates {
    /// Each time.
    Sent,
    /// Once.
    LeftOut,
    /// Once, as far as memory allows. The response doesn't say so, to promise nothing.
    Unsaid,
}

/// A range of bytes, both ends inclusive. Negative positions count from the end of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EntityBytes {
    from: i64,
    /// `None` for the end of the file.
    to: Option<i64>,
}

impl CarParams {
    /// Returns the parameters of a query, completed by those of a type in `Accept`; `None` if such
    /// a CAR isn't supported.
    pub(in super::super) fn parse(
        query: &GatewayQuery,
        variant: Option<&MediaRange>,
    ) -> Result<Option<Self>, Refusal> {
        let bytes = query.entity_bytes.as_deref().map(str::parse).transpose()?;
        let scope = match (query.dag_scope.as_deref(), bytes) {
            (Some("block"), _) => Scope::Block,
            (Some("entity"), bytes) => Scope::Entity(bytes),
            (None, Some(bytes)) => Scope::Entity(Some(bytes)),
            (Some("all") | None, _) => Scope::All,
            (Some(other), _) => return Err(nonsense("dag-scope", other, "block, entity or all")),
        };
        let of_variant = |name| variant.and_then(|variant| variant.parameter(name));
        match &query.car_version {
            Some(version) if version.parse::<u64>().is_err() => {
                return Err(nonsense("car-version", version, "1"));
            }
            Some(version) if version != "1" => return Err(not_acceptable(CAR)),
            None if !matches!(of_variant("version"), None | Some("" | "1")) => return Ok(None),
            _ => {}
        }
        // Depth-first order also satisfies clients that accept any.
        match query.car_order.as_deref() {
            Some("dfs" | "unk") => {}
            Some(order) => return Err(nonsense("car-order", order, "dfs or unk")),
            None if !matches!(of_variant("order"), None | Some("" | "dfs" | "unk")) => {
                return Ok(None);
            }
            None => {}
        }
        let duplicates = match (query.car_dups.as_deref(), of_variant("dups")) {
            (Some("y"), _) | (None, Some("y")) => Duplicates::Sent,
            (Some("n"), _) | (None, Some("n")) => Duplicates::LeftOut,
            (None, None | Some("")) => Duplicates::Unsaid,
            (Some(other), _) => return Err(nonsense("car-dups", other, "y or n")),
            (None, Some(_)) => return Ok(None),
        };
        Ok(Some(Self { scope, duplicates }))
    }

    /// Returns the content type, which describes the CAR as it is sent.
    pub(super) fn content_type(self) -> String {
        let duplicates = match self.duplicates {
            Duplicates::Sent => "; dups=y",
            Duplicates::LeftOut => "; dups=n",
            Duplicates::Unsaid => "",
        };
        format!("{CAR}; version=1; order=dfs{duplicates}")
    }
}

/// The form used in ETags.
impl fmt::Display for CarParams {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scope {
            Scope::Block => formatter.write_str("block")?,
            Scope::Entity(None) => formatter.write_str("entity")?,
            Scope::Entity(Some(EntityBytes { from, to: None })) => {
                write!(formatter, "entity {from}:*")?;
            }
            Scope::Entity(Some(EntityBytes { from, to: Some(to) })) => {
                write!(formatter, "entity {from}:{to}")?;
            }
            Scope::All => formatter.write_str("all")?,
        }
        formatter.write_str(match self.duplicates {
            Duplicates::Sent => " y",
            Duplicates::LeftOut => " n",
            Duplicates::Unsaid => "",
        })
    }
}

impl Scope {
    /// Returns which links are followed from the block at the end of the path.
    pub(super) fn extent(self, root: &Found) -> Extent {
        match self {
            Self::Block => Extent::Nothing,
            Self::All => Extent::All,
            Self::Entity(Some(bytes)) if root.is_file() => match bytes.within(root.file_size()) {
                nothing if nothing.is_empty() => Extent::Nothing,
                wanted => Extent::Bytes(wanted),
            },
            Self::Entity(_) => Extent::Entity,
        }
    }
}

impl EntityBytes {
    /// Returns the range within a file of this size; empty if it lies outside.
    fn within(self, size: u64) -> Range<u64> {
        let place = |at: i64| match u64::try_from(at) {
            Ok(at) => Some(at),
            Err(_) => size.checked_sub(at.unsigned_abs()),
        };
        let from = place(self.from).unwrap_or(0).min(size);
        let end = match self.to {
            None => size,
            Some(to) => place(to).map_or(0, |to| to.saturating_add(1)).min(size),
        };
        from..end.max(from)
    }
}

impl FromStr for EntityBytes {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let number = |text: &str| text.parse().ok().filter(|_| !text.starts_with('+'));
        let range = text.split_once(':').and_then(|(from, to)| {
            let to = if to == "*" { None } else { Some(number(to)?) };
            Some(Self {
                from: number(from)?,
                to,
            })
        });
        // If both count from the same end, their order is known.
        let is_backwards = |range: &Self| {
            range
                .to
                .is_some_and(|to| (range.from < 0) == (to < 0) && to < range.from)
        };
        range.filter(|range| !is_backwards(range)).ok_or_else(|| {
            let example = "a range such as 0:1023 or -1024:*, with the end not before the start";
            nonsense("entity-bytes", text, example)
        })
    }
}

fn nonsense(name: &str, value: &str, expected: &str) -> Refusal {
    let value = Excerpt::of(value);
    Refusal::bad_request(format!("invalid {name} {value}: it must be {expected}"))
}

#[cfg(test)]
mod tests {
    use super::EntityBytes;

    #[test]
    fn ranges_lie_within_the_file() {
        for (text, size, expected) in [
            ("0:*", 10, 0..10),
            ("0:0", 10, 0..1),
            ("3:5", 10, 3..6),
            ("3:500", 10, 3..10),
            ("10:*", 10, 10..10),
            ("500:600", 10, 10..10),
            ("-3:*", 10, 7..10),
            ("-30:*", 10, 0..10),
            ("-30:-3", 10, 0..8),
            ("2:-3", 10, 2..8),
            ("2:-1", 10, 2..10),
            ("2:-11", 10, 2..2),
            ("8:-5", 10, 8..8),
            ("-3:8", 10, 7..9),
            ("-3:2", 10, 7..7),
            ("0:*", 0, 0..0),
            ("-1:-1", 0, 0..0),
            ("0:9223372036854775807", 10, 0..10),
            ("-9223372036854775808:*", 10, 0..10),
            (
                "-9223372036854775808:9223372036854775807",
                u64::MAX,
                (1 << 63) - 1..1 << 63,
            ),
        ] {
            let range: EntityBytes = text.parse().unwrap();
            assert_eq!(range.within(size), expected, "{text} of {size}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            ":",
            "1",
            "1:",
            ":1",
            "*:1",
            "*:*",
            "1:2:3",
            "a:b",
            "1.5:2",
            "+1:2",
            "5:4",
            "-4:-5",
            "9223372036854775808:*",
            " 1:2",
            "0x1:2",
        ] {
            assert!(text.parse::<EntityBytes>().is_err(), "{text}");
        }
    }
}
