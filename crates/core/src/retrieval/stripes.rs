//! Reads a large file from several sources at once.

use std::ops::Range;

/// The smallest part that justifies a request.
const SMALLEST: u64 = 16 * 1024 * 1024;
/// The number of parts for each source: several, so that fast sources read more of them than slow
/// ones.
const PARTS_A_SOURCE: u64 = 4;

/// Splits a range into parts to read concurrently, in order; a single one if splitting has no
/// benefit.
///
/// A public gateway may allow only a few requests a minute, so parts are as large as possible.
#[must_use]
pub fn stripes(range: Range<u64>, sources: usize) -> Vec<Range<u64>> {
    let length = range.end.saturating_sub(range.start);
    let parts = (sources as u64).saturating_mul(PARTS_A_SOURCE);
    if sources < 2 || length < 2 * SMALLEST {
        return vec![range];
    }
    let part = length.div_ceil(parts).max(SMALLEST);
    let starts = (0..length.div_ceil(part)).map(|index| range.start + index * part);
    starts
        .map(|start| start..start.saturating_add(part).min(range.end))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{SMALLEST, stripes};

    #[test]
    fn parts_cover_the_range_once_and_are_never_small() {
        for sources in [0, 1, 2, 4, 1000] {
            for length in [
                0,
                1,
                SMALLEST,
                2 * SMALLEST,
                1 << 30,
                (1 << 40) + 7,
                u64::MAX,
            ] {
                let start = u64::MAX - length;
                let parts = stripes(start..u64::MAX, sources);
                assert!(parts.len() <= (4 * sources).max(1));
                assert_eq!(
                    (parts[0].start, parts[parts.len() - 1].end),
                    (start, u64::MAX)
                );
                assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
                let (_, most) = parts.split_last().unwrap();
                assert!(most.iter().all(|part| part.end - part.start >= SMALLEST));
            }
        }
        assert_eq!(stripes(0..1 << 30, 4).len(), 16);
    }
}
