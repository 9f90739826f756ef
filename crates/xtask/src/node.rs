//! `cargo xtask node`

use std::{fs, path::Path, process::Command};

use crate::{
    Result, built,
    examples::{self, Web},
    run::{root, run_with},
};

/// Builds, checks and tests the npm package, and tests it again as published.
const STEPS: [&str; 8] = [
    // Not `ci`, which requests packages of platforms from the lock file that some registries lack.
    "install --ignore-scripts --no-save",
    "run link:native",
    "run build",
    "run check",
    "test",
    "run pack",
    "run test:installed",
    "run runtimes",
];

pub(crate) fn run() -> Result {
    built::all()?;
    let programs = built::programs();
    STEPS.iter().try_for_each(|step| {
        let line = format!("npm --prefix node {step}");
        run_with(&line, &[built::variable(&programs)])
    })?;
    let folder = root().join("target/node-examples");
    let failed = |cause| format!("{}: {cause}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed)?;
    }
    copy_examples(&folder).map_err(failed)?;
    run_with(
        &format!(
            "npm --prefix {} install --no-save --no-audit --no-fund --silent ./node",
            folder.display()
        ),
        &[],
    )?;
    examples::run("node", Web::Server, &|name| {
        let mut command = Command::new("node");
        command.arg(folder.join(name).with_extension("mjs"));
        command
    })
}

/// Copies the examples to a folder where the package can be installed.
fn copy_examples(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    for example in fs::read_dir(root().join("examples/node"))? {
        let example = example?;
        fs::copy(example.path(), folder.join(example.file_name()))?;
    }
    Ok(())
}
