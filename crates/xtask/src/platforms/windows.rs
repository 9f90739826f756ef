//! Windows, with mingw and wine.

use super::{Debian, Outcome};
use crate::Result;

const TRIPLE: &str = "x86_64-pc-windows-gnu";
const TESTED: &str = "-p w3pin-core -p w3pin-sha256 -p w3pin-unixfs -p w3pin-car -p w3pin-dag -p w3pin \
    -p w3pin-server -p w3pin-contract -p w3pin-cli";

/// Tests the command and all crates whose tests are meaningful there. What is shipped is built by MSVC in public CI, so this build
/// isn't optimized.
pub(crate) fn x64(debian: &Debian, outcome: &mut Outcome) -> Result {
    outcome.unproved = "Windows itself, Ctrl-C, MSVC, ARM64, the wheel and the npm module";
    let (said, _) = debian.try_run(&format!(
        "export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER='{RUNNER}'
        cargo test -Zbuild-std --no-fail-fast --target {TRIPLE} {TESTED} --lib --bins --tests"
    ))?;
    outcome.built.push("command, tests".to_owned());
    outcome.count("Rust", &said);
    let command = debian.target.join(TRIPLE).join("debug/w3pin.exe");
    debian.run(&format!(
        "cd /tmp && echo hello >hello.txt
        w3pin() {{ {RUNNER} '{}' \"$@\"; }}
        w3pin --version
        w3pin cid hello.txt
        w3pin --local --data data add hello.txt
        w3pin --local --data data ls | grep hello.txt",
        command.display(),
    ))?;
    outcome.ran.push("the command and the tests, under wine");
    outcome.all_passed()
}

const RUNNER: &str = "wine";
