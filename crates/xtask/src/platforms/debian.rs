//! The Debian system that builds for other platforms.

use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{Result, run::root};

/// One version of the compiler, its standard libraries for the targets that Debian has, and their source for
/// all others.
const PACKAGES: &str = "ca-certificates cargo rustc rust-src libstd-rust-dev libstd-rust-dev:arm64 \
    gcc libc6-dev clang gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-mingw-w64-x86-64 \
    qemu-user wine wine64 python3 python3-venv python3-dev binutils";

/// From PyPI: zig compiles and links C for all platforms, also against an older glibc.
const TOOLS: &str = "ziglang cargo-zigbuild maturin";

/// The exit code of `debian.sh` if the system can't be created.
const SKIPPED: i32 = 77;

pub(crate) struct Debian {
    /// The folder of downloaded crates.
    cargo_home: PathBuf,
    /// The folder of builds.
    pub(crate) target: PathBuf,
    /// cargo's profile of what is built.
    pub(crate) profile: &'static str,
}

impl Debian {
    /// Creates it unless it exists; `None` if it can't be created.
    pub(crate) fn open(unoptimized: bool) -> Result<Option<Self>> {
        let cargo_home = env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
            .ok_or("there is no home folder to keep crates in")?;
        let debian = Self {
            cargo_home,
            target: root().join("target/platforms"),
            profile: if unoptimized { "dev" } else { "release" },
        };
        let setup = format!(
            "mkdir -p '{}'
            rustc --version
            if ! [ -e /opt/tools/made ]; then
                python3 -m venv /opt/tools
                pip install --quiet {TOOLS}
                touch /opt/tools/made
            fi
            # Wine's server, like the libraries that are there for other systems, is made once.
            mkdir -p \"$WINEPREFIX\"",
            debian.target.display()
        );
        let status = debian
            .command(&setup, false)
            .status()
            .map_err(|cause| format!("debian.sh can't be run: {cause}"))?;
        match status.code() {
            Some(0) => Ok(Some(debian)),
            Some(SKIPPED) => Ok(None),
            _ => Err(format!("the Debian can't be set up: {status}")),
        }
    }

    /// Returns a file that cargo built for a target triple.
    pub(crate) fn made(&self, triple: &str, file: &str) -> PathBuf {
        let folder = match self.profile {
            "dev" => "debug",
            profile => profile,
        };
        self.target.join(triple).join(folder).join(file)
    }

    /// Runs a script in the workspace's folder, shows its output, and returns it.
    pub(crate) fn run(&self, script: &str) -> Result<String> {
        self.run_with(script, false)
    }

    /// The same, where programs for ARM64 can be started too if `emulates` is set.
    pub(crate) fn run_with(&self, script: &str, emulates: bool) -> Result<String> {
        let (said, succeeded) = self.try_run_with(script, emulates)?;
        if succeeded {
            Ok(said)
        } else {
            Err("the last command above failed".to_owned())
        }
    }

    /// Runs a script, and returns its output and whether it succeeded.
    pub(crate) fn try_run(&self, script: &str) -> Result<(String, bool)> {
        self.try_run_with(script, false)
    }

    pub(crate) fn try_run_with(&self, script: &str, emulates: bool) -> Result<(String, bool)> {
        let shown = in_a_line(script);
        eprintln!("$ {shown}");
        let failed = |cause| format!("`{shown}` can't be run: {cause}");
        let start = Instant::now();
        let mut child = self
            .command(script, emulates)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut said = String::new();
        for line in child
            .stdout
            .take()
            .into_iter()
            .flat_map(|out| BufReader::new(out).lines())
        {
            let Ok(line) = line else { continue };
            eprintln!("{line}");
            said += &line;
            said.push('\n');
        }
        let status = child.wait().map_err(failed)?;
        eprintln!("{} s: {shown}", start.elapsed().as_secs());
        Ok((said, status.success()))
    }

    fn command(&self, script: &str, emulates: bool) -> Command {
        let mut command = Command::new(root().join("crates/xtask/debian.sh"));
        command
            .args(["platforms-sid", "sid", PACKAGES, "sh", "-euc", script])
            .current_dir(root())
            .env("W3PIN_FOLDERS", &self.cargo_home)
            .env("CARGO_HOME", &self.cargo_home)
            .env("CARGO_TARGET_DIR", &self.target)
            // The toolchain selected by rustup or the caller's shell isn't available there.
            .env(
                "PATH",
                "/opt/tools/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            )
            .env_remove("CARGO")
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("RUSTUP_HOME")
            .env_remove("RUSTFLAGS")
            // Allows `-Zbuild-std` with a stable compiler.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("W3PIN_EMULATES", if emulates { "1" } else { "" })
            .env("WINEPREFIX", "/opt/wine")
            .env("WINEDEBUG", "-all")
            .stdin(Stdio::null());
        command
    }
}

fn in_a_line(script: &str) -> String {
    script.split_whitespace().collect::<Vec<_>>().join(" ")
}
