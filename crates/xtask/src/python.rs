//! `cargo xtask python`

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Result, built,
    examples::{self, Web},
    run::{self, root},
};

/// Builds and tests the Python package: its wheel in every installed CPython, its sdist, and its
/// types.
pub(crate) fn run() -> Result {
    let pythons = pythons();
    let ((major, minor), newest) = pythons
        .last_key_value()
        .ok_or("there is no CPython of 3.10 or later with the venv module")?;
    let folder = root().join("target/python");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    }
    built::all()?;

    let tools = Venv::new(newest, &folder.join("tools"))?;
    tools.python("-m pip install --quiet --no-compile --requirement requirements-dev.txt")?;
    let dist = folder.join("dist").display().to_string();
    tools.run("maturin", &format!("build --release --quiet --out {dist}"))?;
    tools.run("maturin", &format!("sdist --out {dist}"))?;
    let wheel = only(&dist, "whl")?;
    tools.python(&format!("-m pip install --quiet {wheel}"))?;
    tools.run("ruff", "format --quiet --check .")?;
    tools.run("ruff", "check --quiet .")?;
    tools.run("mypy", "src tests")?;
    tools.run(
        "stubtest",
        "--mypy-config-file pyproject.toml w3pin._native",
    )?;
    // Otherwise subclasses of fsspec's classes count as untyped, since fsspec doesn't declare that
    // it has types.
    let fsspec = tools
        .0
        .join(format!("lib/python{major}.{minor}/site-packages/fsspec"));
    fs::write(fsspec.join("py.typed"), "")
        .map_err(|cause| format!("{}: {cause}", fsspec.display()))?;
    tools.run("pyright", "--verifytypes w3pin --ignoreexternal")?;
    tools.run("pyright", "")?;

    for ((major, minor), python) in &pythons {
        eprintln!("CPython {major}.{minor}: {}", python.display());
        if python == newest {
            tools.python("-m pytest --quiet -p no:cacheprovider")?;
            continue;
        }
        let venv = Venv::new(python, &folder.join(format!("wheel-{major}.{minor}")))?;
        venv.python(&format!(
            "-m pip install --quiet --no-compile --requirement requirements-test.txt {wheel}"
        ))?;
        // The rules of the API are the same everywhere, and the integrations are installed in one
        // environment.
        venv.python(
            "-m pytest --quiet -p no:cacheprovider --ignore tests/test_scenarios.py \
             --ignore tests/test_integrations.py",
        )?;
    }
    tools.run("ruff", "format --quiet --check ../examples/python")?;
    tools.run("ruff", "check --quiet --ignore D103 ../examples/python")?;
    tools.run("mypy", "../examples/python")?;
    examples::run("python", Web::Server, &|name| tools.example(name))?;
    let venv = Venv::new(newest, &folder.join("sdist"))?;
    venv.python(&format!(
        "-m pip install --quiet {}",
        only(&dist, "tar.gz")?
    ))?;
    venv.python("-m pip install --quiet --no-compile --requirement requirements-test.txt")?;
    venv.python("-m pytest --quiet -p no:cacheprovider tests/test_command.py")
}

/// Returns the newest installed CPython.
pub(crate) fn newest() -> Result<PathBuf> {
    let (_, newest) = pythons()
        .pop_last()
        .ok_or("there is no CPython of 3.10 or later with the venv module")?;
    Ok(newest)
}

/// Returns one CPython of each supported version.
fn pythons() -> BTreeMap<(u32, u32), PathBuf> {
    let pyenv = env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".pyenv")));
    let versions = pyenv.and_then(|folder| fs::read_dir(folder.join("versions")).ok());
    let by_pyenv = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin/python"));
    let on_the_path = (10..30)
        .map(|minor| PathBuf::from(format!("python3.{minor}")))
        .chain(["python3".into()]);
    let mut found = BTreeMap::new();
    for python in by_pyenv.chain(on_the_path) {
        if let Some(version) = version(&python)
            && version >= (3, 10)
        {
            found.entry(version).or_insert(python);
        }
    }
    found
}

/// Returns the version of a CPython that can create environments.
fn version(python: &Path) -> Option<(u32, u32)> {
    let ask = "import ensurepip, sys, venv; \
               print(sys.implementation.name == 'cpython', *sys.version_info[:2])";
    let output = Command::new(python).args(["-c", ask]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("True ")?.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// A virtual environment.
pub(crate) struct Venv(PathBuf);

impl Venv {
    pub(crate) fn new(python: &Path, folder: &Path) -> Result<Self> {
        let mut command = Command::new(python);
        command.args(["-m", "venv"]).arg(folder);
        execute(command)?;
        Ok(Self(folder.to_owned()))
    }

    pub(crate) fn python(&self, arguments: &str) -> Result {
        self.run("python", arguments)
    }

    /// Returns the command of an example.
    fn example(&self, name: &str) -> Command {
        let folder = root().join("examples/python");
        let module = name.replace('-', "_");
        if name != "web-handler" {
            let mut command = Command::new(self.0.join("bin/python"));
            command.arg(folder.join(module).with_extension("py"));
            return command;
        }
        let mut command = Command::new(self.0.join("bin/uvicorn"));
        command
            .args(["--log-level", "warning", "--app-dir"])
            .arg(folder)
            .args([&format!("{module}:app"), "--port"]);
        command
    }

    /// Runs one of its programs in the package's folder.
    pub(crate) fn run(&self, program: &str, arguments: &str) -> Result {
        let bin = self.0.join("bin");
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([bin.clone()].into_iter().chain(env::split_paths(&path)))
            .map_err(|cause| cause.to_string())?;
        let target = root().join("target");
        let mut command = Command::new(bin.join(program));
        command
            .args(arguments.split_whitespace())
            .current_dir(root().join("python"))
            .env("PATH", path)
            .env("VIRTUAL_ENV", &self.0)
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            // Reuses the build for the sdist.
            .env("CARGO_TARGET_DIR", &target)
            .env("W3PIN_PROGRAMS", built::programs());
        execute(command)
    }
}

/// Runs a command and shows its arguments.
fn execute(mut command: Command) -> Result {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    let line = words.join(" ");
    run::execute(&mut command, &line)
}

/// Returns the only file in a folder with this extension.
pub(crate) fn only(folder: &str, end: &str) -> Result<String> {
    let entries = fs::read_dir(folder).map_err(|cause| format!("{folder}: {cause}"))?;
    let mut found = entries
        .flatten()
        .map(|entry| entry.path().display().to_string())
        .filter(|path| path.ends_with(end));
    found
        .next()
        .ok_or_else(|| format!("there is no {end} file in {folder}"))
}
