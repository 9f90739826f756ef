//! Tests that the OpenAPI document describes the server.

use serde_json::{Value, json};

use crate::{
    fixture::{ALICE, Reply, TestServer, noise, text},
    psa::psa,
};

const UNKNOWN: &str = "00000000-0000-0000-0000-000000000000";
const CID: &str = "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs";

#[test]
fn every_operation_of_the_document_is_routed() {
    let server = TestServer::start();
    let reply = server.curl_bare("/openapi.json", &[]);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let document = reply.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut count = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path.replace("{pinId}", UNKNOWN).replace("{cid}", CID);
        let path = path.replace("{requestid}", UNKNOWN);
        for (method, operation) in operations.as_object().unwrap() {
            let arguments: &[&str] = match &method[..] {
                "head" => &["-I"],
                "get" => &[],
                other => &["-X", &other.to_uppercase()],
            };
            let token = format!("authorization: Bearer {}:{}", ALICE[0], ALICE[1]);
            let reply = server.curl(&path, &[&["-H", &token], arguments].concat());
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.contains_key(&reply.status.to_string()),
                "{method} {path}: {reply:?}"
            );
            assert_ne!(reply.status, 405, "{method} {path}");
            assert_ne!(reply.status, 401, "{method} {path}");
            count += 1;
        }
        for method in ["get", "post", "put", "patch", "delete"] {
            if operations.get(method).is_none() {
                let reply = server.curl(&path, &["-X", &method.to_uppercase()]);
                assert_eq!(reply.status, 405, "{method} {path}");
            }
        }
    }
    assert_eq!(count, 25);
    assert_references(&document, &document);
}

#[test]
fn the_pinning_service_api_is_as_documented() {
    let server = TestServer::start();
    let document = server.curl_bare("/openapi.json", &[]).json();
    let pinned = server.pin("a", &noise(1, 5000));
    let described = |path: &str, method: &str, reply: &Reply| {
        let operation = &document["paths"][path][method];
        assert_eq!(operation["security"], json!([{ "accessToken": [] }]));
        let response = &operation["responses"][reply.status.to_string()];
        let response = resolved(response, &document);
        let name = format!("{method} {path}: {reply:?}");
        assert!(response.is_object(), "{name}");
        match response.pointer("/content/application~1json/schema") {
            Some(schema) => assert_conforms(&reply.json(), schema, &document, &name),
            None => assert!(reply.body.is_empty(), "{name}"),
        }
        reply.status
    };
    let (all, one) = ("/psa/pins", "/psa/pins/{requestid}");
    let send = |path: &str, arguments: &[&str]| psa(&server, ALICE, path, arguments);

    let full =
        json!({ "cid": CID, "name": "a", "meta": { "k": "v" }, "origins": ["/ip4/1.2.3.4"] });
    let full = full.to_string();
    let added = send("/pins", &["--data-raw", &full]);
    assert_eq!(described(all, "post", &added), 202);
    let id = added.json()["requestid"].clone();
    let id = format!("/pins/{}", text(&id));
    let pinned = format!("/pins/{}", text(&pinned["id"]));
    assert_eq!(described(one, "get", &send(&id, &[])), 200);
    assert_eq!(described(one, "get", &send(&pinned, &[])), 200);
    for query in [
        "",
        "?name=a&match=ipartial&limit=1000",
        "?status=queued,pinned",
    ] {
        let page = send(&format!("/pins{query}"), &[]);
        assert_eq!(described(all, "get", &page), 200, "{query}");
    }
    assert_eq!(described(all, "get", &send("/pins?cid=", &[])), 400);
    assert_eq!(
        described(all, "post", &send("/pins", &["--data-raw", "{}"])),
        400
    );
    let replaced = send(&id, &["--data-raw", &json!({ "cid": CID }).to_string()]);
    assert_eq!(described(one, "post", &replaced), 202);
    assert_eq!(
        described(one, "post", &send(&id, &["--data-raw", &full])),
        404
    );
    assert_eq!(described(one, "delete", &send(&id, &["-X", "DELETE"])), 404);
    assert_eq!(
        described(one, "delete", &send(&pinned, &["-X", "DELETE"])),
        202
    );
    let nobody = server.curl_bare("/psa/pins", &[]);
    assert_eq!(described(all, "get", &nobody), 401);
    let stranger = server.curl_bare("/psa/pins", &["-H", "host: evil.example"]);
    assert_eq!(described(all, "get", &stranger), 421);
    let long = send(&format!("/pins?name={}", "x".repeat(20_000)), &[]);
    assert_eq!(described(all, "get", &long), 414);
}

/// What a `$ref` leads to, or else the value itself.
fn resolved<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(target) => document.pointer(&target[1..]).unwrap(),
        None => value,
    }
}

/// The value has what the schema requires, and nothing that it doesn't name.
fn assert_conforms(value: &Value, schema: &Value, document: &Value, name: &str) {
    let schema = resolved(schema, document);
    if let Some(allowed) = schema["enum"].as_array() {
        return assert!(allowed.contains(value), "{value}: {name}");
    }
    match (schema["type"].as_str().unwrap(), value) {
        ("string", Value::String(_)) => {}
        ("integer", Value::Number(number)) => assert!(number.is_u64(), "{value}: {name}"),
        ("array", Value::Array(items)) => items
            .iter()
            .for_each(|item| assert_conforms(item, &schema["items"], document, name)),
        ("object", Value::Object(fields)) => {
            for required in schema["required"].as_array().into_iter().flatten() {
                assert!(fields.contains_key(text(required)), "{required}: {name}");
            }
            for (field, value) in fields {
                let own = schema["properties"].get(field);
                let own = own.or_else(|| schema.get("additionalProperties"));
                let own = own.unwrap_or_else(|| panic!("{field} isn't documented: {name}"));
                assert_conforms(value, own, document, name);
            }
        }
        (wanted, _) => panic!("{value} is no {wanted}: {name}"),
    }
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
