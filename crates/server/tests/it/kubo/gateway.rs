//! Sends the same requests to the gateway of a real node and to ours on top of that node.

use std::{fmt::Write, fs, path::Path};

use cid::Cid;
use serde_json::json;

use self::comparison::{Comparison, encode};
use crate::{
    cars::{Dag, fixture, get_car},
    curl::{Reply, curl},
    fixture::{TestServer, file, noise, text},
    node::{KuboNode, free_port},
};

mod comparison;
mod vectors;

const FIXTURES: [&str; 16] = [
    "gateway-raw-block",
    "dir_listing/fixtures",
    "gateway-cache/fixtures",
    "path_gateway_dag/dag-cbor-traversal",
    "path_gateway_dag/dag-json-traversal",
    "path_gateway_dag/dag-pb",
    "path_gateway_dag/gateway-json-cbor",
    "path_gateway_dag/plain-cbor",
    "path_gateway_dag/plain-json",
    "path_gateway_unixfs/dir-with-files",
    "path_gateway_unixfs/symlink",
    "trustless_gateway_car/dir-with-dag-cbor-with-links",
    "trustless_gateway_car/dir-with-duplicate-files",
    "trustless_gateway_car/file-3k-and-3-blocks-missing-block",
    "trustless_gateway_car/single-layer-hamt-with-multi-block-files",
    "trustless_gateway_car/subdir-with-mixed-block-files",
];

/// Paths below the roots above, or below others.
const PATHS: [&str; 28] = [
    "",
    "/dir",
    "/dir/ascii.txt",
    "/\u{105}/\u{119}/file-\u{17a}\u{142}.txt",
    "/root2/root3",
    "/root2/root3/root4/index.html",
    "/foo",
    "/foo/link",
    "/foo/link/bar",
    "/foo/i-do-not-exist",
    "/foo/link/bar/hello",
    "/bar",
    "/bar/x",
    "/document",
    "/document/files/single",
    "/document/files",
    "/document/files/none",
    "/ascii.txt",
    "/multiblock.txt",
    "/685.txt",
    "/1.txt",
    "/subdir",
    "/subdir/multiblock.txt",
    "/subdir/ascii.txt",
    "/big",
    "/many",
    "/many/07",
    "/same/big",
];

/// A node with an offline gateway, and the gateway's address.
fn node_with_gateway() -> (KuboNode, String) {
    let mut node = KuboNode::start();
    let port = free_port();
    let address = format!("/ip4/127.0.0.1/tcp/{port}");
    node.configure("Gateway", "NoFetch", json!(true));
    node.configure("Addresses", "Gateway", json!(address));
    let gateway = format!("http://127.0.0.1:{port}");
    crate::curl::eventually("the gateway listens", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    (node, gateway)
}

fn import(node: &KuboNode, car: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), car).unwrap();
    import_file(node, file.path());
}

fn import_file(node: &KuboNode, car: &Path) {
    let file = format!("file=@{}", car.display());
    let reply = node.rpc("dag/import?pin-roots=false", &["-F", &file]);
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn both_give_the_same_blocks_in_the_same_order() {
    let (node, kubo) = node_with_gateway();
    for name in FIXTURES {
        import(&node, &fixture(name));
    }
    let mut roots: Vec<Cid> = FIXTURES.map(|name| root(&fixture(name))).to_vec();
    for (leaves, cid) in [("raw", 1), ("wrapped", 0)] {
        let car = many_levels(&format!(
            "custom(chunk=256,width=3,leaves={leaves},cid={cid},shard-threshold=500)"
        ));
        import(&node, &car);
        roots.push(root(&car));
    }
    let server = TestServer::over(node, |_| {});
    roots.push("bafkqaaa".parse().unwrap());
    roots.push("bafkqac3imvwgy3zao5xxe3de".parse().unwrap());

    let mut comparison = Comparison::new(&kubo, &server);
    for root in roots {
        for path in PATHS {
            let path = encode(path);
            let path = format!("/ipfs/{root}{path}");
            if get_car(&server.url(&format!("{path}?format=car")), &[]).status == 404 {
                // Kubo responds with a CAR that leads nowhere, or with 404.
                let theirs = get_car(&format!("{kubo}{path}?format=raw"), &[]);
                assert_eq!(theirs.status, 404, "{path}");
                continue;
            }
            comparison.compare(&path, &queries());
        }
    }
    assert!(comparison.end() > 1000);
}

/// A folder of files with many levels of blocks, and of sharded folders, as a CAR from our server.
fn many_levels(profile: &str) -> Vec<u8> {
    let server = TestServer::embedded(|config| config.profile = profile.parse().unwrap());
    let content = noise(3, 20_000);
    let names: Vec<_> = (0..60)
        .map(|number| format!("d/many/{number:02}"))
        .collect();
    let mut parts: Vec<_> = names
        .iter()
        .map(|name| file(name, name.as_bytes()))
        .collect();
    parts.push(file("d/big", &content));
    parts.push(file("d/same/big", &content));
    parts.push(file("d/empty", b""));
    let cid = text(&server.upload(&parts).data()["cid"]).to_owned();
    server
        .curl_bare(&format!("/ipfs/{cid}?format=car"), &[])
        .body
}

/// All variants of a CAR.
fn queries() -> Vec<String> {
    let mut queries = Vec::new();
    for dups in ["", "&car-dups=y", "&car-dups=n"] {
        for scope in [
            "",
            "&dag-scope=block",
            "&dag-scope=entity",
            "&dag-scope=all",
        ] {
            queries.push(format!("format=car{scope}{dups}"));
        }
        for bytes in [
            "0:*",
            "0:0",
            "300:700",
            "-5:*",
            "-9999:-3",
            "512:-256",
            "1000:99999",
            "9999999999:*",
            "600:-900",
        ] {
            let query = format!("format=car&dag-scope=entity&entity-bytes={bytes}{dups}");
            queries.push(query);
        }
    }
    queries
}

fn root(car: &[u8]) -> Cid {
    Dag::read(car).root
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn both_give_the_same_status_and_bytes() {
    let (node, kubo) = node_with_gateway();
    for name in FIXTURES {
        import(&node, &fixture(name));
    }
    let server = TestServer::over(node, |_| {});
    let plain =
        ["", "/", "?format=raw", "?format=dag-json", "?format=json"].map(|query| (query, &[][..]));
    let others = [
        ("", &["-I"][..]),
        ("?format=raw", &["-H", "range: bytes=1-3"]),
        ("?format=dag-cbor", &["-H", "cache-control: only-if-cached"]),
    ];
    let mut differences = String::new();
    for (name, path) in [
        ("gateway-raw-block", "/dir"),
        ("gateway-raw-block", "/dir/ascii.txt"),
        ("gateway-raw-block", "/none"),
        ("gateway-cache/fixtures", "/root2/root3/root4"),
        ("path_gateway_dag/dag-cbor-traversal", ""),
        ("path_gateway_dag/dag-cbor-traversal", "/foo"),
        ("path_gateway_dag/dag-cbor-traversal", "/foo/link/bar"),
        ("path_gateway_dag/dag-json-traversal", ""),
        ("path_gateway_dag/dag-json-traversal", "/foo/none"),
        ("path_gateway_dag/plain-cbor", ""),
        ("path_gateway_dag/plain-json", ""),
        ("path_gateway_unixfs/symlink", "/bar"),
        ("path_gateway_unixfs/symlink", "/bar/x"),
        (
            "trustless_gateway_car/subdir-with-mixed-block-files",
            "/subdir/multiblock.txt",
        ),
    ] {
        let root = root(&fixture(name));
        for (query, headers) in plain.iter().chain(&others) {
            let path = format!("/ipfs/{root}{path}{query}");
            let theirs = curl(&format!("{kubo}{path}"), headers);
            let ours = server.curl_bare(&path, headers);
            let etag = ours.header("etag").unwrap_or_default();
            let is_made =
                ours.status >= 300 || etag.contains("DirIndex") || headers.contains(&"-I");
            let is_same = theirs.status == ours.status
                && theirs.header("location") == ours.header("location")
                && (is_made || theirs.body == ours.body)
                && (is_made || theirs.header("etag") == Some(etag));
            // Unsupported conversions are 406 (IPIP-524), even if Kubo responds with 400.
            let is_unconverted = (theirs.status, ours.status) == (400, 406);
            if !is_same && !is_unconverted {
                let about = |reply: &Reply| {
                    let etag = reply.header("etag").unwrap_or_default();
                    format!("{} {etag} {} bytes", reply.status, reply.body.len())
                };
                let (theirs, ours) = (about(&theirs), about(&ours));
                writeln!(
                    differences,
                    "{path} {headers:?}\n  Kubo: {theirs}\n  ours: {ours}"
                )
                .unwrap();
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn a_node_imports_our_cars() {
    let content = noise(5, 3 << 20);
    let server = TestServer::embedded(|_| {});
    let parts = [
        file("d/a", &content),
        file("d/b/c", b"c"),
        file("d/b/a", &content),
    ];
    let cid = text(&server.upload(&parts).data()["cid"]).to_owned();
    for dups in ["", "&car-dups=y", "&car-dups=n"] {
        let node = KuboNode::start();
        let car = server.curl_bare(&format!("/ipfs/{cid}?format=car{dups}"), &[]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("car");
        fs::write(&path, &car.body).unwrap();
        let file = format!("file=@{}", path.display());
        let reply = node.rpc("dag/import", &["-F", &file]);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(node.pins(), [&cid[..]]);
        let read = node.rpc(&format!("cat?arg=/ipfs/{cid}/b/a&offline=true"), &[]);
        assert!(read.body == content, "{dups}");
    }
}
