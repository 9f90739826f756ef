//! Runs the code of the book's pages.

use std::{env, fs, path::Path, process::Command};

use super::pages;
use crate::{
    Result,
    blocks::{self, Block},
    built, python,
    run::{execute, root, run as shell},
    server::Server,
};

/// The packages that pages about frameworks import.
const NODE_PACKAGES: &str = "express@5 fastify@5 hono@4 @hono/node-server@1";

/// Gives servers in the background time to start.
const CURL: &str = "silent\nshow-error\nfail-with-body\nretry = 30\nretry-delay = 1\nretry-connrefused\nretry-all-errors\n";

/// Runs the blocks of each page that are `sh`, `python` or `js`, one after the other in a separate
/// folder, against a separate server. Those in Rust are doctests of `w3pin-examples`.
pub(super) fn run_all() -> Result {
    shell("cargo build --quiet -p w3pin-cli -p w3pin-node")?;
    let folder = root().join("target/docs/run");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    install_node(&folder)?;
    install_python(&folder)?;
    pages()?.iter().try_for_each(|page| run(page, &folder))
}

fn install_node(folder: &Path) -> Result {
    for step in [
        "install --ignore-scripts --no-save --silent",
        "run link:native --silent",
        "run build --silent",
    ] {
        shell(&format!("npm --prefix node {step}"))?;
    }
    shell(&format!(
        "npm --prefix {} install --ignore-scripts --no-audit --no-fund --silent {NODE_PACKAGES} ./node",
        folder.display()
    ))
}

fn install_python(folder: &Path) -> Result {
    let venv = folder.join("venv");
    let python = venv.join("bin/python");
    let (venv, python) = (venv.display(), python.display());
    shell(&format!("{} -m venv {venv}", python::newest()?.display()))?;
    shell(&format!(
        "{python} -m pip install --quiet --disable-pip-version-check --requirement python/requirements-dev.txt"
    ))?;
    let mut maturin = Command::new(folder.join("venv/bin/maturin"));
    maturin
        .args(["develop", "--quiet"])
        .env("VIRTUAL_ENV", folder.join("venv"))
        .env("CARGO_TARGET_DIR", root().join("target"))
        .current_dir(root().join("python"));
    execute(&mut maturin, "maturin develop")
}

fn run(page: &str, folder: &Path) -> Result {
    let failed = |cause| format!("{page}: {cause}");
    let text = fs::read_to_string(root().join("docs").join(page)).map_err(failed)?;
    let scratch = folder.join(page.trim_end_matches(".md").replace('/', "-"));
    fs::create_dir_all(&scratch).map_err(failed)?;
    let mut script = "others=; trap 'kill $others 2>/dev/null || true' EXIT\n".to_owned();
    let mut any = false;
    for (number, block) in blocks::of(&text).iter().enumerate() {
        if block.shown_only {
            continue;
        }
        if let Some(step) = step(block, number, &scratch).map_err(failed)? {
            script.push_str(&step);
            any = true;
        }
    }
    if !any {
        return Ok(());
    }
    fs::write(scratch.join("run.sh"), script).map_err(failed)?;
    fs::write(scratch.join(".curlrc"), CURL).map_err(failed)?;

    let server = Server::start(&folder.join("data").join(&scratch))?;
    let path = env::var_os("PATH").unwrap_or_default();
    let first = [built::programs(), folder.join("venv/bin")];
    let path = env::join_paths(first.into_iter().chain(env::split_paths(&path)))
        .map_err(|cause| cause.to_string())?;
    let mut command = Command::new("sh");
    command
        .args(["-eu", "run.sh"])
        .current_dir(&scratch)
        .env("PATH", path)
        .env("CURL_HOME", &scratch)
        .env("XDG_DATA_HOME", &scratch);
    server.configure(&mut command);
    execute(&mut command, &format!("the code of {page}"))
}

/// Writes the files of a block. Returns the line that runs it.
fn step(block: &Block<'_>, number: usize, scratch: &Path) -> std::io::Result<Option<String>> {
    let (program, end) = match block.language {
        "sh" => {
            return Ok(Some(
                block.code.replace(" &\n", " &\nothers=\"$others $!\"\n"),
            ));
        }
        "python" => ("python", "py"),
        "js" => ("node", "mjs"),
        _ => return Ok(None),
    };
    // A block that starts with a file name is run by another.
    if let Some(name) = block
        .code
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("// "))
        && name.ends_with(end)
    {
        fs::write(scratch.join(name), block.code)?;
        return Ok(None);
    }
    let name = format!("block-{number}.{end}");
    fs::write(scratch.join(&name), block.code)?;
    Ok(Some(format!("{program} {name}\n")))
}
