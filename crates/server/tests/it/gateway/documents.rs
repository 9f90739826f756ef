//! Tests of documents in blocks, and of paths through them. Identity CIDs need no stored blocks.

use w3pin_unixfs::Cid;

use crate::{
    cars::get_car,
    fixture::{TestServer, text},
};

const JSON: u64 = 0x0200;
const CBOR: u64 = 0x51;
const DAG_JSON: u64 = 0x0129;
const DAG_CBOR: u64 = 0x71;

fn holding(codec: u64, block: &[u8]) -> Cid {
    let hash = cid::multihash::Multihash::wrap(0, block).unwrap();
    Cid::new_v1(codec, hash)
}

#[test]
fn a_document_is_its_block() {
    let server = TestServer::start();
    for (codec, block, kind, extension, shown, also) in [
        (JSON, &b"{\"a\":1}"[..], "json", "json", "inline", ""),
        (CBOR, b"\xa0", "cbor", "cbor", "attachment", ""),
        (
            DAG_JSON,
            b"{}",
            "vnd.ipld.dag-json",
            "json",
            "inline",
            "json",
        ),
        (
            DAG_CBOR,
            b"\xa0",
            "vnd.ipld.dag-cbor",
            "cbor",
            "attachment",
            "cbor",
        ),
    ] {
        let cid = holding(codec, block);
        let format = kind.rsplit('.').next().unwrap();
        let content_type = format!("application/{kind}");
        let accept = format!("accept: {content_type}");
        for (query, arguments) in [
            (String::new(), &[][..]),
            (String::new(), &["-H", &accept]),
            (format!("?format={format}"), &[]),
        ] {
            let reply = server.curl_bare(&format!("/ipfs/{cid}{query}"), arguments);
            assert_eq!((reply.status, &reply.body[..]), (200, block), "{format}");
            assert_eq!(reply.header("content-type"), Some(&content_type[..]));
            let etag = format!("\"{cid}.{format}\"");
            assert_eq!(reply.header("etag"), Some(&etag[..]));
            let disposition = reply.header("content-disposition").unwrap();
            let expected = format!("{shown}; filename=\"{cid}.{extension}\"");
            assert!(disposition.starts_with(&expected), "{disposition}");
        }
        let part = server.curl_bare(&format!("/ipfs/{cid}"), &["-r", "0-0"]);
        assert_eq!((part.status, &part.body[..]), (206, &block[..1]));
        for (format, expected) in [("json", JSON), ("cbor", CBOR), ("dag-json", DAG_JSON)] {
            let status = if codec == expected || format == also {
                200
            } else {
                406
            };
            let reply = server.curl_bare(&format!("/ipfs/{cid}?format={format}"), &[]);
            assert_eq!(reply.status, status, "{codec:x} as {format}");
        }
        server
            .curl_bare(&format!("/ipfs/{cid}/none"), &[])
            .message(404);
        let raw = server.curl_bare(&format!("/ipfs/{cid}?format=raw"), &[]);
        assert_eq!(raw.body, block);
        assert_eq!(raw.header("content-type"), Some("application/vnd.ipld.raw"));
    }
}

#[test]
fn a_path_leads_through_documents_to_what_they_link_to() {
    let server = TestServer::start();
    let content = server.pin("x", b"hello");
    let content: Cid = text(&content["cid"]).parse().unwrap();
    let link = [b"\xd8\x2a\x58\x25\0", &content.to_bytes()[..]].concat();
    // {"a": {"b": link}, "c": 1}
    let document = [b"\xa2\x61a\xa1\x61b", &link[..], b"\x61c\x01"].concat();
    let document = holding(DAG_CBOR, &document);
    let reply = server.curl_bare(&format!("/ipfs/{document}/a/b"), &[]);
    assert_eq!((reply.status, &reply.body[..]), (200, &b"hello"[..]));
    assert_eq!(
        reply.header("x-ipfs-roots"),
        Some(&format!("{document},{document},{content}")[..])
    );
    server
        .curl_bare(&format!("/ipfs/{document}/a/b/c"), &[])
        .message(404);
    for missing in ["b", "a/c", "c/d", "0"] {
        let path = format!("/ipfs/{document}/{missing}");
        server.curl_bare(&path, &[]).message(404);
    }
    for value in ["a", "c"] {
        let path = format!("/ipfs/{document}/{value}");
        server.curl_bare(&path, &[]).message(501);
        let raw = server.curl_bare(&format!("{path}?format=raw"), &[]);
        assert_eq!(raw.body, document.hash().digest());
    }
    for (query, expected) in [
        ("/a/b?format=car", &[content][..]),
        ("?format=car", &[content]),
        ("?format=car&dag-scope=entity", &[]),
        ("?format=car&dag-scope=block", &[]),
        ("/c?format=car&dag-scope=entity", &[]),
    ] {
        let served = get_car(&server.url(&format!("/ipfs/{document}{query}")), &[]);
        assert_eq!((served.status, served.is_whole), (200, true), "{query}");
        assert_eq!(served.blocks, expected, "{query}");
    }
    // A document that consists only of a link has no names.
    let bare = holding(DAG_CBOR, &link);
    server
        .curl_bare(&format!("/ipfs/{bare}/x"), &[])
        .message(404);
}

#[test]
fn what_is_no_document_is_still_a_block() {
    let server = TestServer::start();
    for (codec, block) in [(DAG_JSON, &b"{"[..]), (DAG_CBOR, b"\xff"), (0x78, b"git")] {
        let cid = holding(codec, block);
        let raw = server.curl_bare(&format!("/ipfs/{cid}?format=raw"), &[]);
        assert_eq!((raw.status, &raw.body[..]), (200, block));
        server
            .curl_bare(&format!("/ipfs/{cid}/x"), &[])
            .message(400);
        let url = server.url(&format!("/ipfs/{cid}?format=car"));
        assert!(!get_car(&url, &[]).is_whole, "its links aren't known");
        let url = format!("{url}&dag-scope=block");
        assert!(get_car(&url, &[]).is_whole);
    }
}
