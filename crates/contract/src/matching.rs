//! Compares a value with the one that a scenario expects.

use serde_json::Value;

/// Returns how `found` differs from `expected`: objects may have more fields, lists may not have
/// more items. `{contains:…}` matches any string with that part.
#[must_use]
pub fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let mut all = Vec::new();
    compare("", expected, found, &mut all);
    all
}

fn compare(at: &str, expected: &Value, found: &Value, all: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                compare(
                    &format!("{at}.{key}"),
                    value,
                    found.get(key).unwrap_or(&Value::Null),
                    all,
                );
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            if expected.len() != found.len() {
                all.push(format!(
                    "{at} has {} items, not {}",
                    found.len(),
                    expected.len()
                ));
            }
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{at}[{index}]"), expected, found, all);
            }
        }
        (Value::String(text), Value::String(found)) if text.starts_with("{contains:") => {
            let part = text.trim_start_matches("{contains:").trim_end_matches('}');
            if !found.contains(part) {
                all.push(format!("{at} is {found:?}, which doesn't hold {part:?}"));
            }
        }
        _ if expected == found => {}
        _ => all.push(format!("{at} is {found}, not {expected}")),
    }
}
