//! Tests of serving content by CID.

use w3pin_unixfs::Cid;

use crate::fixture::{Reply, TestServer, file, noise, text};

mod documents;
mod headers;
mod negotiation;
mod trustless;

fn gateway(server: &TestServer, path: &str, arguments: &[&str]) -> Reply {
    server.curl_bare(&format!("/ipfs/{path}"), arguments)
}

#[test]
fn a_file_of_many_blocks_comes_back_whole_and_in_parts() {
    let server = TestServer::start();
    // More than one level of links: a node has 174 chunks of 256 KiB.
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
    assert_eq!((two.status, two.body.len()), (206, 2));
    let other = gateway(&server, &cid, &["-H", "range: lines=0-1"]);
    assert_eq!((other.status, other.body.len()), (200, content.len()));
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
    assert_eq!(
        index.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let without_slash = gateway(&server, cid, &[]);
    assert_eq!(without_slash.status, 301);
    assert_eq!(
        without_slash.header("location"),
        Some(&format!("/ipfs/{cid}/")[..])
    );
    let with_query = gateway(&server, &format!("{cid}?a=1&b=%2F"), &[]);
    assert_eq!(
        with_query.header("location"),
        Some(&format!("/ipfs/{cid}/?a=1&b=%2F")[..])
    );
    let css = gateway(&server, &format!("{cid}/css/main.css"), &[]);
    assert_eq!(css.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(
        gateway(&server, &format!("{cid}/data/a%20b.txt"), &[]).body,
        b"text"
    );

    let without_slash = gateway(&server, &format!("{cid}/data?a=%20"), &[]);
    assert_eq!(without_slash.status, 301);
    assert_eq!(
        without_slash.header("location"),
        Some(&format!("/ipfs/{cid}/data/?a=%20")[..])
    );
    let listing = gateway(&server, &format!("{cid}/data/"), &[]);
    assert_eq!(listing.status, 200);
    assert_eq!(
        listing.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let page = String::from_utf8(listing.body).unwrap();
    assert!(page.contains("href=\"./a%20b.txt\""), "{page}");
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

    let page = String::from_utf8(gateway(&server, &format!("{cid}/"), &[]).body).unwrap();
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

#[test]
fn links_of_a_listing_lead_to_what_is_listed() {
    let server = TestServer::start();
    let pin = server
        .upload(&[file("d/a:b/c?d#e", b"odd"), file("d/a:b/%41", b"encoded")])
        .data();
    let cid = text(&pin["cid"]);
    let page = gateway(&server, &format!("{cid}/a:b/"), &[]);
    let page = String::from_utf8(page.body).unwrap();
    for (link, content) in [("c%3Fd%23e", "odd"), ("%2541", "encoded")] {
        assert!(page.contains(&format!("href=\"./{link}\"")), "{page}");
        let reply = gateway(&server, &format!("{cid}/a:b/{link}"), &[]);
        assert_eq!(reply.body, content.as_bytes());
    }
}

#[test]
fn a_file_without_a_name_is_what_it_begins_like() {
    let server = TestServer::start();
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &noise(1, 400_000)[..]].concat();
    for (content, expected) in [
        (&png[..], "image/png"),
        (
            b"<!doctype html><title>x</title>",
            "text/html; charset=utf-8",
        ),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "image/svg+xml",
        ),
        (b"{\"name\": \"x\"}", "application/json"),
        ("gr\u{fc}n".as_bytes(), "text/plain; charset=utf-8"),
        (b"a\0b", "application/octet-stream"),
    ] {
        let cid = text(&server.pin("x", content)["cid"]).to_owned();
        for arguments in [&[][..], &["-I"], &["-H", "range: bytes=1-2"]] {
            let reply = gateway(&server, &cid, arguments);
            assert_eq!(
                reply.header("content-type"),
                Some(expected),
                "{arguments:?}"
            );
            assert_eq!(reply.header("content-disposition"), None);
        }
    }
}

#[test]
fn a_file_may_be_given_a_name() {
    let server = TestServer::start();
    let cid = text(&server.pin("x", b"{}")["cid"]).to_owned();
    let named = gateway(
        &server,
        &format!("{cid}?filename=my%20%22caf%C3%A9%22.css"),
        &[],
    );
    assert_eq!(
        named.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    assert_eq!(
        named.header("content-disposition"),
        Some("inline; filename=\"my _caf__.css\"; filename*=UTF-8''my%20%22caf%C3%A9%22%2Ecss")
    );
    let saved = gateway(&server, &format!("{cid}?filename=a.txt&download=true"), &[]);
    let disposition = saved.header("content-disposition").unwrap();
    assert!(
        disposition.starts_with("attachment; filename=\"a.txt\""),
        "{disposition}"
    );
    let bare = gateway(&server, &format!("{cid}?download=true"), &[]);
    assert_eq!(bare.header("content-disposition"), Some("attachment"));
    for odd in ["", "%0d%0ax:%20y", "%00", "..%2F.."] {
        let reply = gateway(&server, &format!("{cid}?filename={odd}"), &[]);
        assert_eq!(reply.status, 200, "{odd}");
        assert_eq!(reply.header("x"), None);
    }
}

#[test]
fn pages_of_other_origins_may_read_what_is_public() {
    let server = TestServer::start();
    let cid = text(&server.pin("x", b"x")["cid"]).to_owned();
    let origin = ["-H", "origin: https://elsewhere.example"];
    for reply in [
        gateway(&server, &cid, &origin),
        gateway(&server, "bafkqaaa", &origin),
        gateway(
            &server,
            "Qmc1135ziMvmFG534i75E8HpJoLqzLzgKBxfjBV9cBsMAs",
            &origin,
        ),
    ] {
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        let exposed = reply.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("Content-Range"));
    }
    let asks = [
        "-X",
        "OPTIONS",
        "-H",
        "access-control-request-headers: range",
    ];
    let preflight = gateway(&server, &cid, &[&origin[..], &asks].concat());
    assert_eq!(preflight.status, 204);
    let allowed = preflight.header("access-control-allow-headers").unwrap();
    assert!(allowed.contains("Range"));
    gateway(&server, &cid, &["-H", "service-worker: script"]).message(400);
}

#[test]
fn a_cid_that_holds_its_content_needs_no_block() {
    let server = TestServer::start();
    // Identity multihashes: raw "hello world", an empty raw block, and an empty folder.
    let hello = gateway(&server, "bafkqac3imvwgy3zao5xxe3de", &[]);
    assert_eq!((hello.status, &hello.body[..]), (200, &b"hello world"[..]));
    assert_eq!(
        hello.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(gateway(&server, "bafkqaaa", &[]).status, 200);
    let raw = gateway(&server, "bafkqac3imvwgy3zao5xxe3de?format=raw", &[]);
    assert_eq!(raw.body, b"hello world");
    let part = gateway(
        &server,
        "bafkqac3imvwgy3zao5xxe3de",
        &["-H", "range: bytes=6-"],
    );
    assert_eq!((part.status, &part.body[..]), (206, &b"world"[..]));
}

#[test]
fn readers_of_one_file_at_different_paces_all_get_it() {
    let server = TestServer::with(|config| config.limits.memory_bytes = 64 << 20);
    // More blocks than are read ahead, and more readers than blocks are kept.
    let content = noise(5, 24 << 20);
    let cid = text(&server.pin("x", &content)["cid"]).to_owned();
    std::thread::scope(|scope| {
        for reader in 0..24_usize {
            let (server, content, cid) = (&server, &content, &cid);
            scope.spawn(move || {
                let from = reader * 1_000_003 % content.len();
                let range = format!("range: bytes={from}-");
                let rate = ["--limit-rate", "50M"];
                let slow = [&["-H", &range][..], &rate].concat();
                let reply = gateway(server, cid, &slow);
                assert!(reply.body == content[from..], "from {from}");
            });
        }
    });
}
