//! `cargo xtask kubo`

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Result, built::WORKSPACE, cache, run::run_with, skipped};

const KUBO: &str = "v0.43.1";
/// The latest version in the checksum database.
const CLUSTER: &str = "v1.1.0";

/// Kubo replaces go-libp2p by a fork that the module proxy lacks, because of these two. With the
/// versions that go-libp2p itself requires, the original works.
const REPLACED: [&str; 2] = [
    "github.com/quic-go/quic-go=github.com/quic-go/quic-go@v0.60.0",
    "github.com/quic-go/webtransport-go=github.com/quic-go/webtransport-go@v0.11.1",
];

const UNBUILT: &str = "Kubo and IPFS Cluster aren't built. `cargo xtask kubo` builds them, which takes minutes once\n\
                       and needs Go, and runs all tests over them.";

/// What runs over real nodes, in addition to the tests about them.
const OVER_A_NODE: [&str; 3] = [
    "cargo test -p w3pin-server --test it",
    "cargo test -p w3pin --test it -- verify:: network::",
    "cargo test -p w3pin-cli --test it",
];

/// Tests the server over real Kubo and IPFS Cluster nodes, building them if necessary.
pub(crate) fn run() -> Result {
    let (kubo, cluster) = (kubo()?, cluster()?);
    about_nodes(&kubo, &cluster, "")?;
    for line in OVER_A_NODE {
        let mut variables = programs(&kubo, &cluster).to_vec();
        variables.push(("W3PIN_TEST_BACKEND", Path::new("kubo")));
        run_with(line, &variables)?;
    }
    skipped::forget("kubo")
}

/// Runs the tests about nodes, if these have been built.
pub(crate) fn run_if_built() -> Result {
    let (Some(kubo), Some(cluster)) = (built(), built_cluster()) else {
        return skipped::note("kubo", UNBUILT);
    };
    skipped::forget("kubo")?;
    about_nodes(&kubo, &cluster, "--skip kills:: --skip vectors::")
}

/// Runs the tests about nodes.
fn about_nodes(kubo: &Path, cluster: &Path, without: &str) -> Result {
    run_with(
        &format!(
            "cargo test {WORKSPACE} --test it -- --include-ignored kubo:: cluster:: transfer:: {without}"
        ),
        &programs(kubo, cluster),
    )
}

/// Where the tests find them.
pub(crate) fn programs<'a>(kubo: &'a Path, cluster: &'a Path) -> [(&'static str, &'a Path); 2] {
    [("W3PIN_TEST_KUBO", kubo), ("W3PIN_TEST_CLUSTER", cluster)]
}

/// Returns Kubo, if it has been built.
pub(crate) fn built() -> Option<PathBuf> {
    path("kubo", KUBO, "ipfs").ok().filter(|path| path.exists())
}

/// IPFS Cluster, where it was built before.
pub(crate) fn built_cluster() -> Option<PathBuf> {
    let path = path("ipfs-cluster", CLUSTER, "ipfs-cluster-service");
    path.ok().filter(|path| path.exists())
}

fn kubo() -> Result<PathBuf> {
    build("kubo", KUBO, "ipfs", |scratch| {
        go(scratch, &["mod", "init", "scratch"])?;
        for replaced in REPLACED {
            go(scratch, &["mod", "edit", "-replace", replaced])?;
        }
        let module = format!("github.com/ipfs/kubo/cmd/ipfs@{KUBO}");
        go(scratch, &["get", "-tool", &module])?;
        go(
            scratch,
            &[
                "build",
                "-mod=mod",
                "-o",
                "ipfs",
                "github.com/ipfs/kubo/cmd/ipfs",
            ],
        )
    })
}

fn cluster() -> Result<PathBuf> {
    build("ipfs-cluster", CLUSTER, "ipfs-cluster-service", |scratch| {
        let package = "github.com/ipfs-cluster/ipfs-cluster/cmd/ipfs-cluster-service";
        go(scratch, &["mod", "init", "scratch"])?;
        go(scratch, &["get", "-tool", &format!("{package}@{CLUSTER}")])?;
        go(
            scratch,
            &["build", "-mod=mod", "-o", "ipfs-cluster-service", package],
        )
    })
}

/// Returns the program in the user's cache, built by `make` if necessary, which leaves it in the
/// given folder.
fn build(
    name: &str,
    version: &str,
    program: &str,
    make: impl FnOnce(&Path) -> Result,
) -> Result<PathBuf> {
    let path = path(name, version, program)?;
    if path.exists() {
        return Ok(path);
    }
    eprintln!("building {name} {version}, which takes minutes once");
    let scratch = env::temp_dir().join(format!("w3pin-{name}-{}", std::process::id()));
    let file = |cause: std::io::Error| format!("{name} can't be built: {cause}");
    fs::create_dir_all(&scratch).map_err(file)?;
    let made = make(&scratch).and_then(|()| {
        // Renamed only when it is complete.
        let part = path.with_extension("part");
        fs::create_dir_all(part.parent().unwrap_or(&scratch)).map_err(file)?;
        fs::copy(scratch.join(program), &part).map_err(file)?;
        fs::rename(part, &path).map_err(file)
    });
    let _ = fs::remove_dir_all(&scratch);
    made.map(|()| path)
        .map_err(|problem| format!("{name} {version}: {problem}"))
}

pub(crate) fn go(scratch: &Path, args: &[&str]) -> Result {
    eprintln!("$ go {}", args.join(" "));
    let output = Command::new("go")
        .args(args)
        .current_dir(scratch)
        .env("GOFLAGS", "-buildvcs=false")
        .env("GOWORK", "off")
        .output()
        .map_err(|cause| format!("go can't be run: {cause}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<_> = said.lines().rev().take(5).collect();
    Err(format!(
        "`go {}` failed: {}",
        args.join(" "),
        said.join(" / ")
    ))
}

/// Returns the path of a built program.
fn path(name: &str, version: &str, program: &str) -> Result<PathBuf> {
    Ok(cache::folder(&format!("{name}-{version}"))?.join(program))
}
