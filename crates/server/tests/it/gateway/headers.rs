//! Tests of response headers.

use crate::{
    cars::{Dag, fixture},
    fixture::{Reply, TestServer, file, noise, text},
};

fn get(server: &TestServer, path: &str, arguments: &[&str]) -> Reply {
    server.curl_bare(&format!("/ipfs/{path}"), arguments)
}

#[test]
fn responses_say_what_they_are_of() {
    let dag = Dag::read(&fixture("gateway-cache/fixtures"));
    let server = dag.serve();
    let (root, below) = (dag.root, ["root2", "root2/root3", "root2/root3/root4"]);
    let roots: Vec<_> = std::iter::once(root)
        .chain(below.map(|path| dag.at(path)))
        .map(|cid| cid.to_string())
        .collect();
    let listing = get(&server, &format!("{root}/root2/root3/"), &[]);
    assert_eq!(listing.status, 200);
    assert_eq!(
        listing.header("x-ipfs-path"),
        Some(&format!("/ipfs/{root}/root2/root3/")[..])
    );
    assert_eq!(
        listing.header("x-ipfs-roots"),
        Some(&roots[..3].join(",")[..])
    );
    let etag = listing.header("etag").unwrap();
    assert!(etag.starts_with("\"DirIndex-") && etag.ends_with(&format!("_CID-{}\"", roots[2])));
    assert_eq!(
        listing.header("cache-control"),
        Some("public, max-age=604800, stale-while-revalidate=2678400")
    );
    for known in [etag.to_owned(), format!("W/\"{}\"", roots[2])] {
        let known = format!("if-none-match: {known}");
        let path = format!("{root}/root2/root3/");
        assert_eq!(get(&server, &path, &["-H", &known]).status, 304);
    }

    let index = dag.at("root2/root3/root4/index.html").to_string();
    for (path, etag) in [("root4/", &roots[3]), ("root4/index.html", &index)] {
        let path = format!("{root}/root2/root3/{path}");
        let page = get(&server, &path, &[]);
        assert_eq!(page.status, 200);
        assert_eq!(
            page.header("x-ipfs-path"),
            Some(&format!("/ipfs/{path}")[..])
        );
        assert_eq!(page.header("ipfs-uri"), Some(&format!("ipfs://{path}")[..]));
        assert_eq!(
            page.header("cache-control"),
            Some("public, max-age=29030400, immutable")
        );
        assert_eq!(page.header("etag"), Some(&format!("\"{etag}\"")[..]));
        let known = format!("if-none-match: \"x\", W/\"{etag}\"");
        assert_eq!(get(&server, &path, &["-H", &known]).status, 304);
    }
}

#[test]
fn a_path_that_no_header_can_hold_is_said_in_its_uri_alone() {
    let server = TestServer::start();
    let pin = server.upload(&[file("d/gr\u{fc}n %", b"x")]).data();
    let cid = text(&pin["cid"]);
    let reply = get(&server, &format!("{cid}/gr%C3%BCn%20%25"), &[]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-ipfs-path"), None);
    let uri = format!("ipfs://{cid}/gr%C3%BCn%20%25");
    assert_eq!(reply.header("ipfs-uri"), Some(&uri[..]));
    let v0 = "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs";
    let missing = get(&server, &format!("{v0}/a%0d%0ab"), &[]);
    assert_eq!(missing.status, 404);
    assert_eq!(missing.header("x-ipfs-path"), None);
    assert!(missing.header("ipfs-uri").unwrap().ends_with("/a%0D%0Ab"));
}

#[test]
fn blocks_and_cars_are_saved_and_cached() {
    let server = TestServer::start();
    let content = noise(1, 600_000);
    let cid = text(&server.upload(&[file("d/a", &content)]).data()["cid"]).to_owned();
    let raw = get(&server, &format!("{cid}?format=raw"), &[]);
    assert_eq!(raw.header("etag"), Some(&format!("\"{cid}.raw\"")[..]));
    let car = get(&server, &format!("{cid}?format=car&car-dups=y"), &[]);
    for (reply, extension) in [(&raw, "bin"), (&car, "car")] {
        assert_eq!(reply.status, 200);
        let disposition = reply.header("content-disposition").unwrap();
        let expected = format!("attachment; filename=\"{cid}.{extension}\"");
        assert!(disposition.starts_with(&expected), "{disposition}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            reply.header("cache-control"),
            Some("public, max-age=29030400, immutable")
        );
        assert_eq!(reply.header("x-ipfs-roots"), Some(&cid[..]));
    }
    assert_eq!(car.header("accept-ranges"), Some("none"));
    for format in ["raw", "car"] {
        let path = format!("{cid}?format={format}&filename=a%20b.bin");
        let named = get(&server, &path, &[]);
        let disposition = named.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment; filename=\"a b.bin\""));
    }

    // Each CAR has a distinct ETag, and a weak one if its bytes may differ.
    let mut etags = Vec::new();
    for query in [
        "",
        "&dag-scope=block",
        "&dag-scope=entity",
        "&entity-bytes=0:1",
        "&entity-bytes=0:*",
        "&car-dups=y",
        "&car-dups=n",
    ] {
        for path in ["", "/a"] {
            let path = format!("{cid}{path}?format=car{query}");
            let head = get(&server, &path, &["-I"]);
            let etag = head.header("etag").unwrap().to_owned();
            assert_eq!(etag.starts_with("W/"), !query.contains("dups"), "{etag}");
            let known = format!("if-none-match: {etag}");
            let reply = get(&server, &path, &["-H", &known]);
            assert_eq!((reply.status, reply.body.len()), (304, 0));
            assert!(!etags.contains(&etag), "{path}");
            etags.push(etag);
        }
    }
}

#[test]
fn a_raw_block_comes_in_parts_too() {
    let server = TestServer::start();
    let content = noise(2, 200_000);
    let cid = text(&server.pin("x", &content)["cid"]).to_owned();
    let path = format!("{cid}?format=raw");
    let whole = get(&server, &path, &[]);
    assert!(whole.body == content);
    assert_eq!(whole.header("content-length"), Some("200000"));
    let head = get(&server, &path, &["-I"]);
    assert_eq!(head.header("content-length"), Some("200000"));
    for (range, from, to) in [
        ("6-16", 6, 17),
        ("6-16,0-4", 6, 17),
        ("100-", 100, 200_000),
        ("-70000", 130_000, 200_000),
    ] {
        let range = format!("range: bytes={range}");
        let part = get(&server, &path, &["-H", &range]);
        assert_eq!(part.status, 206, "{range}");
        assert!(part.body == content[from..to], "{range}");
        let says = format!("bytes {from}-{}/200000", to - 1);
        assert_eq!(part.header("content-range"), Some(&says[..]));
        assert_eq!(
            part.header("content-type"),
            Some("application/vnd.ipld.raw")
        );
    }
    let beyond = get(&server, &path, &["-H", "range: bytes=200000-"]);
    beyond.message(416);
    assert_eq!(beyond.header("content-range"), Some("bytes */200000"));
}

#[test]
fn what_is_not_here_is_not_cached() {
    let server = TestServer::start();
    let here = text(&server.upload(&[file("d/a", b"a")]).data()["cid"]).to_owned();
    let absent = "QmYzfKSE55XCjD1MW128RfciAf2DViABhEiXfgVFMabSjN";
    for format in ["", "?format=raw", "?format=car"] {
        for method in ["-i", "-I"] {
            let arguments = [method, "-H", "cache-control: max-age=0, Only-If-Cached"];
            let status = |path: &str| get(&server, &format!("{path}{format}"), &arguments).status;
            assert_eq!(status(absent), 412, "{format} {method}");
            assert_eq!(status(&format!("{here}/b")), 412);
            assert_eq!(status(&format!("{here}/a")), 200);
            let plain = get(&server, &format!("{absent}{format}"), &[method]);
            assert_eq!(plain.status, 404);
        }
    }
}

#[test]
fn symlinks_are_shown_and_not_followed() {
    let dag = Dag::read(&fixture("path_gateway_unixfs/symlink"));
    let server = dag.serve();
    let root = dag.root;
    let listing = get(&server, &format!("{root}/"), &[]);
    let page = String::from_utf8(listing.body).unwrap();
    assert!(page.contains(">foo<") && page.contains(">bar<"), "{page}");
    let link = get(&server, &format!("{root}/bar"), &[]);
    assert_eq!((link.status, &link.body[..]), (200, &b"foo"[..]));
    assert_eq!(link.header("content-type"), Some("inode/symlink"));
    get(&server, &format!("{root}/bar/x"), &[]).message(404);
    let raw = get(&server, &format!("{root}?format=raw"), &[]);
    assert_eq!(raw.body, dag.blocks[&root]);
}

#[test]
fn names_with_percent_signs_are_found() {
    let dag = Dag::read(&fixture(
        "path_gateway_unixfs/dir-with-percent-encoded-filename",
    ));
    let server = dag.serve();
    let node = w3pin_unixfs::decode(&dag.root, &dag.blocks[&dag.root]).unwrap();
    let name = node.entries().next().unwrap().name.to_owned();
    assert!(name.contains("%2C"), "{name}");
    let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let path = format!("{}/{encoded}", dag.root);
    assert_eq!(get(&server, &path, &[]).status, 200);
}

#[test]
fn pages_of_other_origins_may_read_all_of_it() {
    let server = TestServer::start();
    for arguments in [&[][..], &["-X", "OPTIONS"], &["-I"]] {
        let reply = get(&server, "bafkqabtimvwgy3yk", arguments);
        for (header, words) in [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "GET HEAD OPTIONS"),
            (
                "access-control-allow-headers",
                "Content-Type Range User-Agent X-Requested-With Accept",
            ),
            (
                "access-control-expose-headers",
                "Content-Range Content-Length X-Ipfs-Roots X-Chunked-Output X-Stream-Output Ipfs-Uri",
            ),
        ] {
            let value = reply.header(header).unwrap_or_default();
            let given: Vec<_> = value.split(", ").collect();
            for word in words.split(' ') {
                assert!(given.contains(&word), "{header}: {value}");
            }
        }
    }
}
