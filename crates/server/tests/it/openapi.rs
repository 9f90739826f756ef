//! Tests that the OpenAPI document describes the server.

use serde_json::Value;

use crate::fixture::TestServer;

#[test]
fn every_operation_of_the_document_is_routed() {
    let server = TestServer::start();
    let reply = server.curl_bare("/openapi.json", &[]);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let document = reply.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut count = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path.replace("{pinId}", "00000000-0000-0000-0000-000000000000");
        let path = path.replace("{cid}", "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs");
        for (method, operation) in operations.as_object().unwrap() {
            let arguments: &[&str] = match &method[..] {
                "head" => &["-I"],
                "get" => &[],
                other => &["-X", &other.to_uppercase()],
            };
            let reply = server.curl(&path, arguments);
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.contains_key(&reply.status.to_string()),
                "{method} {path}: {reply:?}"
            );
            assert_ne!(reply.status, 405, "{method} {path}");
            count += 1;
        }
    }
    assert_eq!(count, 19);
    assert_references(&document, &document);
}

/// Every `$ref` leads somewhere.
fn assert_references(value: &Value, document: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get("$ref") {
                assert!(document.pointer(&target[1..]).is_some(), "{target}");
            }
            fields
                .values()
                .for_each(|field| assert_references(field, document));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| assert_references(item, document)),
        _ => {}
    }
}
