//! Packs the command: an archive for each platform, a package for Debian, a formula for Homebrew, and their
//! checksums.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use sha2::{Digest as _, Sha256};

use super::{
    Release, deb, homebrew,
    layout::{copy, copy_into, create, failed, files, remove, write},
    target::{self, Target},
    tools::{read, run},
};
use crate::{Result, run::root, versions::VERSION};

const SHELLS: [(&str, &str); 4] = [
    ("bash", "w3pin.bash"),
    ("zsh", "_w3pin"),
    ("fish", "w3pin.fish"),
    ("powershell", "_w3pin.ps1"),
];

pub(crate) fn pack(release: &mut Release) -> Result {
    let folder = release.layout.part("github")?;
    let programs = release.layout.all(|target| Some(target.program("w3pin")));
    let (_, own) = programs
        .iter()
        .find(|(target, _)| target.runs_here())
        .ok_or("there is no command for this machine among what was built")?;
    let completions = root().join("target/release-tools/completions");
    for (shell, file) in SHELLS {
        let script = read(Command::new(own).args(["completions", shell]))?;
        write(&completions.join(file), script)?;
    }
    for (target, program) in &programs {
        let archive = archive(target, program, &completions, &folder)?;
        let checks = if target.runs_here() && target.is_linux() {
            "unpacked, --version"
        } else {
            ""
        };
        release.table.has(&archive, 20, checks)?;
    }
    for target in target::ALL {
        if !programs
            .iter()
            .any(|(built, _)| built.triple == target.triple)
        {
            release
                .table
                .lacks(&format!("w3pin-{}", target.triple), "it isn't built");
        }
    }
    deb::pack(release, &completions, &folder)?;
    for extra in [release
        .layout
        .built("xcframework")
        .join("W3pin.xcframework.zip")]
    {
        if extra.exists() {
            copy_into(&extra, &folder)?;
        }
    }
    bill_of_materials(release, &folder)?;
    let formula = folder.join("w3pin.rb");
    write(&formula, homebrew::formula(&folder)?)?;
    release.table.has(&formula, 1, "")?;
    let sums = folder.join("SHA256SUMS");
    write(&sums, checksums(&folder)?)?;
    run(Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(&folder))?;
    release.table.has(&sums, 1, "sha256sum --check")
}

/// Packs the command with its licence and completions, reproducibly.
fn archive(
    target: &Target,
    program: &Path,
    completions: &Path,
    folder: &Path,
) -> Result<std::path::PathBuf> {
    let name = format!("w3pin-{}", target.triple);
    let staging = root().join("target/release-tools/archive");
    remove(&staging)?;
    let content = staging.join(&name);
    copy_into(program, &content)?;
    for file in ["LICENSE", "CHANGELOG.md", "docs/cli.md"] {
        copy_into(&root().join(file), &content)?;
    }
    for file in files(completions, "") {
        copy_into(&file, &content.join("completions"))?;
    }
    if target.is_windows() {
        let path = folder.join(format!("{name}.zip"));
        run(Command::new("python3")
            .args(["-m", "zipfile", "--create"])
            .arg(&path)
            .arg(&name)
            .current_dir(&staging))?;
        return Ok(path);
    }
    let path = folder.join(format!("{name}.tar.gz"));
    tar(&staging, &name, &path)?;
    if target.runs_here() && target.is_linux() {
        let unpacked = staging.join("unpacked");
        create(&unpacked)?;
        run(Command::new("tar")
            .arg("-xzf")
            .arg(&path)
            .arg("-C")
            .arg(&unpacked))?;
        let said = read(Command::new(unpacked.join(&name).join("w3pin")).arg("--version"))?;
        if said.trim() != format!("w3pin {VERSION}") {
            return Err(format!("{} says {said}", path.display()));
        }
    }
    Ok(path)
}

/// Packs the content of `folder` under `name`, without owners and with the time of the commit.
pub(crate) fn tar(folder: &Path, name: &str, path: &Path) -> Result {
    run(Command::new("tar")
        .args([
            "--sort=name",
            "--owner=0",
            "--group=0",
            "--numeric-owner",
            "--format=ustar",
        ])
        .arg(format!("--mtime={}", time_of_commit()?))
        .args(["--use-compress-program", "gzip -9n", "-cf"])
        .arg(path)
        .arg("-C")
        .arg(folder)
        .arg(name))
}

/// Returns the time of the commit in RFC 3339 format.
pub(crate) fn time_of_commit() -> Result<String> {
    let time = crate::run::read("git log -1 --format=%cI")?;
    Ok(time.trim().to_owned())
}

/// Creates the SBOM of the command, if the tool is installed.
fn bill_of_materials(release: &mut Release, folder: &Path) -> Result {
    if !crate::run::has("cargo cyclonedx --version") {
        release.table.lacks(
            "w3pin.cdx.json",
            "`cargo install cargo-cyclonedx` is needed",
        );
        return Ok(());
    }
    crate::run::run(
        "cargo cyclonedx --quiet --manifest-path crates/cli/Cargo.toml --format json --override-filename w3pin.cdx",
    )?;
    let path = folder.join("w3pin.cdx.json");
    copy(&root().join("crates/cli/w3pin.cdx.json"), &path)?;
    // The tool writes one beside each crate of the workspace.
    for crates in ["crates", "bindings"] {
        for member in files(&root().join(crates), "") {
            let _ = fs::remove_file(member.join("w3pin.cdx.json"));
        }
    }
    let _ = fs::remove_file(root().join("bindings/uniffi/bindgen/w3pin.cdx.json"));
    release.table.has(&path, 2, "")
}

/// Returns the output of `sha256sum` for the files of the folder.
fn checksums(folder: &Path) -> Result<String> {
    let mut sums = String::new();
    for file in files(folder, "") {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name != "SHA256SUMS" {
            // Writing to a string can't fail.
            let _ = writeln!(sums, "{}  {name}", sha256(&file)?);
        }
    }
    Ok(sums)
}

/// Returns the SHA-256 of a file in hexadecimal.
pub(crate) fn sha256(file: &Path) -> Result<String> {
    let bytes = fs::read(file).map_err(|cause| failed(file, &cause))?;
    Ok(Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
