use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use w3pin_core::Cid;

use crate::{envelope::Refusal, records::Metadata};

/// The most characters of a name.
pub(super) const LONGEST_NAME: usize = 255;
/// The most pairs of metadata.
const MOST_PAIRS: usize = 1000;

#[derive(Deserialize)]
struct Pin {
    cid: String,
    name: Option<String>,
    meta: Option<BTreeMap<String, String>>,
    /// Hints, which aren't used. Any strings are accepted.
    #[serde(rename = "origins")]
    _origins: Option<Vec<String>>,
}

/// Parses the content to pin and its metadata, which may take at most `limit` bytes.
pub(super) fn parse_pin(body: &[u8], limit: usize) -> Result<(Cid, Metadata), Refusal> {
    let pin: Pin = serde_json::from_slice(body)
        .map_err(|cause| Refusal::bad_request(format!("the body isn't a Pin object: {cause}")))?;
    let cid = parse_cid(&pin.cid)?;
    let name = pin.name.filter(|name| !name.is_empty());
    require_name(name.as_deref().unwrap_or_default())?;
    let pairs = pin.meta.unwrap_or_default();
    if pairs.len() > MOST_PAIRS {
        let message = format!("meta has more than {MOST_PAIRS} pairs");
        return Err(Refusal::bad_request(message));
    }
    let pairs = pairs.into_iter();
    let metadata = Metadata {
        name,
        file_type: None,
        keyvalues: pairs
            .map(|(key, value)| (key, Value::String(value)))
            .collect(),
    };
    if metadata.kept_bytes() > limit {
        let message = format!("name and meta are longer than {limit} bytes");
        return Err(Refusal::too_large(message));
    }
    Ok((cid, metadata))
}

/// Parses a CID without anything around it.
pub(super) fn parse_cid(text: &str) -> Result<Cid, Refusal> {
    let cid: Cid = text
        .parse()
        .map_err(|cause| Refusal::bad_request(format!("invalid cid: {cause}")))?;
    if cid.as_str() == text {
        Ok(cid)
    } else {
        let message = "invalid cid: it must be a CID, not a path or URL";
        Err(Refusal::bad_request(message))
    }
}

pub(super) fn require_name(name: &str) -> Result<(), Refusal> {
    if name.chars().count() > LONGEST_NAME {
        let message = format!("the name is longer than {LONGEST_NAME} characters");
        return Err(Refusal::bad_request(message));
    }
    Ok(())
}
