use std::str::FromStr;

/// A range of a file's bytes in HTTP syntax: `0-99`, `100-`, or `-100` for the last bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteRange {
    /// From one byte to another, inclusive, or to the end.
    From(u64, Option<u64>),
    /// The last bytes.
    Last(u64),
}

impl FromStr for ByteRange {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORMS: &str = "give a range such as 0-99, 100- or -100";
        let (first, last) = text.split_once('-').ok_or(FORMS)?;
        let number = |text: &str| {
            // Rust accepts a sign, which isn't allowed here.
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.then(|| text.parse::<u64>());
            number.and_then(Result::ok).ok_or(FORMS)
        };
        match (first, last) {
            ("", last) => match number(last)? {
                0 => Err("the range is empty"),
                last => Ok(Self::Last(last)),
            },
            (first, "") => Ok(Self::From(number(first)?, None)),
            (first, last) => match (number(first)?, number(last)?) {
                (first, last) if last < first => Err("the range ends before it starts"),
                (first, last) => Ok(Self::From(first, Some(last))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ByteRange;

    #[test]
    fn a_range_is_written_as_in_http() {
        for (text, range) in [
            ("0-99", ByteRange::From(0, Some(99))),
            ("0-0", ByteRange::From(0, Some(0))),
            ("100-", ByteRange::From(100, None)),
            ("-100", ByteRange::Last(100)),
            ("0-18446744073709551615", ByteRange::From(0, Some(u64::MAX))),
        ] {
            assert_eq!(text.parse(), Ok(range), "{text}");
        }
        for text in [
            "",
            "-",
            "5",
            "5-3",
            "-0",
            "--1",
            "1--2",
            "+1-2",
            "1-+2",
            "a-b",
            "0-1,3-4",
            "0x1-2",
            " 0-1",
            "0-1 ",
            "1.5-2",
            "0-18446744073709551616",
        ] {
            assert!(text.parse::<ByteRange>().is_err(), "{text}");
        }
    }
}
