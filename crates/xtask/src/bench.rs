//! `cargo xtask bench [OPTIONS OF w3pin-bench run]`

use std::{env, fs, path::Path};

use crate::{
    Result, kubo,
    python::{self, Venv},
    run::{root, run as shell},
};

const PYTHON_PEERS: &str = "requests httpx aiohttp";
const NODE_PEERS: &str = "axios form-data undici pinata";

/// Builds the shipped artifacts, installs them next to their peers, measures, and writes the
/// report.
pub(crate) fn run() -> Result {
    let folder = root().join("target/bench");
    fs::create_dir_all(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    shell("cargo build --profile dist --package w3pin-cli --package w3pin-bench")?;
    let bench = "target/dist/w3pin-bench";
    let mut line = format!(
        "{bench} run --w3pin target/dist/w3pin --peers crates/bench/peers --out target/bench"
    );
    match python_peers(&folder) {
        Ok(python) => line += &format!(" --python {python}"),
        Err(problem) => eprintln!("no Python peers: {problem}"),
    }
    match node_peers(&folder) {
        Ok(modules) => line += &format!(" --node-modules {modules}"),
        Err(problem) => eprintln!("no Node peers: {problem}"),
    }
    match kubo::built() {
        Some(kubo) => line += &format!(" --kubo {}", kubo.display()),
        None => eprintln!("no Kubo: `cargo xtask kubo` builds it"),
    }
    for option in env::args().skip(2) {
        line += " ";
        line += &option;
    }
    shell(&line)?;
    shell(&format!("{bench} report target/bench docs"))
}

/// Returns a Python with w3pin's wheel and its peers.
fn python_peers(folder: &Path) -> Result<String> {
    let python = Venv::new(Path::new("python3"), &folder.join("python"))?;
    python.python(&format!("-m pip install --quiet {PYTHON_PEERS} maturin"))?;
    let wheels = folder.join("wheels").display().to_string();
    python.run(
        "maturin",
        &format!("build --quiet --profile dist --out {wheels}"),
    )?;
    let wheel = python::only(&wheels, "whl")?;
    python.python(&format!(
        "-m pip install --quiet --force-reinstall --no-deps {wheel}"
    ))?;
    Ok(folder.join("python/bin/python").display().to_string())
}

/// Returns a `node_modules` folder with w3pin's package and its peers.
fn node_peers(folder: &Path) -> Result<String> {
    let prefix = folder.join("node").display().to_string();
    fs::create_dir_all(&prefix).map_err(|cause| format!("{prefix}: {cause}"))?;
    shell("npm --prefix node install --ignore-scripts --no-save --silent")?;
    shell("npm --prefix node run --silent build:native -- --profile dist")?;
    shell("npm --prefix node run --silent build")?;
    shell(&format!(
        "npm --prefix {prefix} install --silent --no-save {NODE_PEERS}"
    ))?;
    let modules = format!("{prefix}/node_modules");
    for (package, to) in [
        ("dist", "w3pin"),
        ("package.json", "w3pin"),
        ("node_modules/@w3pin", ""),
    ] {
        let to = format!("{modules}/{to}");
        fs::create_dir_all(&to).map_err(|cause| format!("{to}: {cause}"))?;
        shell(&format!("cp -rL node/{package} {to}/"))?;
    }
    Ok(modules)
}
