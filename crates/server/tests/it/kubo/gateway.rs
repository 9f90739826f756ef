//! The same requests to a real node's gateway and to ours over that node.

use std::{fmt::Write, fs};

use cid::Cid;
use serde_json::json;

use crate::{
    cars::{Dag, Served, fixture, get_car},
    curl::curl,
    fixture::{TestServer, file, noise, text},
    node::{KuboNode, free_port},
};

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
const PATHS: [&str; 24] = [
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
];

/// A node with a gateway that asks nobody, and where that is.
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
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("car");
    fs::write(&path, car).unwrap();
    let file = format!("file=@{}", path.display());
    let reply = node.rpc("dag/import?pin-roots=false", &["-F", &file]);
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// The cases in which we follow the specification, and Kubo doesn't.
fn is_known_difference(query: &str) -> bool {
    // A range alone means the entity. Kubo sends all of the DAG, which is more.
    query.contains("entity-bytes") && !query.contains("dag-scope")
        // A range of which nothing is left is the block. Kubo breaks off.
        || query.contains("entity-bytes=600:-900")
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn both_give_the_same_blocks_in_the_same_order() {
    let (node, kubo) = node_with_gateway();
    for name in FIXTURES {
        import(&node, &fixture(name));
    }
    let server = TestServer::over(node, |_| {});
    let mut roots: Vec<Cid> = FIXTURES.map(|name| root(&fixture(name))).to_vec();
    let content = noise(3, 46 << 20);
    let names: Vec<_> = (0..3000)
        .map(|number| format!("d/many/{number:050}"))
        .collect();
    let mut parts: Vec<_> = names
        .iter()
        .map(|name| file(name, name.as_bytes()))
        .collect();
    parts.push(file("d/big", &content));
    parts.push(file("d/same/big", &content));
    parts.push(file("d/empty", b""));
    let uploaded = server.upload(&parts).data();
    let uploaded: Cid = text(&uploaded["cid"]).parse().unwrap();
    roots.push(uploaded);
    // Wrapped leaves.
    let old = TestServer::over(KuboNode::start(), |config| {
        config.profile = "unixfs-v0-2015".parse().unwrap();
    });
    let pin = old.upload(&[file("x/a", &content[..1 << 20])]).data();
    let car = old.curl_bare(&format!("/ipfs/{}?format=car", text(&pin["cid"])), &[]);
    import(server.node.as_ref().unwrap(), &car.body);
    roots.push(root(&car.body));
    roots.push("bafkqaaa".parse().unwrap());
    roots.push("bafkqac3imvwgy3zao5xxe3de".parse().unwrap());
    roots.push(
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
            .parse()
            .unwrap(),
    );

    let mut compared = 0;
    let mut differences = String::new();
    for root in roots {
        let own = if root == uploaded {
            &[
                "",
                "/big",
                "/many",
                "/same",
                "/many/00000000000000000000000000000000000000000000000007",
                "/empty",
            ][..]
        } else {
            &PATHS
        };
        for path in own {
            let path: String = path
                .chars()
                .map(|letter| match letter {
                    ' '..='~' => letter.to_string(),
                    _ => letter
                        .to_string()
                        .bytes()
                        .map(|byte| format!("%{byte:02X}"))
                        .collect(),
                })
                .collect();
            for query in queries() {
                let path = format!("/ipfs/{root}{path}?{query}");
                let theirs = get_car(&format!("{kubo}{path}"), &[]);
                let ours = get_car(&server.url(&path), &[]);
                if theirs.status == 404 && ours.status == 404 {
                    // The path isn't there in any form.
                    break;
                }
                compared += 1;
                let is_same = |theirs: &Served, ours: &Served| {
                    theirs.status == ours.status
                        && theirs.blocks == ours.blocks
                        && theirs.is_whole == ours.is_whole
                };
                if !is_same(&theirs, &ours) && !is_known_difference(&query) {
                    let about = |served: &Served| {
                        let Served {
                            status,
                            blocks,
                            is_whole,
                            ..
                        } = served;
                        format!("{status}, {} blocks, whole: {is_whole}", blocks.len())
                    };
                    let (theirs, ours) = (about(&theirs), about(&ours));
                    writeln!(differences, "{path}\n  Kubo: {theirs}\n  ours: {ours}").unwrap();
                }
            }
        }
    }
    println!("{compared} requests compared");
    assert!(compared > 1000, "{compared}");
    assert!(differences.is_empty(), "{differences}");
}

/// All forms of a CAR.
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
            "2200:*",
            "1048000:1049000",
            "9999999999:*",
            "600:-900",
        ] {
            queries.push(format!(
                "format=car&dag-scope=entity&entity-bytes={bytes}{dups}"
            ));
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
    let mut differences = String::new();
    let mut compared = 0;
    for root in FIXTURES.map(|name| root(&fixture(name))) {
        for path in PATHS.iter().filter(|path| path.is_ascii()) {
            for query in [
                "?format=raw",
                "",
                "/",
                "?format=dag-json",
                "?format=dag-cbor",
                "?format=json",
            ] {
                for headers in [
                    &[][..],
                    &["-I"],
                    &["-H", "range: bytes=1-3"],
                    &["-H", "cache-control: only-if-cached"],
                ] {
                    let path = format!("/ipfs/{root}{path}{query}");
                    let theirs = curl(&format!("{kubo}{path}"), headers);
                    let ours = server.curl_bare(&path, headers);
                    compared += 1;
                    let is_listing = ours
                        .header("etag")
                        .is_some_and(|etag| etag.contains("DirIndex"));
                    let is_same = theirs.status == ours.status
                        && theirs.header("location") == ours.header("location")
                        && (theirs.status >= 400
                            || is_listing
                            || theirs.body == ours.body
                                && theirs.header("etag") == ours.header("etag"));
                    if !is_same {
                        writeln!(
                            differences,
                            "{path} {headers:?}\n  Kubo: {} {:?} {} bytes\n  ours: {} {:?} {} bytes",
                            theirs.status, theirs.header("etag"), theirs.body.len(),
                            ours.status, ours.header("etag"), ours.body.len(),
                        )
                        .unwrap();
                    }
                }
            }
        }
    }
    println!("{compared} requests compared");
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
