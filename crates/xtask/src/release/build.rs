//! Builds the artifacts of one platform: the command, the native modules and libraries, and the wheel.

use std::path::{Path, PathBuf};

use super::{
    Release, SHIPPED,
    layout::{copy, create, files, remove},
    target::{GLIBC, Target},
    tools::run,
};
use crate::{
    Result, built,
    run::{has, root},
};

pub(crate) fn build(release: &Release, target: &Target) -> Result {
    eprintln!("== {}", target.triple);
    let folder = release.layout.built(target.triple);
    remove(&folder)?;
    create(&folder)?;
    // A program for musl is static, and a library can't be.
    let dynamic = target.is_musl().then_some("-C target-feature=-crt-static");

    cargo(
        release,
        target,
        "-p w3pin-cli --bin w3pin",
        &release.profile,
        None,
    )?;
    let program = target.program("w3pin");
    copy(
        &made(target, &release.profile, &program),
        &folder.join(&program),
    )?;

    cargo(
        release,
        target,
        "-p w3pin-node --lib",
        &release.profile,
        dynamic,
    )?;
    let library = target.library("w3pin_node");
    let module = format!("w3pin.{}.node", target.npm);
    copy(
        &made(target, &release.profile, &library),
        &folder.join(module),
    )?;

    if target.jna.is_some() {
        let profile = apps_profile(release);
        cargo(release, target, "-p w3pin-uniffi --lib", profile, None)?;
        let library = target.library("w3pin_uniffi");
        copy(&made(target, profile, &library), &folder.join(&library))?;
        if target.is_linux() {
            let library = "libw3pin_uniffi.a";
            copy(&made(target, profile, library), &folder.join(library))?;
        }
    }
    wheel(release, target, dynamic, &folder)
}

/// The profile of what is linked into apps, optimized for size.
fn apps_profile(release: &Release) -> &str {
    if release.profile == SHIPPED {
        "mobile"
    } else {
        &release.profile
    }
}

/// Builds a package. On Linux zig links it, with the oldest glibc or musl.
fn cargo(
    release: &Release,
    target: &Target,
    package: &str,
    profile: &str,
    flags: Option<&str>,
) -> Result {
    let subcommand = if target.is_linux() {
        "zigbuild"
    } else {
        "build"
    };
    let triple = if target.is_linux() && !target.is_musl() {
        format!("{}.{GLIBC}", target.triple)
    } else {
        target.triple.to_owned()
    };
    let mut command = release.tools.command("cargo");
    // Programs contain the list of the crates that they were built from.
    if has("cargo auditable --version") && package.contains("--bin") {
        command.arg("auditable");
    }
    command
        .args([
            subcommand,
            "--locked",
            "--profile",
            profile,
            "--target",
            &triple,
        ])
        .args(package.split(' '));
    if let Some(flags) = flags {
        command.env("RUSTFLAGS", flags);
    }
    // The bindings, which need its symbols, aren't generated from this build.
    command.env("CARGO_PROFILE_MOBILE_STRIP", "symbols");
    run(&mut command)
}

/// Builds the wheel. On macOS it supports both processors, and is built on ARM64.
fn wheel(release: &Release, target: &Target, flags: Option<&str>, folder: &Path) -> Result {
    let triple = match target.triple {
        "x86_64-apple-darwin" => return Ok(()),
        "aarch64-apple-darwin" => "universal2-apple-darwin",
        triple => triple,
    };
    let mut command = release.tools.command("maturin");
    command
        .args([
            "build",
            "--quiet",
            "--locked",
            "--profile",
            &release.profile,
        ])
        .args(["--target", triple, "--out"])
        .arg(folder)
        .current_dir(root().join("python"));
    if let Some(tag) = target.wheel {
        command.args(["--zig", "--compatibility", tag]);
    }
    if let Some(flags) = flags {
        command.env("RUSTFLAGS", flags);
    }
    run(&mut command)?;
    if files(folder, ".whl").len() == 1 {
        Ok(())
    } else {
        Err(format!("maturin made no wheel, or several, for {triple}"))
    }
}

/// Returns a file that cargo built for a platform.
fn made(target: &Target, profile: &str, file: &str) -> PathBuf {
    let profile = if profile == "dev" { "debug" } else { profile };
    built::folder().join(target.triple).join(profile).join(file)
}
