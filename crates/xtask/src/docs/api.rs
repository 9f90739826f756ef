//! `cargo xtask docs --api`

use std::{fs, process::Command};

use super::swift;
use crate::{
    Result, python as package,
    run::{execute, root, run as shell},
};

/// The published crates, which docs.rs documents.
const CRATES: &str = "-p w3pin -p w3pin-core -p w3pin-unixfs -p w3pin-car -p w3pin-dag -p w3pin-sha256 -p w3pin-server -p w3pin-cli";
const NODE_PACKAGES: &str =
    "--prefix node install --ignore-scripts --no-save --no-audit --no-fund --silent";
const TYPEDOC: &str = "--yes --package typedoc@0.28.20 --package typescript@5 -- typedoc --tsconfig node/tsconfig.json \
     --entryPoints node/src/index.ts --entryPoints node/src/testing.ts --basePath node --excludePrivate --excludeInternal \
     --treatValidationWarningsAsErrors --validation.notDocumented --out target/docs/api/node";
const PYTHON_TOOLS: &str = "mkdocs==1.6.1 mkdocstrings-python==2.0.11 interrogate==1.7.0";
const DOKKA: &str = "org.jetbrains.dokka:dokka-maven-plugin:2.0.0:dokka";

/// Builds the reference of each language, and fails for public items without documentation.
pub(super) fn run() -> Result {
    fs::create_dir_all(root().join("target/docs/api")).map_err(|cause| cause.to_string())?;
    rust()?;
    node()?;
    python()?;
    kotlin()?;
    swift::build()
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

fn node() -> Result {
    shell(&format!("npm {NODE_PACKAGES}"))?;
    shell(&format!("npx {TYPEDOC}"))
}

/// The reference is built from the source, without the native module.
fn python() -> Result {
    let venv = root().join("target/docs/api-venv");
    shell(&format!(
        "{} -m venv {}",
        package::newest()?.display(),
        venv.display()
    ))?;
    shell(&format!(
        "{} -m pip install --quiet --disable-pip-version-check {PYTHON_TOOLS}",
        venv.join("bin/python").display()
    ))?;
    shell(&format!(
        "{} --fail-under 100 --ignore-init-method --ignore-magic --ignore-private --ignore-semiprivate \
         --ignore-nested-functions --exclude python/src/w3pin/__main__.py python/src/w3pin",
        venv.join("bin/interrogate").display()
    ))?;
    shell(&format!(
        "{} build --quiet --strict --config-file python/mkdocs.yml --site-dir {}",
        venv.join("bin/mkdocs").display(),
        root().join("target/docs/api/python").display()
    ))
}

/// The library's `pom.xml` makes Dokka fail for public items without documentation.
fn kotlin() -> Result {
    shell(&format!(
        "mvn --quiet --batch-mode --file bindings/uniffi/kotlin/library/pom.xml {DOKKA}"
    ))
}
