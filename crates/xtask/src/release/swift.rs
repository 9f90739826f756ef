//! Creates the repository of the Swift package, which apps depend on by URL and version.

use std::{env, path::Path, process::Command};

use super::{
    Release,
    layout::{copy, read_text, remove},
    tools::run,
};
use crate::{Result, built, run::root, swift::with_swift, versions::VERSION};

pub(crate) fn pack(release: &mut Release) -> Result {
    let package = root().join("bindings/uniffi/swift");
    remove(&package.join("native"))?;
    run(Command::new(package.join("build-native.sh"))
        .env("W3PIN_LIBRARY", release.layout.own_library()?))?;
    for (target, library) in &release.layout.static_libraries() {
        let processor = target.triple.split('-').next().unwrap_or_default();
        copy(
            library,
            &package.join(format!("native/linux-{processor}/libw3pin_uniffi.a")),
        )?;
    }

    let folder = release.layout.part("swift")?.join("w3pin-swift");
    let mut make = Command::new(package.join("package-repository.sh"));
    make.arg(&folder).arg(VERSION);
    let framework = release.layout.built("xcframework");
    if framework.exists() {
        let url = format!(
            "https://github.com/w3pin/w3pin/releases/download/v{VERSION}/W3pin.xcframework.zip"
        );
        let checksum = read_text(&framework.join("checksum"))?;
        make.args([&url, checksum.trim()]);
    } else {
        release
            .table
            .lacks("W3pin.xcframework.zip", "it is built on a Mac");
    }
    for role in ["AUTHOR", "COMMITTER"] {
        if env::var_os(format!("GIT_{role}_NAME")).is_none() {
            make.env(format!("GIT_{role}_NAME"), "w3pin")
                .env(format!("GIT_{role}_EMAIL"), "w3pin@localhost");
        }
    }
    run(&mut make)?;
    let bundle = folder.with_extension("bundle");
    run(Command::new("git")
        .arg("-C")
        .arg(&folder)
        .args(["bundle", "create", "--quiet"])
        .arg(&bundle)
        .args(["main", VERSION]))?;
    let checks = if used(release, &folder)? {
        "an app has it by URL and version, pins"
    } else {
        "made"
    };
    release.table.has(&bundle, 80, checks)
}

/// Whether an app works with the package from there; unknown without Swift.
fn used(release: &mut Release, folder: &Path) -> Result<bool> {
    if !with_swift("swift --version")? {
        release
            .table
            .unchecked("Swift package", "there is no Swift here");
        return Ok(false);
    }
    built::command()?;
    with_swift(&format!("./example.sh {}", folder.display()))
}
