//! Parses the headers of a part and the parameters of header values.

use percent_encoding::percent_decode_str;

use super::MultipartError;

/// The headers of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartHead {
    /// The name of the form field.
    pub name: String,
    /// The name of the file, verbatim: nothing is stripped, resolved or percent-decoded, since a
    /// `%22` that a client wrote for a quote can't be distinguished from one in the name.
    /// `filename*` (RFC 5987) takes precedence.
    pub filename: Option<String>,
}

impl PartHead {
    /// Parses the header lines between a boundary and the empty line. Each line starts with the
    /// line end of the previous one.
    pub(super) fn parse(lines: &[u8]) -> Result<Self, MultipartError> {
        let lines = std::str::from_utf8(lines).map_err(|_| MultipartError::NotUtf8)?;
        let disposition = lines
            .split("\r\n")
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"))
            .map(|(_, value)| value)
            .ok_or(MultipartError::Malformed(
                "a part has no Content-Disposition",
            ))?;
        let (kind, parameters) = disposition.split_once(';').unwrap_or((disposition, ""));
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return Err(MultipartError::Malformed(
                "a part's Content-Disposition isn't form-data",
            ));
        }
        let mut head = Self::default();
        let mut named = false;
        let mut extended = None;
        for parameter in Parameters(parameters) {
            let (name, value) = parameter?;
            match name.to_ascii_lowercase().as_str() {
                "name" => {
                    named = true;
                    head.name = value;
                }
                "filename" => head.filename = Some(value),
                "filename*" => extended = Some(decode_extended(&value)?),
                _ => {}
            }
        }
        if !named {
            return Err(MultipartError::Malformed("a part has no name"));
        }
        head.filename = extended.or(head.filename);
        Ok(head)
    }
}

/// Returns the boundary in a `Content-Type`.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = Parameters(parameters)
        .filter_map(Result::ok)
        .find(|(name, _)| name.eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value)?;
    let fits = (1..=70).contains(&boundary.len())
        && boundary.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    fits.then_some(boundary)
}

/// Decodes `UTF-8'language'percent-encoded`, as specified in RFC 5987.
fn decode_extended(value: &str) -> Result<String, MultipartError> {
    let malformed = MultipartError::Malformed("a filename* isn't encoded as in RFC 5987");
    let mut fields = value.splitn(3, '\'');
    let (Some(charset), Some(_), Some(encoded)) = (fields.next(), fields.next(), fields.next())
    else {
        return Err(malformed);
    };
    if !charset.eq_ignore_ascii_case("utf-8") {
        return Err(malformed);
    }
    let text = percent_decode_str(encoded)
        .decode_utf8()
        .map_err(|_| MultipartError::NotUtf8)?;
    Ok(text.into_owned())
}

/// The `name=value` pairs of a header value, quoted or not.
struct Parameters<'a>(&'a str);

impl Iterator for Parameters<'_> {
    type Item = Result<(String, String), MultipartError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.trim_start_matches([' ', '\t', ';']);
        if rest.is_empty() {
            return None;
        }
        let Some((name, rest)) = rest.split_once('=') else {
            self.0 = "";
            return Some(Err(MultipartError::Malformed(
                "a header parameter has no value",
            )));
        };
        let rest = rest.trim_start_matches([' ', '\t']);
        let value = match rest.strip_prefix('"') {
            Some(quoted) => {
                let Some((value, rest)) = unquote(quoted) else {
                    self.0 = "";
                    return Some(Err(MultipartError::Malformed("a quoted value has no end")));
                };
                self.0 = rest;
                value
            }
            None => {
                let end = rest.find(';').unwrap_or(rest.len());
                self.0 = &rest[end..];
                rest[..end].trim_end().to_owned()
            }
        };
        Some(Ok((name.trim().to_owned(), value)))
    }
}

/// Returns the text up to the closing quote and what follows it. A backslash escapes a quote or
/// itself; before anything else it is literal, since not every client doubles it.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => match characters.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            _ => value.push(character),
        }
    }
    None
}
