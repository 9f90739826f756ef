//! Content by its CID.

use w3pin_unixfs::Cid;

use crate::fixture::{Reply, TestServer, file, noise, text};

fn gateway(server: &TestServer, path: &str, arguments: &[&str]) -> Reply {
    server.curl_bare(&format!("/ipfs/{path}"), arguments)
}

#[test]
fn a_file_of_many_blocks_comes_back_whole_and_in_parts() {
    let server = TestServer::start();
    // More than one level of links: 174 chunks of 256 KiB are in a node.
    let content = noise(1, 46 << 20);
    let cid = text(&server.pin("big.mp4", &content)["cid"]).to_owned();
    let reply = gateway(&server, &cid, &[]);
    assert_eq!(reply.status, 200);
    assert!(reply.body == content);
    assert_eq!(reply.header("etag"), Some(&format!("\"{cid}\"")[..]));
    assert_eq!(
        reply.header("content-length"),
        Some(&content.len().to_string()[..])
    );
    assert_eq!(
        reply.header("content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("accept-ranges"), Some("bytes"));

    let chunk = 256 << 10;
    let last = content.len() - 1;
    for (range, from, to) in [
        ("0-0".to_owned(), 0, 1),
        (format!("{}-{}", chunk - 1, chunk), chunk - 1, chunk + 1),
        (format!("{}-{}", chunk, 2 * chunk - 1), chunk, 2 * chunk),
        (format!("{}-", last - 10), last - 10, last + 1),
        ("-5".to_owned(), last - 4, last + 1),
        (format!("1000000-{}", i64::MAX), 1_000_000, last + 1),
        (
            format!("{}-{}", 174 * chunk - 3, 174 * chunk + 3),
            174 * chunk - 3,
            174 * chunk + 4,
        ),
    ] {
        let reply = gateway(&server, &cid, &["-H", &format!("range: bytes={range}")]);
        assert_eq!(reply.status, 206, "{range}");
        assert!(reply.body == content[from..to], "{range}");
        let says = format!("bytes {from}-{}/{}", to - 1, content.len());
        assert_eq!(reply.header("content-range"), Some(&says[..]), "{range}");
    }
    let beyond = gateway(
        &server,
        &cid,
        &["-H", &format!("range: bytes={}-", content.len())],
    );
    beyond.message(416);
    assert_eq!(
        beyond.header("content-range"),
        Some(&format!("bytes */{}", content.len())[..])
    );
    let two = gateway(&server, &cid, &["-H", "range: bytes=0-1,5-6"]);
    assert_eq!((two.status, two.body.len()), (200, content.len()));
    let other = ["-H", "range: bytes=0-1", "-H", "if-range: \"other\""];
    assert_eq!(gateway(&server, &cid, &other).status, 200);

    let head = gateway(&server, &cid, &["-I"]);
    assert_eq!(head.status, 200);
    assert_eq!(
        head.header("content-length"),
        Some(&content.len().to_string()[..])
    );
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let server = TestServer::start();
    let cid = text(&server.pin("a.txt", b"hello")["cid"]).to_owned();
    for known in [
        format!("\"{cid}\""),
        format!("W/\"{cid}\""),
        format!("\"x\", \"{cid}\""),
        "*".to_owned(),
    ] {
        let reply = gateway(&server, &cid, &["-H", &format!("if-none-match: {known}")]);
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{known}");
        assert_eq!(reply.header("etag"), Some(&format!("\"{cid}\"")[..]));
    }
    assert_eq!(
        gateway(&server, &cid, &["-H", "if-none-match: \"x\""]).status,
        200
    );
}

#[test]
fn every_form_of_a_cid_leads_to_the_content() {
    let server = TestServer::start();
    let cid = text(&server.pin("f", &noise(3, 300_000))["cid"]).to_owned();
    let parsed: Cid = cid.parse().unwrap();
    let v0 = Cid::new_v0(*parsed.hash()).unwrap().to_string();
    assert!(v0.starts_with("Qm"));
    assert_eq!(gateway(&server, &v0, &[]).body, noise(3, 300_000));
}

#[test]
fn blocks_are_served_raw() {
    let server = TestServer::start();
    let pin = server
        .upload(&[file("d/a", &noise(4, 600_000)), file("d/b", b"b")])
        .data();
    let cid: Cid = text(&pin["cid"]).parse().unwrap();
    let by_query = gateway(&server, &format!("{cid}?format=raw"), &[]);
    let by_header = gateway(
        &server,
        &cid.to_string(),
        &["-H", "accept: application/vnd.ipld.raw"],
    );
    for reply in [by_query, by_header] {
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.header("content-type"),
            Some("application/vnd.ipld.raw")
        );
        w3pin_unixfs::verify_block(&cid, &reply.body).unwrap();
        let node = w3pin_unixfs::decode(&cid, &reply.body).unwrap();
        for link in node.links() {
            let below = gateway(&server, &format!("{}?format=raw", link.cid), &[]);
            w3pin_unixfs::verify_block(&link.cid, &below.body).unwrap();
        }
    }
    assert_eq!(
        gateway(&server, &format!("{cid}/b?format=raw"), &[]).body,
        b"b"
    );
    gateway(&server, &format!("{cid}?format=car"), &[]).message(400);
}

#[test]
fn folders_show_their_index_or_what_is_in_them() {
    let server = TestServer::start();
    let pin = server
        .upload(&[
            file("site/index.html", b"<p>index"),
            file("site/css/main.css", b"p{}"),
            file("site/data/<b>&\"x'.json", b"{}"),
            file("site/data/a b.txt", b"text"),
        ])
        .data();
    let cid = text(&pin["cid"]);
    let index = gateway(&server, &format!("{cid}/"), &[]);
    assert_eq!((index.status, &index.body[..]), (200, &b"<p>index"[..]));
    assert_eq!(index.header("content-type"), Some("text/html"));
    let without_slash = gateway(&server, cid, &[]);
    assert_eq!(without_slash.status, 301);
    assert_eq!(
        without_slash.header("location"),
        Some(&format!("/ipfs/{cid}/")[..])
    );
    let css = gateway(&server, &format!("{cid}/css/main.css"), &[]);
    assert_eq!(css.header("content-type"), Some("text/css"));
    assert_eq!(
        gateway(&server, &format!("{cid}/data/a%20b.txt"), &[]).body,
        b"text"
    );

    let listing = gateway(&server, &format!("{cid}/data"), &[]);
    assert_eq!(listing.status, 200);
    assert_eq!(
        listing.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let page = String::from_utf8(listing.body).unwrap();
    assert!(
        page.contains(&format!("href=\"/ipfs/{cid}/data/a%20b.txt\"")),
        "{page}"
    );
    assert!(page.contains("&lt;b&gt;&amp;&quot;x&#39;.json"), "{page}");
    assert!(!page.contains("<b>"), "{page}");
    let escaped = gateway(&server, &format!("{cid}/data/%3Cb%3E%26%22x%27.json"), &[]);
    assert_eq!(escaped.header("content-type"), Some("application/json"));

    for missing in [
        "nothing",
        "css/../index.html",
        "css/%2e%2e/index.html",
        "index.html/x",
        "data%2Fa",
    ] {
        gateway(&server, &format!("{cid}/{missing}"), &[]).message(404);
    }
}

#[test]
fn a_sharded_folder_lists_and_finds_every_file() {
    let server = TestServer::start();
    let name = |number: usize| format!("a file with quite a long name {number:05}.txt");
    let paths: Vec<_> = (0..5000)
        .map(|number| format!("many/{}", name(number)))
        .collect();
    let contents: Vec<_> = (0..5000)
        .map(|number| format!("content {number}"))
        .collect();
    let files = paths.iter().zip(&contents);
    let parts: Vec<_> = files
        .map(|(path, content)| file(path, content.as_bytes()))
        .collect();
    let cid = text(&server.upload(&parts).data()["cid"]).to_owned();
    let root: Cid = cid.parse().unwrap();
    let block = gateway(&server, &format!("{cid}?format=raw"), &[]).body;
    let node = w3pin_unixfs::decode(&root, &block).unwrap();
    assert_eq!(node.kind(), w3pin_unixfs::Kind::HamtShard);

    let page = String::from_utf8(gateway(&server, &cid, &[]).body).unwrap();
    assert_eq!(page.matches("<li>").count(), 5000);
    for number in [0, 1, 2499, 4998, 4999] {
        assert!(page.contains(&name(number)));
        let path = format!("{cid}/{}", name(number).replace(' ', "%20"));
        assert_eq!(
            gateway(&server, &path, &[]).body,
            contents[number].as_bytes()
        );
    }
    gateway(&server, &format!("{cid}/nothing"), &[]).message(404);
}

#[test]
fn what_is_not_here_is_not_found() {
    let server = TestServer::start();
    let absent = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
    assert!(gateway(&server, absent, &[]).message(404).contains(absent));
    for wrong in ["x", "Qm", "..", "%ff", "%00"] {
        gateway(&server, wrong, &[]).message(400);
    }
}
