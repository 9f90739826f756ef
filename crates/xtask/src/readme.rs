//! `cargo xtask readme`

use std::{env, fs, process::Command};

use crate::{Result, blocks, run::root};

/// The command that runs all tests isn't run again by the tests.
const TESTS: &str = "cargo xtask test";

/// Checks that the README's commands work in a fresh clone.
pub(crate) fn run() -> Result {
    let failed = |what: &str, cause: &dyn std::fmt::Display| format!("{what}: {cause}");
    let readme = fs::read_to_string(root().join("README.md"))
        .map_err(|cause| failed("README.md can't be read", &cause))?;
    let commands: Vec<&str> = blocks::of(&readme)
        .iter()
        .filter(|block| block.language == "sh" && !block.shown_only)
        .flat_map(|block| block.code.lines())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    if !commands.contains(&TESTS) {
        return Err(format!("the README doesn't name `{TESTS}`"));
    }
    let folder = env::temp_dir().join(format!("w3pin-readme-{}", std::process::id()));
    let clone = Command::new("git")
        .args(["clone", "--quiet", "--no-hardlinks"])
        .arg(root())
        .arg(&folder)
        .status();
    if !clone.is_ok_and(|status| status.success()) {
        return Err("the repository can't be cloned".to_owned());
    }
    let result = commands
        .iter()
        .filter(|line| **line != TESTS)
        .try_for_each(|line| {
            eprintln!("$ {line}");
            let status = Command::new("sh")
                .args(["-euc", line])
                .current_dir(&folder)
                // Reuses the build, and doesn't touch the user's own data.
                .env("CARGO_TARGET_DIR", root().join("target"))
                .env("XDG_DATA_HOME", folder.join("data"))
                .env("XDG_CONFIG_HOME", folder.join("config"))
                .status()
                .map_err(|cause| failed(line, &cause))?;
            if status.success() {
                Ok(())
            } else {
                Err(failed(line, &status))
            }
        });
    fs::remove_dir_all(&folder).map_err(|cause| failed("the clone can't be removed", &cause))?;
    result
}
