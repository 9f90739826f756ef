//! Canonical JSON: the same value has the same text, and so the same CID, in every language.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use crate::{Error, Result};

/// The largest integer up to which all are exact in JSON, according to I-JSON (RFC 7493, section
/// 2.2).
const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// Returns the canonical form of a JSON document, according to the JSON Canonicalization Scheme
/// ([RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)): no spaces, sorted keys, numbers as in
/// ECMAScript.
///
/// # Errors
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the text isn't JSON, has a key twice in one
/// object, or a whole number that isn't exact in every language; write such a number as text.
///
/// ```
/// use w3pin_core::canonical_json;
///
/// let json = canonical_json(r#"{ "name": "Cat #7", "attributes": [1.0, 1e21, "é"], "a": null }"#)?;
/// assert_eq!(json, r#"{"a":null,"attributes":[1,1e+21,"é"],"name":"Cat #7"}"#);
/// assert!(canonical_json(r#"["9007199254740993", 9007199254740991]"#).is_ok());
/// assert!(canonical_json("9007199254740993").is_err());
/// assert!(canonical_json(r#"{"1": "a", "1": "b"}"#).is_err());
/// # Ok::<(), w3pin_core::Error>(())
/// ```
pub fn canonical_json(text: &str) -> Result<String> {
    let unusable = |cause: serde_json::Error| {
        Error::invalid_input(
            "value",
            format!("the value can't be converted to JSON: {cause}"),
        )
    };
    let value: Value = serde_json::from_str(text).map_err(unusable)?;
    let UniqueKeys = serde_json::from_str(text).map_err(unusable)?;
    check(text)?;
    serde_json_canonicalizer::to_string(&value).map_err(|cause| {
        Error::invalid_input(
            "value",
            format!("the value can't be written as canonical JSON: {cause}"),
        )
    })
}

/// Rejects integers that a reader may round. They are checked in the text, since parsing has
/// rounded them already.
fn check(text: &str) -> Result<()> {
    let mut rest = text;
    while let Some(start) = rest.find(['"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    {
        rest = &rest[start..];
        let length = if rest.starts_with('"') {
            string_length(rest)
        } else {
            let is_part = |char: char| char.is_ascii_alphanumeric() || "+-.".contains(char);
            rest.find(|char| !is_part(char)).unwrap_or(rest.len())
        };
        let (token, after) = rest.split_at(length);
        let digits = token.trim_start_matches('-');
        let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole
            && !digits
                .parse()
                .is_ok_and(|number: u64| number <= LARGEST_EXACT)
        {
            return Err(Error::invalid_input(
                "value",
                format!("{token} isn't exact as a JSON number; pass it as a string"),
            ));
        }
        rest = after;
    }
    Ok(())
}

/// Returns the length of the string at the start of the text in bytes, including quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// JSON without duplicate keys, of which a parsed value would only contain the last.
struct UniqueKeys;

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = object.next_key::<String>()? {
            let Self = object.next_value()?;
            if let Some(twice) = keys.replace(key) {
                let twice = crate::printable(&twice).into_owned();
                return Err(A::Error::custom(format_args!(
                    "the key {twice:?} occurs twice"
                )));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self, A::Error> {
        while let Some(Self) = array.next_element()? {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}
