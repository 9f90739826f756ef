//! CARs of the gateway, read by npm's `@ipld/car`.

use std::{fs::File, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    cars::{Dag, get_car},
    fixture::{TestServer, file, noise, text},
};

/// A folder in which `npm install --ignore-scripts @ipld/car` was run.
const PACKAGES: &str = "W3PIN_TEST_IPLD_CAR";

#[test]
#[ignore = "needs the npm package @ipld/car: see CONTRIBUTING.md"]
fn the_package_of_npm_reads_our_cars() {
    let packages = std::env::var(PACKAGES)
        .unwrap_or_else(|_| panic!("{PACKAGES} must name a folder with the package @ipld/car"));
    // Packages are looked for beside the script.
    let script = Path::new(&packages).join("read.mjs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ipld-car");
    std::fs::copy(Path::new(folder).join("read.mjs"), &script).unwrap();
    let server = TestServer::start();
    let content = noise(11, 3 << 20);
    let parts = [
        file("d/a", &content),
        file("d/b/a", &content),
        file("d/c", b"c"),
    ];
    let cid = text(&server.upload(&parts).data()["cid"]).to_owned();
    for query in ["", "&car-dups=y", "&car-dups=n", "&dag-scope=entity"] {
        let path = format!("/ipfs/{cid}?format=car{query}");
        let body = server.curl_bare(&path, &[]).body;
        let car = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(car.path(), &body).unwrap();
        let output = Command::new("node")
            .arg(&script)
            .stdin(File::open(car.path()).unwrap())
            .output()
            .expect("Node.js is installed");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        let read: Value = serde_json::from_slice(&output.stdout).unwrap();
        let blocks: Vec<_> = get_car(&server.url(&path), &[])
            .blocks
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            read,
            json!({"version": 1, "roots": [cid], "blocks": blocks})
        );
        assert_eq!(Dag::read(&body).root.to_string(), cid);
    }
}
