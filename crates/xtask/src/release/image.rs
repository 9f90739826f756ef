//! Creates the container image: an OCI layout with only the static command, without a container engine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{
    Release,
    command::{sha256, tar, time_of_commit},
    layout::{copy, create, failed, read_text, remove, write},
    target,
    tools::{read, run},
};
use crate::{
    Result,
    run::{has, root},
    versions::VERSION,
};

mod started;

use self::started::start;

const PROCESSORS: [(&str, &str); 2] = [
    ("x86_64-unknown-linux-musl", "amd64"),
    ("aarch64-unknown-linux-musl", "arm64"),
];
/// The user of the server. No machine has an account with this number.
const USER: &str = "65532:65532";

pub(crate) fn pack(release: &mut Release) -> Result {
    let folder = release.layout.part("image")?;
    let mut manifests = Vec::new();
    for (triple, processor) in PROCESSORS {
        let Some(program) = program(release, triple) else {
            release.table.lacks(
                &format!("the image for {processor}"),
                "there is no static command for it",
            );
            continue;
        };
        let layer = layer(&folder, &program)?;
        let checks = match target::named(triple) {
            Some(target) if target.runs_here() => start(release, &layer.path)?,
            _ => "",
        };
        release
            .table
            .has(&layer.path, 20, &format!("layer for {processor}; {checks}"))?;
        manifests.push(manifest(&folder, &layer, processor)?);
    }
    if manifests.is_empty() {
        return Ok(());
    }
    // A single manifest, so that tools use one image for all processors.
    let index = |manifests: Value| {
        json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": manifests,
        })
    };
    let mut image =
        Blob::of_json(&folder, &index(json!(manifests)))?.descriptor("index.v1+json")?;
    image["annotations"] = json!({ "org.opencontainers.image.ref.name": VERSION });
    write(
        &folder.join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )?;
    let path = folder.join("index.json");
    write(&path, index(json!([image])).to_string())?;
    layout_holds(&folder)?;
    let mut checks = "every digest and size".to_owned();
    if has("skopeo --version") {
        let copied = root().join("target/release-tools/image-copied");
        remove(&copied)?;
        run(Command::new("skopeo")
            .args(["--insecure-policy", "copy", "--all", "--quiet"])
            .arg(format!("oci:{}:{VERSION}", folder.display()))
            .arg(format!("dir:{}", copied.display())))?;
        checks += ", copied by skopeo";
    }
    release.table.has(&path, 1, &checks)
}

/// Follows the layout from its index: checks that each file exists, with the size and the digest of its
/// descriptor.
fn layout_holds(folder: &Path) -> Result {
    let mut todo = vec![folder.join("index.json")];
    while let Some(path) = todo.pop() {
        let text = read_text(&path)?;
        let document: Value = serde_json::from_str(&text).map_err(|cause| failed(&path, &cause))?;
        let lists = ["manifests", "layers"]
            .into_iter()
            .filter_map(|name| document[name].as_array());
        for entry in lists.flatten().chain(
            document
                .get("config")
                .filter(|it| it.get("digest").is_some()),
        ) {
            let digest = entry["digest"].as_str().unwrap_or_default();
            let digest = digest.strip_prefix("sha256:").unwrap_or_default();
            let blob = folder.join("blobs/sha256").join(digest);
            let size = fs::metadata(&blob)
                .map_err(|cause| failed(&blob, &cause))?
                .len();
            if sha256(&blob)? != digest || entry["size"] != size {
                return Err(failed(&blob, &"isn't what the layout says"));
            }
            if entry["mediaType"]
                .as_str()
                .is_some_and(|it| it.ends_with("+json"))
            {
                todo.push(blob);
            }
        }
    }
    Ok(())
}

/// Returns the static command: that of the release, or that built by `cargo xtask platforms`.
fn program(release: &Release, triple: &str) -> Option<PathBuf> {
    let others = root()
        .join("target/platforms")
        .join(triple)
        .join("release/w3pin");
    [release.layout.built(triple).join("w3pin"), others]
        .into_iter()
        .find(|program| program.exists())
}

/// A file of the image, named by its digest.
struct Blob {
    path: PathBuf,
    digest: String,
    /// The digest of the uncompressed content.
    content: String,
}

impl Blob {
    /// Moves a file to the path of its digest.
    fn keep(folder: &Path, file: &Path, content: String) -> Result<Self> {
        let digest = sha256(file)?;
        let path = folder.join("blobs/sha256").join(&digest);
        create(path.parent().unwrap_or(folder))?;
        fs::rename(file, &path).map_err(|cause| failed(file, &cause))?;
        Ok(Self {
            path,
            digest,
            content,
        })
    }

    fn of_json(folder: &Path, value: &Value) -> Result<Self> {
        let file = folder.join("new");
        write(&file, value.to_string())?;
        Self::keep(folder, &file, String::new())
    }

    /// Returns the descriptor for other files.
    fn descriptor(&self, kind: &str) -> Result<Value> {
        let size = fs::metadata(&self.path)
            .map_err(|cause| failed(&self.path, &cause))?
            .len();
        Ok(json!({
            "mediaType": format!("application/vnd.oci.image.{kind}"),
            "digest": format!("sha256:{}", self.digest),
            "size": size,
        }))
    }
}

/// Creates the root folder: the command, the user's name, a folder for data and one for temporary files.
fn layer(folder: &Path, program: &Path) -> Result<Blob> {
    let staging = root().join("target/release-tools/image");
    remove(&staging)?;
    copy(program, &staging.join("w3pin"))?;
    write(
        &staging.join("etc/passwd"),
        "w3pin:x:65532:65532::/data:/w3pin\n",
    )?;
    write(&staging.join("etc/group"), "w3pin:x:65532:\n")?;
    for empty in ["data", "tmp"] {
        create(&staging.join(empty))?;
    }
    run(Command::new("chmod")
        .args(["-R", "u=rwX,go=rX"])
        .arg(&staging))?;
    run(Command::new("chmod")
        .arg("1777")
        .args([staging.join("data"), staging.join("tmp")]))?;
    let file = folder.join("new");
    tar(&staging, ".", &file)?;
    let content = read(
        Command::new("sh")
            .args(["-euc", "gzip -cd \"$0\" | sha256sum | cut -c1-64"])
            .arg(&file),
    )?;
    Blob::keep(folder, &file, content.trim().to_owned())
}

/// Writes the configuration and manifest of an image, and returns the manifest's entry in the index.
fn manifest(folder: &Path, layer: &Blob, processor: &str) -> Result<Value> {
    let second = 1_000_000_000_u64;
    let created = time_of_commit()?;
    let config = json!({
        "created": created,
        "architecture": processor,
        "os": "linux",
        "config": {
            "User": USER,
            "Entrypoint": ["/w3pin"],
            "Cmd": ["serve", "--listen", "0.0.0.0:4880", "--allow-remote", "--data", "/data"],
            "Env": ["PATH=/", "HOME=/data"],
            "WorkingDir": "/data",
            "ExposedPorts": { "4880/tcp": {} },
            "Volumes": { "/data": {} },
            "StopSignal": "SIGTERM",
            // Docker's extension, which other engines may ignore.
            "Healthcheck": {
                "Test": ["CMD", "/w3pin", "health"],
                "Interval": 30 * second,
                "Timeout": 5 * second,
                "StartPeriod": 10 * second,
                "Retries": 3,
            },
            "Labels": {
                "org.opencontainers.image.title": "w3pin",
                "org.opencontainers.image.description": "The W3IPFS pinning API served from one data folder",
                "org.opencontainers.image.source": "https://github.com/w3pin/w3pin",
                "org.opencontainers.image.licenses": "MIT",
                "org.opencontainers.image.version": VERSION,
            },
        },
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", layer.content)] },
        "history": [{ "created": created, "created_by": "cargo xtask release" }],
    });
    let config = Blob::of_json(folder, &config)?;
    let manifest = Blob::of_json(
        folder,
        &json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config.descriptor("config.v1+json")?,
            "layers": [layer.descriptor("layer.v1.tar+gzip")?],
        }),
    )?;
    let mut entry = manifest.descriptor("manifest.v1+json")?;
    entry["platform"] = json!({ "architecture": processor, "os": "linux" });
    Ok(entry)
}
