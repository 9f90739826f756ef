//! Windows, with mingw and wine.

use super::{Debian, Outcome};
use crate::Result;

const TRIPLE: &str = "x86_64-pc-windows-gnu";
const TESTED: &str = "-p w3pin-core -p w3pin-sha256 -p w3pin-unixfs -p w3pin-car -p w3pin-dag -p w3pin \
    -p w3pin-server -p w3pin-contract -p w3pin-cli";

/// Tests the command and all crates whose tests are meaningful there.
pub(crate) fn x64(debian: &Debian, outcome: &mut Outcome) -> Result {
    debian.run(&format!(
        "cargo build -Zbuild-std --quiet --release --target {TRIPLE} -p w3pin-cli --bin w3pin"
    ))?;
    let command = debian.target.join(TRIPLE).join("release/w3pin.exe");
    debian.run(&format!(
        "cd /tmp && x86_64-w64-mingw32-strip -o w3pin.exe '{}' && cp w3pin.exe '{}'
        echo hello >hello.txt
        w3pin() {{ {RUNNER} w3pin.exe \"$@\"; }}
        w3pin --version
        w3pin cid hello.txt
        w3pin --local --data data add hello.txt
        w3pin --local --data data ls | grep hello.txt",
        command.display(),
        command.with_extension("stripped.exe").display()
    ))?;
    outcome.built("command", &command.with_extension("stripped.exe"))?;
    outcome
        .ran
        .push("under wine: `--version`, `cid`, `--local add`, `ls`");
    let (said, _) = debian.try_run(&format!(
        "export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER='{RUNNER}'
        cargo test -Zbuild-std --no-fail-fast --release --target {TRIPLE} {TESTED} --lib --bins --tests"
    ))?;
    outcome.count("Rust", &said);
    outcome.unproved = "Windows itself, MSVC, ARM64, the wheel and the npm module";
    outcome.all_passed()
}

const RUNNER: &str = "wine";
