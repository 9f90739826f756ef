//! Parses the `Range` header (RFC 9110, section 14).

use std::ops::Range;

use http::{HeaderMap, HeaderValue, header};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Requested {
    Whole,
    Part(Range<u64>),
    Unsatisfiable,
}

impl Requested {
    /// Returns the range of bytes to send; if there are several, the first. Other units and invalid
    /// ranges return the whole content, which the standard permits.
    pub(super) fn parse(headers: &HeaderMap, etag: &HeaderValue, size: u64) -> Self {
        if headers
            .get(header::IF_RANGE)
            .is_some_and(|known| known != etag)
        {
            return Self::Whole;
        }
        let range = headers
            .get(header::RANGE)
            .and_then(|range| range.to_str().ok());
        range
            .and_then(|range| Self::parse_range(range, size))
            .unwrap_or(Self::Whole)
    }

    fn parse_range(range: &str, size: u64) -> Option<Self> {
        let mut ranges = range.strip_prefix("bytes=")?.split(',');
        let (first, last) = ranges.next()?.split_once('-')?;
        let (first, last) = (first.trim(), last.trim());
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(first) || !digits(last) {
            return None;
        }
        if first.is_empty() {
            let suffix: u64 = last.parse().ok()?;
            return Some(match suffix.min(size) {
                0 => Self::Unsatisfiable,
                length => Self::Part(size - length..size),
            });
        }
        let first: u64 = first.parse().ok()?;
        let end = if last.is_empty() {
            u64::MAX
        } else {
            last.parse::<u64>().ok()?
        };
        if end < first {
            return None;
        }
        Some(if first < size {
            Self::Part(first..end.saturating_add(1).min(size))
        } else {
            Self::Unsatisfiable
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Requested::{self, Part, Unsatisfiable};

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let cases = [
            ("bytes=0-0", Some(Part(0..1))),
            ("bytes=2-", Some(Part(2..10))),
            ("bytes=-3", Some(Part(7..10))),
            ("bytes=-30", Some(Part(0..10))),
            ("bytes=5-500", Some(Part(5..10))),
            ("bytes=10-", Some(Unsatisfiable)),
            ("bytes=-0", Some(Unsatisfiable)),
            ("bytes=5-4", None),
            ("bytes=0-1,3-4", Some(Part(0..2))),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("lines=0-1", None),
            ("bytes=99999999999999999999-", None),
            ("bytes=0-18446744073709551615", Some(Part(0..10))),
        ];
        for (range, expected) in cases {
            assert_eq!(Requested::parse_range(range, 10), expected, "{range}");
        }
        assert_eq!(Requested::parse_range("bytes=0-", 0), Some(Unsatisfiable));
    }
}
