//! Linux: with musl, for programs without dependencies, and with a glibc of 2014.

use std::fs;

use super::{Debian, Outcome};
use crate::{Result, run::root};

/// The oldest supported glibc, that of manylinux2014.
const GLIBC: &str = "2.17";
/// Crates whose tests need only a processor.
const PURE: &str = "-p w3pin-core -p w3pin-sha256 -p w3pin-unixfs -p w3pin-car -p w3pin-dag";

pub(crate) fn musl_x64(debian: &Debian, outcome: &mut Outcome) -> Result {
    musl(debian, outcome, "x86_64-unknown-linux-musl", None)
}

pub(crate) fn musl_arm64(debian: &Debian, outcome: &mut Outcome) -> Result {
    musl(
        debian,
        outcome,
        "aarch64-unknown-linux-musl",
        Some("qemu-aarch64"),
    )
}

/// Tests the statically linked command in a root folder that contains nothing else.
fn musl(debian: &Debian, outcome: &mut Outcome, triple: &str, emulator: Option<&str>) -> Result {
    // zig provides musl's start files, and links those of the compiler a second time.
    debian.run(&format!(
        "cargo-zigbuild rustc -Zbuild-std --quiet --release --target {triple} -p w3pin-cli --bin w3pin \
         -- -Clink-self-contained=no -Cstrip=symbols"
    ))?;
    let command = debian.target.join(triple).join("release/w3pin");
    outcome.built.push("command, static");
    outcome.bytes = Some(size(&command)?);
    let emulator = emulator.unwrap_or_default();
    let run = if emulator.is_empty() { "" } else { "/emulator" };
    debian.run(&format!(
        "rm -rf /opt/empty
        mkdir -p /opt/empty/tmp /opt/empty/data
        cp '{command}' /opt/empty/
        if [ -n '{emulator}' ]; then cp \"$(command -v {emulator})\" /opt/empty/emulator; fi
        echo hello >/opt/empty/hello.txt
        w3pin() {{ chroot /opt/empty {run} /w3pin \"$@\"; }}
        w3pin --version
        w3pin cid hello.txt
        w3pin --local --data /data add hello.txt
        w3pin --local --data /data ls | grep hello.txt
        find /opt/empty -maxdepth 1 -type f",
        command = command.display()
    ))?;
    outcome
        .ran
        .push("in an empty root folder: `cid`, `--local add`, `ls`");
    outcome.unproved = "wheel and npm module in an Alpine Linux";
    Ok(())
}

pub(crate) fn gnu_x64(debian: &Debian, outcome: &mut Outcome) -> Result {
    let triple = "x86_64-unknown-linux-gnu";
    gnu_command(debian, outcome, triple, "")?;
    outcome.ran.push("`--version`, `cid`, `--local add`");
    wheel(debian, triple)?;
    outcome.built.push("wheel (manylinux2014)");
    debian.run(&format!(
        "venv=$(mktemp -d) && python3 -m venv \"$venv\"
        \"$venv/bin/pip\" install --quiet --find-links '{folder}' --no-index --no-deps w3pin
        cd \"$venv\" && bin/python -c 'import w3pin; print(w3pin.__version__, w3pin.compute_cid(b\"hello\"))'
        bin/w3pin --version",
        folder = wheels(debian, triple)
    ))?;
    outcome.ran.push("the wheel: `compute_cid`, the command");
    module(debian, triple)?;
    outcome.built.push("npm module");
    Ok(())
}

pub(crate) fn gnu_arm64(debian: &Debian, outcome: &mut Outcome) -> Result {
    let triple = "aarch64-unknown-linux-gnu";
    let emulator = "qemu-aarch64 -L /usr/aarch64-linux-gnu";
    let said = debian.try_run(&format!(
        "export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='{emulator}'
        cargo-zigbuild test --no-fail-fast --release --target {triple}.{GLIBC} {PURE} --lib --tests"
    ))?;
    outcome.tests.count(&said.0);
    gnu_command(debian, outcome, triple, emulator)?;
    outcome
        .ran
        .push("under qemu: `--version`, `cid`, `--local add`");
    wheel(debian, triple)?;
    outcome.built.push("wheel (manylinux2014)");
    module(debian, triple)?;
    outcome.built.push("npm module");
    if said.1 {
        Ok(())
    } else {
        Err(format!("{} tests failed", outcome.tests.failed.len()))
    }
}

/// Tests the command with the oldest glibc.
fn gnu_command(debian: &Debian, outcome: &mut Outcome, triple: &str, emulator: &str) -> Result {
    debian.run(&format!(
        "cargo-zigbuild rustc --quiet --release --target {triple}.{GLIBC} -p w3pin-cli --bin w3pin -- -Cstrip=symbols"
    ))?;
    let command = debian.target.join(triple).join("release/w3pin");
    outcome.built.push("command (glibc 2.17)");
    outcome.bytes = Some(size(&command)?);
    debian.run(&format!(
        "{floor}
        cd /tmp && echo hello >hello.txt
        w3pin() {{ {emulator} '{command}' \"$@\"; }}
        w3pin --version
        w3pin cid hello.txt
        w3pin --local --data data add hello.txt
        w3pin --local --data data ls | grep hello.txt",
        floor = asks_for_no_later_glibc(&command.display().to_string()),
        command = command.display()
    ))?;
    Ok(())
}

/// Fails if a file requires a later glibc than the oldest supported one.
fn asks_for_no_later_glibc(file: &str) -> String {
    format!(
        "asked=$(objdump -T '{file}' | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1)
        echo \"asks for $asked\"
        [ \"$(printf '%s\\n' \"$asked\" GLIBC_{GLIBC} | sort -V | tail -1)\" = GLIBC_{GLIBC} ]"
    )
}

/// Builds the wheel, with a chosen tag that is checked against the requirements of its module.
fn wheel(debian: &Debian, triple: &str) -> Result {
    debian.run(&format!(
        "cd python && rm -rf '{folder}'
        maturin build --quiet --release --strip --zig --compatibility manylinux2014 --target {triple} \
            --out '{folder}'
        ls -l '{folder}'",
        folder = wheels(debian, triple)
    ))?;
    Ok(())
}

fn wheels(debian: &Debian, triple: &str) -> String {
    let folder = debian.target.join("wheels").join(triple);
    folder.display().to_string()
}

/// Builds the npm package's module as it is shipped in the package of its platform.
fn module(debian: &Debian, triple: &str) -> Result {
    let file = debian.target.join(triple).join("release/libw3pin_node.so");
    debian.run(&format!(
        "cargo-zigbuild rustc --quiet --release --target {triple}.{GLIBC} -p w3pin-node --lib -- -Cstrip=symbols
        {}",
        asks_for_no_later_glibc(&file.display().to_string())
    ))?;
    Ok(())
}

/// Returns a file's size in bytes.
pub(crate) fn size(file: &std::path::Path) -> Result<u64> {
    fs::metadata(file)
        .map(|metadata| metadata.len())
        .map_err(|cause| {
            let file = file.strip_prefix(root()).unwrap_or(file);
            format!("{}: {cause}", file.display())
        })
}
