//! Tests of the format in which content is served.

use crate::fixture::TestServer;

const HELLO: &str = "/ipfs/bafkqac3imvwgy3zao5xxe3de";

fn accepted(server: &TestServer, path: &str, accept: &str) -> (u16, String) {
    let reply = server.curl_bare(path, &["-H", &format!("accept: {accept}")]);
    let kind = reply.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap().to_owned();
    (reply.status, kind)
}

#[test]
fn the_preferred_type_is_served() {
    let server = TestServer::start();
    let (raw, car, text) = (
        "application/vnd.ipld.raw",
        "application/vnd.ipld.car",
        "text/plain",
    );
    for (accept, expected) in [
        (raw, raw),
        (car, car),
        ("*/*", text),
        ("text/html,application/xhtml+xml,*/*;q=0.8", text),
        ("image/png", text),
        ("application/json, text/plain, */*", text),
        ("APPLICATION/vnd.ipld.RAW", raw),
        ("application/vnd.ipld.raw, application/vnd.ipld.car", raw),
        (
            "application/vnd.ipld.raw;q=0.5, application/vnd.ipld.car",
            car,
        ),
        ("application/vnd.ipld.raw;q=0.5, */*;q=0.9", text),
        ("*/*, application/vnd.ipld.raw", raw),
        ("application/vnd.ipld.raw;q=0, */*", text),
        ("application/vnd.ipld.raw;q=0", text),
        (
            "application/vnd.ipld.unknown, application/vnd.ipld.raw;q=0.1",
            raw,
        ),
        (
            "application/vnd.ipld.car;version=2, application/vnd.ipld.raw;q=0.1",
            raw,
        ),
        (
            "application/vnd.ipld.car;order=foo, application/vnd.ipld.car;order=dfs;dups=y;q=0.5",
            car,
        ),
        (
            "application/vnd.ipld.car; version=\"1\"; order=\"dfs\"",
            car,
        ),
        ("application/vnd.ipld.raw;q=x, text/plain", text),
    ] {
        let (status, kind) = accepted(&server, HELLO, accept);
        assert_eq!((status, &kind[..]), (200, expected), "{accept}");
    }
    for refused in [
        "application/vnd.ipld.unknown",
        "application/vnd.ipfs.ipns-record",
        "application/x-tar",
        "application/vnd.ipld.dag-json",
        "application/vnd.ipld.dag-cbor",
        "application/vnd.ipld.car;version=2",
        "application/vnd.ipld.car;order=foo",
        "application/vnd.ipld.car;dups=maybe",
    ] {
        assert_eq!(accepted(&server, HELLO, refused).0, 406, "{refused}");
    }
}

#[test]
fn the_query_beats_the_header() {
    let server = TestServer::start();
    let path = format!("{HELLO}?format=raw");
    let (status, kind) = accepted(&server, &path, "application/vnd.ipld.car");
    assert_eq!((status, &kind[..]), (200, "application/vnd.ipld.raw"));
    let path = format!("{HELLO}?format=&format=car");
    let (status, kind) = accepted(&server, &path, "application/vnd.ipld.raw");
    assert_eq!((status, &kind[..]), (200, "application/vnd.ipld.car"));
    for (format, status) in [
        ("x", 400),
        ("RAW", 400),
        ("ipns-record", 400),
        ("tar", 406),
        ("dag-json", 406),
        ("dag-cbor", 406),
        ("json", 200),
        ("cbor", 200),
    ] {
        let reply = server.curl_bare(&format!("{HELLO}?format={format}"), &[]);
        assert_eq!(reply.status, status, "{format}");
    }
}

#[test]
fn what_a_header_chose_has_an_address_of_its_own() {
    let server = TestServer::start();
    for (query, accept, expected) in [
        ("", "application/vnd.ipld.raw", Some("?format=raw")),
        ("?", "application/vnd.ipld.raw", Some("?format=raw")),
        (
            "?filename=x",
            "application/vnd.ipld.raw",
            Some("?filename=x&format=raw"),
        ),
        (
            "",
            "application/vnd.ipld.car;version=1;order=dfs;dups=y",
            Some("?format=car&car-version=1&car-order=dfs&car-dups=y"),
        ),
        (
            "?format=car&car-dups=n",
            "application/vnd.ipld.car;order=dfs;dups=y",
            Some("?format=car&car-dups=n&car-order=dfs"),
        ),
        ("?format=raw", "application/vnd.ipld.raw", None),
        ("?format=raw", "application/vnd.ipld.car;dups=y", None),
        ("?format=car", "*/*", None),
        ("", "*/*", None),
    ] {
        let accept = format!("accept: {accept}");
        let reply = server.curl_bare(&format!("{HELLO}{query}"), &["-H", &accept]);
        assert_eq!(reply.status, 200);
        let expected = expected.map(|query| format!("{HELLO}{query}"));
        assert_eq!(
            reply.header("content-location"),
            expected.as_deref(),
            "{query} {accept}"
        );
        assert_eq!(reply.header("vary"), Some("Accept"));
        if let Some(location) = expected {
            let again = server.curl_bare(&location, &[]);
            for header in ["content-type", "etag"] {
                assert_eq!(again.header(header), reply.header(header), "{location}");
            }
            assert_eq!(again.body, reply.body);
        }
    }
}
