//! Compares CIDs with those of Kubo: `cargo xtask kubo` builds it and runs this.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    fixture::Place,
    recipes::{Content, Folder},
};

const PROGRAM: &str = "W3PIN_TEST_KUBO";

/// A recipe of the vectors, without its expected CID.
#[derive(Deserialize)]
struct Vector {
    name: String,
    profile: String,
    generator: Generator,
    params: Option<Params>,
    options: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Generator {
    #[expect(dead_code, reason = "a lone symlink can't be named to either program")]
    Symlink {
        symlink: String,
    },
    File(Content),
    Folder(Box<Folder>),
}

/// The parameters of a CID, as in the vectors.
#[derive(Deserialize)]
struct Params {
    cid_version: u64,
    raw_leaves: bool,
    chunk_size: usize,
    max_links: usize,
    hamt_threshold: u64,
    hamt_estimate: String,
}

impl Params {
    fn named(profile: &str) -> Self {
        let named = |cid_version, raw_leaves, chunk_size, max_links, hamt_estimate: &str| Self {
            cid_version,
            raw_leaves,
            chunk_size,
            max_links,
            hamt_threshold: 262_144,
            hamt_estimate: hamt_estimate.to_owned(),
        };
        match profile {
            "unixfs-v0-2015" => named(0, false, 262_144, 174, "links-bytes"),
            "unixfs-v1-2025" => named(1, true, 1_048_576, 1024, "block-bytes"),
            "kubo-cidv1-legacy" => named(1, true, 262_144, 174, "links-bytes"),
            other => panic!("{other}"),
        }
    }
}

impl Vector {
    fn params(&self) -> Params {
        Params::named(&self.profile)
    }

    /// Writes the file or folder, unless it takes gigabytes or minutes; returns its path.
    fn write(&self, place: &Place) -> Option<PathBuf> {
        let path = place.path().join("content");
        match &self.generator {
            Generator::Symlink { .. } => return None,
            Generator::File(Content::ChaCha20 { len, .. }) if *len > 10 << 20 => return None,
            Generator::File(content) if content.len() > 50 << 20 => return None,
            Generator::File(content) => write_file(&path, content),
            Generator::Folder(folder) => {
                let entries = folder.entries();
                if entries.len() >= 20_000 {
                    return None;
                }
                fs::create_dir(&path).unwrap();
                for entry in entries {
                    let path = path.join(&entry.path);
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    if entry.dir {
                        fs::create_dir_all(&path).unwrap();
                    } else if let Some(target) = &entry.symlink {
                        std::os::unix::fs::symlink(target, &path).unwrap();
                    } else {
                        write_file(&path, &entry.content.unwrap());
                    }
                }
            }
        }
        Some(path)
    }
}

fn write_file(path: &Path, content: &Content) {
    use std::io::Write;

    let mut file = fs::File::create(path).unwrap();
    content.each(|piece| file.write_all(piece).unwrap());
}

/// A repository, for settings without a flag.
struct Kubo(tempfile::TempDir);

impl Kubo {
    fn new() -> Self {
        let kubo = Self(tempfile::tempdir().unwrap());
        kubo.run(&["init", "--empty-repo"]);
        kubo
    }

    fn run(&self, args: &[&str]) -> String {
        String::from_utf8(self.bytes(args)).unwrap()
    }

    fn bytes(&self, args: &[&str]) -> Vec<u8> {
        let program = std::env::var(PROGRAM).unwrap_or_else(|_| {
            panic!("{PROGRAM} must name Kubo's ipfs; `cargo xtask kubo` runs this test")
        });
        let output = Command::new(program)
            .args(args)
            .env("IPFS_PATH", self.0.path())
            .env("IPFS_TELEMETRY", "off")
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ipfs {args:?}: {complaint}");
        output.stdout
    }

    /// Adds it, or only computes its CID.
    fn add(&self, path: &Path, params: &Params, only_hash: bool) -> String {
        let file = self.0.path().join("config");
        let mut config: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let estimate = params.hamt_estimate.trim_end_matches("-bytes");
        config["Import"]["UnixFSHAMTDirectorySizeEstimation"] = json!(estimate);
        let threshold = format!("{}B", params.hamt_threshold);
        config["Import"]["UnixFSHAMTDirectorySizeThreshold"] = json!(threshold);
        fs::write(&file, config.to_string()).unwrap();
        let cid = self.run(&[
            "add",
            &format!("--only-hash={only_hash}"),
            "--quieter",
            "--recursive",
            "--hidden",
            "--hash=sha2-256",
            "--max-hamt-fanout=256",
            &format!("--cid-version={}", params.cid_version),
            &format!("--raw-leaves={}", params.raw_leaves),
            &format!("--chunker=size-{}", params.chunk_size),
            &format!("--max-file-links={}", params.max_links),
            path.to_str().unwrap(),
        ]);
        cid.trim().to_owned()
    }
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn w3pin_cid_is_what_ipfs_add_makes() {
    let vectors = include_str!("../../../unixfs/vectors/cid-vectors.json");
    let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
    let kubo = Kubo::new();
    let mut judged = std::collections::BTreeMap::new();
    let mut differing = Vec::new();
    for vector in vectors {
        // The command doesn't support file modes and times.
        if vector.options.is_some() || vector.params.is_some() {
            continue;
        }
        let place = Place::new();
        let Some(path) = vector.write(&place) else {
            continue;
        };
        let theirs = kubo.add(&path, &vector.params(), true);
        let args = ["--json", "cid", "--hidden", "--profile", &vector.profile];
        let args = [&args[..], &[path.to_str().unwrap()]].concat();
        let ours = place.run(&args).json();
        let ours = ours["cid"].as_str().or(ours[0]["cid"].as_str()).unwrap();
        if ours != theirs {
            let (name, profile) = (&vector.name, &vector.profile);
            differing.push(format!(
                "{name} under {profile}: {ours}, Kubo says {theirs}"
            ));
        }
        *judged.entry(vector.profile).or_insert(0) += 1;
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    println!("Kubo agrees: {judged:?}");
    assert_eq!(judged.len(), 3, "{judged:?}");
}

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn w3pin_car_pack_writes_what_ipfs_dag_export_does() {
    let vectors = include_str!("../../../unixfs/vectors/cid-vectors.json");
    let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
    let kubo = Kubo::new();
    let mut judged = std::collections::BTreeMap::new();
    let mut check = |name: &str, path: &Path, profile: &str, params: &Params| {
        let root = kubo.add(path, params, false);
        let theirs = kubo.bytes(&["dag", "export", "--progress=false", &root]);
        let place = Place::new();
        let args = [
            "car",
            "pack",
            "--hidden",
            "--profile",
            profile,
            "-o",
            "c.car",
        ];
        let args = [&args[..], &[path.to_str().unwrap()]].concat();
        place.run(&args).ok();
        let ours = fs::read(place.path().join("c.car")).unwrap();
        assert!(
            ours == theirs,
            "{name} under {profile}, {root}: {} bytes, {}",
            ours.len(),
            theirs.len()
        );
        *judged.entry(profile.to_owned()).or_insert(0) += 1;
    };
    for vector in vectors {
        if vector.options.is_some() || vector.params.is_some() {
            continue;
        }
        let place = Place::new();
        if let Some(path) = vector.write(&place) {
            check(&vector.name, &path, &vector.profile, &vector.params());
        }
    }
    // Identical content repeated within a file and across files.
    let place = Place::new();
    let zeros = vec![0; 3 << 20];
    place.write("d/zeros", &zeros);
    place.write("d/e/zeros", &zeros);
    place.write("d/e/more", [&zeros[..], b"more"].concat());
    place.write("d/e/f/zeros", &zeros);
    place.write("d/empty", "");
    std::os::unix::fs::symlink("e/more", place.path().join("d/link")).unwrap();
    for number in 0..6000 {
        place.write(
            &format!("d/many/a rather long name of a file, number {number}"),
            "x",
        );
    }
    for profile in ["unixfs-v0-2015", "unixfs-v1-2025", "kubo-cidv1-legacy"] {
        let params = Params::named(profile);
        check("repeated", &place.path().join("d"), profile, &params);
    }
    println!("Kubo agrees: {judged:?}");
    assert_eq!(judged.len(), 3, "{judged:?}");
}
