//! `cargo xtask kubo`

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Result,
    run::{has, run_with},
    skipped,
};

const KUBO: &str = "v0.43.1";
/// The newest that the checksum database knows.
const CLUSTER: &str = "v1.1.0";

/// Kubo replaces go-libp2p by a fork that the module proxy lacks, for the sake of these two. With the
/// versions that go-libp2p itself asks for, the original does.
const REPLACED: [&str; 2] = [
    "github.com/quic-go/quic-go=github.com/quic-go/quic-go@v0.60.0",
    "github.com/quic-go/webtransport-go=github.com/quic-go/webtransport-go@v0.11.1",
];

/// What runs over real nodes, besides the tests that are about them.
const OVER_A_NODE: [&str; 3] = [
    "cargo test -p w3pin-server --test it",
    "cargo test -p w3pin --test it -- verify:: network::",
    "cargo test -p w3pin-cli --test it",
];

/// The server over real IPFS: Kubo and IPFS Cluster are built, unless they were before.
pub(crate) fn run() -> Result {
    let kubo = kubo()?;
    let cluster = cluster()?;
    let programs = [
        ("W3PIN_TEST_KUBO", kubo.as_path()),
        ("W3PIN_TEST_CLUSTER", cluster.as_path()),
    ];
    for line in [
        "cargo test -p w3pin-server --test it -- --include-ignored kubo:: cluster:: transfer::",
        "cargo test -p w3pin-cli --test it -- --include-ignored kubo:: --nocapture",
    ] {
        run_with(line, &programs)?;
    }
    let backend = ("W3PIN_TEST_BACKEND", Path::new("kubo"));
    for line in OVER_A_NODE {
        run_with(line, &[programs[0], programs[1], backend])?;
    }
    Ok(())
}

/// Runs these tests where that is possible, or else notes why it isn't.
pub(crate) fn run_if_possible() -> Result {
    skipped::forget("kubo")?;
    if !has("go version") {
        return skipped::note(
            "kubo",
            "Go isn't installed, which builds Kubo and IPFS Cluster.",
        );
    }
    match kubo().and_then(|_| cluster()) {
        Ok(_) => run(),
        Err(problem) => skipped::note("kubo", &problem),
    }
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

/// The program in the user's cache; made there by `make`, which leaves it in the folder it gets.
fn build(
    name: &str,
    version: &str,
    program: &str,
    make: impl FnOnce(&Path) -> Result,
) -> Result<PathBuf> {
    let folder = cache()?.join("w3pin").join(format!("{name}-{version}"));
    let path = folder.join(program);
    if path.exists() {
        return Ok(path);
    }
    eprintln!("building {name} {version}, which takes minutes once");
    let scratch = env::temp_dir().join(format!("w3pin-{name}-{}", std::process::id()));
    let file = |cause: std::io::Error| format!("{name} can't be built: {cause}");
    fs::create_dir_all(&scratch).map_err(file)?;
    let made = make(&scratch).and_then(|()| {
        fs::create_dir_all(&folder).map_err(file)?;
        // Under its name only when it is whole.
        let part = folder.join("part");
        fs::copy(scratch.join(program), &part).map_err(file)?;
        fs::rename(part, &path).map_err(file)
    });
    let _ = fs::remove_dir_all(&scratch);
    made.map(|()| path)
        .map_err(|problem| format!("{name} {version}: {problem}"))
}

fn go(scratch: &Path, args: &[&str]) -> Result {
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

fn cache() -> Result<PathBuf> {
    let folder = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cache")));
    folder.ok_or_else(|| "there is no home folder to keep Kubo in".to_owned())
}
