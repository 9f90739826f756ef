use std::collections::BTreeMap;

use serde_json::Value;

use crate::{envelope::Refusal, records::Metadata};

/// Parses `{"name": …, "keyvalues": {…}}`, in which everything is optional. The limit applies to
/// the stored size in bytes, which can exceed the sent one for numbers.
pub(super) fn parse_metadata(json: Value, limit: usize) -> Result<Metadata, Refusal> {
    let refuse = |reason: &'static str| Err(Refusal::bad_request(reason));
    let Value::Object(mut fields) = json else {
        return refuse("metadata must be an object with name and keyvalues");
    };
    let name = match fields.remove("name") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return refuse("the name in metadata must be a string"),
    };
    let keyvalues = match fields.remove("keyvalues") {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(Value::Object(pairs)) => pairs.into_iter().collect(),
        Some(_) => return refuse("the keyvalues in metadata must be an object"),
    };
    if keyvalues
        .values()
        .any(|value| matches!(value, Value::Array(_) | Value::Object(_)))
    {
        return refuse("the values in keyvalues must be strings, numbers or booleans");
    }
    let metadata = Metadata {
        name,
        file_type: None,
        keyvalues,
    };
    if metadata.kept_bytes() > limit {
        let reason =
            format!("metadata is longer than {limit} bytes when its numbers are written out");
        return Err(Refusal::too_large(reason));
    }
    Ok(metadata)
}
