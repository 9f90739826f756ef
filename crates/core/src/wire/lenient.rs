//! Parses fields as the service actually sends them: absent, null, zero and empty all mean "none",
//! and a field of an undocumented type counts as none instead of an error.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Parses a non-empty string, or what is made of one. Numbers and booleans are converted.
pub(crate) fn text<'de, D, T>(input: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    input.deserialize_any(scalar(|scalar| match scalar {
        Value::Text("") => None,
        scalar => scalar.word(),
    }))
}

/// Parses an integer in any notation.
pub(crate) fn number<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    input.deserialize_any(scalar(|scalar| match scalar {
        Value::Number(number) => Some(number),
        Value::Float(number) if number >= 0.0 => Some(number as u64),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }))
}

/// Parses a boolean; anything else is false.
pub(crate) fn flag<'de, D: Deserializer<'de>>(input: D) -> Result<bool, D::Error> {
    input.deserialize_any(scalar(|scalar| match scalar {
        Value::Flag(flag) => flag,
        Value::Text(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }))
}

/// Parses an identifier other than the all-zero UUID, which means "none".
pub(crate) fn uuid<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    Ok(text(input)?.filter(|id: &String| id.bytes().any(|byte| !matches!(byte, b'0' | b'-'))))
}

/// Parses an RFC 3339 date other than year 1, which means "none".
pub(crate) fn date<'de, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<OffsetDateTime>, D::Error> {
    input.deserialize_any(scalar(|scalar| match scalar {
        Value::Text(text) => OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .filter(|date| date.year() > 1),
        _ => None,
    }))
}

/// Parses a map of strings; anything else is empty.
pub(crate) fn texts<'de, D: Deserializer<'de>>(
    input: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    input.deserialize_any(Texts)
}

enum Value<'a> {
    Text(&'a str),
    Number(u64),
    Float(f64),
    Flag(bool),
    None,
}

impl Value<'_> {
    /// Returns it as a word, unless it is none.
    fn word<T: for<'a> From<&'a str>>(self) -> Option<T> {
        Some(match self {
            Value::Text(text) => text.into(),
            Value::Number(number) => number.to_string().as_str().into(),
            Value::Float(number) => number.to_string().as_str().into(),
            Value::Flag(flag) => flag.to_string().as_str().into(),
            Value::None => return None,
        })
    }
}

/// Accepts any JSON value and passes scalars to a function.
fn scalar<T, F: FnOnce(Value<'_>) -> T>(take: F) -> Scalar<F> {
    Scalar(take)
}

struct Scalar<F>(F);

impl<'de, T, F: FnOnce(Value<'_>) -> T> Visitor<'de> for Scalar<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(Value::Text(text)))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<T, E> {
        Ok((self.0)(Value::Flag(flag)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Ok((self.0)(Value::Number(number)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Ok((self.0)(Value::Float(number as f64)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        Ok((self.0)(Value::Float(number)))
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok((self.0)(Value::None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<T, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok((self.0)(Value::None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<T, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok((self.0)(Value::None))
    }
}

struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = BTreeMap<String, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            if let Some(value) = entries.next_value_seed(TextSeed)? {
                texts.insert(key, value);
            }
        }
        Ok(texts)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(BTreeMap::new())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }
}

struct TextSeed;

impl<'de> DeserializeSeed<'de> for TextSeed {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_any(scalar(|scalar| scalar.word()))
    }
}
