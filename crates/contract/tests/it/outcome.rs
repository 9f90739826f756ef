//! The result of a call as JSON, and whether it is as expected.

use serde_json::{Value, json};
use w3pin::{Error, Node};
use w3pin_contract::{Scenario, differences};

pub(crate) type Outcome = Result<Value, Error>;

/// The differences between the outcome and what the scenario expects.
pub(crate) fn judge(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    match (&scenario.expect.result, &scenario.expect.error, outcome) {
        (Some(expected), None, Ok(found)) => differences(expected, found),
        (None, Some(expected), Err(error)) => {
            let mut problems = differences(&json!(expected), &describe(error));
            let text = error.to_string();
            if let Some(part) = &expected.says
                && !text.contains(part)
            {
                problems.push(format!(
                    "the error says {text:?}, which doesn't hold {part:?}"
                ));
            }
            problems
        }
        (_, _, outcome) => vec![format!("unexpected outcome {outcome:?}")],
    }
}

pub(crate) fn describe(error: &Error) -> Value {
    json!({
        "kind": error.kind().as_str(),
        "status": error.status(),
        "field": error.field(),
        "path": error.path(),
        "service_message": error.service_message(),
        "body_excerpt": error.body_excerpt(),
        "retry_after": error.retry_after().map(|delay| delay.as_millis() as u64),
        "retryable": error.is_retryable(),
        "expected_cid": error.expected_cid(),
        "returned_cid": error.returned_cid(),
    })
}

pub(crate) fn node(node: &Node) -> Value {
    json!({
        "cid": node.cid,
        "kind": node.kind.as_str(),
        "size": node.size,
        "target": node.target(),
    })
}

/// One result or error for each item.
pub(crate) fn each<T: serde::Serialize>(results: Vec<Result<T, Error>>) -> Value {
    let item = |result| match result {
        Ok(done) => json!({ "ok": done }),
        Err(error) => json!({ "error": describe(&error) }),
    };
    results.into_iter().map(item).collect()
}
