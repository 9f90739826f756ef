//! Build and check tools from PyPI and npm.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use super::layout::{create, failed, write};
use crate::{
    Result,
    run::{execute, root},
};

const PYTHON: &str = "abi3audit==0.0.26 auditwheel==6.8.2 cargo-zigbuild==0.24.1 check-wheel-contents==0.6.3 \
    maturin==1.16.0 twine==7.0.0 ziglang==0.17.1";

/// The last version for Node.js 20, with a version of node-fetch that its dependencies agree on.
const NPM: &str =
    r#"{ "dependencies": { "verdaccio": "6.8.0" }, "overrides": { "node-fetch": "2.7.0" } }"#;

pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Installs the tools, unless an earlier run did.
    pub(crate) fn installed() -> Result<Self> {
        let tools = Self {
            folder: root().join("target/release-tools"),
        };
        let made = tools.folder.join("made");
        if std::fs::read_to_string(&made).is_ok_and(|it| it == PYTHON) {
            return Ok(tools);
        }
        create(&tools.folder)?;
        let venv = tools.folder.join("venv");
        let python = if cfg!(windows) { "python" } else { "python3" };
        run(Command::new(python).args(["-m", "venv"]).arg(&venv))?;
        let mut pip = tools.command("python");
        run(pip
            .args(["-m", "pip", "install", "--quiet"])
            .args(PYTHON.split_whitespace()))?;
        write(&made, PYTHON)?;
        Ok(tools)
    }

    /// Returns the command of a tool, or of a program that uses them, such as cargo.
    pub(crate) fn command(&self, program: &str) -> Command {
        let bin = self.programs();
        let own = bin.join(program).with_extension(env::consts::EXE_EXTENSION);
        let mut command = Command::new(if own.exists() { own } else { program.into() });
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([bin].into_iter().chain(env::split_paths(&path)));
        command
            .current_dir(root())
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        if let Ok(path) = path {
            command.env("PATH", path);
        }
        command
    }

    /// Runs a tool with arguments separated by spaces, followed by paths.
    pub(crate) fn run(&self, line: &str, paths: &[PathBuf]) -> Result {
        let mut words = line.split_whitespace();
        let mut command = self.command(words.next().unwrap_or_default());
        run(command.args(words).args(paths))
    }

    /// An installed npm registry.
    pub(crate) fn verdaccio(&self) -> Result<PathBuf> {
        let folder = self.folder.join("npm");
        let program = folder.join("node_modules/verdaccio/bin/verdaccio");
        if !program.exists() {
            write(&folder.join("package.json"), NPM)?;
            run(Command::new("npm")
                .args([
                    "install",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--silent",
                ])
                .current_dir(&folder))?;
        }
        if program.exists() {
            Ok(program)
        } else {
            Err(failed(&program, &"npm hasn't installed it"))
        }
    }

    /// A Maven folder with only the packages requested here.
    pub(crate) fn maven_cache(&self) -> PathBuf {
        self.folder.join("m2")
    }

    fn programs(&self) -> PathBuf {
        let bin = if cfg!(windows) { "Scripts" } else { "bin" };
        self.folder.join("venv").join(bin)
    }
}

/// Runs a command and shows it.
pub(crate) fn run(command: &mut Command) -> Result {
    let line = shown(command);
    execute(command, &line)
}

/// Returns the output of a command.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command
        .output()
        .map_err(|cause| format!("`{line}` can't be run: {cause}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{line}` failed: {said}"))
    }
}

fn shown(command: &Command) -> String {
    let short = |word: &std::ffi::OsStr| {
        let path = Path::new(word);
        let path = path.strip_prefix(root()).unwrap_or(path);
        path.display().to_string()
    };
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(short).collect::<Vec<_>>().join(" ")
}
