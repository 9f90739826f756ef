//! Packs the wheels and the sdist for PyPI.

use std::{path::Path, process::Command};

use super::{
    Release,
    layout::{copy_into, files, remove},
    target::{self, GLIBC},
    tools::{read, run},
};
use crate::{Result, built, run::root, versions::VERSION};

const TRY: &str = "import w3pin; from w3pin.testing import local_server\n\
    with local_server() as server, server.client() as client:\n    \
    print(client.pin_bytes(b'hello', verify='require').cid)";

pub(crate) fn pack(release: &mut Release) -> Result {
    let folder = release.layout.part("python")?;
    let mut here = None;
    for target in target::ALL {
        for wheel in files(&release.layout.built(target.triple), ".whl") {
            let wheel = copy_into(&wheel, &folder)?;
            if target.runs_here() && !target.is_musl() {
                here = Some(wheel);
            }
        }
    }
    let mut sdist = release.tools.command("maturin");
    run(sdist
        .args(["sdist", "--out"])
        .arg(&folder)
        .current_dir(root().join("python")))?;

    let (wheels, sdists) = (files(&folder, ".whl"), files(&folder, ".tar.gz"));
    release.tools.run(
        "twine check --strict",
        &[wheels.clone(), sdists.clone()].concat(),
    )?;
    if !wheels.is_empty() {
        release.tools.run("check-wheel-contents", &wheels)?;
        release.tools.run("abi3audit --strict --summary", &wheels)?;
    }
    for wheel in &wheels {
        let checks = if Some(wheel) == here.as_ref() {
            if cfg!(target_os = "linux") {
                let mut show = release.tools.command("auditwheel");
                let said = read(show.arg("show").arg(wheel))?;
                if !runs_on_the_oldest_glibc(&said) {
                    return Err(format!("auditwheel says of {}: {said}", wheel.display()));
                }
            }
            install(
                &folder,
                &[&format!("w3pin=={VERSION}"), "--only-binary", "w3pin"],
            )?;
            "twine, check-wheel-contents, abi3audit, auditwheel, installed, pins"
        } else {
            "twine, check-wheel-contents, abi3audit"
        };
        // On macOS it contains the modules of two processors.
        let most = if wheel.to_string_lossy().contains("universal2") {
            14
        } else {
            7
        };
        release.table.has(wheel, most, checks)?;
    }
    if here.is_none() {
        release
            .table
            .unchecked("wheel", "none was built for this machine");
    }
    for sdist in &sdists {
        install(&folder, &[&sdist.display().to_string()])?;
        release
            .table
            .has(sdist, 5, "twine, built, installed, pins")?;
    }
    Ok(())
}

/// Installs from the folder alone, in a fresh environment, and pins with the result. The build tools of the
/// sdist come from PyPI.
fn install(folder: &Path, arguments: &[&str]) -> Result {
    let venv = root().join("target/release-tools/fresh");
    remove(&venv)?;
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    let bin = venv.join("bin");
    let mut pip = Command::new(bin.join("pip"));
    pip.args(["install", "--quiet", "--no-cache-dir"]);
    if arguments.contains(&"--only-binary") {
        pip.arg("--no-index");
    }
    run(pip
        .arg("--find-links")
        .arg(folder)
        .args(arguments)
        .current_dir(&venv)
        // Reuses a build for the sdist, which is checked for its completeness.
        .env("MATURIN_PEP517_ARGS", "--profile dev")
        .env("CARGO_TARGET_DIR", built::folder()))?;
    run(Command::new(bin.join("python"))
        .args(["-c", TRY])
        .current_dir(&venv))?;
    run(Command::new(bin.join("w3pin"))
        .arg("--version")
        .current_dir(&venv))
}

/// Returns whether auditwheel finds that a wheel requires no later glibc than the oldest supported one.
fn runs_on_the_oldest_glibc(said: &str) -> bool {
    let words: Vec<&str> = said.split_whitespace().collect();
    let oldest = GLIBC.split('.').nth(1).and_then(|it| it.parse().ok());
    let asked = words
        .join(" ")
        .split("platform tag: \"manylinux_2_")
        .nth(1)
        .and_then(|rest| rest.split('_').next()?.parse::<u32>().ok());
    asked.is_some() && asked <= oldest
}
