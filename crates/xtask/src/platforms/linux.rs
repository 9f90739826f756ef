//! Linux with glibc and with musl, on x86-64 and ARM64: the command, the wheel and the npm module.

use std::{fs, path::PathBuf};

use super::{Debian, Outcome, root_folder::RootFolder};
use crate::Result;

/// The oldest supported glibc, that of manylinux2014.
const GLIBC: &str = "2.17";
/// Crates whose tests need only a processor.
const PURE: &str = "-p w3pin-core -p w3pin-sha256 -p w3pin-unixfs -p w3pin-car -p w3pin-dag";

/// One kind of Linux.
pub(crate) struct Linux {
    /// The target triple.
    pub(crate) triple: &'static str,
    /// npm's name.
    pub(crate) npm: &'static str,
    /// Debian's name of the processor.
    pub(crate) debian: &'static str,
}

const GNU_X64: Linux = Linux {
    triple: "x86_64-unknown-linux-gnu",
    npm: "linux-x64-gnu",
    debian: "amd64",
};
const GNU_ARM64: Linux = Linux {
    triple: "aarch64-unknown-linux-gnu",
    npm: "linux-arm64-gnu",
    debian: "arm64",
};
const MUSL_X64: Linux = Linux {
    triple: "x86_64-unknown-linux-musl",
    npm: "linux-x64-musl",
    debian: "amd64",
};
const MUSL_ARM64: Linux = Linux {
    triple: "aarch64-unknown-linux-musl",
    npm: "linux-arm64-musl",
    debian: "arm64",
};

pub(crate) fn gnu_x64(debian: &Debian, outcome: &mut Outcome) -> Result {
    outcome.unproved = "a system with a glibc as old as 2.17: only the required versions of its symbols are checked";
    prove(debian, outcome, &GNU_X64)
}

pub(crate) fn gnu_arm64(debian: &Debian, outcome: &mut Outcome) -> Result {
    outcome.unproved = "an ARM64 processor: all of it runs in qemu; a glibc as old as 2.17";
    let (said, _) = debian.try_run(&format!(
        "export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='qemu-aarch64 -L /usr/aarch64-linux-gnu'
        cargo-zigbuild test --no-fail-fast --profile {} --target {}.{GLIBC} {PURE} --lib --tests",
        debian.profile, GNU_ARM64.triple
    ))?;
    outcome.count("Rust", &said);
    prove(debian, outcome, &GNU_ARM64)
}

pub(crate) fn musl_x64(debian: &Debian, outcome: &mut Outcome) -> Result {
    outcome.unproved = "Alpine itself: the musl is Debian's, and CPython is built with it";
    prove(debian, outcome, &MUSL_X64)
}

pub(crate) fn musl_arm64(debian: &Debian, outcome: &mut Outcome) -> Result {
    outcome.unproved = "an ARM64 processor: all of it runs in qemu; the wheel, for lack of a CPython with musl; Alpine";
    prove(debian, outcome, &MUSL_ARM64)
}

fn prove(debian: &Debian, outcome: &mut Outcome, linux: &Linux) -> Result {
    let folder = RootFolder::new(debian, linux)?;
    command(debian, outcome, linux, &folder)?;
    let wheel = wheel(debian, outcome, linux)?;
    if folder.has_python() {
        outcome.count("Python", &folder.test_wheel(&wheel)?);
        outcome.ran.push("the wheel, on CPython");
    }
    module(debian, outcome, linux)?;
    outcome.count("Node.js", &folder.test_module()?);
    outcome.ran.push("the npm package, on Node.js");
    outcome.all_passed()
}

/// Builds the command and runs it: for musl alone in a folder, for glibc with nothing but that.
fn command(debian: &Debian, outcome: &mut Outcome, linux: &Linux, folder: &RootFolder) -> Result {
    // zig provides musl's start files, and links those of the compiler a second time.
    let flags = if linux.is_musl() {
        "-Clink-self-contained=no -Cstrip=symbols"
    } else {
        "-Cstrip=symbols"
    };
    debian.run(&format!(
        "cargo-zigbuild rustc {} -p w3pin-cli --bin w3pin -- {flags}",
        linux.cargo(debian)
    ))?;
    let command = debian.made(linux.triple, "w3pin");
    outcome.built("command", &command)?;
    folder.try_command(&command)?;
    if linux.is_musl() {
        outcome
            .ran
            .push("the command, static, in an otherwise empty root folder");
        return Ok(());
    }
    asks_for_no_later_glibc(debian, &command.display().to_string())?;
    outcome.ran.push("the command");
    Ok(())
}

/// Builds the wheel, with a chosen tag that maturin compares with what the module requires.
fn wheel(debian: &Debian, outcome: &mut Outcome, linux: &Linux) -> Result<PathBuf> {
    let folder = debian.target.join("wheels").join(linux.npm);
    let tag = linux.tag();
    let build_std = if linux.is_musl() { "-Z build-std" } else { "" };
    debian.run(&format!(
        "{exports}
        cd python && rm -rf '{folder}'
        maturin build --quiet --profile {profile} --strip --zig --compatibility {tag} --target {triple} {build_std} \
            --out '{folder}'",
        exports = linux.for_libraries(),
        profile = debian.profile,
        triple = linux.triple,
        folder = folder.display()
    ))?;
    let failed = |cause| format!("{}: {cause}", folder.display());
    let wheel = fs::read_dir(&folder)
        .map_err(failed)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.to_string_lossy().contains(tag))
        .ok_or_else(|| format!("there is no wheel for {tag} in {}", folder.display()))?;
    outcome.built(&format!("wheel ({tag})"), &wheel)?;
    Ok(wheel)
}

/// Builds the npm package's module, and puts it where the scripts that pack it expect it.
fn module(debian: &Debian, outcome: &mut Outcome, linux: &Linux) -> Result {
    debian.run(&format!(
        "{}
        cargo-zigbuild rustc {} -p w3pin-node --lib -- -Cstrip=symbols",
        linux.for_libraries(),
        linux.cargo(debian)
    ))?;
    let module = debian.made(linux.triple, "libw3pin_node.so");
    if !linux.is_musl() {
        asks_for_no_later_glibc(debian, &module.display().to_string())?;
    }
    outcome.built("npm module", &module)
}

impl Linux {
    pub(crate) fn is_musl(&self) -> bool {
        self.triple.ends_with("-musl")
    }

    /// Returns the tag of its wheel, which is chosen and not that of the system that builds it.
    pub(crate) fn tag(&self) -> &'static str {
        if self.is_musl() {
            "musllinux_1_2"
        } else {
            "manylinux2014"
        }
    }

    /// Returns pip's name of the platform, from a tag without the processor.
    pub(crate) fn pip(&self, tag: &str) -> String {
        let (processor, _) = self.triple.split_once('-').unwrap_or_default();
        format!("{tag}_{processor}")
    }

    /// Returns whether its programs are emulated.
    pub(crate) fn is_emulated(&self) -> bool {
        self.debian == "arm64"
    }

    /// Returns the arguments of cargo. Debian has no standard library for musl.
    fn cargo(&self, debian: &Debian) -> String {
        let target = if self.is_musl() {
            format!("{} -Zbuild-std", self.triple)
        } else {
            format!("{}.{GLIBC}", self.triple)
        };
        format!("--quiet --profile {} --target {target}", debian.profile)
    }

    /// Returns what makes libraries for musl dynamic. By default only programs can be built, and they are static.
    fn for_libraries(&self) -> String {
        if self.is_musl() {
            let variable = self.triple.to_uppercase().replace('-', "_");
            format!(
                "export CARGO_TARGET_{variable}_RUSTFLAGS='-Ctarget-feature=-crt-static -Clink-self-contained=no'"
            )
        } else {
            String::new()
        }
    }
}

/// Fails if a file requires a later glibc than the oldest supported one.
fn asks_for_no_later_glibc(debian: &Debian, file: &str) -> Result {
    debian.run(&format!(
        "asked=$(objdump -T '{file}' | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1)
        echo \"requires $asked\"
        [ \"$(printf '%s\\n' \"$asked\" GLIBC_{GLIBC} | sort -V | tail -1)\" = GLIBC_{GLIBC} ]"
    ))?;
    Ok(())
}
