//! Parses the `Accept` header (RFC 9110, section 12.5.1).

use http::{HeaderMap, header};

/// A media type that a client accepts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MediaRange {
    /// In lower case.
    pub(super) kind: String,
    parameters: Vec<(String, String)>,
    /// In thousandths; 0 means not acceptable.
    pub(super) quality: u16,
}

impl MediaRange {
    /// Returns all media types of a request, in order. Invalid ones are skipped.
    pub(super) fn all(headers: &HeaderMap) -> Vec<Self> {
        let values = headers.get_all(header::ACCEPT).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| split(value, ','))
            .filter_map(Self::parse)
            .collect()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| &value[..])
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = split(text, ';');
        let kind = parts.next()?.trim().to_ascii_lowercase();
        kind.split_once('/')?;
        let mut quality = 1000;
        let mut parameters = Vec::new();
        for part in parts {
            let Some((name, value)) = part.split_once('=') else {
                continue;
            };
            let name = name.trim().to_ascii_lowercase();
            let value = value.trim();
            let unquoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let value = unquoted.unwrap_or(value);
            if name == "q" {
                let parsed: f32 = value.parse().ok()?;
                quality = (parsed.clamp(0.0, 1.0) * 1000.0).round() as u16;
            } else {
                parameters.push((name, value.to_owned()));
            }
        }
        Some(Self {
            kind,
            parameters,
            quality,
        })
    }
}

/// Splits at separators that aren't in quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |character| {
        is_quoted ^= character == '"';
        character == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::MediaRange;

    /// A type, its parameters and its quality.
    type Parts = (String, Vec<(String, String)>, u16);

    fn parse(values: &[&'static str]) -> Vec<Parts> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::ACCEPT, HeaderValue::from_static(value));
        }
        let all = MediaRange::all(&headers).into_iter();
        all.map(|it| (it.kind, it.parameters, it.quality)).collect()
    }

    fn plain(kind: &str, quality: u16) -> Parts {
        (kind.to_owned(), Vec::new(), quality)
    }

    #[test]
    fn types_come_in_their_order_with_parameters_and_qualities() {
        let car = [("version", "1"), ("order", "dfs"), ("x", "a,b;c")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            parse(&[
                "Application/vnd.ipld.CAR; Version=1;order=\"dfs\"; x=\"a,b;c\";q=0.5, */*;q=0",
                "text/html",
            ]),
            [
                ("application/vnd.ipld.car".to_owned(), car.to_vec(), 500),
                plain("*/*", 0),
                plain("text/html", 1000),
            ]
        );
    }

    #[test]
    fn what_can_not_be_read_is_left_out() {
        for (value, expected) in [
            ("", None),
            (",;,", None),
            ("text", None),
            ("a/b;q=x", None),
            ("a/b;q=NaN", Some(0)),
            ("a/b;q=7", Some(1000)),
            ("a/b;q=-1", Some(0)),
            ("a/b;q", Some(1000)),
            ("a/b;q=\"0.3", None),
        ] {
            let parsed = parse(&[value]);
            let quality = parsed.first().map(|(_, _, quality)| *quality);
            assert_eq!(quality, expected, "{value}");
        }
    }
}
