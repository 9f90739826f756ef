//! Tests of requests from other websites, and of attempts to guess keys.

use std::time::{Duration, Instant};

use w3pin_server::{Server, ServerConfig};

use crate::fixture::{ALICE, BOB, Reply, TestServer, file, talk, text};

#[test]
fn a_server_answers_under_the_names_it_knows() {
    let server = TestServer::with(|config| {
        config.hosts = vec!["pins.example.org".parse().unwrap()];
    });
    let cid = text(&server.pin("a", b"content")["cid"]).to_owned();
    for path in [
        "/api/pinning/pins",
        &format!("/ipfs/{cid}"),
        "/openapi.json",
        "/health",
        "/x",
    ] {
        for host in [
            "evil.example",
            "evil.example:80",
            "x.localhost",
            "pins.example.org.evil",
        ] {
            let reply = server.curl(path, &["-H", &format!("host: {host}")]);
            let message = reply.message(421);
            assert!(message.contains("--host"), "{message}");
        }
    }
    for host in ["localhost:1", "127.0.0.1", "[::1]:7", "PINS.example.org"] {
        let reply = server.curl("/api/pinning/pins", &["-H", &format!("host: {host}")]);
        assert_eq!(reply.status, 200, "{host}");
    }
    // The same host in only one of the headers.
    for hosts in [
        "",
        "host: localhost\r\nhost: localhost\r\n",
        "host: localhost\r\nhost: evil.example\r\n",
    ] {
        let get = format!("GET /ipfs/{cid} HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");
        talk(server.address(), get.as_bytes()).message(400);
    }
    // A request target with a host counts like the header.
    let target = ["--request-target", "http://evil.example/api/pinning/pins"];
    server.curl("/", &target).message(421);
}

#[test]
fn pages_of_other_origins_do_not_reach_the_api() {
    let server = TestServer::start();
    let own = format!("origin: http://{}", server.address());
    for (header, status) in [
        ("origin: null", 403),
        ("origin: http://evil.example", 403),
        ("origin: http://127.0.0.1:1", 403),
        ("sec-fetch-site: cross-site", 403),
        (&own, 200),
        ("sec-fetch-site: none", 200),
    ] {
        let reply = server.curl("/api/pinning/pins", &["-H", header]);
        assert_eq!(reply.status, status, "{header}");
        assert_eq!(reply.header("access-control-allow-origin"), None);
        let policy = reply.header("cross-origin-resource-policy");
        assert_eq!(policy, Some("same-origin"), "{header}");
    }
}

#[test]
fn pinned_pages_are_sandboxed_where_the_api_is_of_their_origin() {
    let server = TestServer::start();
    let pin = server
        .upload(&[file("s/index.html", b"<p>"), file("s/a.svg", b"<svg/>")])
        .data();
    let cid = text(&pin["cid"]);
    for path in ["", "/a.svg", "?format=raw", "/nothing"] {
        let path = format!("/ipfs/{cid}{path}");
        let reply = server.curl_bare(&path, &["-L"]);
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("sandbox "), "{policy}");
        assert!(!policy.contains("allow-same-origin"), "{policy}");
        let policy = reply.header("cross-origin-resource-policy");
        assert_eq!(policy, Some("cross-origin"));
    }
}

#[test]
fn the_gateway_may_have_an_address_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut config = ServerConfig::new(folder.path());
    config.accounts = crate::fixture::accounts();
    config.gateway_listen = Some(([127, 0, 0, 1], 0).into());
    let server = runtime.block_on(async { Server::bind(config).await.unwrap().spawn() });
    let api = format!("http://{}", server.address());
    let gateway = server.gateway_url();
    assert_ne!(api, gateway);
    let keys = ALICE;
    let headers = [
        format!("pinning_api_key: {}", keys[0]),
        format!("pinning_secret_key: {}", keys[1]),
    ];
    let get = |url: &str, more: &[&str]| {
        let own = ["-H", &headers[0], "-H", &headers[1]];
        crate::curl::curl(url, &[&own, more].concat())
    };
    let form = ["-F", "file=hello;filename=a.html"];
    let pin = get(&format!("{api}/api/pinning/"), &form).data();
    let cid = text(&pin["cid"]);
    let page = get(&format!("{gateway}/ipfs/{cid}"), &[]);
    assert_eq!((page.status, &page.body[..]), (200, &b"hello"[..]));
    assert_eq!(page.header("content-security-policy"), None);
    for url in [
        format!("{api}/ipfs/{cid}"),
        format!("{gateway}/api/pinning/pins"),
        format!("{gateway}/api/apiKeys/testAuthentication"),
        format!("{gateway}/openapi.json"),
        format!("{gateway}/health"),
    ] {
        get(&url, &[]).message(404);
    }
    get(
        &format!("{gateway}/ipfs/{cid}"),
        &["-H", "host: evil.example"],
    )
    .message(421);
    runtime.block_on(server.shutdown()).unwrap();
}

#[test]
fn wrong_keys_are_heard_less_and_less_and_nobody_else_waits() {
    let server = TestServer::with(|config| config.behind_proxy = true);
    let check = |address: &str, keys: [&str; 2]| {
        let address = format!("x-forwarded-for: 10.9.9.9, {address}");
        server.curl_as(keys, "/api/apiKeys/testAuthentication", &["-H", &address])
    };
    let end = Instant::now() + Duration::from_secs(60);
    let refused = loop {
        let reply = check("10.0.0.1", [BOB[0], "wrong"]);
        if reply.status == 429 {
            break reply;
        }
        reply.message(401);
        assert!(Instant::now() < end, "guessing is never slowed down");
    };
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..60).contains(&wait));
    // The owner from another address, and others from the same address.
    assert_eq!(check("10.0.0.2", BOB).status, 200);
    assert_eq!(check("10.0.0.1", ALICE).status, 200);
    assert_eq!(check("10.0.0.1", ["nobody", "wrong"]).status, 401);
}

#[test]
fn an_owner_is_not_kept_out_by_a_neighbour_who_guesses() {
    let server = TestServer::start();
    let check = |keys| server.curl_as(keys, "/api/apiKeys/testAuthentication", &[]);
    assert_eq!(check(BOB).status, 200);
    let guess = || check([BOB[0], "wrong"]);
    let wait = |reply: &Reply| {
        reply
            .header("retry-after")
            .map_or(0, |wait| wait.parse().unwrap())
    };
    while wait(&guess()) < 3 {}
    assert_eq!(check(BOB).status, 200);
    guess().message(429);
}

#[test]
fn who_is_behind_a_proxy_is_only_believed_where_there_is_one() {
    let server = TestServer::start();
    let check = |address: u8| {
        let address = format!("x-forwarded-for: 10.0.0.{address}");
        let keys = [BOB[0], "wrong"];
        server.curl_as(keys, "/api/apiKeys/testAuthentication", &["-H", &address])
    };
    let heard = (0..100).take_while(|address| check(*address).status == 401);
    assert!(heard.count() < 20, "the header is no way around the limit");
}
