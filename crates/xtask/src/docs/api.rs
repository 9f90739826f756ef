//! `cargo xtask docs --api`

use std::{env, fs, process::Command};

use crate::{
    Result, python as package,
    run::{execute, has, root, run as shell, run_with},
};

/// What is published, and documented on docs.rs.
const CRATES: &str = "-p w3pin -p w3pin-core -p w3pin-unixfs -p w3pin-car -p w3pin-dag -p w3pin-sha256 -p w3pin-server -p w3pin-cli";
const TYPEDOC: &str = "--yes --package typedoc@0.28.20 --package typescript@5 -- typedoc --tsconfig node/tsconfig.json \
     --entryPoints node/src/index.ts --entryPoints node/src/testing.ts --basePath node --excludePrivate --excludeInternal \
     --treatValidationWarningsAsErrors --validation.notDocumented --out target/docs/api/node";
const PYTHON_TOOLS: &str = "pdoc==16.0.0 interrogate==1.7.0";
const DOKKA: &str = "org.jetbrains.dokka:dokka-maven-plugin:2.0.0:dokka";

/// Builds the reference of each language, and fails where something public isn't documented.
pub(super) fn run() -> Result {
    fs::create_dir_all(root().join("target/docs/api")).map_err(|cause| cause.to_string())?;
    rust()?;
    shell(&format!("npx {TYPEDOC}"))?;
    python()?;
    kotlin()?;
    swift()
}

fn rust() -> Result {
    let line = format!("cargo doc --no-deps {CRATES}");
    let mut command = Command::new("cargo");
    command
        .args(line.split_whitespace().skip(1))
        .env("RUSTDOCFLAGS", "-D warnings -D missing_docs")
        .current_dir(root());
    execute(&mut command, &line)
}

fn python() -> Result {
    let venv = root().join("target/docs/api-venv");
    shell(&format!(
        "{} -m venv {}",
        package::newest()?.display(),
        venv.display()
    ))?;
    let python = venv.join("bin/python").display().to_string();
    shell(&format!(
        "{python} -m pip install --quiet --disable-pip-version-check {PYTHON_TOOLS} ./python[fsspec]"
    ))?;
    shell(&format!(
        "{} --fail-under 100 --ignore-init-method --ignore-magic --ignore-private --ignore-semiprivate \
         --ignore-nested-functions --exclude python/src/w3pin/__main__.py python/src/w3pin",
        venv.join("bin/interrogate").display()
    ))?;
    shell(&format!(
        "{} --output-directory target/docs/api/python w3pin w3pin.testing w3pin.progress w3pin.fsspec",
        venv.join("bin/pdoc").display()
    ))
}

fn kotlin() -> Result {
    run_with(
        &format!("mvn --quiet --batch-mode --file bindings/uniffi/kotlin/library/pom.xml {DOKKA}"),
        &[],
    )
}

/// By the tool of Swift, on a Mac or where `swift` is on the path.
fn swift() -> Result {
    if env::consts::OS != "macos" && !has("docc --version") {
        eprintln!("there is no docc here: Swift's reference isn't built");
        return Ok(());
    }
    shell(
        "swift package --package-path bindings/uniffi/swift dump-symbol-graph --minimum-access-level public",
    )
}
