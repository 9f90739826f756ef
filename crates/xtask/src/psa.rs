//! `cargo xtask psa`

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Result, kubo,
    run::{root, run as shell, run_with},
    schemathesis,
};

const PACKAGES: &str = "@ipfs-shipyard/pinning-service-compliance@1.8.1 @helia/remote-pinning@2.0.4 multiformats@13.4.1";
/// Servers, which need other versions of the same packages.
const SERVERS: &str = "mock-ipfs-pinning-service@0.4.2 @helia/pinning-service-api-server@1.0.4";

/// Others that know the Pinning Service API judge ours: its conformance suite, Schemathesis with the API's
/// own document and npm's `@helia/remote-pinning`, over the embedded store and, where it is built, over Kubo, whose
/// `ipfs pin remote` is a judge, too. The command talks to servers of others: two from npm, and IPFS Cluster where
/// it and Kubo are built.
///
/// It isn't part of `ci`: packages are asked of the network the first time, and the suite sends one request
/// a second.
pub(crate) fn run() -> Result {
    client()?;
    let folder = installed("psa-clients", PACKAGES)?;
    let tool = schemathesis::installed()?;
    let kubo = kubo::built();
    let mut variables: Vec<(&str, &Path)> = vec![
        ("W3PIN_TEST_NPM_PSA", &folder),
        ("W3PIN_TEST_SCHEMATHESIS", &tool),
    ];
    let judged = "cargo test -p w3pin-server --test it -- --ignored psa::clients::";
    run_with(judged, &variables)?;
    let Some(kubo) = &kubo else { return Ok(()) };
    variables.push(("W3PIN_TEST_KUBO", kubo));
    run_with(
        "cargo test -p w3pin-server --test it -- --ignored psa::kubo::",
        &variables,
    )?;
    variables.push(("W3PIN_TEST_BACKEND", Path::new("kubo")));
    run_with(judged, &variables)
}

/// Runs the command against third-party servers.
fn client() -> Result {
    let folder = installed("psa-servers", SERVERS)?;
    let (kubo, cluster) = (kubo::built(), kubo::built_cluster());
    let mut variables: Vec<(&str, &Path)> = vec![("W3PIN_TEST_NPM_PSA_SERVERS", &folder)];
    let skipped = match (&kubo, &cluster) {
        (Some(kubo), Some(cluster)) => {
            variables.extend(kubo::programs(kubo, cluster));
            ""
        }
        _ => "--skip psa::cluster::",
    };
    run_with(
        &format!("cargo test -p w3pin-cli --test it -- --ignored psa:: {skipped}"),
        &variables,
    )
}

/// Returns a folder with these npm packages.
fn installed(name: &str, packages: &str) -> Result<PathBuf> {
    let folder = root().join("target").join(name);
    let failed = |cause| format!("{}: {cause}", folder.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    fs::write(folder.join("package.json"), "{}").map_err(failed)?;
    shell(&format!(
        "npm --prefix {} install --ignore-scripts --no-audit --no-fund --silent {packages}",
        folder.display()
    ))?;
    Ok(folder)
}
