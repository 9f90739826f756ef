//! Tests of the health check.

use crate::fixture::{TestServer, noise};

#[test]
fn anyone_learns_that_the_server_works_and_nothing_else() {
    let server = TestServer::start();
    let empty = server.curl_bare("/health", &[]);
    assert_eq!(empty.status, 200);
    assert_eq!(
        empty.json(),
        serde_json::json!({ "status": "success", "message": "the server works" })
    );
    server.pin("a", &noise(1, 1000));
    assert_eq!(server.curl_bare("/health", &[]).body, empty.body);
    assert_eq!(server.curl_bare("/health", &["-I"]).status, 200);
}

#[test]
fn a_page_of_another_origin_learns_nothing() {
    let server = TestServer::start();
    let page = ["-H", "origin: https://evil.example"];
    server.curl_bare("/health", &page).message(403);
}
