//! Tests of the same protections as in the other API, with the errors of this one.

use super::{NOBODYS, add, failure, find, get, psa};
use crate::fixture::{ALICE, BOB, TestServer, text};

#[test]
fn only_the_accounts_own_token_opens() {
    let server = TestServer::start();
    let [key, secret] = ALICE;
    for header in [
        "x: y".to_owned(),
        "authorization:".to_owned(),
        "authorization: Bearer".to_owned(),
        "authorization: Bearer ".to_owned(),
        format!("authorization: Bearer {key}"),
        format!("authorization: Bearer :{secret}"),
        format!("authorization: Bearer {key}:"),
        format!("authorization: Bearer {secret}:{key}"),
        format!("authorization: Basic {key}:{secret}"),
        format!("authorization: {key}:{secret}"),
        format!("pinning_api_key: {key}\r\npinning_secret_key: {secret}"),
    ] {
        let reply = server.curl_bare("/psa/pins", &["-H", &header]);
        let details = failure(&reply, 401, "UNAUTHORIZED");
        assert!(!details.contains(secret), "{details}");
    }
    let token = format!("authorization: Bearer {key}:{secret}");
    let twice = server.curl_bare("/psa/pins", &["-H", &token, "-H", &token]);
    failure(&twice, 401, "UNAUTHORIZED");
    let token = format!("AUTHORIZATION: bearer  {key}:{secret}");
    assert_eq!(server.curl_bare("/psa/pins/", &["-H", &token]).status, 200);
    // A token isn't a key of the other API.
    let token = format!("authorization: Bearer {key}:{secret}");
    server
        .curl_bare("/api/pinning/pins", &["-H", &token])
        .message(401);
}

#[test]
fn guesses_are_slowed_down() {
    let server = TestServer::start();
    let guess = || psa(&server, [ALICE[0], "wrong"], "/pins", &[]);
    let reply = (0..20)
        .map(|_| guess())
        .find(|reply| reply.status != 401)
        .expect("guesses are heard without end");
    failure(&reply, 429, "TOO_MANY_REQUESTS");
    assert!(reply.header("retry-after").is_some());
    assert_eq!(psa(&server, BOB, "/pins", &[]).status, 200);
}

#[test]
fn accounts_do_not_see_each_other() {
    let server = TestServer::start();
    let pin = add(&server, &serde_json::json!({"cid": NOBODYS[0]}));
    let path = format!("/pins/{}", text(&pin["requestid"]));
    let theirs = psa(&server, BOB, &path, &[]);
    let unknown = psa(
        &server,
        BOB,
        "/pins/00000000-0000-0000-0000-000000000001",
        &[],
    );
    failure(&theirs, 404, "NOT_FOUND");
    assert_eq!(theirs.body, unknown.body);
    let removed = psa(&server, BOB, &path, &["-X", "DELETE"]);
    failure(&removed, 404, "NOT_FOUND");
    let query = format!("/pins?cid={}&status=queued,pinning", NOBODYS[0]);
    assert_eq!(psa(&server, BOB, &query, &[]).json()["count"], 0);
    assert_eq!(get(&server, &pin["requestid"]).status, 200);
}

#[test]
fn ids_that_can_not_be_are_not_found() {
    let server = TestServer::start();
    for id in [
        "x",
        "%00",
        "%FF",
        "..",
        "00000000-0000-0000-0000-000000000000",
        &"x".repeat(9000),
    ] {
        let reply = psa(&server, ALICE, &format!("/pins/{id}"), &[]);
        failure(&reply, 404, "NOT_FOUND");
    }
    for path in ["", "/", "/pin", "/pins/a/b"] {
        failure(&psa(&server, ALICE, path, &[]), 404, "NOT_FOUND");
    }
    let reply = psa(&server, ALICE, "/pins", &["-X", "PUT"]);
    failure(&reply, 405, "METHOD_NOT_ALLOWED");
}

#[test]
fn other_hosts_and_other_peoples_pages_stay_out() {
    let server = TestServer::start();
    let rebound = psa(&server, ALICE, "/pins", &["-H", "host: evil.example"]);
    failure(&rebound, 421, "MISDIRECTED_REQUEST");
    let page = psa(
        &server,
        ALICE,
        "/pins",
        &["-H", "origin: https://evil.example"],
    );
    failure(&page, 403, "FORBIDDEN");
    assert_eq!(page.header("content-type"), Some("application/json"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        page.header("cross-origin-resource-policy"),
        Some("same-origin")
    );
    assert_eq!(page.header("access-control-allow-origin"), None);
    assert_eq!(find(&server, "").0, 0);
}
