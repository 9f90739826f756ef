//! Runs the binary in a temporary folder with its own home.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::node::{self, KuboNode};

/// An address that nothing listens at, and that no other test is given.
pub(crate) const NOBODY: &str = "127.0.0.1:1";

pub(crate) struct Place {
    folder: TempDir,
    /// Where servers store content, if not in their own folder.
    pub(crate) node: Option<KuboNode>,
}

/// The result of a run of the command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            node: node::chosen(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_w3pin"));
        command
            .args(args)
            .current_dir(self.path())
            .env("HOME", self.path().join("home"))
            .env("XDG_DATA_HOME", self.path().join("home/data"))
            .env("XDG_CONFIG_HOME", self.path().join("home/config"))
            // The variables that Windows needs.
            .env("USERPROFILE", self.path().join("home"))
            .env("APPDATA", self.path().join("home/config"))
            .env("LOCALAPPDATA", self.path().join("home/data"))
            .stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let shown = name.to_string_lossy();
            let counts = ["W3PIN_", "SSL_CERT_", "NO_COLOR", "CLICOLOR"];
            if counts.iter().any(|it| shown.starts_with(it))
                || shown.to_ascii_uppercase().ends_with("_PROXY")
            {
                command.env_remove(&name);
            }
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(args))
    }

    /// Runs the command with `--local`, or against a server that stores content on a Kubo node, which
    /// `--local` never does.
    pub(crate) fn local(&self, args: &[&str]) -> Ran {
        let (mut command, _served) = self.local_command(args);
        Ran::of(&mut command)
    }

    /// The command that [`local`](Self::local) runs, and the server that it needs meanwhile.
    pub(crate) fn local_command(&self, args: &[&str]) -> (Command, Option<Served>) {
        if self.node.is_none() {
            return (self.command(&[&["--local"], args].concat()), None);
        }
        let served = self.serve(&["--api-key", "local", "--secret-key", "local"]);
        let flags = ["--endpoint", served.endpoint(), "--api-key", "local"];
        let command = self.command(&[&flags[..], &["--secret-key", "local"], args].concat());
        (command, Some(served))
    }

    pub(crate) fn serve(&self, args: &[&str]) -> Served {
        let backend = self.node.as_ref().map(|node| node.backend().to_string());
        let backend = ["--backend", backend.as_deref().unwrap_or("embedded")];
        let serve = ["serve", "--json", "--listen", "127.0.0.1:0"];
        let args = [&serve, &backend[..], args].concat();
        let mut child = self.command(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Served {
            child,
            said: serde_json::from_str(&line).unwrap(),
        }
    }
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Returns the output of a successful run.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:#?}");
        self.out
    }

    /// Returns the JSON document that a successful run printed.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let out = self.ok();
        assert_eq!(out.lines().count(), 1, "{out}");
        serde_json::from_str(&out).unwrap()
    }

    /// Returns the messages of a run that failed with this exit code.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:#?}");
        assert!(
            self.err.lines().any(|line| line.starts_with("error: ")),
            "{self:#?}"
        );
        self.err
    }
}

/// The flags for a service started by the test, which accepts any keys.
pub(crate) fn to<'a>(endpoint: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    let keys = ["--api-key", "K-8f2d17", "--secret-key", "S-1c9a44"];
    [&["--endpoint", endpoint], &keys[..], args].concat()
}

#[cfg(unix)]
/// Runs the command from a shell script, as `"$0" "$@"`.
pub(crate) fn in_shell(place: &Place, script: &str, args: &[&str]) -> Command {
    let command = place.command(args);
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(command.get_program());
    shell.args(args).current_dir(place.path());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// Returns a path as it is displayed.
pub(crate) fn shown(path: &str) -> String {
    path.replace('/', std::path::MAIN_SEPARATOR_STR)
}

/// Creates a symbolic link to a file.
pub(crate) fn link(target: &str, path: impl AsRef<Path>) {
    #[cfg(unix)]
    std::os::unix::fs::symlink(target, path).unwrap();
    #[cfg(windows)]
    std::os::windows::fs::symlink_file(target, path).unwrap();
}

/// A pipe without a reader.
pub(crate) fn unread_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[cfg(unix)]
/// A device that is always full.
pub(crate) fn full_device() -> Stdio {
    fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

/// A server in a separate process.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) said: Value,
}

impl Served {
    pub(crate) fn endpoint(&self) -> &str {
        self.said["endpoint"].as_str().unwrap()
    }

    /// The URL of its gateway.
    pub(crate) fn gateway(&self) -> &str {
        self.endpoint().trim_end_matches("/api/pinning")
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> &str {
        self.gateway().trim_start_matches("http://")
    }

    /// The flags for connecting to it.
    pub(crate) fn flags<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        let key = |name: &str| self.said[name].as_str().unwrap();
        let flags = ["--endpoint", self.endpoint(), "--api-key", key("api_key")];
        [&flags[..], &["--secret-key", key("secret_key")], args].concat()
    }
}

#[cfg(unix)]
/// Sends a process a signal.
pub(crate) fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(sent.success());
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
